"""What is to be done. The switchboard does it; nothing here is done by being decided."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agent.event_base import Frozen

MissedReason = Literal["no_answer", "declined", "vanished"]
WithdrawReason = Literal["caller_gone", "callback", "alert", "cancelled", "seat_gone", "declined", "no_answer"]
RefusedReason = Literal["answered_elsewhere", "withdrawn", "caller_gone"]
GiveUpReason = Literal["closed", "queue_full", "nobody_there", "too_long", "transfers", "line_lost"]


class Offer(Frozen):
    """Ring this seat for this call."""

    type: Literal["offer"] = "offer"
    seat: str
    call: str


class Withdraw(Frozen):
    """Stop ringing this seat. Where ``call`` is a callback's id: stop ringing the customer."""

    type: Literal["withdraw"] = "withdraw"
    seat: str
    call: str
    reason: WithdrawReason


class Connect(Frozen):
    """Put this seat on the line. ``warm_from``: the seat that is on it still and passes it on."""

    type: Literal["connect"] = "connect"
    seat: str
    call: str
    warm_from: str | None = None


class RefuseAnswer(Frozen):
    """Tell this seat that it cannot have the call: somebody was faster, or it rings there no more."""

    type: Literal["refuse-answer"] = "refuse-answer"
    seat: str
    call: str
    reason: RefusedReason


class Announce(Frozen):
    """Tell the caller how it stands. ``expected_wait_s``: None where nobody is there to say it by."""

    type: Literal["announce"] = "announce"
    call: str
    position: int = Field(ge=1)
    expected_wait_s: int | None = Field(ge=0)
    offer_callback: bool


class PlaceCallback(Frozen):
    """Ring the customer, and put this seat on the line when they are reached."""

    type: Literal["place-callback"] = "place-callback"
    callback: str
    seat: str
    number: str
    attempt: int = Field(ge=1)


class Overflow(Frozen):
    """People with another skill may take this call, or callback, from now on."""

    type: Literal["overflow"] = "overflow"
    call: str
    from_skill: str
    to_skill: str


class Moved(Frozen):
    """An alert gave this call, or callback, a higher priority or another skill."""

    type: Literal["moved"] = "moved"
    call: str
    skill: str
    priority: int


class GiveUp(Frozen):
    """The caller waits no more, as nobody will come: say so. ``callback``: what was noted instead; None where there is
    no number to ring.
    """

    type: Literal["give-up"] = "give-up"
    call: str
    reason: GiveUpReason
    callback: str | None


class SeatMissed(Frozen):
    """The seat did not take it. ``on_break``: once too often, so it gets no more until it says that it is ready."""

    type: Literal["seat-missed"] = "seat-missed"
    seat: str
    call: str
    reason: MissedReason
    on_break: bool = False


class Requeued(Frozen):
    """The person is gone, so the caller is first in line again: tell them, and let nobody hear silence."""

    type: Literal["requeued"] = "requeued"
    call: str


class CallbackNoted(Frozen):
    """This number will be rung back, in the place that the call had."""

    type: Literal["callback-noted"] = "callback-noted"
    callback: str
    call: str
    number: str
    skill: str
    due_ms: int


class CallbackRefused(Frozen):
    """It cannot be rung back: there is no number, or it is none. A caller who waits goes on waiting."""

    type: Literal["callback-refused"] = "callback-refused"
    call: str
    number: str


class CallbackFailed(Frozen):
    """Rung as often as is right, and not reached: a person must see to it."""

    type: Literal["callback-failed"] = "callback-failed"
    callback: str
    call: str
    attempts: int


class TransferRefused(Frozen):
    """The call stays with this seat. ``nobody_there``: of those that were asked for. ``no_number``: passed on too
    often, nobody is free, and it cannot be rung back.
    """

    type: Literal["transfer-refused"] = "transfer-refused"
    seat: str
    call: str
    reason: Literal["unknown_target", "nobody_there", "no_number"]


class Ignored(Frozen):
    """The input does not fit the floor, and changed nothing: for the log. ``why``: what did not fit."""

    type: Literal["ignored"] = "ignored"
    input: str
    subject: str
    why: Literal["unknown_seat", "unknown_call", "unknown_callback", "unknown_skill", "not_now", "known_already"]


Decision = Annotated[
    Offer
    | Withdraw
    | Connect
    | RefuseAnswer
    | Announce
    | PlaceCallback
    | Overflow
    | Moved
    | GiveUp
    | SeatMissed
    | Requeued
    | CallbackNoted
    | CallbackRefused
    | CallbackFailed
    | TransferRefused
    | Ignored,
    Field(discriminator="type"),
]

_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)


def parse_decision(text: str | bytes) -> Decision:
    """A decision from its JSON. Raises pydantic's ValidationError."""
    return _DECISION.validate_json(text)
