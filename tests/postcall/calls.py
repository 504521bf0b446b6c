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
