"""The floor as it stands: who sits there, who waits, who talks, who is to be rung back. Immutable, and JSON both ways.

All times are ms since the epoch. ``waiting`` and ``callbacks`` are kept in the order in which they are served.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter

from agent.event_base import Language

SeatState = Literal["offline", "ready", "ringing", "talking", "wrap_up", "on_break"]
SeatAfter = Literal["ready", "on_break", "offline"]
CallbackState = Literal["waiting", "placing", "done", "failed"]

if TYPE_CHECKING:
    from dataclasses import replace as replace
else:

    def replace(given: Any, /, **changes: Any) -> Any:
        """What `dataclasses.replace` does, in a fifth of its time (2 of 10 us): a step does little else."""
        new = object.__new__(type(given))
        new.__dict__.update(given.__dict__, **changes)
        return new


NEVER_MS = 10**13
"""Later than any clock of ours: the year 2286. For what no tick has to look after."""


@dataclass(frozen=True)
class Seat:
    """A person's place.

    skills: skill to level, 1 to 5. call_id: what it rings or talks for; a callback's id while that is being placed.
    since_ms: when this state began. idle_since_ms: since when it has had nothing to do; an offer that was withdrawn
    does not count as work. until_ms: when a tick ends the state (ringing, wrap-up, the grace of a vanished one).
    misses: offers in a row that it did not take. then: the state after the present call. vanished: its browser is gone
    while it talks. skill, busy_since_ms: what it works for, from the first ring.
    """

    id: str
    name: str
    skills: Mapping[str, int]
    state: SeatState = "offline"
    since_ms: int = 0
    call_id: str | None = None
    idle_since_ms: int = 0
    until_ms: int = NEVER_MS
    misses: int = 0
    then: SeatAfter = "ready"
    vanished: bool = False
    skill: str = ""
    busy_since_ms: int = 0


@dataclass(frozen=True)
class Waiting:
    """A caller who waits for a person.

    queued_at_ms: its place, which it keeps whatever happens. entered_ms: when it came to wait here, or again. rank: the
    place with what its priority is worth; the smallest is served first. also: skills it has overflowed to. offered: the
    seat that rings for it. tried: seats that did not take it, until retry_ms. sticky: the seat it is kept for, until
    sticky_until_ms. skill_level: the least that the person must have, until level_until_ms; 0: any. held_by: the seat
    that stays on the line in a warm transfer. next_ms: when a tick must look at it.
    """

    call_id: str
    caller_number: str
    skill: str
    language: Language
    priority: int
    queued_at_ms: int
    entered_ms: int
    rank: int
    also: tuple[str, ...] = ()
    offered: str | None = None
    tried: tuple[str, ...] = ()
    retry_ms: int = NEVER_MS
    sticky: str | None = None
    sticky_until_ms: int = 0
    skill_level: int = 0
    level_until_ms: int = 0
    held_by: str | None = None
    transfers: int = 0
    announce_ms: int = NEVER_MS
    give_up_ms: int = NEVER_MS
    next_ms: int = NEVER_MS


@dataclass(frozen=True)
class Talking:
    """A call that a person has. leaving: the seat that passed it on warm and is still on the line. skill_level: should
    it have to wait again.
    """

    call_id: str
    caller_number: str
    skill: str
    language: Language
    priority: int
    queued_at_ms: int
    seat_id: str
    since_ms: int
    transfers: int = 0
    leaving: str | None = None
    skill_level: int = 0


@dataclass(frozen=True)
class Callback:
    """Somebody to be rung back, in the place they had.

    call_id: the call that it came of. due_ms: by when it was promised. attempts: how often they were rung in vain.
    not_before_ms: it is not placed earlier. seat_id: who it is being placed for. accepted: that person is there for it.
    place_ms: since when, or from when on, it stands in line: where it was noted while nobody was to be had, shortly
    before it is due. rank: that, with what its priority is worth. skill_level, level_until_ms: as of one who waits.
    """

    id: str
    call_id: str
    number: str
    skill: str
    language: Language
    priority: int
    queued_at_ms: int
    due_ms: int
    rank: int
    attempts: int = 0
    state: CallbackState = "waiting"
    also: tuple[str, ...] = ()
    not_before_ms: int = 0
    seat_id: str | None = None
    accepted: bool = False
    skill_level: int = 0
    level_until_ms: int = 0
    next_ms: int = NEVER_MS
    place_ms: int = 0

    def in_line(self, now_ms: int) -> bool:
        """Whether it stands in line with those who wait; else people take it when they have time to spare."""
        return self.rank <= now_ms


@dataclass(frozen=True)
class Floor:
    """Everything that routing remembers of its people and their callers.

    handling_s: for each skill the mean time a call takes a seat, from ring to ready, as measured. closed: skills that
    take no new calls, with when they open again (None: unknown). now_ms: the latest time it was told.
    """

    seats: Mapping[str, Seat] = field(default_factory=dict)
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    talking: Mapping[str, Talking] = field(default_factory=dict)
    callbacks: Mapping[str, Callback] = field(default_factory=dict)
    handling_s: Mapping[str, float] = field(default_factory=dict)
    closed: Mapping[str, int | None] = field(default_factory=dict)
    now_ms: int = 0

    def to_json(self) -> str:
        return _FLOOR.dump_json(self).decode()

    @staticmethod
    def from_json(text: str | bytes) -> "Floor":
        """Raises pydantic's ValidationError for what is no floor."""
        return _FLOOR.validate_json(text)


_FLOOR = TypeAdapter(Floor)
