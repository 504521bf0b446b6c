"""The floor: the people who take calls, who waits for them, and who is to be rung back. Pure.

`step` is the whole of it. ``policy`` says how it is run, ``waits`` how long it will take, ``words`` how to say so.
"""

from agent.routing.floor.decisions import Decision, parse_decision
from agent.routing.floor.inputs import Input, parse_input
from agent.routing.floor.policy import FloorPolicy, SeatPolicy, SkillPolicy, check_seats, load_seats
from agent.routing.floor.state import Callback, Floor, Seat, Talking, Waiting
from agent.routing.floor.step import opened, step
from agent.routing.floor.ticks import next_due_ms
from agent.routing.floor.waits import Place, expected_wait_s, place_of, places

__all__ = [
    "Callback",
    "Decision",
    "Floor",
    "FloorPolicy",
    "Input",
    "Place",
    "Seat",
    "SeatPolicy",
    "SkillPolicy",
    "Talking",
    "Waiting",
    "check_seats",
    "expected_wait_s",
    "load_seats",
    "next_due_ms",
    "opened",
    "parse_decision",
    "parse_input",
    "place_of",
    "places",
    "step",
]
