"""What happens to a caller in the menu, what is done about it, and what is remembered between. Immutable."""

from dataclasses import dataclass

from agent.events import Intent, Language
from agent.hotline_events import MenuChosen, MenuEntered


@dataclass(frozen=True)
class Entered:
    """The caller comes to the menu; in a language that it does not speak, it speaks its own first."""

    language: Language


@dataclass(frozen=True)
class Key:
    """One key: 0-9, ``*``, ``#``; A-D exist too."""

    key: str


@dataclass(frozen=True)
class Said:
    """The caller's words, and what was understood; ``text`` is empty where they could not be made out."""

    text: str
    intent: Intent | None = None
    probability: float = 0.0
    language: Language = "zh"


@dataclass(frozen=True)
class Silence:
    """Neither a key nor a word for as long as the node waits."""


Moment = Entered | Key | Said | Silence


@dataclass(frozen=True)
class Speak:
    """Sentences to be spoken one after the other; what was being spoken is dropped. ``node``: whose they are."""

    sentences: tuple[str, ...]
    language: Language
    node: str


@dataclass(frozen=True)
class Go:
    """The call leaves the menu, once what stands before it is spoken. ``said``: the caller's last words led there, and
    whoever takes the call should hear them.
    """

    target: str
    said: bool = False


Act = Speak | Go | MenuEntered | MenuChosen


@dataclass(frozen=True)
class State:
    """Where a caller is. ``trail``: the nodes they came by, the last is where they are; empty before they entered.

    ``times``: how often running they heard it. ``silences`` and ``failures``: at this node. ``greeted``: in which
    languages they were. ``gone``: where the call went; empty while it is in the menu.
    """

    language: Language = "zh"
    trail: tuple[str, ...] = ()
    times: int = 0
    silences: int = 0
    failures: int = 0
    steps: int = 0
    greeted: tuple[Language, ...] = ()
    gone: str = ""
