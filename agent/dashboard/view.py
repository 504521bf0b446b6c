"""From a call's events to what its page shows. Pure, and free of HTML: templates escape and lay out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    BargeIn,
    CallEnded,
    CallerHistory,
    CallerKnown,
    Dtmf,
    ErrorRaised,
    Event,
    Evidence,
    LlmReply,
    NluResult,
    RiskAssessed,
    RouteChanged,
    ToolReturned,
    Transfer,
    TtsEnded,
    TtsStarted,
)
from agent.latency import Answer, Step, answers

AlertNote = AlertRaised | AlertEscalated | AlertWithdrawn
Note = (
    AlertNote
    | BargeIn
    | CallerHistory
    | CallerKnown
    | CallEnded
    | Dtmf
    | ErrorRaised
    | RouteChanged
    | ToolReturned
    | Transfer
)
_NOTES = get_args(Note)


@dataclass(frozen=True)
class Segment:
    """A piece of what the caller said. ``signal``: the risk signal that these words are evidence of."""

    text: str
    signal: str | None = None


@dataclass(frozen=True)
class CallerLine:
    """One turn of the caller. Times are audio time."""

    turn: int
    at_ms: int
    end_ms: int
    segments: tuple[Segment, ...]
    nlu: NluResult | None = None
    kind: Literal["caller"] = "caller"


@dataclass(frozen=True)
class BotLine:
    """One answer of the bot:
    what was heard of it, and what was not because the caller spoke over it or left.
    """

    turn: int
    at_ms: int
    heard: str
    unheard: str = ""
    phrase: str | None = None
    spoken: bool = False
    ended: bool = False
    kind: Literal["bot"] = "bot"


@dataclass(frozen=True)
class NoteLine:
    """Something that happened between the lines: an alert, a key, a transfer, an error."""

    at_ms: int
    body: Note
    kind: Literal["note"] = "note"


Line = CallerLine | BotLine | NoteLine


@dataclass(frozen=True)
class LatencyPart:
    """One step of a wait. ``start_ms``: since the caller's last voiced sample."""

    name: Step
    ms: int
    start_ms: int


@dataclass(frozen=True)
class TurnLatency:
    """From the end of the caller's speech to the first sound of the answer, and where the time went. Steps that took
    no time are left out.
    """

    turn: int
    parts: tuple[LatencyPart, ...]
    total_ms: int


@dataclass(frozen=True)
class Transcript:
    lines: tuple[Line, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    errors: tuple[NoteLine, ...] = ()
    latency: tuple[TurnLatency, ...] = ()
    slowest_ms: int = field(default=0)


def transcript(events: Sequence[Event]) -> Transcript:
    """The whole page of a call."""
    evidence = next((e.body.evidence for e in reversed(events) if isinstance(e.body, RiskAssessed)), ())
    understood = {e.body.turn: e.body for e in events if isinstance(e.body, NluResult)}
    lines: list[Line] = []
    for event in events:
        match event.body:
            case AsrFinal() as said:
                marked = segments(said.text, [one for one in evidence if one.turn == said.turn])
                lines.append(CallerLine(said.turn, said.start_ms, said.end_ms, marked, understood.get(said.turn)))
            case LlmReply() as reply:
                lines.append(BotLine(reply.turn, event.audio_ms, reply.text, phrase=reply.phrase))
            case TtsStarted() as started:
                _change_bot_line(lines, started.turn, at_ms=event.audio_ms)
            case TtsEnded() as ended:
                _end_bot_line(lines, ended)
            case body if isinstance(body, _NOTES):
                lines.append(NoteLine(event.audio_ms, body))
            case _:
                pass
    shown = tuple(sorted(lines, key=lambda line: line.at_ms))
    waits = latencies(events)
    return Transcript(
        lines=shown,
        evidence=evidence,
        errors=tuple(line for line in shown if isinstance(line, NoteLine) and isinstance(line.body, ErrorRaised)),
        latency=waits,
        slowest_ms=max((wait.total_ms for wait in waits), default=0),
    )


def segments(text: str, evidence: Iterable[Evidence]) -> tuple[Segment, ...]:
    """The text cut where words of evidence begin and end. Joined, the pieces are the text again."""
    signals: list[str | None] = [None] * len(text)
    low = text.lower()
    # Lowering may change a text's length in a few scripts; then positions would not fit, and the text is
    # matched as it is.
    haystack = low if len(low) == len(text) else text
    for one in evidence:
        words = one.words.lower() if haystack is low else one.words
        start = haystack.find(words) if words else -1
        while start >= 0:
            end = start + len(words)
            signals[start:end] = [one.signal] * len(words)
            start = haystack.find(words, end)
    pieces: list[Segment] = []
    for letter, signal in zip(text, signals, strict=True):
        if pieces and pieces[-1].signal == signal:
            pieces[-1] = replace(pieces[-1], text=pieces[-1].text + letter)
        else:
            pieces.append(Segment(letter, signal))
    return tuple(pieces)


def latencies(events: Iterable[Event]) -> tuple[TurnLatency, ...]:
    """How long the caller waited for each answer, and where the parts of the wait stand in it."""
    return tuple(_latency(answer) for answer in answers(events))


def _latency(answer: Answer) -> TurnLatency:
    parts: list[LatencyPart] = []
    start_ms = 0
    for step, took_ms in answer.steps.items():
        if took_ms:
            parts.append(LatencyPart(step, took_ms, start_ms))
        start_ms += took_ms
    return TurnLatency(answer.turn, tuple(parts), answer.total_ms)


def _change_bot_line(lines: list[Line], turn: int, *, at_ms: int) -> None:
    for index, line in enumerate(lines):
        if isinstance(line, BotLine) and line.turn == turn and not line.spoken:
            lines[index] = replace(line, at_ms=at_ms, spoken=True)
            return


def _end_bot_line(lines: list[Line], ended: TtsEnded) -> None:
    for index, line in enumerate(lines):
        if isinstance(line, BotLine) and line.turn == ended.turn and line.spoken and not line.ended:
            whole = line.heard
            if ended.complete:
                lines[index] = replace(line, ended=True)
            else:
                heard = ended.heard
                rest = whole[len(heard) :] if whole.startswith(heard) else ""
                lines[index] = replace(line, heard=heard, unheard=rest, ended=True)
            return
