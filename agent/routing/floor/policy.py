"""How the floor is run, as a supervisor writes it down in ``companies/X/routing/seats.yaml``."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agent.errors import CompanyError
from agent.routing.lines.number import parse_number
from agent.yaml_file import Bilingual, line_of, load_yaml

SkillName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Level = Annotated[int, Field(ge=1, le=5)]

STRICT_MS = 10**9
"""What a point of priority is worth where waiting adds none: 11 days, so that it always goes before."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeatPolicy(_Part):
    """A person. ``login``: the name they sign in with. ``number``: ring this telephone instead of the seat page.
    ``supervisor``: may listen in, whisper and barge in; one without skills takes no calls.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,63}$")]
    name: str = Field(min_length=1)
    login: str = ""
    number: str = ""
    skills: dict[SkillName, Level] = {}
    supervisor: bool = False


class OverflowTo(_Part):
    """After so many seconds people with this skill may take the call too."""

    to: SkillName
    after_s: int = Field(ge=0)


class SkillPolicy(_Part):
    """A queue. ``handling_s``: what a call takes a person, ring and wrap-up with it; measured as soon as calls come."""

    name: Bilingual | None = None
    greeting: Bilingual | None = None
    handling_s: int = Field(default=240, ge=1)
    longest_wait_s: int = Field(default=900, ge=1)
    overflow: tuple[OverflowTo, ...] = ()


class Queueing(_Part):
    """``points_per_10_s``: what waiting adds to priority; 0: the higher priority always goes first.

    ``nobody_s``: how long a caller waits where nobody with the skill has signed in. ``sticky_s``: how long a call is
    kept for the person who knows the caller. ``level_s``: how long it is kept for people of the level that its rule
    asks for, where one has signed in. ``max_waiting``: callers at once; one more is rung back.
    """

    points_per_10_s: float = Field(default=1.0, ge=0)
    max_waiting: int = Field(default=60, ge=1)
    nobody_s: int = Field(default=20, ge=1)
    sticky_s: int = Field(default=20, ge=0)
    level_s: int = Field(default=30, ge=0)
    max_transfers: int = Field(default=3, ge=1)


class Ringing(_Part):
    """``misses``: so many offers in a row that were not taken put a seat on break. ``retry_s``: how long a call is not
    offered again to a seat that did not take it. ``outside_ring_s``: how long a telephone outside rings, and
    ``outside_accept_s``: how long its person has then to hear what it is about and press a key. ``outside_break_s``:
    after so long such a seat gets calls again, as it cannot say that it is ready.
    """

    ring_s: int = Field(default=15, ge=1)
    outside_ring_s: int = Field(default=25, ge=5)
    outside_accept_s: int = Field(default=15, ge=5)
    outside_break_s: int = Field(default=600, ge=1)
    misses: int = Field(default=2, ge=1)
    retry_s: int = Field(default=10, ge=1)


class AfterCall(_Part):
    """``grace_s``: how long a seat whose browser is gone may come back to its caller."""

    wrap_up_s: int = Field(default=30, ge=0)
    grace_s: int = Field(default=15, ge=0)


class Announcing(_Part):
    first_s: int = Field(default=15, ge=1)
    every_s: int = Field(default=45, ge=5)


class CallingBack(_Part):
    """When a callback is offered, and how it is placed. ``pause_s``: not sooner, so that the caller can hang up.

    Those that are noted while a skill is closed do not all come when it opens. ``share``: what of people's time they
    are spread over, which says by when each is promised; ``lead_minutes``: so long before that one stands in line, as
    if its caller had just come; ``spare``: until then it is placed only where a larger part of the people is free.
    """

    offer_above_wait_s: int = Field(default=120, ge=0)
    offer_above_position: int = Field(default=5, ge=0)
    due_minutes: int = Field(default=30, ge=1)
    attempts: int = Field(default=3, ge=1)
    spacing_minutes: int = Field(default=10, ge=1)
    ring_s: int = Field(default=45, ge=5)
    pause_s: int = Field(default=20, ge=0)
    share: float = Field(default=0.2, gt=0, le=1)
    lead_minutes: int = Field(default=10, ge=1)
    spare: float = Field(default=0.15, ge=0, lt=1)


class FloorPolicy(_Part):
    """All of it. ``skills``: at least one; a call for a skill that is not there goes to the first."""

    skills: dict[SkillName, SkillPolicy] = Field(min_length=1)
    seats: tuple[SeatPolicy, ...] = ()
    queue: Queueing = Queueing()
    ringing: Ringing = Ringing()
    after_call: AfterCall = AfterCall()
    announcements: Announcing = Announcing()
    callback: CallingBack = CallingBack()

    @cached_property
    def by_id(self) -> Mapping[str, SeatPolicy]:
        return {seat.id: seat for seat in self.seats}

    def is_outside(self, seat: str) -> bool:
        """Whether it is rung by telephone."""
        known = self.by_id.get(seat)
        return known is not None and bool(known.number)

    @cached_property
    def default_skill(self) -> str:
        return next(iter(self.skills))

    def level_until_ms(self, skill_level: int, from_ms: int) -> int:
        """Until when a call that waits from then on asks for this level."""
        return from_ms + self.queue.level_s * 1000 if skill_level else 0

    def worth_ms(self, priority: int) -> int:
        """How much earlier a call would have had to come for the same place without its priority.

        Waiting adds the same to all, so two calls never change places by waiting: order is settled when they come.
        """
        points = self.queue.points_per_10_s
        return round(priority * 10_000 / points) if points else priority * STRICT_MS


def load_seats(file: Path) -> FloorPolicy:
    """Raises CompanyError ``FILE:LINE: …``, one line a problem."""
    policy = load_yaml(file, FloorPolicy)
    problems = list(_problems(file, policy))
    if problems:
        raise CompanyError("\n".join(problems))
    return policy


def check_seats(policy: FloorPolicy, named: Iterable[str]) -> Iterator[str]:
    """What is wrong with skills that other files name (``queue:<skill>`` in rules and menus)."""
    for skill in sorted(set(named) - policy.skills.keys()):
        yield f"no queue has the skill {skill!r}; there are {', '.join(policy.skills)}"


def _problems(file: Path, policy: FloorPolicy) -> Iterator[str]:
    known = ", ".join(policy.skills)
    for name, skill in policy.skills.items():
        for index, overflow in enumerate(skill.overflow):
            at = f"{file}:{line_of(file, 'skills', name, 'overflow', index)}: skills.{name}.overflow"
            if overflow.to == name:
                yield f"{at}: it overflows to itself; name another skill"
            elif overflow.to not in policy.skills:
                yield f"{at}: no skill {overflow.to!r}; there are {known}"
    ids: dict[str, int] = {}
    logins: dict[str, int] = {}
    for index, seat in enumerate(policy.seats):
        line = line_of(file, "seats", index)
        for what, value, seen in (("id", seat.id, ids), ("login", seat.login, logins)):
            if value and value in seen:
                yield f"{file}:{line}: seats.{index}.{what}: {value!r} is there twice, first in line {seen[value]}"
            seen.setdefault(value, line)
        if seat.number and parse_number(seat.number).kind in ("withheld", "malformed"):
            yield (
                f"{file}:{line}: seats.{index} ({seat.name}): {seat.number!r} is no telephone number; "
                "13800138000, 01088881234 or +4930901820 are"
            )
        if not seat.skills and not seat.supervisor:
            yield f"{file}:{line}: seats.{index} ({seat.name}): no skill; name one, or write supervisor: true"
        for skill_name in seat.skills:
            if skill_name not in policy.skills:
                yield f"{file}:{line}: seats.{index} ({seat.name}): no skill {skill_name!r}; there are {known}"
    for name in policy.skills:
        reached = {name, *(overflow.to for overflow in policy.skills[name].overflow)}
        if not any(reached & seat.skills.keys() for seat in policy.seats):
            line = line_of(file, "skills", name)
            yield f"{file}:{line}: skills.{name}: no seat has it and it overflows to none that has; give it to somebody"
