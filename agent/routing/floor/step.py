"""One step of the floor: what happened and when, and what is to be done about it. Pure, total, and the only way in."""

from typing import assert_never

from agent.routing.floor import on_callbacks, on_calls, on_seats, transfers
from agent.routing.floor.decisions import Decision
from agent.routing.floor.draft import Draft
from agent.routing.floor.inputs import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackChosen,
    CallbackOutcome,
    CallbackRequested,
    CallerGone,
    CallFinished,
    CallQueued,
    Input,
    Raised,
    SeatAnswered,
    SeatDeclined,
    SeatOnBreak,
    SeatReady,
    SeatSignedIn,
    SeatSignedOff,
    SeatVanished,
    SkillClosed,
    SkillOpened,
    Tick,
    TransferAsked,
    TransferCancelled,
    WrapUpDone,
)
from agent.routing.floor.match import match as match_all
from agent.routing.floor.policy import FloorPolicy
from agent.routing.floor.state import Floor, Seat
from agent.routing.floor.ticks import on_tick
from agent.routing.floor.timers import look_for_nobody


def opened(policy: FloorPolicy) -> Floor:
    """The floor before anybody has come."""
    return Floor(seats={seat.id: Seat(id=seat.id, name=seat.name, skills=seat.skills) for seat in policy.seats})


def step(floor: Floor, policy: FloorPolicy, given: Input, now_ms: int) -> tuple[Floor, tuple[Decision, ...]]:
    """The floor afterwards, and what is to be done, in order.

    Never raises: an input that does not fit is answered with `Ignored`. Where nothing changed the floor is the very
    same object, so such an input need not be kept. ``now_ms`` may go back; time stands still then.
    """
    draft = Draft(floor, policy, now_ms)
    match given:
        case Tick():
            on_tick(draft)
            return draft.floor(), tuple(draft.decisions)
        case CallQueued():
            on_calls.on_queued(draft, given)
        case SeatAnswered():
            on_seats.on_answered(draft, given)
        case CallFinished():
            on_seats.on_finished(draft, given)
        case WrapUpDone():
            on_seats.on_wrap_up_done(draft, given)
        case CallerGone():
            on_calls.on_caller_gone(draft, given)
        case SeatReady():
            on_seats.on_ready(draft, given)
        case Raised():
            on_calls.on_raised(draft, given)
        case SeatDeclined():
            on_seats.on_declined(draft, given)
        case SeatSignedIn():
            on_seats.on_signed_in(draft, given)
        case SeatOnBreak() | SeatSignedOff():
            on_seats.on_leaving(draft, given)
        case SeatVanished():
            on_seats.on_vanished(draft, given)
        case CallbackChosen():
            on_callbacks.on_callback_chosen(draft, given)
        case CallbackRequested():
            on_callbacks.on_callback_requested(draft, given)
        case CallbackAccepted():
            on_callbacks.on_callback_accepted(draft, given)
        case CallbackOutcome():
            on_callbacks.on_callback_outcome(draft, given)
        case CallbackCancelled():
            on_callbacks.on_callback_cancelled(draft, given)
        case TransferAsked():
            transfers.on_transfer_asked(draft, given)
        case TransferCancelled():
            transfers.on_transfer_cancelled(draft, given)
        case SkillClosed():
            on_calls.on_skill_closed(draft, given)
        case SkillOpened():
            on_calls.on_skill_opened(draft, given)
        case _:
            assert_never(given)
    if draft.left:
        look_for_nobody(draft)
    match_all(draft)
    return draft.floor(), tuple(draft.decisions)
