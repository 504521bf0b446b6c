"""Where calls go. Pure decisions: typed state and event in, typed decision out."""

from agent.routing.numbers import can_call_back
from agent.routing.reasons import DEFAULT_REASONS, Reasons, load_reasons
from agent.routing.route import (
    Reach,
    Route,
    apply,
    on_alert,
    on_callback_chosen,
    on_person_wanted,
    on_transfer_refused,
)

__all__ = [
    "DEFAULT_REASONS",
    "Reach",
    "Reasons",
    "Route",
    "apply",
    "can_call_back",
    "load_reasons",
    "on_alert",
    "on_callback_chosen",
    "on_person_wanted",
    "on_transfer_refused",
]
