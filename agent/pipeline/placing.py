"""How a call waits for a person: what the company's rules give this caller beyond the queue that all have."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Placing:
    """``skill``: the queue. ``priority``: the least in it. ``skill_level``: the least that the person should have, 1 to
    5; 0: any. ``sticky``: the seat of the person who knows the caller; empty where nobody does.
    """

    skill: str
    priority: int = 0
    skill_level: int = 0
    sticky: str = ""
