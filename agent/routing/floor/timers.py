"""When a tick has to look at a call that waits."""

from agent.routing.floor.draft import Draft
from agent.routing.floor.policy import FloorPolicy
from agent.routing.floor.state import NEVER_MS, Waiting, replace


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
            call.level_until_ms if call.skill_level else NEVER_MS,
            NEVER_MS if held else call.announce_ms,
            NEVER_MS if held else call.give_up_ms,
        )
    return replace(call, next_ms=next_ms)


def anybody(draft: Draft, call: Waiting) -> bool:
    """Whether somebody who could take it has signed in, on break or not. That it may overflow later counts."""
    skills = {call.skill, *call.also, *(over.to for over in draft.policy.skills[call.skill].overflow)}
    return any(seat.state != "offline" and not skills.isdisjoint(seat.skills) for seat in draft.seats.now.values())


def look_for_nobody(draft: Draft) -> None:
    """Somebody went home: who waits for nobody now is to be told so in a while, if nobody comes."""
    nobody_ms = draft.now_ms + draft.policy.queue.nobody_s * 1000
    for call in list(draft.waiting.now.values()):
        if call.give_up_ms > nobody_ms and not anybody(draft, call):
            draft.waiting.set(call.call_id, with_timer(draft, replace(call, give_up_ms=nobody_ms)))
