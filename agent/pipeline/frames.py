"""What the stages hand on to each other, beside pipecat's own audio frames."""

from dataclasses import dataclass, field

from pipecat.frames.frames import ControlFrame, DataFrame

from agent.events import Language, NluResult
from agent.pipeline.classification import Classified


@dataclass
class UtteranceFrame(DataFrame):
    """The caller's turn is over. ``keys``: it was keyed in rather than said. ``classified``: what the classifier made
    of it, or why it could not.
    """

    turn: int
    text: str
    language: Language
    keys: bool = False
    classified: Classified | Exception | None = None


@dataclass
class UnderstoodFrame(DataFrame):
    """The same, with what it means."""

    turn: int
    text: str
    language: Language
    nlu: NluResult | None
    keys: bool = False


@dataclass
class SilenceFrame(DataFrame):
    """Nobody has spoken for a while, for the ``count``-th time running."""

    count: int


@dataclass
class UnintelligibleFrame(DataFrame):
    """The caller spoke, but not a word was understood. ``failed``: because the recogniser broke down, not because of
    the caller.
    """

    failed: bool = False


@dataclass
class GreetFrame(DataFrame):
    """The line is open: say the greeting. ``by_menu``: the menu says it, and the dialogue only gets ready."""

    by_menu: bool = False


@dataclass
class KeyFrame(DataFrame):
    """One key, as it was pressed, while the caller is in the menu; elsewhere keys come as a whole utterance."""

    turn: int
    key: str


@dataclass
class TakeOverFrame(ControlFrame):
    """The caller comes from the menu to the bot, which does not greet them again. ``target``: what they chose, as the
    menu's file has it; ``heard``: the words by which they chose, None where it was by key or by saying nothing.

    A caller who speaks at this very moment does not stop it: nobody else begins the dialogue.
    """

    interruptible: bool = field(default=False, init=False)

    turn: int
    target: str
    language: Language
    heard: UnderstoodFrame | None = None


@dataclass
class AnswerStartFrame(ControlFrame):
    """An answer begins. ``number``: of all answers in this call, where somebody waits for it to be over."""

    turn: int
    number: int = 0


@dataclass
class ClauseFrame(DataFrame):
    """The next words of the answer."""

    text: str
    language: Language


@dataclass
class AnswerEndFrame(ControlFrame):
    """The answer is whole."""

    turn: int
