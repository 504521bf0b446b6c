"""What the bot does: the policy's output. The reply stage carries acts out in their order and decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agent.events import Language
from agent.knowledge.found import Passage

Scalar = str | int | float | bool
HandOverReason = Literal["asked", "alert", "identity", "not_understood", "abuse", "unknown", "tool", "flow", "trouble"]


@dataclass(frozen=True)
class Say:
    """A sentence, word for word. Those that follow each other are one answer.

    ``name`` tells for the log where it comes from: a phrase (``identity_ask``), a place in a flow
    (``repair.slots.fault``), or an entry of the knowledge (``knowledge.warranty``).
    """

    text: str
    name: str
    language: Language


@dataclass(frozen=True)
class CallTool:
    """Ask the back end, and tell the policy what came of it as ``Returned`` with the same ``number``.

    ``key`` is set where something is changed: however often it is sent, it happens once. ``before`` is spoken while it
    runs; None where the caller has just been told something.
    """

    number: int
    tool: str
    arguments: Mapping[str, Scalar]
    key: str | None
    before: Say | None


@dataclass(frozen=True)
class Write:
    """The language model answers from the passages, and from what was already said of the caller's own affairs.

    ``otherwise`` is said where it writes nothing that stands in them. Tell the policy what it wrote as ``Wrote``.
    """

    question: str
    passages: tuple[Passage, ...]
    told: tuple[str, ...]
    otherwise: Say
    language: Language


@dataclass(frozen=True)
class Transfer:
    """Put the caller through, once what stands before it is spoken. Refused: tell the policy as ``Routed``."""

    destination: Literal["human", "complaint_specialist"]
    reason: HandOverReason


@dataclass(frozen=True)
class CallBack:
    """Somebody is to ring back; whoever routes the call is to know."""

    reason: HandOverReason


@dataclass(frozen=True)
class HangUp:
    """End the call, once what stands before it is spoken."""

    reason: str


Act = Say | CallTool | Write | Transfer | CallBack | HangUp
