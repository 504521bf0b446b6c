"""What a person is shown of a call before and while they speak: who, why, what was said, how it stands."""

from typing import Literal

from pydantic import Field

from agent.events import Evidence, Intent, Language, RiskLevel, Sentiment
from agent.seats.words import Message

Speaker = Literal["caller", "bot", "seat", "note"]


class Said(Message):
    """One line of the transcript. The same ``line`` again replaces the earlier: a mood that came later, a correction.

    ``line``: unique in the call, as ``caller-3``. ``name``: of the person, where a seat speaks. ``note``: something
    that happened, in words.
    """

    line: str
    who: Speaker
    text: str
    at_ms: int = Field(ge=0, description="audio time of the call")
    name: str = ""
    sentiment: Sentiment | None = None
    intent: Intent | None = None


class AlertShown(Message):
    """The alert of this call. ``causes``: names of risk signals, gravest first."""

    alert_id: str
    level: RiskLevel
    causes: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    recommended: str
    withdrawn: bool = False


class Mood(Message):
    """How the caller is, and what the call risks: ``score`` 0..1."""

    sentiment: Sentiment | None = None
    risk: RiskLevel = "none"
    score: float = Field(default=0.0, ge=0.0, le=1.0)
    evidence: tuple[Evidence, ...] = ()


class ScreenPop(Message):
    """Everything about a call in one glance.

    ``facts``: what else is known, label to value, as the person reads it (orders, tickets), in order. ``why``: the rule
    or reason that brought the call here, in words. ``from_seat``, ``note``: of a colleague who passed it on.
    """

    call_id: str
    number: str = Field(description="empty: withheld")
    name: str = ""
    region: str = ""
    vip: str = Field(default="", description="the customer's rank as shown; empty: none")
    device: str = ""
    earlier_calls: int = Field(default=0, ge=0, description="from this number of late")
    facts: dict[str, str] = {}  # noqa: RUF012 — pydantic copies it
    skill: str = ""
    intent: Intent | None = None
    why: str = ""
    language: Language = "zh"
    waited_s: int = Field(default=0, ge=0)
    from_seat: str = ""
    note: str = ""
    mood: Mood = Mood()
    alert: AlertShown | None = None
    suggested: str = ""
    said: tuple[Said, ...] = ()
