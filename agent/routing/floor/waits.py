"""Where a call stands and how long it will wait, as well as can be known. Pure.

Each person with the right skill becomes free once in the mean time that a call takes; all of them together that much
oftener. A call waits until as many have become free as stand before it, and one more. With times that are exponential
this is exact. Calls of other skills that stand before it count by the share of their people that are also its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from agent.routing.floor.draft import in_line
from agent.routing.floor.match import is_there
from agent.routing.floor.policy import FloorPolicy
from agent.routing.floor.state import Callback, Floor


@dataclass(frozen=True, slots=True)
class Place:
    """``position``: 1 is next, among those who wait for the same skill, callbacks with them. ``expected_wait_s``: from
    now on; None where nobody with the skill is there.
    """

    position: int
    expected_wait_s: int | None


def expected_wait_s(floor: Floor, policy: FloorPolicy, call: str) -> int | None:
    """How long this caller, or callback by its id, still waits; None where nobody with the skill is there, and for one
    that does not wait.
    """
    place = place_of(floor, policy, call)
    return place.expected_wait_s if place is not None else None


def place_of(floor: Floor, policy: FloorPolicy, call: str) -> Place | None:
    """None for a call that does not wait, and for a callback that may not be placed yet."""
    if call not in floor.waiting and call not in floor.callbacks:
        return None
    return places(floor, policy).get(call)


def places(floor: Floor, policy: FloorPolicy) -> Mapping[str, Place]:
    """All who wait: by call id, or the callback's."""
    people = _People(floor, policy)
    positions: dict[str, int] = {}
    found: dict[str, Place] = {}
    for item in in_line(floor.waiting, floor.callbacks, floor.now_ms):
        position = positions[item.skill] = positions.get(item.skill, 0) + 1
        key = (item.skill, *item.also)
        offered = not isinstance(item, Callback) and item.offered is not None
        wait_s = 0 if offered else people.wait_s(key)
        found[item.id if isinstance(item, Callback) else item.call_id] = Place(position, wait_s)
        if not offered:
            people.put_before(key)
    return found


class _People:
    """Who is there for which skills, and how many calls stand before the one that is looked at."""

    def __init__(self, floor: Floor, policy: FloorPolicy) -> None:
        self._there = [seat for seat in floor.seats.values() if is_there(seat)]
        self._floor = floor
        self._policy = policy
        self._seats: dict[tuple[str, ...], frozenset[str]] = {}
        self._free: dict[tuple[str, ...], int] = {}
        self._before: dict[tuple[str, ...], int] = {}

    def put_before(self, key: tuple[str, ...]) -> None:
        self._before[key] = self._before.get(key, 0) + 1

    def wait_s(self, key: tuple[str, ...]) -> int | None:
        seats = self._who(key)
        if not seats:
            return None
        mean_s = self._mean_s(key[0])
        work_s = mean_s * (1 - self._free[key])
        for other, count in self._before.items():
            theirs = self._who(other)
            if theirs:
                work_s += count * self._mean_s(other[0]) * len(seats & theirs) / len(theirs)
        return max(0, ceil(work_s / len(seats)))

    def _who(self, key: tuple[str, ...]) -> frozenset[str]:
        seats = self._seats.get(key)
        if seats is None:
            able = [seat for seat in self._there if not seat.skills.keys().isdisjoint(key)]
            seats = self._seats[key] = frozenset(seat.id for seat in able)
            self._free[key] = sum(seat.state == "ready" for seat in able)
        return seats

    def _mean_s(self, skill: str) -> float:
        measured = self._floor.handling_s.get(skill)
        if measured is not None:
            return measured
        policy = self._policy.skills.get(skill)
        return float(policy.handling_s) if policy is not None else 240.0
