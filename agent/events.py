"""The vocabulary of the house: everything that happens in a call is one of these events.

An event is immutable, carries the call's id, a sequence number without gaps, the audio time in milliseconds and one
typed body. Its JSON form is versioned and the same everywhere: storage, sockets, ``hotline replay --json``. Fields
marked as measured (how long a model took) differ from run to run; ``Event.to_json(timings=False)`` leaves them out, and
what remains is the same on every replay.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agent.event_base import Destination, Frozen, Language, MeasuredMs, measured_fields
from agent.hotline_events import (
    CallbackPlaced,
    CallerRegion,
    HearingChanged,
    KeptWithSpecialist,
    LegJoined,
    LegLeft,
    LegRole,
    MenuChosen,
    MenuEntered,
    QueueAnnounced,
    Queued,
    QueueLeft,
    RuleMatched,
    SeatConnected,
    SeatDisconnected,
    SeatMissed,
    SeatOffered,
    SeatSaid,
    SeatTransferred,
    SpamJudged,
    SpamSign,
    SpamVerdict,
    SurveyAnswered,
    SurveyAsked,
)

__all__ = [
    "SCHEMA_VERSION",
    "Alert",
    "AlertEscalated",
    "AlertRaised",
    "AlertWithdrawn",
    "AsrFinal",
    "BargeIn",
    "Body",
    "CallEnded",
    "CallStarted",
    "CallbackPlaced",
    "CallerHistory",
    "CallerKnown",
    "CallerRegion",
    "Destination",
    "Dtmf",
    "ErrorRaised",
    "Event",
    "Evidence",
    "Fact",
    "FollowUp",
    "Frozen",
    "HearingChanged",
    "Intent",
    "KeptWithSpecialist",
    "KnowledgeFound",
    "Language",
    "LegJoined",
    "LegLeft",
    "LegRole",
    "LlmReply",
    "MeasuredMs",
    "MenuChosen",
    "MenuEntered",
    "NluResult",
    "PersonWanted",
    "QueueAnnounced",
    "QueueLeft",
    "Queued",
    "RiskAssessed",
    "RiskLevel",
    "RouteChanged",
    "RuleMatched",
    "Scalar",
    "SeatConnected",
    "SeatDisconnected",
    "SeatMissed",
    "SeatOffered",
    "SeatSaid",
    "SeatTransferred",
    "Sentiment",
    "SentimentPoint",
    "SpamJudged",
    "SpamSign",
    "SpamVerdict",
    "Stage",
    "Summary",
    "SummaryReady",
    "SurveyAnswered",
    "SurveyAsked",
    "ToolCalled",
    "ToolReturned",
    "Transfer",
    "TtsEnded",
    "TtsStarted",
    "VadSpeechEnded",
    "VadSpeechStarted",
    "Waterfall",
    "measured_fields",
    "parse_event",
]

SCHEMA_VERSION: Literal[1] = 1

RiskLevel = Literal["none", "low", "medium", "high"]
Intent = Literal[
    "order_status", "logistics", "refund_return", "repair", "installation", "billing_invoice", "product_inquiry",
    "account_service", "cancel_service", "complaint", "human_agent", "praise", "greeting", "goodbye", "chitchat",
    "other",
]  # fmt: skip
Sentiment = Literal["angry", "negative", "neutral", "positive"]
Stage = Literal[
    "ingress", "line", "vad", "turn", "asr", "nlu", "risk", "knowledge", "reply", "tts", "routing", "bridge", "seats",
    "storage", "postcall",
]  # fmt: skip

Scalar = str | int | float | bool | None
"""What a field of a back end's answer may be."""


class CallStarted(Frozen):
    """The call was answered. ``channel`` is the ingress (replay, media-stream, webrtc)."""

    type: Literal["call-started"] = "call-started"
    caller_number: str
    called_number: str
    channel: str
    language: Language


class VadSpeechStarted(Frozen):
    """The caller began to make speech-like sound. ``start_ms``: where it began, before it was confirmed."""

    type: Literal["vad-speech-started"] = "vad-speech-started"
    start_ms: int


class VadSpeechEnded(Frozen):
    """The caller fell silent (perhaps only for breath). ``end_ms``: the end of the last voiced frame."""

    type: Literal["vad-speech-ended"] = "vad-speech-ended"
    start_ms: int
    end_ms: int


class AsrFinal(Frozen):
    """What the caller said in one turn. ``start_ms``/``end_ms``: where the speech stands in the call's audio."""

    type: Literal["asr-final"] = "asr-final"
    turn: int
    text: str
    language: Language
    start_ms: int
    end_ms: int
    average_log_probability: float
    no_speech_probability: float
    endpoint_ms: int = Field(
        description="silence after the last voiced sample until the turn was taken as ended, audio time"
    )
    took_ms: MeasuredMs = None
    smart_turn_ms: MeasuredMs = None


class NluResult(Frozen):
    """What the caller wants, how they feel and what is at stake. ``intents`` and ``sentiments`` are the likeliest few;
    ``signals``: how probably each is in what was said, the improbable left out; None where nobody listened for them.
    """

    type: Literal["nlu-result"] = "nlu-result"
    turn: int
    intent: Intent
    intent_probability: float
    sentiment: Sentiment
    sentiment_probability: float
    intents: dict[str, float] = {}  # noqa: RUF012 — pydantic copies it
    sentiments: dict[str, float] = {}  # noqa: RUF012 — pydantic copies it
    signals: dict[str, float] | None = None
    took_ms: MeasuredMs = None


class Evidence(Frozen):
    """One reason for a risk: the signal, the caller's own words, the turn they stand in, what it weighs (0..1) and when
    it came, on the call's audio clock. At turn 0, before anything is said, the words tell what was known beforehand.
    """

    signal: str
    words: str
    turn: int
    weight: float
    at_ms: int = 0


class CallerHistory(Frozen):
    """This number has called before: so often in so many days up to this call."""

    type: Literal["caller-history"] = "caller-history"
    earlier_calls: int = Field(ge=1)
    days: int


class CallerKnown(Frozen):
    """The company's back end knows the number that calls: what a person at a desk would see pop up."""

    type: Literal["caller-known"] = "caller-known"
    fields: dict[str, str | int | float | bool]
    took_ms: MeasuredMs = None


class ToolCalled(Frozen):
    """The company's back end was asked for something, or to change something (then ``key`` makes it happen once)."""

    type: Literal["tool-called"] = "tool-called"
    turn: int
    tool: str
    arguments: dict[str, str | int | float | bool]
    key: str | None = None


class ToolReturned(Frozen):
    """What came of it. ``reason``: why it was rejected, as the back end names it; never spoken."""

    type: Literal["tool-returned"] = "tool-returned"
    turn: int
    tool: str
    code: Literal["ok", "not_found", "rejected", "down", "bad_result"]
    value: dict[str, Scalar | list[dict[str, Scalar]]] = {}  # noqa: RUF012 — pydantic copies it
    reason: str = ""
    attempts: int = 1
    took_ms: MeasuredMs = None


class KnowledgeFound(Frozen):
    """What the company's knowledge says to a turn: the entry, and how surely it answers it (0..1)."""

    type: Literal["knowledge-found"] = "knowledge-found"
    turn: int
    entry: str
    confidence: float
    approved: bool = Field(description="an approved answer, to be spoken word for word")
    took_ms: MeasuredMs = None


class RiskAssessed(Frozen):
    """The complaint risk of the whole call so far, 0..1, and everything that speaks for it. ``turn`` is 0 before the
    caller has said anything.
    """

    type: Literal["risk-assessed"] = "risk-assessed"
    turn: int
    level: RiskLevel
    score: float
    evidence: tuple[Evidence, ...] = ()


class LlmReply(Frozen):
    """What the bot answers, whole. ``source``: written by the LLM, or a fixed phrase (then ``phrase`` names it).
    ``opener``: the first words of ``text`` where they were chosen at once and the LLM went on from them.
    """

    type: Literal["llm-reply"] = "llm-reply"
    turn: int
    text: str
    language: Language
    source: Literal["llm", "phrase"]
    phrase: str | None = None
    opener: str | None = None
    first_token_ms: MeasuredMs = None
    took_ms: MeasuredMs = None


class Waterfall(Frozen):
    """When each step towards an answer was done, in ms since the caller's last voiced sample. Measured; they only grow
    from one to the next. ``llm_ms`` is the language model's first token, None where a fixed sentence opens the answer.

    In virtual time, where the clock stands still while a model computes, what it took is counted in.
    """

    asr_ms: int = Field(description="the transcript that was used stood")
    endpoint_ms: int = Field(description="the turn was taken as ended")
    nlu_ms: int = Field(description="it was understood")
    llm_ms: int | None = Field(default=None, description="the language model's first token came")
    tts_ms: int = Field(description="the first clip of speech was made, or found ready")
    wire_ms: int = Field(description="its first sample went out to the caller")

    def steps(self) -> dict[str, int]:
        """What each step took by itself, in ms; they add up to ``wire_ms``."""
        steps, before = {}, 0
        for name, at_ms in (
            ("asr", self.asr_ms),
            ("endpoint", self.endpoint_ms),
            ("nlu", self.nlu_ms),
            ("llm", self.llm_ms),
            ("tts", self.tts_ms),
            ("wire", self.wire_ms),
        ):
            at_ms = before if at_ms is None else max(before, at_ms)
            steps[name], before = at_ms - before, at_ms
        return steps


class TtsStarted(Frozen):
    """The first sample of the bot's answer went out to the caller. ``waterfall``: of an answer to something said."""

    type: Literal["tts-started"] = "tts-started"
    turn: int
    synthesis_ms: MeasuredMs = None
    waterfall: Annotated[Waterfall | None, Field(json_schema_extra={"measured": True})] = None


class TtsEnded(Frozen):
    """The bot fell silent. ``heard``: what the caller really heard of the answer; ``complete``: all of it.
    ``longest_gap_ms``: the longest silence inside it, because its next words were not ready.
    """

    type: Literal["tts-ended"] = "tts-ended"
    turn: int
    heard: str
    complete: bool
    longest_gap_ms: MeasuredMs = None


class BargeIn(Frozen):
    """The caller spoke over the bot, which fell silent at once."""

    type: Literal["barge-in"] = "barge-in"
    turn: int
    speech_start_ms: int


class Dtmf(Frozen):
    """A key that the caller pressed: 0-9, *, # (A-D exist too)."""

    type: Literal["dtmf"] = "dtmf"
    digit: str


class Alert(Frozen):
    """What supervisors are told of a risk: its causes, gravest first, and what to do next."""

    alert_id: str
    turn: int
    level: RiskLevel
    causes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    recommended: str


class AlertRaised(Alert):
    """A high-risk complaint, while the call is going on. Names its evidence and what to do next."""

    type: Literal["alert-raised"] = "alert-raised"


class AlertEscalated(Alert):
    """The alert of this call got worse: a graver cause has come. Names all causes, and what to do about the new one."""

    type: Literal["alert-escalated"] = "alert-escalated"


class AlertWithdrawn(Frozen):
    """The alert was a mistake: the caller took back what it was raised for, in these ``words``."""

    type: Literal["alert-withdrawn"] = "alert-withdrawn"
    alert_id: str
    turn: int
    words: str


class PersonWanted(Frozen):
    """The dialogue has come to where a person is needed: the caller asked for one (``asked``), or it can do no more.
    ``callback``: one who rings back, though the line would reach somebody now.
    """

    type: Literal["person-wanted"] = "person-wanted"
    turn: int
    reason: str
    callback: bool = False


class RouteChanged(Frozen):
    """Where this very call goes from now on. ``callback_due_minutes`` is set where no human is reachable."""

    type: Literal["route-changed"] = "route-changed"
    previous: Destination
    destination: Destination
    priority: int
    reason: str
    alert_id: str | None = None
    callback_due_minutes: int | None = None


class Transfer(Frozen):
    """The leg was asked to take the caller elsewhere; ``accepted``: whether it could."""

    type: Literal["transfer"] = "transfer"
    destination: str
    accepted: bool
    reason: str


class ErrorRaised(Frozen):
    """Something failed. ``spoken``: the name of the phrase that the caller heard about it, if any."""

    type: Literal["error"] = "error"
    stage: Stage
    code: str
    message: str
    retryable: bool = False
    spoken: str | None = None


class CallEnded(Frozen):
    """The call is over; nothing but its summary comes after."""

    type: Literal["call-ended"] = "call-ended"
    ended_by: Literal["caller", "bot", "transfer", "error", "operator"]
    reason: str
    duration_ms: int


class Fact(Frozen):
    """Something said that matters later, in written form, with the turn of the caller or the bot that said it, or the
    seat.
    """

    kind: str = Field(description="order_number, phone, amount, date, time, product, name, address, email …")
    value: str
    turn: int
    quote: str = Field(description="the words of that turn it was taken from")
    seat: str | None = Field(default=None, description="who said it after that turn, where it was a person of ours")


class FollowUp(Frozen):
    """What must be done after the call, by whom and until when (ISO 8601, computed from the call's own start)."""

    task: str
    owner: Literal["complaint_specialist", "after_sales", "logistics", "finance", "customer_service"]
    due: str


class SentimentPoint(Frozen):
    turn: int
    sentiment: Sentiment


class Summary(Frozen):
    """The call in ten seconds of reading. Every fact stands in an utterance."""

    language: Language
    intent: Intent
    wanted: str
    agreed: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    follow_up: FollowUp | None = None
    sentiment_course: tuple[SentimentPoint, ...] = ()
    risk: RiskLevel
    risk_reasons: tuple[str, ...] = ()
    method: Literal["llm", "extractive"]
    method_note: str | None = Field(default=None, description="why the summary is extractive, where it is")
    solved: bool | None = Field(default=None, description="whether the caller left with what they rang for")
    satisfaction: Literal[1, 2, 3, 4, 5] | None = Field(default=None, description="what they said of it in the survey")


class SummaryReady(Frozen):
    """Written after the call."""

    type: Literal["summary-ready"] = "summary-ready"
    summary: Summary
    took_ms: MeasuredMs = None


Body = Annotated[
    CallStarted | CallerHistory | CallerKnown | VadSpeechStarted | VadSpeechEnded | AsrFinal | NluResult |
    KnowledgeFound | ToolCalled | ToolReturned | RiskAssessed | LlmReply | TtsStarted | TtsEnded | BargeIn | Dtmf |
    AlertRaised | AlertEscalated | AlertWithdrawn | PersonWanted | RouteChanged | Transfer | CallerRegion |
    SpamJudged | RuleMatched | MenuEntered | MenuChosen | Queued | QueueAnnounced | QueueLeft | SeatOffered |
    SeatMissed | SeatConnected | SeatSaid | SeatTransferred | SeatDisconnected | LegJoined | LegLeft |
    HearingChanged | SurveyAsked | SurveyAnswered | CallbackPlaced | KeptWithSpecialist | ErrorRaised | CallEnded |
    SummaryReady,
    Field(discriminator="type"),
]  # fmt: skip


class Event(Frozen):
    """One thing that happened. ``seq`` counts from 0 without gaps; ``audio_ms`` is the call's audio clock."""

    version: Literal[1] = SCHEMA_VERSION
    call_id: str
    seq: int = Field(ge=0)
    audio_ms: int = Field(ge=0)
    body: Body

    def to_json(self, *, timings: bool = True) -> str:
        """One line of JSON. Without ``timings`` measured fields are left out: the rest is the same on every replay."""
        if timings:
            return self.model_dump_json()
        return self.model_dump_json(exclude={"body": measured_fields(self.body)})


_EVENT = TypeAdapter(Event)


def parse_event(line: str | bytes) -> Event:
    """An event from its JSON form. Raises pydantic.ValidationError with the field that is wrong."""
    return _EVENT.validate_json(line)
