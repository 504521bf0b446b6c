"""Whose page is open, and what pages are told of the floor."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

from agent.bridge import BridgeLeg
from agent.routing.floor import Floor, FloorPolicy, Seat
from agent.routing.floor.state import NEVER_MS
from agent.seats.desk import Send
from agent.seats.to_page import CallbackDue, Colleague, MyDay, Named, Queues, QueueStatus, SignedIn, State, ToPage


class Line(Protocol):
    """Through what a person speaks: their browser, or a telephone outside."""

    @property
    def is_open(self) -> bool:
        """Whether sound goes through now."""
        ...

    def join(self, role: Literal["seat", "supervisor"]) -> BridgeLeg:
        """The leg of this line for one call."""
        ...


@dataclass
class Tally:
    """What a seat did since the hotline started."""

    answered: int = 0
    missed: int = 0
    talk_s: int = 0
    wrap_up_s: int = 0
    talks: int = 0
    wrap_ups: int = 0

    def shown(self) -> MyDay:
        return MyDay(
            answered=self.answered,
            missed=self.missed,
            average_talk_s=self.talk_s // self.talks if self.talks else 0,
            average_wrap_up_s=self.wrap_up_s // self.wrap_ups if self.wrap_ups else 0,
        )


@dataclass
class Desk:
    """One person's page: how to tell it, its line, and what it is about just now."""

    send: Send | None = None
    line: Line | None = None
    supervises: str | None = None
    tally: Tally = field(default_factory=Tally)


class Pages:
    """All of them, by seat."""

    def __init__(self) -> None:
        self._desks: dict[str, Desk] = {}

    def of(self, seat: str) -> Desk:
        return self._desks.setdefault(seat, Desk())

    def tell(self, seat: str | None, message: ToPage) -> None:
        """Nothing where the page is not open."""
        desk = None if seat is None else self._desks.get(seat)
        if desk is not None and desk.send is not None:
            desk.send(message)

    def open(self) -> list[str]:
        return [seat for seat, desk in self._desks.items() if desk.send is not None]

    def supervising(self, call_id: str) -> list[str]:
        return [seat for seat, desk in self._desks.items() if desk.supervises == call_id]


def at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def state(seat: Seat) -> State:
    return State(
        state=seat.state,
        since=at(seat.since_ms),
        until=at(seat.until_ms) if seat.until_ms < NEVER_MS else None,
        break_after=seat.then == "on_break",
    )


def signed_in(policy: FloorPolicy, seat: str, name: str, skills: tuple[str, ...], *, supervisor: bool) -> SignedIn:
    queues = tuple(Named(id=skill, name=skill_name(policy, skill)) for skill in policy.skills)
    return SignedIn(
        seat=seat,
        name=name,
        skills=tuple(one for one in queues if one.id in skills),
        queues=queues,
        supervisor=supervisor,
    )


def skill_name(policy: FloorPolicy, skill: str) -> str:
    known = policy.skills.get(skill)
    return known.name.zh if known is not None and known.name is not None else skill


def queues(floor: Floor, policy: FloorPolicy, now_ms: int, mine: Tally) -> Queues:
    """How the floor stands, for one seat."""
    waiting = list(floor.waiting.values())
    return Queues(
        queues=tuple(
            QueueStatus(
                skill=skill,
                name=skill_name(policy, skill),
                waiting=sum(call.skill == skill for call in waiting),
                longest_wait_s=max(
                    (max(0, now_ms - call.queued_at_ms) // 1000 for call in waiting if call.skill == skill), default=0
                ),
                ready=sum(seat.state == "ready" and skill in seat.skills for seat in floor.seats.values()),
            )
            for skill in policy.skills
        ),
        mine=mine.shown(),
        callbacks=tuple(
            CallbackDue(callback_id=one.id, number=one.number, due=at(one.due_ms), reason=skill_name(policy, one.skill))
            for one in floor.callbacks.values()
            if one.state == "waiting"
        ),
        colleagues=tuple(
            Colleague(
                seat=seat.id,
                name=seat.name,
                state=seat.state,
                skills=tuple(skill_name(policy, skill) for skill in seat.skills),
            )
            for seat in floor.seats.values()
        ),
    )
