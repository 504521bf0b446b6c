"""What a seat's page asks of the hotline. The grammar of the whole talk stands in `agent.seats.messages`."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from agent.seats.words import Id, LongText, Message, Mode, Outcome, ShortText, Supervision


class SignIn(Message):
    """Who sits here. ``token``: made by ``hotline seat token LOGIN``; empty where a demo on this machine allows it."""

    type: Literal["sign-in"] = "sign-in"
    login: Id
    token: ShortText = ""


class SignOut(Message):
    """The person leaves; the socket may be closed after this."""

    type: Literal["sign-out"] = "sign-out"


class Ready(Message):
    """Calls may come."""

    type: Literal["ready"] = "ready"


class OnBreak(Message):
    """No calls for now; in the middle of a call: after it."""

    type: Literal["on-break"] = "on-break"


class AnswerCall(Message):
    """Takes the call that rings."""

    type: Literal["answer"] = "answer"
    call_id: Id


class DeclineCall(Message):
    """Does not take it; it goes to somebody else."""

    type: Literal["decline"] = "decline"
    call_id: Id


class Hold(Message):
    """The caller hears music, and is not heard."""

    type: Literal["hold"] = "hold"


class Resume(Message):
    """The caller is back from hold."""

    type: Literal["resume"] = "resume"


class TransferCall(Message):
    """Passes the call on. ``target``: ``queue:SKILL``, ``seat:ID`` or ``number:DIGITS``. Cold: at once. Warm: the
    colleague is rung and spoken to first, the caller is on hold meanwhile. ``note``: what the colleague is shown.
    """

    type: Literal["transfer"] = "transfer"
    target: str = Field(pattern=r"^(queue:[A-Za-z0-9_.-]{1,64}|seat:[A-Za-z0-9_.-]{1,64}|number:\+?[0-9]{3,18})$")
    mode: Mode
    note: ShortText = ""


class CompleteTransfer(Message):
    """Warm: the colleague has the call from now on."""

    type: Literal["complete-transfer"] = "complete-transfer"


class CancelTransfer(Message):
    """Warm: the colleague is let go, and the caller is back."""

    type: Literal["cancel-transfer"] = "cancel-transfer"


class HangUp(Message):
    """Ends the call. ``survey``: the caller is asked first how it was."""

    type: Literal["hang-up"] = "hang-up"
    survey: bool = False


class FollowUpTask(Message):
    """Something to be done after the call. ``owner``: as in `agent.events.FollowUp`."""

    task: str = Field(min_length=1, max_length=500)
    owner: Literal["complaint_specialist", "after_sales", "logistics", "finance", "customer_service"]
    due: AwareDatetime | None = None


class WrapUpDone(Message):
    """The summary as the person corrected it, what came of the call, and what is left to do."""

    type: Literal["wrap-up-done"] = "wrap-up-done"
    call_id: Id
    summary: LongText
    outcome: Outcome
    follow_up: FollowUpTask | None = None


class CallBack(Message):
    """Rings the number of a callback that is due."""

    type: Literal["call-back"] = "call-back"
    callback_id: Id


class Supervise(Message):
    """Joins a live call. listen: unheard; whisper: heard by the seat alone; barge: by all. Again to change the mode."""

    type: Literal["supervise"] = "supervise"
    call_id: Id
    mode: Supervision


class StopSupervising(Message):
    """Leaves that call."""

    type: Literal["stop-supervising"] = "stop-supervising"


class LetIn(Message):
    """A supervisor lets in a call that the spam filter is asking or refusing."""

    type: Literal["let-in"] = "let-in"
    call_id: Id


FromPage = Annotated[
    SignIn | SignOut | Ready | OnBreak | AnswerCall | DeclineCall | Hold | Resume | TransferCall | CompleteTransfer |
    CancelTransfer | HangUp | WrapUpDone | CallBack | Supervise | StopSupervising | LetIn,
    Field(discriminator="type"),
]  # fmt: skip
