"""The floor after the hotline died in the middle of its calls: every line is lost, no place is."""

from agent.routing.floor.decisions import Decision, GiveUp
from agent.routing.floor.draft import Draft
from agent.routing.floor.moves import callback_level_until_ms, note_callback
from agent.routing.floor.policy import FloorPolicy
from agent.routing.floor.state import NEVER_MS, Callback, Floor, Seat, Talking, Waiting, replace


def recover(floor: Floor, policy: FloorPolicy, now_ms: int) -> tuple[Floor, tuple[Decision, ...]]:
    """Who waited or talked is to be rung back, due at once, in the place they had; where there is no number to ring,
    `GiveUp` says so. Callbacks that were being placed wait again. Seats are those of the policy, all offline until they
    sign in.
    """
    draft = Draft(floor, policy, now_ms)
    lost: list[Waiting | Talking] = [*floor.talking.values()]
    # In a warm transfer a call both waits and talks; it is one call.
    lost += [call for call in floor.waiting.values() if call.call_id not in floor.talking]
    for call_id in floor.waiting:
        draft.waiting.drop(call_id)
    for call_id in floor.talking:
        draft.talking.drop(call_id)
    draft.seats.now = {
        seat.id: Seat(id=seat.id, name=seat.name, skills=seat.skills, since_ms=draft.now_ms) for seat in policy.seats
    }
    # The policy may be another one: priority may be worth something else, and skills be gone.
    draft.callbacks.now = {}
    for callback in floor.callbacks.values():
        draft.callbacks.enter(callback.id, _waits_again(draft, callback))
    for call in sorted(lost, key=lambda one: draft.rank(one.queued_at_ms, one.priority)):
        before = len(draft.decisions)
        noted = note_callback(
            draft,
            call_id=call.call_id,
            number=call.caller_number,
            skill=call.skill if call.skill in policy.skills else policy.default_skill,
            language=call.language,
            priority=call.priority,
            queued_at_ms=call.queued_at_ms,
            skill_level=call.skill_level if call.skill in policy.skills else 0,
            due_ms=draft.now_ms,
        )
        if noted is None:
            draft.decisions.insert(before, GiveUp(call=call.call_id, reason="line_lost", callback=None))
    for skill in list(draft.closed.now):
        if skill not in policy.skills:
            draft.closed.drop(skill)
    return draft.floor(), tuple(draft.decisions)


def _waits_again(draft: Draft, callback: Callback) -> Callback:
    if callback.state in ("done", "failed"):
        return callback
    known = callback.skill in draft.policy.skills
    level = callback.skill_level if known else 0
    return replace(
        callback,
        state="waiting",
        seat_id=None,
        skill=callback.skill if known else draft.policy.default_skill,
        skill_level=level,
        level_until_ms=callback_level_until_ms(draft, level, callback.due_ms, callback.not_before_ms),
        also=(),
        rank=draft.rank(callback.place_ms or callback.queued_at_ms, callback.priority),
        next_ms=max(draft.now_ms, callback.not_before_ms) if callback.next_ms != NEVER_MS else draft.now_ms,
    )
