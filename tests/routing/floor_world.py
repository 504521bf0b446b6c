"""A small floor for tests, and a clock to move it by."""

from typing import TypeVar

from agent.routing.floor import Floor, FloorPolicy, Input, opened, step
from agent.routing.floor.decisions import Decision
from agent.routing.floor.inputs import (
    CallFinished,
    CallQueued,
    SeatAnswered,
    SeatReady,
    SeatSignedIn,
    Tick,
    WrapUpDone,
)

NOW_MS = 1_800_000_000_000
D = TypeVar("D", bound=Decision)

POLICY = FloorPolicy.model_validate(
    {
        "skills": {
            "service": {"handling_s": 200, "longest_wait_s": 600, "overflow": [{"to": "repair", "after_s": 90}]},
            "complaint": {"handling_s": 400, "longest_wait_s": 300},
            "repair": {"handling_s": 300},
        },
        "seats": [
            {"id": "li", "name": "李静", "skills": {"service": 3, "complaint": 5}},
            {"id": "wang", "name": "王丽", "skills": {"service": 5}},
            {"id": "chen", "name": "陈晨", "skills": {"service": 5}},
            {"id": "sun", "name": "孙强", "skills": {"repair": 4}},
        ],
        "queue": {"max_waiting": 8, "max_transfers": 2},
    }
)


class World:
    """A floor under a clock that only this test moves."""

    def __init__(self, policy: FloorPolicy = POLICY) -> None:
        self.policy = policy
        self.floor: Floor = opened(policy)
        self.now_ms = NOW_MS
        self.said: list[Decision] = []

    def do(self, given: Input) -> tuple[Decision, ...]:
        self.floor, decisions = step(self.floor, self.policy, given, self.now_ms)
        self.said += decisions
        return decisions

    def later(self, seconds: float, *, each_s: float = 1.0) -> tuple[Decision, ...]:
        """Time passes, with a tick every so often, as the switchboard gives them."""
        said: list[Decision] = []
        end_ms = self.now_ms + round(seconds * 1000)
        while self.now_ms < end_ms:
            self.now_ms = min(end_ms, self.now_ms + round(each_s * 1000))
            said += self.do(Tick())
        return tuple(said)

    def staff(self, *seats: str) -> None:
        """These sign in and are ready, one a second."""
        for seat in seats:
            self.now_ms += 1000
            self.do(SeatSignedIn(seat=seat))
            self.do(SeatReady(seat=seat))

    def queue(
        self,
        call: str,
        skill: str = "service",
        priority: int = 0,
        number: str = "13800138000",
        sticky: str | None = None,
        level: int = 0,
    ) -> tuple[Decision, ...]:
        return self.do(
            CallQueued(
                call=call, caller_number=number, skill=skill, priority=priority, sticky=sticky, skill_level=level
            )
        )

    def answer(self, seat: str) -> str:
        """The seat takes what rings; its call."""
        call = self.floor.seats[seat].call_id
        assert call is not None
        self.do(SeatAnswered(seat=seat, call=call))
        return call

    def finish(self, seat: str) -> tuple[Decision, ...]:
        """The seat ends its call and its wrap-up at once."""
        call = self.floor.seats[seat].call_id
        assert call is not None
        return self.do(CallFinished(seat=seat, call=call)) + self.do(WrapUpDone(seat=seat))

    def state(self, seat: str) -> str:
        return self.floor.seats[seat].state


def only(kind: type[D], decisions: tuple[Decision, ...] | list[Decision]) -> list[D]:
    return [one for one in decisions if isinstance(one, kind)]
