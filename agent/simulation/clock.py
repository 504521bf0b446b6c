"""The floor in virtual time: what is to happen, in order, and the floor's own timers between. A day takes seconds."""

from collections import Counter
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from agent.routing.floor import Decision, Floor, FloorPolicy, Input, next_due_ms, opened, step
from agent.routing.floor.decisions import Ignored
from agent.routing.floor.inputs import Tick

Watch = Callable[[Floor, Floor, int], None]
"""Told of every change: the floor before, the floor after, and when."""


class VirtualFloor:
    """``act`` carries out decisions. It must not `give` in return, as a decision after it would then be of yesterday:
    it says what is to happen, `at` once or later.
    """

    def __init__(self, policy: FloorPolicy, now_ms: int, act: Callable[[Decision], None], watch: Watch) -> None:
        self.policy = policy
        self.floor = opened(policy)
        self.now_ms = now_ms
        self.steps = 0
        self.misfits: Counter[str] = Counter()
        self._act = act
        self._watch = watch
        self._to_come: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._number = 0
        self._due_ms: int | None = None

    def at(self, at_ms: int, then: Callable[..., None], *given: Any) -> None:
        """``then(*given)`` is called when it is that late; what was said first comes first."""
        self._number += 1
        heappush(self._to_come, (max(at_ms, self.now_ms), self._number, then, given))

    def after(self, ms: int, then: Callable[..., None], *given: Any) -> None:
        self.at(self.now_ms + ms, then, *given)

    def give(self, given: Input) -> None:
        """It happens now."""
        before = self.floor
        self.floor, decisions = step(before, self.policy, given, self.now_ms)
        self.steps += 1
        if self.floor is not before:
            self._due_ms = next_due_ms(self.floor)
            self._watch(before, self.floor, self.now_ms)
        for decision in decisions:
            if isinstance(decision, Ignored):
                self.misfits[f"{decision.input}: {decision.why}"] += 1
            else:
                self._act(decision)

    def run(self, until_ms: int, is_over: Callable[[], bool]) -> None:
        """Until nothing is to come, or it is over, or so late. Raises RuntimeError where a tick that was due does
        nothing, as time would then stand still.
        """
        while True:
            next_ms = self._to_come[0][0] if self._to_come else until_ms
            due_ms = self._due_ms
            if min(next_ms, due_ms if due_ms is not None else next_ms) >= until_ms or is_over():
                return
            if due_ms is not None and due_ms <= next_ms:
                self.now_ms = max(self.now_ms, due_ms)
                before = self.floor
                self.give(Tick())
                if self.floor is before:
                    raise RuntimeError(f"a tick was due at {due_ms} and changed nothing")
            else:
                self.now_ms, _, then, given = heappop(self._to_come)
                then(*given)
