"""What a seat's page is told. The grammar of the whole talk stands in `agent.seats.messages`."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from agent.events import Intent, RiskLevel, Sentiment
from agent.seats.from_page import FollowUpTask
from agent.seats.screen_pop import AlertShown, Mood, Said, ScreenPop
from agent.seats.words import Message, Mode, Outcome, SeatState, Supervision


class Named(Message):
    """A skill: its id and what people call it."""

    id: str
    name: str


class Colleague(Message):
    """Somebody to whom a call can be passed on."""

    seat: str
    name: str
    state: SeatState
    skills: tuple[str, ...] = ()


class SignedIn(Message):
    """Welcome. Set by the socket, not by the desk: ``line_key``, what the page's offer of a line must carry, and
    ``now``, so that its timers run by our clock.
    """

    type: Literal["signed-in"] = "signed-in"
    seat: str
    name: str
    skills: tuple[Named, ...] = ()
    queues: tuple[Named, ...] = Field(default=(), description="all queues, to transfer to")
    supervisor: bool = False
    line_key: str = ""
    now: AwareDatetime | None = None


class State(Message):
    """The seat's state, and since when. ``until``: when it ends by itself (wrap-up, ringing)."""

    type: Literal["state"] = "state"
    state: SeatState
    since: AwareDatetime
    until: AwareDatetime | None = None
    break_after: bool = Field(default=False, description="a break was asked for and begins after the call")


class Ringing(Message):
    """A call is offered. ``briefing``: what is whispered when it is answered, to read meanwhile."""

    type: Literal["ringing"] = "ringing"
    call_id: str
    pop: ScreenPop
    briefing: str = ""
    kind: Literal["call", "transfer", "consult", "callback"] = "call"
    until: AwareDatetime | None = None


class Withdrawn(Message):
    """It rings no more: the caller left, somebody else answered, it rang too long, it was declined."""

    type: Literal["withdrawn"] = "withdrawn"
    call_id: str
    reason: Literal["no_answer", "declined", "caller_gone", "answered_elsewhere", "withdrawn"]


class Connected(Message):
    """The person is on the line. Also told to a page that comes into a call that is going on."""

    type: Literal["connected"] = "connected"
    call_id: str
    since: AwareDatetime
    pop: ScreenPop
    held: bool = False


class Held(Message):
    """The caller is on hold, or back."""

    type: Literal["held"] = "held"
    call_id: str
    held: bool
    since: AwareDatetime


class Transferring(Message):
    """How a transfer stands. ``name``: of the colleague or queue. ``why``: where it failed, in words."""

    type: Literal["transferring"] = "transferring"
    call_id: str
    target: str
    name: str
    mode: Mode
    state: Literal["ringing", "talking", "done", "failed", "cancelled"]
    why: str = ""


class SaidNow(Said):
    """A line of the transcript, as it is spoken."""

    type: Literal["said"] = "said"
    call_id: str


class MoodNow(Mood):
    """The mood or the risk changed."""

    type: Literal["mood"] = "mood"
    call_id: str


class AlertNow(AlertShown):
    """An alert was raised, got worse, or was taken back."""

    type: Literal["alert"] = "alert"
    call_id: str


class Suggested(Message):
    """What to do next. Empty: nothing."""

    type: Literal["suggested"] = "suggested"
    call_id: str
    text: str


class QueueStatus(Message):
    """One queue. ``longest_wait_s``: of who waits now."""

    skill: str
    name: str
    waiting: int = Field(ge=0)
    longest_wait_s: int = Field(default=0, ge=0)
    ready: int = Field(default=0, ge=0, description="seats that could answer now")


class MyDay(Message):
    """What this seat did today."""

    answered: int = 0
    missed: int = 0
    average_talk_s: int = 0
    average_wrap_up_s: int = 0


class CallbackDue(Message):
    """Somebody waits to be rung."""

    callback_id: str
    number: str
    name: str = ""
    reason: str = ""
    due: AwareDatetime | None = None


class Queues(Message):
    """How the floor stands."""

    type: Literal["queues"] = "queues"
    queues: tuple[QueueStatus, ...]
    mine: MyDay = MyDay()
    callbacks: tuple[CallbackDue, ...] = ()
    colleagues: tuple[Colleague, ...] = ()


class Ended(Message):
    """The call is over for this seat."""

    type: Literal["ended"] = "ended"
    call_id: str
    reason: Literal["hung_up", "caller_gone", "transferred", "vanished", "failed"]


class WrapUp(Message):
    """The form after a call, filled in as far as it is known. May come again when the summary is ready."""

    type: Literal["wrap-up"] = "wrap-up"
    call_id: str
    summary: str
    outcome: Outcome | None = None
    follow_up: FollowUpTask | None = None
    until: AwareDatetime | None = None


class SpamShown(Message):
    """The spam filter has its doubts about this call. ``refuse``: it hears so now, and is cut off in some seconds."""

    verdict: Literal["challenge", "refuse"]
    reasons: tuple[str, ...] = ()


class LiveCall(Message):
    """One call that is going on, for supervisors. ``where``: ``bot``, ``menu``, ``queue:SKILL`` or ``seat:ID``."""

    call_id: str
    number: str
    name: str = ""
    since: AwareDatetime
    where: str
    seat_name: str = ""
    intent: Intent | None = None
    sentiment: Sentiment | None = None
    risk: RiskLevel = "none"
    alert: str = Field(default="", description="cause of the open alert, as a name of a risk signal")
    spam: SpamShown | None = Field(default=None, description="asked or refused by the filter: may be let in")


class LiveCalls(Message):
    """All of them, those at risk first."""

    type: Literal["live-calls"] = "live-calls"
    calls: tuple[LiveCall, ...]


class Supervising(Message):
    """In which call this supervisor is, and how; both None: in none. ``pop``: where a call was joined."""

    type: Literal["supervising"] = "supervising"
    call_id: str | None = None
    mode: Supervision | None = None
    pop: ScreenPop | None = None


class TakenOver(Message):
    """Another browser signed in as this seat; this one is out."""

    type: Literal["taken-over"] = "taken-over"


class Problem(Message):
    """Something was not possible: what was wrong, and what would be right. ``about``: the message it answers."""

    type: Literal["problem"] = "problem"
    code: str
    message: str
    about: str = ""


ToPage = Annotated[
    SignedIn | State | Ringing | Withdrawn | Connected | Held | Transferring | SaidNow | MoodNow | AlertNow |
    Suggested | Queues | Ended | WrapUp | LiveCalls | Supervising | TakenOver | Problem,
    Field(discriminator="type"),
]  # fmt: skip
