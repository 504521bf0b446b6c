"""How it stands in the queues, as rules ask for it. Pure."""

from collections.abc import Callable, Iterator, Mapping

from agent.routing.floor import Floor, FloorPolicy, Waiting, places
from agent.routing.rules import Load, Rules

NEWCOMER = "\0newcomer"


def asks_all(rules: Rules) -> bool:
    """Whether some rule looks at the load of all queues together."""
    return any(one.name == "load" and not one.queue for conditions in rules.conditions for one in conditions)


class Loads(Mapping[str, Load]):
    """Of each queue, an empty name is all of them together. Worked out when a rule comes to ask: most calls are decided
    before one does. ``expected_wait_s`` is that of a caller who comes now, without priority.
    """

    def __init__(self, floor: Callable[[], Floor], policy: FloorPolicy) -> None:
        self._floor, self._policy = floor, policy

    def __getitem__(self, queue: str) -> Load:
        if queue and queue not in self._policy.skills:
            raise KeyError(queue)
        return _load(self._floor(), self._policy, queue)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policy.skills)

    def __len__(self) -> int:
        return len(self._policy.skills)


def _load(floor: Floor, policy: FloorPolicy, queue: str) -> Load:
    if not queue:
        each = [_load(floor, policy, skill) for skill in policy.skills]
        waits = [one.expected_wait_s for one in each if one.expected_wait_s is not None]
        ready = sum(seat.state == "ready" for seat in floor.seats.values())
        return Load(len(floor.waiting), ready, max(waits, default=None))
    waiting = sum(call.skill == queue for call in floor.waiting.values())
    ready = sum(seat.state == "ready" and queue in seat.skills for seat in floor.seats.values())
    return Load(waiting, ready, _wait_of_newcomer(floor, policy, queue))


def _wait_of_newcomer(floor: Floor, policy: FloorPolicy, skill: str) -> int | None:
    newcomer = Waiting(
        call_id=NEWCOMER,
        caller_number="",
        skill=skill,
        language="zh",
        priority=0,
        queued_at_ms=floor.now_ms,
        entered_ms=floor.now_ms,
        rank=floor.now_ms,
    )
    with_one = Floor(
        seats=floor.seats,
        # The floor keeps its line in the order of rank.
        waiting=dict(sorted({**floor.waiting, NEWCOMER: newcomer}.items(), key=lambda item: item[1].rank)),
        callbacks=floor.callbacks,
        handling_s=floor.handling_s,
        now_ms=floor.now_ms,
    )
    return places(with_one, policy, (NEWCOMER,))[NEWCOMER].expected_wait_s
