"""By when a caller is promised to be rung back, and from when on they stand in line for it. Pure.

While people are there a callback keeps the place that its caller had. Those of the night cannot all be rung when the
desk opens without making everybody wait who calls then: they are spread over the hours after it, by how much work they
are, and each is told its own time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from agent.routing.floor.draft import Draft
from agent.routing.floor.policy import FloorPolicy
from agent.routing.floor.state import Callback, Floor
from agent.routing.floor.waits import mean_handling_s

MINUTE_MS = 60_000
UNKNOWN_OPENING_MS = 8 * 24 * 60 * MINUTE_MS
"""Where nobody knows when a skill opens again: so late that no caller is told a time."""
LONGEST_SPREAD_MS = 8 * 60 * MINUTE_MS
"""However many there are, they are rung on the day on which the desk opens."""


@dataclass(frozen=True)
class Promise:
    """``due_ms``: by when. ``place_ms``: from when on it stands in line."""

    due_ms: int
    place_ms: int


def promise(
    draft: Draft, skill: str, *, queued_at_ms: int, not_before_ms: int = 0, due_ms: int | None = None
) -> Promise:
    """What can be kept to a caller who is to be rung back by people with this skill. ``due_ms``: what they were told
    already.
    """
    policy = draft.policy.callback
    lead_ms = policy.lead_minutes * MINUTE_MS
    if skill not in draft.closed.now:
        soon_ms = max(draft.now_ms, not_before_ms) + policy.due_minutes * MINUTE_MS
        return Promise(soon_ms if due_ms is None else due_ms, queued_at_ms)
    if due_ms is not None:
        return Promise(due_ms, max(queued_at_ms, due_ms - lead_ms))
    opens_ms = draft.closed.now[skill] or draft.now_ms + UNKNOWN_OPENING_MS
    begins_ms = max(opens_ms, draft.now_ms, not_before_ms) + policy.due_minutes * MINUTE_MS
    before = [one for one in draft.callbacks.now.values() if one.state == "waiting" and one.due_ms >= begins_ms]
    due_ms = begins_ms + min(LONGEST_SPREAD_MS, _work_ms(draft, skill, before))
    return Promise(due_ms, due_ms - lead_ms)


def promised_ms(floor: Floor, policy: FloorPolicy, skill: str, now_ms: int) -> int | None:
    """By when the next caller can be promised to be rung back, where this skill is closed; None where it is not."""
    draft = Draft(floor, policy, now_ms)
    return promise(draft, skill, queued_at_ms=now_ms).due_ms if skill in floor.closed else None


def _work_ms(draft: Draft, skill: str, before: Iterable[Callback]) -> int:
    """How long the share of people with this skill that callbacks get is busy with these. Those of other skills count
    by the part of their people that are also its own.
    """
    people = _able(draft.policy, skill)
    if not people:
        return 0
    parts: dict[str, float] = {}
    work_s = 0.0
    for one in before:
        if one.skill not in parts:
            theirs = _able(draft.policy, one.skill)
            part = len(people & theirs) / len(theirs) if theirs else 0.0
            parts[one.skill] = part * mean_handling_s(draft.handling_s.now, draft.policy, one.skill)
        work_s += parts[one.skill]
    return round(work_s * 1000 / (len(people) * draft.policy.callback.share))


def _able(policy: FloorPolicy, skill: str) -> frozenset[str]:
    """All who ever sit there: who comes tomorrow is not known."""
    return frozenset(seat.id for seat in policy.seats if skill in seat.skills)
