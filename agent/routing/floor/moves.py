"""The moves that several inputs share: a seat becomes free, a call loses its seat, a caller is rung back instead."""

from agent.event_base import Language
from agent.routing.floor.decisions import CallbackNoted, GiveUp, GiveUpReason, MissedReason, SeatMissed, Withdraw
from agent.routing.floor.decisions import WithdrawReason as Why
from agent.routing.floor.draft import Draft
from agent.routing.floor.promises import MINUTE_MS as MINUTE_MS
from agent.routing.floor.promises import promise
from agent.routing.floor.state import NEVER_MS, Callback, Seat, Talking, Waiting, replace
from agent.routing.floor.timers import with_timer
from agent.routing.floor.waits import mean_handling_s
from agent.routing.numbers import can_call_back

HANDLING_WEIGHT = 0.05
"""Of the newest call in the mean time that a call takes: some 20 calls are remembered."""


def enter(
    draft: Draft,
    call: Waiting,
    *,
    front: bool = False,
    first_announcement_s: int | None = None,
) -> None:
    """It waits from now on, in the place that ``queued_at_ms`` and priority give it, and for the level it asks for."""
    queue, announcements = draft.policy.queue, draft.policy.announcements
    first_s = announcements.first_s if first_announcement_s is None else first_announcement_s
    entered = replace(
        call,
        entered_ms=draft.now_ms,
        rank=draft.rank(call.queued_at_ms, call.priority, front=front),
        announce_ms=draft.now_ms + first_s * 1000,
        give_up_ms=draft.now_ms + queue.nobody_s * 1000,
        level_until_ms=draft.policy.level_until_ms(call.skill_level, draft.now_ms),
    )
    draft.waiting.enter(call.call_id, with_timer(draft, entered))


def idle(draft: Draft, seat: Seat, *, rested: bool = False) -> None:
    """It has nothing to do. ``rested``: nor had it before, as it only rang; it stays as long idle as it was."""
    if seat.state == "wrap_up":
        measure(draft, seat)
    now_ms = draft.now_ms
    draft.left = draft.left or seat.then == "offline"
    draft.seats.set(
        seat.id,
        replace(
            seat,
            state=seat.then,
            then="ready",
            since_ms=now_ms,
            until_ms=NEVER_MS,
            call_id=None,
            vanished=False,
            idle_since_ms=seat.idle_since_ms if rested else now_ms,
        ),
    )


def release(draft: Draft, seat: Seat) -> None:
    """Its call is over: wrap-up."""
    wrap_up_ms = 0 if seat.vanished else draft.policy.after_call.wrap_up_s * 1000
    wrapping = replace(
        seat,
        state="wrap_up",
        since_ms=draft.now_ms,
        until_ms=draft.now_ms + wrap_up_ms,
        call_id=None,
        vanished=False,
        then="offline" if seat.vanished else seat.then,
    )
    if wrap_up_ms == 0:
        idle(draft, wrapping)
    else:
        draft.seats.set(seat.id, wrapping)


def measure(draft: Draft, seat: Seat) -> None:
    """What this call took the person goes into the mean of its skill."""
    took_s = (draft.now_ms - seat.busy_since_ms) / 1000
    mean_s = mean_handling_s(draft.handling_s.now, draft.policy, seat.skill)
    draft.handling_s.set(seat.skill, mean_s + HANDLING_WEIGHT * (took_s - mean_s))


def unoffer(draft: Draft, call: Waiting) -> Waiting:
    """No seat rings for it any more."""
    waiting = with_timer(draft, replace(call, offered=None))
    draft.waiting.set(call.call_id, waiting)
    return waiting


def withdraw(draft: Draft, call: Waiting, reason: Why) -> Waiting:
    """Stop the seat that rings for it, if one does."""
    if call.offered is None:
        return call
    idle(draft, draft.seats.now[call.offered], rested=True)
    draft.say(Withdraw(seat=call.offered, call=call.call_id, reason=reason))
    return unoffer(draft, call)


def missed(draft: Draft, seat: Seat, reason: MissedReason) -> None:
    """A seat that rings does not take it. Whoever it rang for is as before."""
    assert seat.call_id is not None
    misses = seat.misses + 1
    too_many = misses >= draft.policy.ringing.misses and seat.then == "ready" and reason != "vanished"
    call = draft.waiting.now.get(seat.call_id)
    call = call if call is not None and call.offered == seat.id else None
    retry_ms = draft.now_ms + draft.policy.ringing.retry_s * 1000
    if call is not None:
        tried = call.tried if seat.id in call.tried else (*call.tried, seat.id)
        unoffer(draft, replace(call, tried=tried, retry_ms=retry_ms))
    callback = placed_for(draft, seat)
    if callback is not None:
        draft.callbacks.set(
            callback.id,
            replace(callback, state="waiting", seat_id=None, not_before_ms=retry_ms, next_ms=retry_ms),
        )
        draft.say(Withdraw(seat=seat.id, call=callback.id, reason="seat_gone" if reason == "vanished" else reason))
    after = "offline" if reason == "vanished" else "on_break" if too_many else seat.then
    idle(draft, replace(seat, misses=0 if too_many else misses, then=after))
    if too_many and draft.policy.is_outside(seat.id):
        until_ms = draft.now_ms + draft.policy.ringing.outside_break_s * 1000
        draft.seats.set(seat.id, replace(draft.seats.now[seat.id], until_ms=until_ms))
    draft.say(SeatMissed(seat=seat.id, call=seat.call_id, reason=reason, on_break=too_many))


def placed_for(draft: Draft, seat: Seat) -> Callback | None:
    """The callback that this seat is being put through to."""
    callback = draft.callbacks.now.get(seat.call_id) if seat.call_id is not None else None
    return callback if callback is not None and callback.seat_id == seat.id else None


def waiting_again(draft: Draft, talking: Talking, *, sticky: str | None = None) -> Waiting:
    """Who talked, as one who waits; not yet entered."""
    return Waiting(
        call_id=talking.call_id,
        caller_number=talking.caller_number,
        skill=talking.skill,
        language=talking.language,
        priority=talking.priority,
        queued_at_ms=talking.queued_at_ms,
        entered_ms=draft.now_ms,
        rank=0,
        sticky=sticky,
        sticky_until_ms=draft.now_ms + draft.policy.queue.sticky_s * 1000 if sticky is not None else 0,
        transfers=talking.transfers,
        skill_level=talking.skill_level,
    )


def note_callback(
    draft: Draft,
    *,
    call_id: str,
    number: str,
    skill: str,
    language: Language,
    priority: int,
    queued_at_ms: int,
    skill_level: int = 0,
    rank: int | None = None,
    not_before_ms: int = 0,
    due_ms: int | None = None,
) -> str | None:
    """The id of the callback from now on; None where there is no number that can be rung. A call has one at a time: a
    second wish changes the first, which keeps the better place, and the number where the second has none.

    rank: the place that the call had; None for what its time gives it. due_ms: by when it was promised already.
    """
    earlier = active_callback(draft, call_id)
    if not can_call_back(number):
        if earlier is None:
            return None
        number = earlier.number
    if earlier is not None:
        queued_at_ms = min(queued_at_ms, earlier.queued_at_ms)
        priority = max(priority, earlier.priority)
        skill_level = max(skill_level, earlier.skill_level) if skill == earlier.skill else skill_level
    made = promise(draft, skill, queued_at_ms=queued_at_ms, not_before_ms=not_before_ms, due_ms=due_ms)
    place_ms, due_ms = made.place_ms, made.due_ms
    if earlier is not None:
        place_ms, due_ms = min(place_ms, earlier.place_ms or earlier.queued_at_ms), min(due_ms, earlier.due_ms)
    place = draft.rank(place_ms, priority)
    rank = min(one for one in (place, rank, earlier.rank if earlier is not None else None) if one is not None)
    callback = Callback(
        id=earlier.id if earlier is not None else _free_id(draft, call_id),
        call_id=call_id,
        number=number,
        skill=skill,
        language=language,
        priority=priority,
        queued_at_ms=queued_at_ms,
        due_ms=due_ms,
        rank=rank,
        attempts=earlier.attempts if earlier is not None else 0,
        not_before_ms=not_before_ms,
        skill_level=skill_level,
        level_until_ms=callback_level_until_ms(draft, skill_level, due_ms, not_before_ms),
        next_ms=max(not_before_ms, draft.now_ms),
        place_ms=place_ms,
    )
    draft.callbacks.enter(callback.id, callback)
    draft.say(CallbackNoted(callback=callback.id, call=call_id, number=number, skill=skill, due_ms=callback.due_ms))
    return callback.id


def callback_level_until_ms(draft: Draft, skill_level: int, due_ms: int, not_before_ms: int) -> int:
    """Until it is due, but at least as long as a caller on the line would be kept for people of the level."""
    if not skill_level:
        return 0
    return max(due_ms, draft.policy.level_until_ms(skill_level, max(draft.now_ms, not_before_ms)))


def give_up(draft: Draft, call: Waiting, reason: GiveUpReason) -> None:
    """Nobody will come: the caller is rung back, in the place they have, where they can be."""
    withdraw(draft, call, "callback")
    if call.call_id in draft.waiting.now:
        draft.waiting.drop(call.call_id)
    before = len(draft.decisions)
    callback = note_callback(
        draft,
        call_id=call.call_id,
        number=call.caller_number,
        skill=call.skill,
        language=call.language,
        priority=call.priority,
        queued_at_ms=call.queued_at_ms,
        skill_level=call.skill_level,
        not_before_ms=draft.now_ms + draft.policy.callback.pause_s * 1000,
    )
    draft.decisions.insert(before, GiveUp(call=call.call_id, reason=reason, callback=callback))


def active_callback(draft: Draft, call_id: str) -> Callback | None:
    """The callback of a call, by the call's id or its own, that still waits to be placed."""
    for callback in draft.callbacks.now.values():
        if call_id in (callback.call_id, callback.id) and callback.state == "waiting":
            return callback
    return None


def _free_id(draft: Draft, call_id: str) -> str:
    first = f"cb-{call_id}"
    if first not in draft.callbacks.now:
        return first
    number = 2
    while f"{first}-{number}" in draft.callbacks.now:
        number += 1
    return f"{first}-{number}"
