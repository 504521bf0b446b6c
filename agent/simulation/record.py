"""What is written down of each call of a simulation, and of seats and queue as time goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agent.routing.floor import Floor
from agent.routing.floor.state import SeatState
from agent.simulation.callers import Caller
from agent.simulation.traffic import HALF_HOUR_MS

Stage = Literal["rings", "bot", "waits", "talks", "over"]
Ending = Literal["solved", "talked", "abandoned", "callback", "no_number", "refused", "unanswered", "outside"]
"""``callback``: left the line and is to be rung back. ``no_number``: nobody came, and there is no number to ring.
``unanswered``: hung up before the bot had answered. ``outside``: sent to a number outside.
"""


@dataclass(slots=True)
class RingBack:
    """A promise to ring somebody. while_closed: nobody could be reached then. answered_ms: they picked up and had a
    person; None where that has not come.
    """

    noted_ms: int
    due_ms: int
    while_closed: bool
    attempts: int = 0
    answered_ms: int | None = None
    failed: bool = False


@dataclass(slots=True)
class Call:
    """Times are ms since the epoch; None where it never was. wait_ms: all that it waited for a person."""

    id: str
    caller: Caller
    began_ms: int
    again: bool = False
    stage: Stage = "rings"
    answered_ms: int | None = None
    rule: str = ""
    skill: str = ""
    queued_ms: int | None = None
    left_ms: int | None = None
    connected_ms: int | None = None
    alerted_ms: int | None = None
    alerted_in: Stage | None = None
    overflowed: bool = False
    ended_ms: int | None = None
    ending: Ending | None = None
    ended_times: int = 0
    ring_back: RingBack | None = None
    offered_callback: bool = False

    @property
    def wait_ms(self) -> int | None:
        """From the queue to a person, or to whatever else ended it."""
        return None if self.queued_ms is None or self.left_ms is None else self.left_ms - self.queued_ms


AT_WORK: tuple[SeatState, ...] = ("ready", "ringing", "talking", "wrap_up")
BUSY: tuple[SeatState, ...] = ("ringing", "talking", "wrap_up")


@dataclass(slots=True)
class Half:
    """A half hour: ms of all seats together by their state, ms of all callers who waited, the most at once."""

    seats_ms: dict[SeatState, int] = field(default_factory=dict)
    waited_ms: int = 0
    most_waiting: int = 0


class Watched:
    """Follows a floor: how long seats were in which state and how many callers waited, by half hours from the start."""

    def __init__(self, floor: Floor, start_ms: int, halves: int) -> None:
        self.halves = [Half() for _ in range(halves)]
        self.two_calls = 0
        self._start_ms = start_ms
        self._since: dict[str, tuple[SeatState, int]] = {
            seat.id: (seat.state, start_ms) for seat in floor.seats.values()
        }
        self._waiting, self._waiting_since = 0, start_ms

    def changed(self, before: Floor, after: Floor, now_ms: int) -> None:
        if after.seats is not before.seats:
            for seat_id, seat in after.seats.items():
                was, since_ms = self._since[seat_id]
                if seat.state != was:
                    self._add_state(was, since_ms, now_ms)
                    self._since[seat_id] = seat.state, now_ms
        if len(after.waiting) != self._waiting:
            self._add_waiting(now_ms)
            self._waiting = len(after.waiting)
            half = (now_ms - self._start_ms) // HALF_HOUR_MS
            if half < len(self.halves):
                self.halves[half].most_waiting = max(self.halves[half].most_waiting, self._waiting)
        if after.talking is not before.talking:
            self._look_for_two(after.talking)

    def finish(self, now_ms: int) -> None:
        """Count what still goes on."""
        for seat_id, (state, since_ms) in self._since.items():
            self._add_state(state, since_ms, now_ms)
            self._since[seat_id] = state, now_ms
        self._add_waiting(now_ms)

    def _look_for_two(self, talking: Mapping[str, object]) -> None:
        seats = [seat for one in talking.values() for seat in [getattr(one, "seat_id", None)]]
        self.two_calls += len(seats) - len(set(seats))

    def _add_state(self, state: SeatState, since_ms: int, now_ms: int) -> None:
        if state != "offline":
            for half, ms in self._halves(since_ms, now_ms):
                half.seats_ms[state] = half.seats_ms.get(state, 0) + ms

    def _add_waiting(self, now_ms: int) -> None:
        if self._waiting:
            for half, ms in self._halves(self._waiting_since, now_ms):
                half.waited_ms += ms * self._waiting
                half.most_waiting = max(half.most_waiting, self._waiting)
        self._waiting_since = now_ms

    def _halves(self, since_ms: int, until_ms: int) -> list[tuple[Half, int]]:
        """What of the time lies in which half hour; what is after the last is not counted."""
        found = []
        at = since_ms
        while at < until_ms:
            index = (at - self._start_ms) // HALF_HOUR_MS
            if index >= len(self.halves):
                break
            end = min(until_ms, self._start_ms + (index + 1) * HALF_HOUR_MS)
            found.append((self.halves[index], end - at))
            at = end
        return found
