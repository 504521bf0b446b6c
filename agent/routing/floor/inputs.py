"""What happens to the floor. Every one is written down before it is acted on, so that the floor can be made again."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agent.event_base import Frozen, Language

Name = Annotated[str, Field(min_length=1, max_length=256)]
Priority = Annotated[int, Field(ge=0, le=1000)]
SkillLevel = Annotated[int, Field(ge=0, le=5)]


class SeatSignedIn(Frozen):
    """A person has come, and is on break until they are ready. One that had vanished is where it was."""

    type: Literal["seat-signed-in"] = "seat-signed-in"
    seat: Name


class SeatReady(Frozen):
    """They take calls from now on."""

    type: Literal["seat-ready"] = "seat-ready"
    seat: Name


class SeatOnBreak(Frozen):
    """They take none for a while; one who talks goes on break after the call."""

    type: Literal["seat-on-break"] = "seat-on-break"
    seat: Name


class SeatSignedOff(Frozen):
    """They go home; one who talks after the call."""

    type: Literal["seat-signed-off"] = "seat-signed-off"
    seat: Name


class SeatVanished(Frozen):
    """Its browser is gone. A seat that talks may come back within the grace time and still has its caller."""

    type: Literal["seat-vanished"] = "seat-vanished"
    seat: Name


class CallQueued(Frozen):
    """A caller is to have a person. ``sticky``: who knows them already. ``skill_level``: the least that the person
    should have in the skill; 0: any.
    """

    type: Literal["call-queued"] = "call-queued"
    call: Name
    caller_number: str
    skill: Name
    language: Language = "zh"
    priority: Priority = 0
    skill_level: SkillLevel = 0
    sticky: str | None = None


class CallerGone(Frozen):
    """The caller hung up, or their line is lost."""

    type: Literal["caller-gone"] = "caller-gone"
    call: Name


class SeatAnswered(Frozen):
    """They took the call that rings."""

    type: Literal["seat-answered"] = "seat-answered"
    seat: Name
    call: Name


class SeatDeclined(Frozen):
    """They do not take it. Of a callback: they do not want it placed now. ``reason``: no_answer where it is known
    before its time that a telephone outside will not be answered.
    """

    type: Literal["seat-declined"] = "seat-declined"
    seat: Name
    call: Name
    reason: Literal["declined", "no_answer"] = "declined"


class CallFinished(Frozen):
    """This person is off the line of this call. In a warm transfer the call goes on without them."""

    type: Literal["call-finished"] = "call-finished"
    seat: Name
    call: Name


class WrapUpDone(Frozen):
    """They have written down what there was to write."""

    type: Literal["wrap-up-done"] = "wrap-up-done"
    seat: Name


class CallbackChosen(Frozen):
    """A waiting caller would rather be rung back. ``number``: where; empty for the one they call from."""

    type: Literal["callback-chosen"] = "callback-chosen"
    call: Name
    number: str = ""


class CallbackRequested(Frozen):
    """Somebody who does not wait is to be rung back: as the bot, an alert or a seat promised.

    ``not_before_ms``: the time they asked for. ``due_ms``: by when it was promised; None for the policy's.
    """

    type: Literal["callback-requested"] = "callback-requested"
    call: Name
    number: str
    skill: Name
    language: Language = "zh"
    priority: Priority = 0
    skill_level: SkillLevel = 0
    not_before_ms: int = 0
    due_ms: int | None = None


class Raised(Frozen):
    """What an alert does: the call, or its callback, goes up, or to another skill. Priority never falls.

    ``skill_level``: what the person should have from now on, as in `CallQueued`; None: what was asked before, and any
    in another skill.
    """

    type: Literal["raised"] = "raised"
    call: Name
    priority: Priority
    skill: str | None = None
    skill_level: SkillLevel | None = None


class TransferAsked(Frozen):
    """The person at ``seat`` passes the call on: to a skill or to a seat. ``warm``: they stay until it is taken."""

    type: Literal["transfer-asked"] = "transfer-asked"
    seat: Name
    call: Name
    to_skill: str | None = None
    to_seat: str | None = None
    warm: bool = False


class TransferCancelled(Frozen):
    """They keep the call after all; only while nobody has taken it."""

    type: Literal["transfer-cancelled"] = "transfer-cancelled"
    seat: Name
    call: Name


class CallbackAccepted(Frozen):
    """The person is there for this callback: from now on the customer is rung."""

    type: Literal["callback-accepted"] = "callback-accepted"
    seat: Name
    callback: Name


class CallbackOutcome(Frozen):
    """What came of ringing somebody back. ``call``: the new call where they were reached; None: an id is made."""

    type: Literal["callback-outcome"] = "callback-outcome"
    callback: Name
    outcome: Literal["reached", "no_answer", "busy", "failed"]
    call: str | None = None


class CallbackCancelled(Frozen):
    """They need not be rung back any more: they called again, or somebody spoke with them otherwise."""

    type: Literal["callback-cancelled"] = "callback-cancelled"
    callback: Name


class SkillClosed(Frozen):
    """No new calls for this skill: the hours are over. Who waits already is still served."""

    type: Literal["skill-closed"] = "skill-closed"
    skill: Name
    opens_at_ms: int | None = None


class SkillOpened(Frozen):
    """Calls for this skill are taken again."""

    type: Literal["skill-opened"] = "skill-opened"
    skill: Name


class Tick(Frozen):
    """Time has passed."""

    type: Literal["tick"] = "tick"


Input = Annotated[
    SeatSignedIn
    | SeatReady
    | SeatOnBreak
    | SeatSignedOff
    | SeatVanished
    | CallQueued
    | CallerGone
    | SeatAnswered
    | SeatDeclined
    | CallFinished
    | WrapUpDone
    | CallbackChosen
    | CallbackRequested
    | Raised
    | TransferAsked
    | TransferCancelled
    | CallbackAccepted
    | CallbackOutcome
    | CallbackCancelled
    | SkillClosed
    | SkillOpened
    | Tick,
    Field(discriminator="type"),
]

_INPUT: TypeAdapter[Input] = TypeAdapter(Input)


def parse_input(text: str | bytes) -> Input:
    """An input from its JSON (``input.model_dump_json()``). Raises pydantic's ValidationError."""
    return _INPUT.validate_json(text)
