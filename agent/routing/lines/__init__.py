"""The numbers of a hotline: whose number calls, where the called one leads, what the call costs. Pure."""

from agent.routing.lines.bindings import Binding, Bound, Numbers, choose_target, draw_of, in_turn, load_numbers
from agent.routing.lines.check import check_numbers
from agent.routing.lines.number import Line, LineKind, parse_number
from agent.routing.lines.region import Located, caller_region, countries, locate, places
from agent.routing.lines.tariff import Cost, Tariff, cost, load_tariff

__all__ = [
    "Binding",
    "Bound",
    "Cost",
    "Line",
    "LineKind",
    "Located",
    "Numbers",
    "Tariff",
    "caller_region",
    "check_numbers",
    "choose_target",
    "cost",
    "countries",
    "draw_of",
    "in_turn",
    "load_numbers",
    "load_tariff",
    "locate",
    "parse_number",
    "places",
]
