"""Calls for the tests of this folder, written as what was said."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from agent.events import (
    AsrFinal,
    Body,
    CallEnded,
    CallStarted,
    Dtmf,
    Event,
    Intent,
    Language,
    LlmReply,
    NluResult,
    SeatConnected,
    SeatSaid,
    Sentiment,
    TtsEnded,
)

STARTED = datetime(2026, 3, 16, 10, 5, tzinfo=timezone(timedelta(hours=8)))
"""A Monday."""


def events(bodies: Iterable[Body]) -> tuple[Event, ...]:
    """One event every three seconds."""
    return tuple(Event(call_id="c", seq=i, audio_ms=i * 3000, body=body) for i, body in enumerate(bodies))


def heard(turn: int, text: str, language: Language = "zh") -> AsrFinal:
    return AsrFinal(
        turn=turn,
        text=text,
        language=language,
        start_ms=0,
        end_ms=0,
        average_log_probability=-0.2,
        no_speech_probability=0.0,
        endpoint_ms=300,
    )


def meant(turn: int, intent: Intent, sentiment: Sentiment = "neutral", probability: float = 0.8) -> NluResult:
    return NluResult(
        turn=turn, intent=intent, intent_probability=probability, sentiment=sentiment, sentiment_probability=0.8
    )


def answered(turn: int, text: str, language: Language = "zh") -> list[Body]:
    reply = LlmReply(turn=turn, text=text, language=language, source="llm")
    return [reply, TtsEnded(turn=turn, heard=text, complete=True)]


def with_people(*lines: str | Body, language: Language = "zh", started: int = 10_000) -> tuple[Event, ...]:
    """A call that people of ours take part in: "bot: …" is the bot's, "王丽: …" a person's of this name, whose words
    come onto the timeline late, behind the caller's next; anything else is the caller's turn. Five seconds each.
    """
    bodies: list[Body] = [CallStarted(caller_number="139", called_number="400", channel="replay", language=language)]
    late: list[Body] = []
    seats: dict[str, str] = {}
    turn, at_ms = 0, started
    for line in lines:
        name, _, words = line.partition(": ") if isinstance(line, str) else ("", "", "")
        if not isinstance(line, str):
            bodies.append(line)
            continue
        if name == "bot":
            bodies += answered(turn, words, language)
        elif words:
            if name not in seats:
                seats[name] = f"s{len(seats) + 1:02}"
                bodies.append(SeatConnected(seat=seats[name], name=name))
            late.append(SeatSaid(seat=seats[name], text=words, language=language, start_ms=at_ms, end_ms=at_ms + 4000))
        else:
            turn += 1
            spoken = heard(turn, line, language)
            bodies.append(spoken.model_copy(update={"start_ms": at_ms, "end_ms": at_ms + 4000}))
            bodies += late
            late = []
        at_ms += 5000
    return events([*bodies, *late, CallEnded(ended_by="operator", reason="hung up", duration_ms=at_ms)])


def call(*lines: str | Body | Sequence[Body], language: Language = "zh", keys: str = "") -> tuple[Event, ...]:
    """A whole call. A string is the caller's next turn, "bot: …" what the bot says; anything else is taken as it is."""
    bodies: list[Body] = [CallStarted(caller_number="139", called_number="400", channel="replay", language=language)]
    turn = 0
    for line in lines:
        if isinstance(line, str) and line.startswith("bot: "):
            bodies += answered(turn, line.removeprefix("bot: "), language)
        elif isinstance(line, str):
            turn += 1
            bodies.append(heard(turn, line, language))
        elif isinstance(line, Sequence):
            bodies += line
        else:
            bodies.append(line)
    bodies += [Dtmf(digit=digit) for digit in keys]
    return events([*bodies, CallEnded(ended_by="caller", reason="hung up", duration_ms=60_000)])
