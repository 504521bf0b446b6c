"""What happens to the dialogue: the policy's input. Whoever feeds them in the same order gets the same acts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from agent.dialogue.acts import Scalar
from agent.events import Destination, Intent, Language, Sentiment
from agent.knowledge.found import NOTHING, Found

ToolCode = Literal["ok", "not_found", "rejected", "down", "bad_result"]
Tone = Literal["asked", "alert", "danger", "care"]
"""How a caller is spoken to whose call goes elsewhere."""


@dataclass(frozen=True)
class Began:
    """The call is answered; the greeting is the answer to it.

    ``caller_number``: as the line gives it, empty where it is withheld. ``customer``: what the back end knows of that
    number, empty where it knows nothing. ``people``: whether a person can be reached now. ``today``: the company's.
    ``greeted``: by the menu, which they come from.
    """

    call_id: str
    caller_number: str
    language: Language
    today: date
    customer: Mapping[str, Scalar] = field(default_factory=dict)
    people: bool = True
    greeted: bool = False


@dataclass(frozen=True)
class Chosen:
    """What the caller chose in the menu, right after `Began`: an errand (``flow``), a person, or (neither) the bot.
    ``heard``: the words by which they chose, where it was not by key.
    """

    flow: str = ""
    person: bool = False
    heard: "Heard | None" = None


@dataclass(frozen=True)
class Known:
    """The back end found the caller's number only after the greeting."""

    customer: Mapping[str, Scalar]


@dataclass(frozen=True)
class Heard:
    """The caller's turn, with what it means; ``intent`` is None where the classifier failed. ``keys``: ``text`` is the
    digits that were pressed.
    """

    turn: int
    text: str
    language: Language
    intent: Intent | None = None
    intent_probability: float = 0.0
    sentiment: Sentiment | None = None
    sentiment_probability: float = 0.0
    keys: bool = False
    found: Found = NOTHING


@dataclass(frozen=True)
class Returned:
    """What came of the call with that ``number``. ``reason``: why it was rejected, as the back end names it."""

    number: int
    tool: str
    code: ToolCode
    value: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Wrote:
    """What was really said in place of a ``Write``."""

    text: str


@dataclass(frozen=True)
class Interrupted:
    """The caller spoke over the answer; ``heard``: what they heard of it."""

    heard: str


@dataclass(frozen=True)
class Silence:
    """Nobody has spoken for a while, for the ``count``-th time running."""

    count: int


@dataclass(frozen=True)
class Garbled:
    """The caller spoke and nothing was understood, the ``count``-th time running. ``failed``: by our own fault."""

    count: int
    failed: bool = False


@dataclass(frozen=True)
class Routed:
    """The call goes elsewhere: because of an alert, because its caller asked, or (``callback``) because nobody could be
    reached after all. Given in place of the turn that led to it, which stands in ``heard``.
    """

    destination: Destination
    tone: Tone = "asked"
    heard: Heard | None = None


Moment = Began | Chosen | Known | Heard | Returned | Wrote | Interrupted | Silence | Garbled | Routed


def tone_of(causes: Collection[str]) -> Tone:
    """That of an alert: nobody who is in danger wants to hear of complaint specialists."""
    if "self_harm" in causes:
        return "care"
    return "danger" if "safety" in causes else "alert"
