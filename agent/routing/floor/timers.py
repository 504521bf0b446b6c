"""When a tick has to look at a call that waits."""

from dataclasses import replace

from agent.routing.floor.draft import Draft
from agent.routing.floor.policy import FloorPolicy
from agent.routing.floor.state import NEVER_MS, Waiting


def overflow_ms(policy: FloorPolicy, call: Waiting) -> int:
    """When it next overflows."""
    skill = policy.skills.get(call.skill)
    if skill is None or not skill.overflow:
        return NEVER_MS
    times = (call.entered_ms + over.after_s * 1000 for over in skill.overflow if over.to not in call.also)
    return min(times, default=NEVER_MS)


def with_timer(draft: Draft, call: Waiting) -> Waiting:
    """The call with ``next_ms`` brought up to date. While a seat rings for it, that seat's time is what counts."""
    if call.offered is not None:
        next_ms = NEVER_MS
    else:
        held = call.held_by is not None
        next_ms = min(
            overflow_ms(draft.policy, call),
            call.retry_ms,
            call.sticky_until_ms if call.sticky is not None else NEVER_MS,
            NEVER_MS if held else call.announce_ms,
            NEVER_MS if held else call.give_up_ms,
        )
    return replace(call, next_ms=next_ms)
