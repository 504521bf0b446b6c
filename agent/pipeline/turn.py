"""Has the caller finished? Decided from how it sounded, what was said and how long it has been quiet. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from agent.config import TurnSettings
from agent.events import Language

COMPLETE_NUMBERS = (8, 11)
"""Digits after which a dictated number is whole: the company's order numbers have 8, mobile numbers 11."""

_DIGIT = "0-9零〇一幺二两三四五六七八九"
_LAST_NUMBER = re.compile(rf"([要腰]?[{_DIGIT}](?:[{_DIGIT}\s,，-]*[{_DIGIT}])?[吧巴]?)\W*$")
"""With what Whisper makes of a first 幺 and a last 八."""
_ONLY_NUMBER = re.compile(rf"^[{_DIGIT}\s,，.。-]+$")


@dataclass(frozen=True)
class UnfinishedWords:
    """What a sentence cannot end on, and what announces a number, by language (``unfinished.yaml``)."""

    endings: Mapping[str, Sequence[str]]
    numbers: Mapping[str, Sequence[str]]

    @classmethod
    def load(cls) -> "UnfinishedWords":
        values = yaml.safe_load(Path(__file__).with_name("unfinished.yaml").read_text(encoding="utf-8"))
        return cls(values["endings"], values["numbers"])


def required_silence_ms(
    text: str,
    language: Language,
    smart_turn_probability: float,
    words: UnfinishedWords,
    settings: TurnSettings,
) -> int:
    """How long it must be quiet before this turn is over.

    Args:
        text: what was heard of the turn so far.
        smart_turn_probability: that the turn sounds complete.
    """
    if is_dictating(text, language, words):
        return settings.dictation_silence_ms
    bare = re.sub(r"[\W_]+$", "", text.lower())
    if any(_ends_on(bare, ending, language) for ending in words.endings[language]):
        return settings.incomplete_silence_ms
    if smart_turn_probability >= settings.smart_turn_threshold:
        return settings.complete_silence_ms
    return settings.incomplete_silence_ms


def is_dictating(text: str, language: Language, words: UnfinishedWords) -> bool:
    """Whether the turn stops inside a number that the caller is reading out."""
    lowered = text.lower()
    last = _LAST_NUMBER.search(lowered)
    digits = len(re.findall(rf"[{_DIGIT}要腰吧巴]", last[1])) if last is not None else 0
    if _ONLY_NUMBER.match(lowered):
        # The rest of a number whose beginning was another turn.
        return digits >= 2 and digits not in COMPLETE_NUMBERS
    if not any(word in lowered for word in words.numbers[language]):
        return False
    if last is None:
        # The number was announced and has not begun: 我的订单号是…
        bare = lowered.rstrip(" .,，。…:：")
        return any(bare.endswith(word) for word in (*words.endings[language], *words.numbers[language]))
    return digits not in COMPLETE_NUMBERS


def _ends_on(text: str, ending: str, language: Language) -> bool:
    if language == "zh":
        return text.endswith(ending)
    return text == ending or text.endswith(" " + ending)


def settle_language(current: Language, detected: Language, probability: float, speech_ms: int, first: bool) -> Language:
    """The language of this utterance. A call changes its language only when it is surely another, and long enough to
    tell.

    Args:
        probability: of ``detected`` against the other language.
        first: whether it is the call's first utterance, where nothing is settled yet.
    """
    if detected == current:
        return current
    enough = probability >= (0.7 if first else 0.8) and speech_ms >= (500 if first else 1000)
    return detected if enough else current
