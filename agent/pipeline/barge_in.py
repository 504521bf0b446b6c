"""The caller makes a sound while the bot speaks: does the bot go on, wait and see, or give up its answer? Pure.

Nobody can tell from its first 200 ms whether a sound is a cough, a 嗯 that means «go on», or the beginning of an
objection. So the bot first holds its breath, and decides when it knows more: from how long the caller goes on, and from
the words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from agent.config import TurnSettings
from agent.events import Language

MIN_WORD_MS = 300
"""A shorter sound is a cough, a click or a 嗯; the shortest words that mean stop (等一下, wait) take longer."""

_NOT_A_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Backchannels:
    """What a listener says to show that they listen, by language (``backchannels.yaml``)."""

    words: Mapping[str, Sequence[str]]

    @classmethod
    def load(cls) -> "Backchannels":
        file = Path(__file__).with_name("backchannels.yaml")
        return cls(yaml.safe_load(file.read_text(encoding="utf-8")))

    def consists_of(self, text: str, language: Language) -> bool:
        """Whether the text is nothing but such words: 嗯, 对对对, 好的好的."""
        rest = _NOT_A_WORD.sub("", text.lower())
        any_word = "|".join(re.escape(word) for word in sorted(self.words[language], key=len, reverse=True))
        return bool(rest) and re.fullmatch(f"(?:{any_word})+", rest) is not None


def while_heard(over_ms: int, *, audible: bool, settings: TurnSettings) -> Literal["go_on", "hold", "give_up"]:
    """What the bot does while the caller is making a sound.

    Args:
        over_ms: how long the sound has lasted.
        audible: the caller hears the bot already; else its answer is still being prepared, and costs nothing to hold.
    """
    if over_ms >= settings.barge_in_ms:
        return "give_up"
    if over_ms >= (settings.hold_ms if audible else settings.speech_start_ms):
        return "hold"
    return "go_on"


def is_worth_a_look(voiced_ms: int) -> bool:
    """Whether a sound that has ended over the bot may have been words."""
    return voiced_ms >= MIN_WORD_MS


def when_understood(text: str, language: Language, backchannels: Backchannels) -> Literal["resume", "give_up"]:
    """What the bot does when it knows what was said over it.

    Args:
        text: empty where no words were made out.
    """
    if not text or backchannels.consists_of(text, language):
        return "resume"
    return "give_up"
