"""A floor that is being changed within one step. What is not changed is shared with the floor before, not copied."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from agent.routing.floor.decisions import Decision, Ignored
from agent.routing.floor.inputs import Input
from agent.routing.floor.policy import FloorPolicy
from agent.routing.floor.state import Callback, Floor, Seat, Talking, Waiting

FRONT_MS = 10**15
"""Ahead of whatever priority is worth: the place of a caller whose person is gone."""

_RANK = attrgetter("rank")

V = TypeVar("V")


class _Ranked(Protocol):
    @property
    def rank(self) -> int: ...


R = TypeVar("R", bound=_Ranked)


class Changing(Generic[V]):
    """A mapping that is copied when it is first changed."""

    __slots__ = ("_given", "now")

    def __init__(self, given: Mapping[str, V]) -> None:
        self._given = given
        self.now: Mapping[str, V] = given

    @property
    def changed(self) -> bool:
        return self.now is not self._given

    def set(self, key: str, value: V) -> None:
        self._own()[key] = value

    def drop(self, key: str) -> None:
        del self._own()[key]

    def _own(self) -> dict[str, V]:
        if not isinstance(self.now, dict) or self.now is self._given:
            self.now = dict(self.now)
        return self.now


class Line(Changing[R]):
    """One whose order is that of rank; what came first goes first among equals."""

    __slots__ = ()

    def enter(self, key: str, value: R) -> None:
        """Put it in its place; one that is there already is moved."""
        if key in self.now:
            self.drop(key)
        at = bisect_right(list(self.now.values()), value.rank, key=_RANK)
        if at == len(self.now):
            self.set(key, value)
            return
        items = list(self.now.items())
        items.insert(at, (key, value))
        self.now = dict(items)


class Draft:
    """Read and write the maps; `say` what is to be done. `floor` is what has become of it."""

    __slots__ = (
        "_before",
        "callbacks",
        "closed",
        "decisions",
        "handling_s",
        "left",
        "now_ms",
        "policy",
        "seats",
        "talking",
        "waiting",
    )

    def __init__(self, before: Floor, policy: FloorPolicy, now_ms: int) -> None:
        self._before = before
        self.policy = policy
        # A clock that is set back must not make anybody wait again: time stands still until it has caught up.
        self.now_ms = max(now_ms, before.now_ms)
        self.seats: Changing[Seat] = Changing(before.seats)
        self.waiting: Line[Waiting] = Line(before.waiting)
        self.talking: Changing[Talking] = Changing(before.talking)
        self.callbacks: Line[Callback] = Line(before.callbacks)
        self.handling_s: Changing[float] = Changing(before.handling_s)
        self.closed: Changing[int | None] = Changing(before.closed)
        self.decisions: list[Decision] = []
        # Whether somebody went home, so that others may wait for nobody.
        self.left = False

    def say(self, decision: Decision) -> None:
        self.decisions.append(decision)

    def floor(self) -> Floor:
        """The floor now; the very same object where nothing changed."""
        maps = (self.seats, self.waiting, self.talking, self.callbacks, self.handling_s, self.closed)
        if not any(one.changed for one in maps):
            return self._before
        return Floor(
            seats=self.seats.now,
            waiting=self.waiting.now,
            talking=self.talking.now,
            callbacks=self.callbacks.now,
            handling_s=self.handling_s.now,
            closed=self.closed.now,
            now_ms=self.now_ms,
        )

    def rank(self, queued_at_ms: int, priority: int, *, front: bool = False) -> int:
        """The smallest is served first."""
        return queued_at_ms - self.policy.worth_ms(priority) - (FRONT_MS if front else 0)

    def ignore(self, given: Input, subject: str, why: str) -> None:
        self.say(Ignored.model_validate({"input": given.type, "subject": subject, "why": why}))

    def in_line(self) -> Iterator[Waiting | Callback]:
        """Callers and callbacks that may be placed now, in the order in which they are served."""
        return in_line(self.waiting.now, self.callbacks.now, self.now_ms)


def in_line(
    waiting: Mapping[str, Waiting], callbacks: Mapping[str, Callback], now_ms: int
) -> Iterator[Waiting | Callback]:
    """Callers who wait, ringing seats or not, and callbacks that may be placed now, in the order of service: last those
    that have time.
    """
    ready = [one for one in callbacks.values() if one.state == "waiting" and one.not_before_ms <= now_ms]
    if not ready:
        yield from list(waiting.values())
        return
    at = 0
    for call in list(waiting.values()):
        while at < len(ready) and ready[at].rank < call.rank and ready[at].in_line(now_ms):
            yield ready[at]
            at += 1
        yield call
    yield from ready[at:]
