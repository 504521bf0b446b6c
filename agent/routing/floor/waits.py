"""Where a call stands and how long it will wait, as well as can be known. Pure.

Each person with the right skill becomes free once in the mean time that a call takes; all of them together that much
oftener. A call waits until as many have become free as stand before it, and one more. With times that are exponential
this is exact. Calls of other skills that stand before it count by the share of their people that are also its own.
A call that is kept for people of a level waits for those, or, where that is sooner, until the level falls away and then
for anybody.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil

from agent.routing.floor.draft import in_line
from agent.routing.floor.match import is_there, least_level
from agent.routing.floor.policy import FloorPolicy
from agent.routing.floor.state import Callback, Floor

UNKNOWN_HANDLING_S = 240.0
"""Of a skill that the policy has no more."""


@dataclass(frozen=True)
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
    return places(floor, policy, (call,)).get(call)


def places(floor: Floor, policy: FloorPolicy, of: Collection[str] | None = None) -> Mapping[str, Place]:
    """Of these calls and callbacks; of all who wait where nobody is named."""
    people = _People(floor, policy)
    positions: dict[str, int] = {}
    before: dict[_Wanted, int] = {}
    found: dict[str, Place] = {}
    for item in in_line(floor.waiting, floor.callbacks, floor.now_ms):
        skill = item.skill
        positions[skill] = position = positions.get(skill, 0) + 1
        skills = (skill, *item.also) if item.also else (skill,)
        level = least_level(floor.seats, item, floor.now_ms) if item.skill_level else 0
        rings = False
        if isinstance(item, Callback):
            key = item.id
        else:
            key, rings = item.call_id, item.offered is not None
        if of is None or key in of:
            wait_s = 0 if rings else people.wait_s((skills, 0), before)
            if level and wait_s is not None:
                left_s = ceil((item.level_until_ms - floor.now_ms) / 1000)
                of_level_s = people.wait_s((skills, level), before)
                wait_s = left_s + wait_s if of_level_s is None else min(left_s + wait_s, of_level_s)
            found[key] = Place(position, wait_s)
            if of is not None and len(found) == len(of):
                break
        if not rings:
            # The seat that rings for a call is busy with it already.
            before[skills, level] = before.get((skills, level), 0) + 1
    return found


_Skills = tuple[str, ...]
"""A call's own skill, and those that it has overflowed to."""

_Wanted = tuple[_Skills, int]
"""And the level that it asks for; 0 for any."""


class _People:
    """Who is there, for which skills."""

    def __init__(self, floor: Floor, policy: FloorPolicy) -> None:
        self._there = [seat for seat in floor.seats.values() if is_there(seat)]
        self._floor = floor
        self._policy = policy
        self._who: dict[_Wanted, frozenset[str]] = {}
        self._free: dict[_Wanted, int] = {}

    def wait_s(self, wanted: _Wanted, before: Mapping[_Wanted, int]) -> int | None:
        """``before``: how many calls stand before this one, by what they want."""
        seats = self._able(wanted)
        if not seats:
            return None
        work_s = self._mean_s(wanted) * (1 - self._free[wanted])
        for theirs, count in before.items():
            able = self._able(theirs)
            if able:
                work_s += count * self._mean_s(theirs) * len(seats & able) / len(able)
        return max(0, ceil(work_s / len(seats)))

    def _mean_s(self, wanted: _Wanted) -> float:
        return mean_handling_s(self._floor.handling_s, self._policy, wanted[0][0])

    def _able(self, wanted: _Wanted) -> frozenset[str]:
        seats = self._who.get(wanted)
        if seats is None:
            skills, level = wanted
            least = max(1, level)
            able = [seat for seat in self._there if any(seat.skills.get(skill, 0) >= least for skill in skills)]
            seats = self._who[wanted] = frozenset(seat.id for seat in able)
            self._free[wanted] = sum(seat.state == "ready" for seat in able)
        return seats


def mean_handling_s(measured_s: Mapping[str, float], policy: FloorPolicy, skill: str) -> float:
    """What a call for this skill takes a person: as measured, or as the policy has it until one was."""
    measured = measured_s.get(skill)
    if measured is not None:
        return measured
    known = policy.skills.get(skill)
    return float(known.handling_s) if known is not None else UNKNOWN_HANDLING_S
