"""Calls for the tests of this folder: what happened and when, in ms of audio."""

from datetime import UTC, datetime
from decimal import Decimal

from agent.events import (
    AsrFinal,
    Body,
    CallEnded,
    CallStarted,
    Event,
    LlmReply,
    NluResult,
    Queued,
    QueueLeft,
    SeatConnected,
    TtsStarted,
)
from agent.reports import Cdr, Cost, cdr

STARTED = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
"""Monday, ten in the morning in China."""


class FlatTariff:
    """One fen a second for the caller, two for the company."""

    def cost(self, caller: str, called: str, seconds: int) -> Cost:
        return Cost(caller_yuan=Decimal(seconds) / 100, company_yuan=Decimal(2 * seconds) / 100)


def timeline(*happened: tuple[int, Body], caller: str = "13812345678", call_id: str = "c") -> list[Event]:
    """A call in which these happened at these times."""
    began = CallStarted(caller_number=caller, called_number="4008001234", channel="media-stream", language="zh")
    return [
        Event(call_id=call_id, seq=seq, audio_ms=at_ms, body=body)
        for seq, (at_ms, body) in enumerate([(0, began), *happened])
    ]


def record(*happened: tuple[int, Body], at: datetime = STARTED, call_id: str = "c", caller: str = "13812345678") -> Cdr:
    return cdr(timeline(*happened, call_id=call_id, caller=caller), at, FlatTariff())


def greeted(at_ms: int = 200) -> tuple[int, Body]:
    return at_ms, TtsStarted(turn=0)


def said(at_ms: int, text: str = "我想查订单", turn: int = 1) -> tuple[int, Body]:
    return at_ms, AsrFinal(
        turn=turn, text=text, language="zh", start_ms=at_ms, end_ms=at_ms, average_log_probability=0,
        no_speech_probability=0, endpoint_ms=300,
    )  # fmt: skip


def meant(at_ms: int, intent: str, sentiment: str = "neutral", turn: int = 1) -> tuple[int, Body]:
    return at_ms, NluResult.model_validate(
        {"turn": turn, "intent": intent, "intent_probability": 0.9, "sentiment": sentiment, "sentiment_probability": 1}
    )


def told(at_ms: int, phrase: str | None) -> tuple[int, Body]:
    return at_ms, LlmReply(turn=1, text="x", language="zh", source="phrase" if phrase else "llm", phrase=phrase)


def queued(at_ms: int, skill: str = "service", position: int = 1) -> tuple[int, Body]:
    return at_ms, Queued(skill=skill, priority=10, position=position, expected_wait_s=30)


def left(at_ms: int, reason: str, waited_ms: int = 0) -> tuple[int, Body]:
    return at_ms, QueueLeft.model_validate({"reason": reason, "waited_ms": waited_ms})


def connected(at_ms: int, seat: str = "s1") -> tuple[int, Body]:
    return at_ms, SeatConnected(seat=seat, name="李")


def ended(at_ms: int, by: str = "caller", reason: str = "hung up") -> tuple[int, Body]:
    return at_ms, CallEnded.model_validate({"ended_by": by, "reason": reason, "duration_ms": at_ms})
