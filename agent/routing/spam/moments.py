"""What happens in the first seconds of a call, what the filter does about it, and what it remembers meanwhile."""

from dataclasses import dataclass
from typing import Literal

from agent.event_base import Language
from agent.events import SpamJudged, SpamSign, SpamVerdict
from agent.routing.spam.policy import SentenceName

Cause = Literal["number", "silence", "voice", "pitch"]
Phase = Literal["watching", "asked", "refused", "settled"]
"""asked: an answer is waited for. refused: an appeal is waited for. settled: the filter has nothing more to say."""


# What happens. All times in ms since the answer, on the call's audio clock.


@dataclass(frozen=True)
class SpeechStarted:
    at_ms: int


@dataclass(frozen=True)
class SpeechEnded:
    at_ms: int


@dataclass(frozen=True)
class Heard:
    """What was said between ``start_ms`` and ``end_ms``; it is known at ``at_ms``."""

    at_ms: int
    turn: int
    text: str
    language: Language
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class KeyPressed:
    at_ms: int
    digit: str


@dataclass(frozen=True)
class BotStarted:
    at_ms: int


@dataclass(frozen=True)
class BotEnded:
    at_ms: int


@dataclass(frozen=True)
class Tick:
    at_ms: int


@dataclass(frozen=True)
class Overruled:
    """A person on our side lets this very call in."""

    at_ms: int
    by: str


Moment = SpeechStarted | SpeechEnded | Heard | KeyPressed | BotStarted | BotEnded | Tick | Overruled


# What the filter does.


@dataclass(frozen=True)
class Challenge:
    """Say this sentence, over the caller too, and not to be interrupted. ``times``: how often they were asked now."""

    cause: Cause
    times: int
    sentence: SentenceName


@dataclass(frozen=True)
class Refuse:
    """Say this sentence, and nothing else from now on. ``appeal_key``: lets the caller in after all."""

    sentence: SentenceName
    appeal_key: str | None


@dataclass(frozen=True)
class HangUp:
    """The refusal was spoken, and nobody appealed."""


@dataclass(frozen=True)
class Pass:
    """The caller is let in for the rest of the call. ``words``: what they answered, for whoever goes on with it."""

    words: str


Act = Challenge | Refuse | HangUp | Pass | SpamJudged


@dataclass(frozen=True)
class SpamState:
    """One call. Times in ms since the answer, None: not yet.

    run_start_ms: where the speech began that went on without a pause since. said: the caller's utterances.
    openings: first words of refused calls. need: they named what they need. asked_ms: when the challenge was given out;
    question_started_ms, question_ended_ms: when it was spoken. asks, failed: how often they were asked, and failed.
    """

    phase: Phase = "watching"
    verdict: SpamVerdict = "pass"
    signs: tuple[SpamSign, ...] = ()
    language: Language = "zh"
    openings: tuple[str, ...] = ()
    now_ms: int = 0
    turn: int = 0
    greeting_ended_ms: int | None = None
    bot_speaking: bool = False
    speaking: bool = False
    run_start_ms: int | None = None
    speech_ended_ms: int | None = None
    said: tuple[str, ...] = ()
    keyed: bool = False
    need: bool = False
    suspect: bool = False
    cause: Cause = "number"
    asks: int = 0
    failed: int = 0
    asked_ms: int = 0
    question_started_ms: int | None = None
    question_ended_ms: int | None = None
    appeal_key: str | None = None
    hung_up: bool = False
