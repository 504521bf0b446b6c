"""Who the caller was with, and when: the legs of a call, from its events. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from agent.events import (
    CallbackPlaced,
    CallEnded,
    CallStarted,
    Event,
    LegJoined,
    LegLeft,
    Queued,
    QueueLeft,
    SeatConnected,
    SeatDisconnected,
    SeatMissed,
    SeatOffered,
    Transfer,
)
from agent.reports.record import LegKind, QueueOutcome


@dataclass
class Leg:
    """One stretch, in ms of the call's audio. ``end_ms`` is None where it was never seen to end."""

    kind: LegKind
    who: str
    start_ms: int
    end_ms: int | None = None
    wait_ms: int = 0
    outcome: QueueOutcome = ""


def legs_of(events: Iterable[Event]) -> list[Leg]:
    """The legs in the order in which they began.

    At any time the caller is with the bot, in a queue, or with people; what listens beside them is a leg of its own.
    """
    course = _Course()
    for event in events:
        course.note(event)
    return course.legs


class _Course:
    def __init__(self) -> None:
        self.legs: list[Leg] = []
        self._open: dict[str, Leg] = {}
        self._rings_since: dict[str, int] = {}

    def note(self, event: Event) -> None:
        now_ms = event.audio_ms
        match event.body:
            case CallStarted():
                self._begin("bot", "", now_ms)
            case CallbackPlaced(earlier_call_id=earlier):
                # Whatever was begun as talk with the bot is the returned call.
                self._close("bot", now_ms)
                self._begin("callback", earlier, now_ms)
            case Queued(skill=skill):
                self._queue(skill, now_ms)
            case QueueLeft(reason=reason):
                self._leave_queue(reason, now_ms)
            case SeatOffered(seat=seat):
                self._rings_since[seat] = now_ms
            case SeatMissed(seat=seat):
                self._rings_since.pop(seat, None)
            case SeatConnected(seat=seat):
                self._seat(seat, now_ms)
            case SeatDisconnected(seat=seat, reason=reason):
                self._close(f"seat {seat}", now_ms)
                if reason == "hung_up" and not self._open:
                    # The caller is back with the bot, for a survey or another wish.
                    self._begin("bot", "", now_ms)
            case Transfer(accepted=True, destination=destination):
                self._close("bot", now_ms)
                self._begin("outside", destination, now_ms)
            case LegJoined(leg=leg, role="outside" | "supervisor" as role):
                self._begin(role, leg, now_ms, key=f"leg {leg}")
            case LegLeft(leg=leg):
                self._close(f"leg {leg}", now_ms)
            case CallEnded(duration_ms=duration_ms):
                self._end(duration_ms)
            case _:
                pass

    def _begin(self, kind: LegKind, who: str, now_ms: int, *, key: str = "", wait_ms: int = 0) -> None:
        key = key or kind
        if key in self._open:
            return
        leg = Leg(kind, who, now_ms, wait_ms=wait_ms)
        self._open[key] = leg
        self.legs.append(leg)

    def _close(self, key: str, now_ms: int) -> Leg | None:
        leg = self._open.pop(key, None)
        if leg is not None:
            leg.end_ms = max(leg.start_ms, now_ms)
        return leg

    def _queue(self, skill: str, now_ms: int) -> None:
        waiting = self._open.get("queue")
        if waiting is not None and waiting.who == skill:
            return  # only its place changed
        if waiting is not None:
            self._leave_queue("overflow", now_ms)
        self._close("bot", now_ms)
        self._close("callback", now_ms)
        self._begin("queue", skill, now_ms)

    def _leave_queue(self, reason: QueueOutcome, now_ms: int) -> None:
        leg = self._close("queue", now_ms)
        if leg is None:
            return
        assert leg.end_ms is not None
        leg.wait_ms, leg.outcome = leg.end_ms - leg.start_ms, reason
        if reason in ("returned", "callback") and not self._open:
            self._begin("bot", "", now_ms)

    def _seat(self, seat: str, now_ms: int) -> None:
        if "queue" in self._open:
            self._leave_queue("connected", now_ms)
        self._close("bot", now_ms)
        self._close("callback", now_ms)
        rang_ms = now_ms - self._rings_since.pop(seat, now_ms)
        self._begin("seat", seat, now_ms, key=f"seat {seat}", wait_ms=rang_ms)

    def _end(self, now_ms: int) -> None:
        if "queue" in self._open:
            self._leave_queue("abandoned", now_ms)
        for key in tuple(self._open):
            self._close(key, now_ms)
