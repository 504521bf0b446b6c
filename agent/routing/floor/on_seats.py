"""What becomes of the floor when people come, go, answer and are done."""

from agent.routing.floor.decisions import Connect, RefuseAnswer, RefusedReason, Requeued
from agent.routing.floor.draft import Draft
from agent.routing.floor.inputs import (
    CallFinished,
    SeatAnswered,
    SeatDeclined,
    SeatOnBreak,
    SeatReady,
    SeatSignedIn,
    SeatSignedOff,
    SeatVanished,
    WrapUpDone,
)
from agent.routing.floor.moves import enter, idle, missed, release, waiting_again
from agent.routing.floor.state import NEVER_MS, Seat, SeatAfter, Talking, Waiting, replace


def on_signed_in(draft: Draft, given: SeatSignedIn) -> None:
    seat = draft.seats.now.get(given.seat)
    known = draft.policy.by_id.get(given.seat)
    if known is None:
        draft.ignore(given, given.seat, "unknown_seat")
    elif seat is None or seat.state == "offline":
        fresh = Seat(id=known.id, name=known.name, skills=known.skills, idle_since_ms=draft.now_ms)
        draft.seats.set(known.id, replace(fresh, state="on_break", since_ms=draft.now_ms))
    elif seat.vanished and seat.call_id is not None:
        draft.seats.set(seat.id, replace(seat, vanished=False, until_ms=NEVER_MS))
        draft.say(Connect(seat=seat.id, call=seat.call_id))
    else:
        draft.ignore(given, given.seat, "known_already")


def on_ready(draft: Draft, given: SeatReady) -> None:
    seat = _seat(draft, given, given.seat)
    if seat is None:
        return
    if seat.state in ("on_break", "wrap_up"):
        idle(draft, replace(seat, misses=0, then="ready"))
    elif seat.state in ("ringing", "talking") and seat.then != "ready" and not seat.vanished:
        draft.seats.set(seat.id, replace(seat, then="ready"))
    else:
        draft.ignore(given, seat.id, "not_now" if seat.state == "offline" else "known_already")


def on_leaving(draft: Draft, given: SeatOnBreak | SeatSignedOff) -> None:
    seat = _seat(draft, given, given.seat)
    if seat is None:
        return
    after: SeatAfter = "on_break" if isinstance(given, SeatOnBreak) else "offline"
    if seat.state == "offline" or seat.state == after:
        draft.ignore(given, seat.id, "known_already")
    elif seat.state == "talking":
        draft.seats.set(seat.id, replace(seat, then=after))
    elif seat.state == "ringing":
        missed(draft, replace(seat, then=after), "declined")
    else:
        idle(draft, replace(seat, then=after))


def on_vanished(draft: Draft, given: SeatVanished) -> None:
    seat = _seat(draft, given, given.seat)
    if seat is None:
        return
    if seat.state == "offline" or seat.vanished:
        draft.ignore(given, seat.id, "known_already")
    elif seat.state == "talking" and draft.policy.is_outside(seat.id):
        # A telephone does not come back to its call as a page that is loaded anew does.
        lose(draft, seat)
    elif seat.state == "talking":
        grace_ms = draft.policy.after_call.grace_s * 1000
        draft.seats.set(seat.id, replace(seat, vanished=True, until_ms=draft.now_ms + grace_ms))
    elif seat.state == "ringing":
        missed(draft, seat, "vanished")
    else:
        idle(draft, replace(seat, then="offline"))


def on_answered(draft: Draft, given: SeatAnswered) -> None:
    seat = _seat(draft, given, given.seat)
    if seat is None:
        return
    call = draft.waiting.now.get(given.call)
    if call is not None and call.offered == seat.id:
        connect(draft, seat, call)
        return
    talking = draft.talking.now.get(given.call)
    if talking is not None and seat.id in (talking.seat_id, talking.leaving):
        draft.ignore(given, given.call, "known_already")
        return
    reason: RefusedReason = "caller_gone"
    if talking is not None:
        reason = "answered_elsewhere"
    elif call is not None:
        reason = "withdrawn"
    draft.say(RefuseAnswer(seat=seat.id, call=given.call, reason=reason))


def on_declined(draft: Draft, given: SeatDeclined) -> None:
    seat = _seat(draft, given, given.seat)
    if seat is None:
        return
    if seat.state == "ringing" and seat.call_id == given.call:
        missed(draft, seat, given.reason)
    else:
        draft.ignore(given, given.call, "not_now")


def on_finished(draft: Draft, given: CallFinished) -> None:
    seat = _seat(draft, given, given.seat)
    if seat is None:
        return
    if seat.state == "talking" and seat.call_id == given.call:
        leave(draft, seat)
        release(draft, draft.seats.now[seat.id])
    else:
        draft.ignore(given, given.call, "not_now")


def on_wrap_up_done(draft: Draft, given: WrapUpDone) -> None:
    seat = _seat(draft, given, given.seat)
    if seat is None:
        return
    if seat.state == "wrap_up":
        idle(draft, seat)
    else:
        draft.ignore(given, seat.id, "not_now")


def connect(draft: Draft, seat: Seat, call: Waiting) -> None:
    """The seat takes the call. Who passes it on warm is on the line until they leave."""
    draft.waiting.drop(call.call_id)
    talk(draft, seat, _talking(draft, seat, call))
    draft.say(Connect(seat=seat.id, call=call.call_id, warm_from=call.held_by))


def talk(draft: Draft, seat: Seat, talking: Talking) -> None:
    draft.talking.set(talking.call_id, talking)
    draft.seats.set(
        seat.id,
        replace(seat, state="talking", call_id=talking.call_id, since_ms=draft.now_ms, until_ms=NEVER_MS, misses=0),
    )


def leave(draft: Draft, seat: Seat) -> None:
    """What becomes of the call whose seat goes off the line; the seat itself is the caller's matter."""
    assert seat.call_id is not None
    talking = draft.talking.now[seat.call_id]
    held = draft.waiting.now.get(seat.call_id)
    if talking.leaving == seat.id:
        draft.talking.set(talking.call_id, replace(talking, leaving=None))
    elif talking.leaving is not None:
        # The one who passed it on is still there and has the caller again.
        draft.talking.set(talking.call_id, replace(talking, seat_id=talking.leaving, leaving=None))
    else:
        draft.talking.drop(talking.call_id)
        if held is not None:
            # Left before anybody had taken it: the caller waits on alone, in the place they have.
            enter(draft, replace(held, held_by=None))


def lose(draft: Draft, seat: Seat) -> None:
    """A seat did not come back to its caller, who is first in line again."""
    assert seat.call_id is not None
    talking = draft.talking.now[seat.call_id]
    held = draft.waiting.now.get(seat.call_id)
    leave(draft, seat)
    idle(draft, replace(seat, then="offline"))
    if talking.leaving is not None:
        return
    waiting = draft.waiting.now[talking.call_id] if held is not None else waiting_again(draft, talking)
    if waiting.offered is None:
        enter(draft, waiting, front=True)
    draft.say(Requeued(call=talking.call_id))


def _talking(draft: Draft, seat: Seat, call: Waiting) -> Talking:
    return Talking(
        call_id=call.call_id,
        caller_number=call.caller_number,
        skill=call.skill,
        language=call.language,
        priority=call.priority,
        queued_at_ms=call.queued_at_ms,
        seat_id=seat.id,
        since_ms=draft.now_ms,
        transfers=call.transfers,
        leaving=call.held_by,
        skill_level=call.skill_level,
    )


def _seat(
    draft: Draft,
    given: SeatReady
    | SeatOnBreak
    | SeatSignedOff
    | SeatVanished
    | SeatAnswered
    | SeatDeclined
    | CallFinished
    | WrapUpDone,
    seat_id: str,
) -> Seat | None:
    seat = draft.seats.now.get(seat_id)
    if seat is None:
        draft.ignore(given, seat_id, "unknown_seat")
    return seat
