"""Records of calls and reports over them: readers of the timeline, so everything here can be made anew at any time."""

from agent.reports.cdr import RECORDED, Tariff, cdr, priced
from agent.reports.days import Days
from agent.reports.record import Cdr, Cost, LegRecord, Region
from agent.reports.report import KINDS, Kind, Report
from agent.reports.reports import make_report
from agent.reports.scope import Scope, scope_of
from agent.reports.source import record_of, records

__all__ = [
    "KINDS",
    "RECORDED",
    "Cdr",
    "Cost",
    "Days",
    "Kind",
    "LegRecord",
    "Region",
    "Report",
    "Scope",
    "Tariff",
    "cdr",
    "make_report",
    "priced",
    "record_of",
    "records",
    "scope_of",
]
