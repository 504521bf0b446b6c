"""What the dialogue remembers of a call. Immutable; equal moments make equal states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from agent.dialogue.acts import Scalar
from agent.dialogue.moments import Heard
from agent.dialogue.values import SlotKind
from agent.events import Language

Pending = Literal["nothing", "identity", "slot", "confirmation", "offer", "anything_else"]
"""What the caller has been asked, and so what their next words most likely answer. There are no other states."""

Purpose = Literal["identity", "step"]
"""What a tool was called for: to prove who calls, or as a step of the errand."""


@dataclass(frozen=True)
class Spoken:
    """A sentence as it was said, and without what only introduced it (``plain``)."""

    text: str
    plain: str


@dataclass(frozen=True)
class Identity:
    """Who calls, as far as it is proved.

    ``phone`` and ``tail`` (an order's last four digits; ``number``: all of them, where all were said) are what is to be
    checked; ``tried`` is a tail that did not match. ``proven`` are the orders, by tail, that have been checked for this
    phone: no other order is spoken of.
    """

    phone: str = ""
    tail: str = ""
    number: str = ""
    tried: str = ""
    proven: Mapping[str, str] = field(default_factory=dict)
    failures: int = 0

    @property
    def order(self) -> str:
        """The order in question, proved to be the caller's; empty while it is not."""
        return self.proven.get(self.tail, "")


@dataclass(frozen=True)
class Errand:
    """A flow under way: at which step, with what the caller said (``slots``) and the back end answered (``results``),
    and for which ``order``, once it is proved to be the caller's.

    ``asked`` is the slot that is being asked for, ``failures`` how often running that brought nothing. ``agreed`` are
    the very arguments that were read back and agreed to: nothing else is sent to a tool that changes something.
    """

    flow: str
    step: int = 0
    order: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    asked: str = ""
    last_taken: str = ""
    failures: int = 0
    agreed: Mapping[str, Scalar] | None = None


@dataclass(frozen=True)
class Waiting:
    """A tool is running. What comes of any other number is too late to matter."""

    number: int
    tool: str
    purpose: Purpose


@dataclass(frozen=True)
class Meant:
    """An approved answer whose question the caller may have meant, and what they had been asked before."""

    entry: str
    answer: str
    pending: Pending


@dataclass(frozen=True)
class State:
    """One call's.

    ``offered``: the flow, ``human`` or ``answer`` that a yes leads to; ``offered_for``: the words that it was offered
    for; ``meant``: the answer, where they were asked whether they meant its question. ``parked``: errands that another
    one interrupted, the last first. ``volunteered``: what the caller said by kind, whether it was asked for or not.
    ``about``: what the call was about, for whoever rings back. ``rung_back``: that somebody will is noted. ``over``:
    the caller was put through or said goodbye to, and nothing more is said. ``saying`` and ``said``: this answer and
    the one before it. ``unheard``: they spoke over a question and cannot have heard it. ``told``: what was said of the
    caller's own affairs.
    """

    call_id: str = ""
    today: date = date.min
    language: Language = "zh"
    caller_number: str = ""
    customer: Mapping[str, Scalar] = field(default_factory=dict)
    people: bool = True

    pending: Pending = "nothing"
    offered: str = ""
    offered_for: Heard | None = None
    meant: Meant | None = None
    errand: Errand | None = None
    parked: tuple[Errand, ...] = ()
    waiting: Waiting | None = None
    identity: Identity = Identity()
    volunteered: Mapping[SlotKind, str] = field(default_factory=dict)
    about: str = ""

    turns: int = 0
    calls: int = 0
    human_hinted: bool = False
    warned: bool = False
    apologised: bool = False
    unanswered: int = 0
    troubles: int = 0
    rung_back: bool = False
    over: Literal["", "transfer", "goodbye"] = ""

    saying: tuple[Spoken, ...] = ()
    said: tuple[Spoken, ...] = ()
    unheard: bool = False
    told: tuple[str, ...] = ()
