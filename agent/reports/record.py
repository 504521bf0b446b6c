"""The record of one call (CDR): what is billed, counted and looked up afterwards."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime, Field

from agent.event_base import Destination, Frozen, Language
from agent.events import Intent, RiskLevel, Sentiment, SpamVerdict
from agent.routing.lines import LineKind
from agent.routing.spam import SpamOutcome

LegKind = Literal["bot", "queue", "seat", "callback", "outside", "supervisor"]
Place = Literal["greeting", "menu", "bot", "queue"]
QueueOutcome = Literal["", "connected", "abandoned", "callback", "overflow", "returned"]
Direction = Literal["in", "out"]

PROMISED_MS = 3000
"""The line's promise: so soon a call is answered."""


class LegRecord(Frozen):
    """One stretch of the call with one party. ``who``: the skill of a queue, the seat, the number outside; of a
    callback, the call that it returns. ``end`` is None where the process died before. ``wait_ms``: in a queue, all of
    it; of a seat, while it rang. ``outcome``: how a queue was left; empty where that is not known, or it is none.
    """

    kind: LegKind
    who: str = ""
    start: AwareDatetime
    end: AwareDatetime | None = None
    wait_ms: int = 0
    outcome: QueueOutcome = ""


class Region(Frozen):
    """Where the caller rings from; empty where the number does not tell."""

    province: str = ""
    city: str = ""
    line: LineKind


class Cost(Frozen):
    """What the call cost each side, in yuan."""

    caller_yuan: Decimal
    company_yuan: Decimal


class Cdr(Frozen):
    """One call, whole. All times are UTC.

    ``direction`` ``out``: rung by us, for the callback of an earlier call. ``end`` is None while it goes on, and where
    the process died in it; ``known_until`` is then the last that is known of it. ``answered_ms``: from the beginning
    to the first sound of the bot, or to a person; None where there was neither. ``abandoned_in``: where the caller
    gave up. ``cost``: None without a tariff, and for calls that were refused.
    """

    call_id: str
    caller: str
    called: str
    direction: Direction = "in"
    channel: str
    language: Language
    region: Region
    start: AwareDatetime
    answer: AwareDatetime | None
    end: AwareDatetime | None
    known_until: AwareDatetime
    ended_by: str | None = None
    end_reason: str | None = None
    answered_ms: int | None
    legs: tuple[LegRecord, ...]
    queue_wait_ms: int = Field(default=0, description="in all queues together")
    abandoned_in: Place | None = None
    turns: int = 0
    intent: Intent | None = None
    mood: Sentiment | None = Field(default=None, description="the caller's, at the end")
    risk: RiskLevel = "none"
    alerts: int = Field(default=0, description="raised and not taken back")
    alert_causes: tuple[str, ...] = ()
    destination: Destination = "bot"
    callback_promised: bool = False
    self_served: bool = False
    survey_score: int | None = None
    spam: SpamVerdict | None = None
    spam_outcome: SpamOutcome = "passed"
    spam_reasons: tuple[str, ...] = Field(default=(), description="names of the signs by which it became so")
    menu_path: tuple[str, ...] = Field(default=(), description="node:choice, in order")
    cost: Cost | None = None

    @property
    def refused(self) -> bool:
        """The filter sent it away: nobody owes it an answer."""
        return self.spam == "refuse"

    @property
    def undecided(self) -> bool:
        """Nothing is known beyond its first seconds, in which it may yet be answered, or might have been."""
        return self.end is None and self.answered_ms is None and _ms(self.start, self.known_until) < PROMISED_MS

    @property
    def in_time(self) -> bool:
        return self.answered_ms is not None and self.answered_ms <= PROMISED_MS

    @property
    def talk_ms(self) -> int:
        """With the bot or with people, each moment once."""
        answered = self.known_until if self.answer is None else self.answer
        return max(0, _ms(answered, self.known_until) - self.queue_wait_ms)

    @property
    def queues(self) -> tuple[LegRecord, ...]:
        return tuple(leg for leg in self.legs if leg.kind == "queue")


def _ms(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds() * 1000)
