"""Records of calls and reports over them: readers of the timeline, so everything here can be made anew at any time."""

from agent.reports.cdr import RECORDED, Tariff, cdr
from agent.reports.record import Cdr, Cost, LegRecord, Region

__all__ = ["RECORDED", "Cdr", "Cost", "LegRecord", "Region", "Tariff", "cdr"]
