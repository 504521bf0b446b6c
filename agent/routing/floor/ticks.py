"""What becomes of the floor by time alone."""

from agent.routing.floor.decisions import Announce, Overflow, Withdraw
from agent.routing.floor.draft import Draft
from agent.routing.floor.match import match
from agent.routing.floor.moves import give_up, idle, missed, placed_for
from agent.routing.floor.on_callbacks import not_reached
from agent.routing.floor.on_seats import lose
from agent.routing.floor.state import NEVER_MS, Callback, Floor, Seat, Waiting, replace
from agent.routing.floor.timers import anybody, look_for_nobody, overflow_ms, with_timer
from agent.routing.floor.waits import places
from agent.routing.numbers import can_call_back


def next_due_ms(floor: Floor) -> int | None:
    """When a tick will next have something to do; None for never. A tick before that changes nothing."""
    next_ms = min(
        min((seat.until_ms for seat in floor.seats.values()), default=NEVER_MS),
        min((call.next_ms for call in floor.waiting.values()), default=NEVER_MS),
        min((one.next_ms for one in floor.callbacks.values()), default=NEVER_MS),
    )
    return next_ms if next_ms < NEVER_MS else None


def on_tick(draft: Draft) -> None:
    """First the seats, as they may become free; then callbacks and callers. Announcements come after all offers."""
    now_ms = draft.now_ms
    for seat in list(draft.seats.now.values()):
        if seat.until_ms <= now_ms:
            _seat_due(draft, seat)
    for callback in list(draft.callbacks.now.values()):
        if callback.next_ms <= now_ms:
            _callback_due(draft, callback)
    if draft.left:
        look_for_nobody(draft)
    told = [call.call_id for call in list(draft.waiting.now.values()) if call.next_ms <= now_ms and _due(draft, call)]
    match(draft)
    if told:
        _announce(draft, told)


def _seat_due(draft: Draft, seat: Seat) -> None:
    if seat.state == "wrap_up":
        idle(draft, seat)
    elif seat.state == "on_break":
        idle(draft, replace(seat, then="ready"))
    elif seat.state == "talking":
        lose(draft, seat)
    elif seat.state == "ringing":
        callback = placed_for(draft, seat)
        if callback is None or not callback.accepted:
            # Of a callback too: the customer was not rung, so it is no attempt to reach them.
            missed(draft, seat, "no_answer")
            return
        draft.say(Withdraw(seat=seat.id, call=callback.id, reason="no_answer"))
        not_reached(draft, callback)


def _callback_due(draft: Draft, callback: Callback) -> None:
    if callback.state in ("done", "failed"):
        draft.callbacks.drop(callback.id)
        return
    if callback.skill_level and callback.level_until_ms <= draft.now_ms:
        callback = replace(callback, skill_level=0)
    until_ms = callback.level_until_ms if callback.skill_level else NEVER_MS
    if draft.now_ms < callback.due_ms:
        due_ms = max(callback.due_ms, callback.not_before_ms)
        coming = [at_ms for at_ms in (callback.not_before_ms, callback.rank, due_ms, until_ms) if at_ms > draft.now_ms]
        draft.callbacks.set(callback.id, replace(callback, next_ms=min(coming)))
        return
    # It was promised by now, so whoever may help out may place it.
    also = list(callback.also)
    skill = draft.policy.skills.get(callback.skill)
    for over in skill.overflow if skill is not None else ():
        if over.to not in also:
            also.append(over.to)
            draft.say(Overflow(call=callback.id, from_skill=callback.skill, to_skill=over.to))
    draft.callbacks.set(callback.id, replace(callback, also=tuple(also), next_ms=until_ms))


def _due(draft: Draft, call: Waiting) -> bool:
    """Whether it is to be told how it stands, if it still waits after the offers."""
    now_ms = draft.now_ms
    if call.retry_ms <= now_ms:
        call = replace(call, tried=(), retry_ms=NEVER_MS)
    if call.sticky is not None and call.sticky_until_ms <= now_ms:
        call = replace(call, sticky=None)
    if call.skill_level and call.level_until_ms <= now_ms:
        call = replace(call, skill_level=0)
    while overflow_ms(draft.policy, call) <= now_ms:
        call = _overflow(draft, call)
    if call.held_by is None and call.give_up_ms <= now_ms:
        longest_ms = call.entered_ms + draft.policy.skills[call.skill].longest_wait_s * 1000
        if not anybody(draft, call):
            give_up(draft, call, "nobody_there")
            return False
        if now_ms >= longest_ms and can_call_back(call.caller_number):
            give_up(draft, call, "too_long")
            return False
        call = replace(call, give_up_ms=longest_ms if longest_ms > now_ms else NEVER_MS)
    announce = call.held_by is None and call.announce_ms <= now_ms
    if announce:
        call = replace(call, announce_ms=now_ms + draft.policy.announcements.every_s * 1000)
    draft.waiting.set(call.call_id, with_timer(draft, call))
    return announce


def _overflow(draft: Draft, call: Waiting) -> Waiting:
    skill = draft.policy.skills[call.skill]
    over = min((one for one in skill.overflow if one.to not in call.also), key=lambda one: one.after_s)
    draft.say(Overflow(call=call.call_id, from_skill=call.skill, to_skill=over.to))
    return replace(call, also=(*call.also, over.to))


def _announce(draft: Draft, told: list[str]) -> None:
    """Only what is so: no time where nobody is there, and no callback where there is no number."""
    policy = draft.policy.callback
    standing = places(draft.floor(), draft.policy, told)
    for call_id in told:
        call = draft.waiting.now.get(call_id)
        if call is None or call.offered is not None or call_id not in standing:
            continue
        place = standing[call_id]
        wait_s = place.expected_wait_s
        long = wait_s is None or wait_s > policy.offer_above_wait_s or place.position > policy.offer_above_position
        offer = long and can_call_back(call.caller_number)
        if wait_s is None and not offer:
            continue
        draft.say(Announce(call=call_id, position=place.position, expected_wait_s=wait_s, offer_callback=offer))
