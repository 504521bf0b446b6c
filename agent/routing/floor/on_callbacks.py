"""What becomes of callbacks: chosen by who waits, promised, placed, reached or not, cancelled."""

from agent.routing.floor.decisions import CallbackFailed, CallbackRefused, Connect, Requeued, Withdraw
from agent.routing.floor.draft import Draft
from agent.routing.floor.inputs import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackChosen,
    CallbackOutcome,
    CallbackRequested,
)
from agent.routing.floor.moves import MINUTE_MS, enter, idle, note_callback, withdraw
from agent.routing.floor.on_seats import talk
from agent.routing.floor.state import Callback, Talking, Waiting, replace
from agent.routing.numbers import can_call_back

KEPT_MS = 60 * MINUTE_MS
"""How long a callback that is done or failed can still be seen."""


def on_callback_chosen(draft: Draft, given: CallbackChosen) -> None:
    call = draft.waiting.now.get(given.call)
    if call is None or call.held_by is not None:
        draft.ignore(given, given.call, "unknown_call" if call is None else "not_now")
        return
    number = given.number or call.caller_number
    if not can_call_back(number):
        draft.say(CallbackRefused(call=given.call, number=number))
        return
    withdraw(draft, call, "callback")
    draft.waiting.drop(call.call_id)
    note_callback(
        draft,
        call_id=call.call_id,
        number=number,
        skill=call.skill,
        language=call.language,
        priority=call.priority,
        queued_at_ms=call.queued_at_ms,
        skill_level=call.skill_level,
        rank=call.rank,
        not_before_ms=draft.now_ms + draft.policy.callback.pause_s * 1000,
    )


def on_callback_requested(draft: Draft, given: CallbackRequested) -> None:
    waiting = draft.waiting.now.get(given.call)
    if waiting is not None and waiting.held_by is None:
        on_callback_chosen(draft, CallbackChosen(call=given.call, number=given.number))
        return
    if any(one.call_id == given.call and one.state == "placing" for one in draft.callbacks.now.values()):
        draft.ignore(given, given.call, "known_already")
        return
    noted = note_callback(
        draft,
        call_id=given.call,
        number=given.number,
        skill=given.skill if given.skill in draft.policy.skills else draft.policy.default_skill,
        language=given.language,
        priority=given.priority,
        queued_at_ms=draft.now_ms,
        skill_level=given.skill_level,
        not_before_ms=given.not_before_ms,
        due_ms=given.due_ms,
    )
    if noted is None:
        draft.say(CallbackRefused(call=given.call, number=given.number))


def on_callback_accepted(draft: Draft, given: CallbackAccepted) -> None:
    callback, seat = draft.callbacks.now.get(given.callback), draft.seats.now.get(given.seat)
    if callback is None or seat is None:
        draft.ignore(given, given.callback, "unknown_callback" if callback is None else "unknown_seat")
    elif callback.state != "placing" or callback.seat_id != seat.id or callback.accepted:
        draft.ignore(given, given.callback, "not_now")
    else:
        until_ms = draft.now_ms + draft.policy.callback.ring_s * 1000
        draft.seats.set(seat.id, replace(seat, since_ms=draft.now_ms, until_ms=until_ms))
        draft.callbacks.set(callback.id, replace(callback, accepted=True))


def on_callback_outcome(draft: Draft, given: CallbackOutcome) -> None:
    callback = draft.callbacks.now.get(given.callback)
    if callback is None or callback.state in ("done", "failed"):
        draft.ignore(given, given.callback, "unknown_callback" if callback is None else "known_already")
    elif given.outcome == "reached":
        _reached(draft, callback, given)
    elif callback.state == "placing":
        not_reached(draft, callback)
    else:
        draft.ignore(given, given.callback, "not_now")


def _reached(draft: Draft, callback: Callback, given: CallbackOutcome) -> None:
    call_id = given.call or f"{callback.id}-{callback.attempts + 1}"
    if call_id in draft.talking.now or call_id in draft.waiting.now:
        draft.ignore(given, call_id, "known_already")
        return
    draft.callbacks.set(
        callback.id,
        replace(callback, state="done", seat_id=None, next_ms=draft.now_ms + KEPT_MS),
    )
    seat = draft.seats.now.get(callback.seat_id) if callback.seat_id is not None else None
    if seat is not None:
        talk(
            draft,
            seat,
            Talking(
                call_id=call_id,
                caller_number=callback.number,
                skill=callback.skill,
                language=callback.language,
                priority=callback.priority,
                queued_at_ms=callback.queued_at_ms,
                seat_id=seat.id,
                since_ms=draft.now_ms,
                skill_level=callback.skill_level,
            ),
        )
        draft.say(Connect(seat=seat.id, call=call_id))
        return
    # The person went away while it rang: nobody is kept waiting longer for that than must be.
    enter(
        draft,
        Waiting(
            call_id=call_id,
            caller_number=callback.number,
            skill=callback.skill,
            language=callback.language,
            priority=callback.priority,
            queued_at_ms=callback.queued_at_ms,
            entered_ms=draft.now_ms,
            rank=0,
            skill_level=callback.skill_level,
        ),
        front=True,
    )
    draft.say(Requeued(call=call_id))


def not_reached(draft: Draft, callback: Callback) -> None:
    """Rung in vain: again after a while, or a person must see to it. The seat is free again."""
    if callback.seat_id is not None:
        idle(draft, draft.seats.now[callback.seat_id], rested=True)
    attempts = callback.attempts + 1
    policy = draft.policy.callback
    if attempts >= policy.attempts:
        changed = replace(callback, state="failed", attempts=attempts, seat_id=None, next_ms=draft.now_ms + KEPT_MS)
        draft.say(CallbackFailed(callback=callback.id, call=callback.call_id, attempts=attempts))
    else:
        again_ms = draft.now_ms + policy.spacing_minutes * MINUTE_MS
        changed = replace(
            callback, state="waiting", attempts=attempts, seat_id=None, not_before_ms=again_ms, next_ms=again_ms
        )
    draft.callbacks.set(callback.id, changed)


def on_callback_cancelled(draft: Draft, given: CallbackCancelled) -> None:
    callback = draft.callbacks.now.get(given.callback)
    if callback is None or callback.state in ("done", "failed"):
        draft.ignore(given, given.callback, "unknown_callback" if callback is None else "known_already")
        return
    if callback.seat_id is not None:
        idle(draft, draft.seats.now[callback.seat_id], rested=True)
        draft.say(Withdraw(seat=callback.seat_id, call=callback.id, reason="cancelled"))
    draft.callbacks.set(callback.id, replace(callback, state="done", seat_id=None, next_ms=draft.now_ms + KEPT_MS))
