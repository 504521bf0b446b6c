"""What storage gives out:
frozen rows, as other rooms and the REST API see them. All times are aware and in UTC.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from agent.errors import HotlineError, StorageError
from agent.events import Destination, Event, Evidence, Intent, Language, RiskLevel, Sentiment, SpamSign, SpamVerdict
from agent.routing.alerts import AlertState, Channel, Clock
from agent.routing.spam import SpamOutcome

CallStatus = Literal["live", "ended", "interrupted"]
TaskState = Literal["open", "done"]
SpamOverrideVerdict = Literal["allow", "deny", "none"]


NoticeState = Literal["pending", "delivered", "failed"]
IncidentState = Literal["open", "closed"]

CALL_ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._\-]{0,127}"
"""A call's id names files (recording, spool), so it must not be able to leave its folder."""


class Row(BaseModel):
    """Base of all rows: immutable, readable from an ORM object."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class CallInfo(Row):
    """What is known about a call when it begins.

    ``channel`` is the ingress (replay, media-stream, webrtc).
    """

    caller_number: str
    called_number: str
    channel: str
    language: Language = "zh"


class CallBegun(Row):
    """A call that begins. ``replace``: an earlier call with this id, a replay, is forgotten whole."""

    call_id: str = Field(pattern=f"^{CALL_ID_PATTERN}$")
    info: CallInfo
    started_at: AwareDatetime
    replace: bool = True


Record = CallBegun | Event
"""What a writer hands to storage: the beginning of a call, or one of its events."""


class CallRow(Row):
    """One call as lists show it: a projection of its events (``agent.storage.projection``)."""

    id: str
    caller_number: str
    called_number: str
    channel: str
    language: Language
    status: CallStatus = "live"
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    duration_ms: int = Field(
        default=0, description="ended calls: as call-ended says; else audio time of the newest event"
    )
    ended_by: str | None = None
    end_reason: str | None = None
    intent: Intent | None = Field(
        default=None, description="what the call is about; small talk never replaces a real wish"
    )
    sentiment: Sentiment | None = Field(default=None, description="the caller's newest sentiment")
    risk: RiskLevel = "none"
    risk_score: float = 0.0
    destination: Destination = "bot"
    priority: int = 0
    turns: int = Field(default=0, description="turns in which the caller said something")
    errors: int = 0
    last_seq: int = -1
    recording: str | None = Field(default=None, description="file of the recording, relative to the data folder")


class EscalationRow(Row):
    """Who was told, and when, that an alert is overdue. ``since``: when the clock that ran out was started; ``number``:
    place in the chain of people, from 1.
    """

    clock: Clock
    number: int
    since: AwareDatetime
    to: str
    channels: tuple[str, ...] = ()
    due: AwareDatetime
    at: AwareDatetime


class AlertRow(Row):
    """An alert and what became of it. ``id`` is unique across calls. Where it got worse, ``turn`` to ``recommended``
    are those of the last escalation, and it is to be acknowledged anew.
    """

    id: str
    call_id: str
    turn: int
    level: RiskLevel
    causes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    recommended: str
    raised_at: AwareDatetime
    state: AlertState = "raised"
    escalated_at: AwareDatetime | None = None
    withdrawn_at: AwareDatetime | None = None
    withdrawn_words: str | None = Field(default=None, description="how the caller took it back")
    acknowledged_by: str | None = None
    acknowledged_at: AwareDatetime | None = None
    started_by: str | None = Field(default=None, description="who works on it")
    started_at: AwareDatetime | None = None
    resolved_by: str | None = None
    resolved_at: AwareDatetime | None = None
    outcome: str | None = None
    escalations: tuple[EscalationRow, ...] = ()


class IncidentRow(Row):
    """Many alerts on one subject (``cause:safety``, ``product:热水器``) of one company, as one thing."""

    id: str
    company: str
    subject: str
    alerts: tuple[str, ...]
    raised_at: AwareDatetime
    last_alert_at: AwareDatetime
    closed_at: AwareDatetime | None = None


class NoticeRow(Row):
    """A message to a program or to people that is to be delivered once. ``id`` is the same in every try, so that a
    receiver can tell a repetition. ``subject``: what it is about; notices of one subject reach a target in order.
    ``next_at``: when it is tried next, by whoever comes first.
    """

    id: str
    dedupe_key: str
    channel: Channel
    target: str
    subject: str
    payload: dict[str, Any]
    state: NoticeState = "pending"
    attempts: int = 0
    next_at: AwareDatetime
    last_error: str | None = None
    created_at: AwareDatetime
    delivered_at: AwareDatetime | None = None


class TaskRow(Row):
    """Something a person must do:
    call back at once, or a follow-up from the summary. ``due`` is None where none was given.
    """

    id: str
    call_id: str
    kind: Literal["callback", "follow-up"]
    task: str
    owner: str
    due: AwareDatetime | None
    state: TaskState = "open"
    done_by: str | None = None
    done_at: AwareDatetime | None = None


class CorrectionRow(Row):
    """What a person says that an utterance meant; None where nothing was said about it. ``context``: what the caller
    had said before, oldest first. A later correction of the same utterance changes only what it speaks of.
    """

    call_id: str
    turn: int
    text: str
    language: Language
    context: tuple[str, ...]
    intent: Intent | None = None
    sentiment: Sentiment | None = None
    signals: tuple[str, ...] | None = None
    by: str
    at: AwareDatetime


class SpamCallRow(Row):
    """A call that the spam filter judged, as the verdict stands, and who rang. ``challenged``, ``refused``: whether it
    ever was. ``opening``: its caller's first words.
    """

    call_id: str
    caller_number: str
    started_at: AwareDatetime
    verdict: SpamVerdict
    score: float
    signs: tuple[SpamSign, ...]
    judged_at: AwareDatetime
    challenged: bool
    refused: bool
    opening: str = ""
    live: bool = Field(default=False, description="the call is still going on")


class SpamOverrideRow(Row):
    """What an operator decided about a number, on account of which call, if of one. ``none``: it is judged as any other
    again. ``number``: with country code where it is one. ``until``: it holds for good where that is None.
    """

    number: str
    verdict: SpamOverrideVerdict
    by: str
    at: AwareDatetime
    why: str
    call_id: str | None = None
    until: AwareDatetime | None = None


class SpamCounts(Row):
    """Live calls that began in a time, each under one of the four: ``agent.routing.spam.SpamOutcome`` says which.
    ``reasons``: how many calls of each had which sign; a call may have several.
    """

    calls: int = 0
    passed: int = 0
    challenged: int = 0
    refused: int = 0
    let_in: int = 0
    reasons: dict[SpamOutcome, dict[str, int]] = {}


class SpamHistoryRow(Row):
    """An earlier call of a number. ``turns``: in which its caller said something."""

    started_at: AwareDatetime
    duration_ms: int
    turns: int


def _a_name(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise ValueError("must name somebody")
    return stripped


PersonName = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_a_name)]


class NotFoundError(HotlineError):
    """There is no such call, alert or task."""

    def __init__(self, message: str) -> None:
        super().__init__("not_found", message)


class ConflictError(HotlineError):
    """The thing is no longer in a state where this can be done."""

    def __init__(self, message: str) -> None:
        super().__init__("conflict", message)


class UnknownCallError(StorageError):
    """Events of a call that was never begun here (or whose database was replaced)."""

    def __init__(self, call_id: str) -> None:
        super().__init__(
            f"call {call_id!r} is not in the database: begin_call must come before its events",
            retryable=False,
        )


def require_aware(moment: datetime, name: str) -> datetime:
    """Storage compares times of several machines, so a time without a zone is a mistake."""
    if moment.tzinfo is None:
        raise ValueError(f"{name} must have a time zone, got {moment.isoformat()}")
    return moment
