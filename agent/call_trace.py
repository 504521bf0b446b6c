"""A finished call as a tree of spans. Pure, and free of any tracing library: ``agent.tracing`` sends it off.

Spans leave the house, so nothing that was said is in them, nor who called: only when, how long, and what it was taken
for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    BargeIn,
    CallEnded,
    CallStarted,
    ErrorRaised,
    Event,
    NluResult,
    RiskAssessed,
    RouteChanged,
    SummaryReady,
    Transfer,
    TtsEnded,
    TtsStarted,
)
from agent.latency import steps_of

Attributes = Mapping[str, str | int | float | bool]


@dataclass(frozen=True)
class Moment:
    """Something that happened within a span. ``at_ms``: audio time of the call."""

    name: str
    at_ms: int
    attributes: Attributes


@dataclass(frozen=True)
class Span:
    """Something that took time. Names are few; what differs from call to call stands in the attributes. Audio time."""

    name: str
    start_ms: int
    end_ms: int
    attributes: Attributes = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()
    children: tuple["Span", ...] = ()
    failed: bool = False


def call_span(events: Sequence[Event]) -> Span:
    """The whole call: a child for each turn, and for what the bot said before there was one. The events must begin with
    call-started and hold call-ended.
    """
    started = next(event.body for event in events if isinstance(event.body, CallStarted))
    end = next(event.body for event in events if isinstance(event.body, CallEnded))
    turns = {event.body.turn: event.body for event in events if isinstance(event.body, AsrFinal)}
    of_turn: dict[int, list[Event]] = {turn: [] for turn in turns}
    rest: list[Event] = []
    for event in events:
        of_turn.get(getattr(event.body, "turn", -1), rest).append(event)
    children = [_turn_span(said, of_turn[turn], end.duration_ms) for turn, said in turns.items()]
    return Span(
        "call",
        0,
        end.duration_ms,
        {
            "hotline.call_id": events[0].call_id,
            "hotline.channel": started.channel,
            "hotline.language": started.language,
            "hotline.ended_by": end.ended_by,
            "hotline.turns": len(turns),
        },
        tuple(_moments(rest)),
        tuple(sorted((*_bot_speech(rest, end.duration_ms), *children), key=lambda span: span.start_ms)),
        failed=end.ended_by == "error",
    )


def summary_span(ready: SummaryReady, call_ended_ms: int) -> Span:
    """The writing of the summary, after the call."""
    attributes = {"hotline.method": ready.summary.method, "hotline.intent": ready.summary.intent}
    return Span("summary", call_ended_ms, call_ended_ms + (ready.took_ms or 0), attributes)


def _turn_span(said: AsrFinal, events: Sequence[Event], call_ended_ms: int) -> Span:
    """From the caller's first word to the last thing that came of it."""
    attributes: dict[str, str | int | float | bool] = {"hotline.turn": said.turn, "hotline.language": said.language}
    children = [Span("caller speech", said.start_ms, said.end_ms)]
    for event in events:
        match event.body:
            case NluResult() as body:
                attributes |= {"hotline.intent": body.intent, "hotline.sentiment": body.sentiment}
            case RiskAssessed() as body:
                attributes |= {"hotline.risk": body.level, "hotline.risk_score": body.score}
            case TtsStarted(waterfall=waterfall) if waterfall is not None:
                attributes["hotline.response_ms"] = waterfall.wire_ms
                at_ms = said.end_ms
                for step, took_ms in steps_of(waterfall).items():
                    children.append(Span(step, at_ms, at_ms + took_ms))
                    at_ms += took_ms
            case _:
                pass
    children += _bot_speech(events, call_ended_ms)
    end_ms = max(*(event.audio_ms for event in events), *(child.end_ms for child in children))
    return Span("turn", said.start_ms, end_ms, attributes, tuple(_moments(events)), tuple(children))


def _bot_speech(events: Sequence[Event], call_ended_ms: int) -> Iterator[Span]:
    """Each time the bot spoke. An answer that was never finished lasted until the call's end."""
    begun_ms: int | None = None
    for event in events:
        match event.body:
            case TtsStarted():
                begun_ms = event.audio_ms
            case TtsEnded(complete=complete) if begun_ms is not None:
                yield Span("bot speech", begun_ms, event.audio_ms, {"hotline.complete": complete})
                begun_ms = None
            case _:
                pass
    if begun_ms is not None:
        yield Span("bot speech", begun_ms, max(begun_ms, call_ended_ms), {"hotline.complete": False})


def _moments(events: Sequence[Event]) -> Iterator[Moment]:
    for event in events:
        attributes: Attributes | None = None
        match event.body:
            case AlertRaised() | AlertEscalated() as body:
                attributes = {"hotline.alert_id": body.alert_id, "hotline.level": body.level}
            case AlertWithdrawn() as body:
                attributes = {"hotline.alert_id": body.alert_id}
            case RouteChanged() as body:
                attributes = {"hotline.destination": body.destination, "hotline.priority": body.priority}
            case Transfer() as body:
                attributes = {"hotline.accepted": body.accepted}
            case ErrorRaised() as body:
                attributes = {"hotline.stage": body.stage, "hotline.code": body.code}
            case BargeIn():
                attributes = {}
            case _:
                pass
        if attributes is not None:
            yield Moment(event.body.type, event.audio_ms, attributes)
