"""A day of the hotline in virtual time: the real rules and the real floor, with callers and people that are drawn.

Whatever is drawn comes from a seed, so that the same seed is the same day, and the same people call whatever the rules.
"""

from agent.simulation.compare import compared_with
from agent.simulation.day import Setting, live
from agent.simulation.picture import draw, require_matplotlib
from agent.simulation.result import Result, load_result
from agent.simulation.setting import load_setting, simulate
from agent.simulation.tables import tables

__all__ = [
    "Result",
    "Setting",
    "compared_with",
    "draw",
    "live",
    "load_result",
    "load_setting",
    "require_matplotlib",
    "simulate",
    "tables",
]
