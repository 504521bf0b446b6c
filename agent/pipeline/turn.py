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

CLEAR_INTENT = 0.6
"""An intent of this probability is a wish understood. On the recorded calls, inner pauses of read-out prose gave 0.4 to
0.56, the ends of callers' turns mostly 0.6-1.0."""
SURE_INTENT = 0.9
"""So sure a wish outweighs a voice that sounds unfinished: Smart Turn took 5 of 62 ends of turns there for a middle."""

_DIGIT = "0-9零〇一幺二两三四五六七八九"
_LAST_NUMBER = re.compile(rf"([要腰]?[{_DIGIT}](?:[{_DIGIT}\s,，-]*[{_DIGIT}])?[吧巴]?)\W*$")
"""With what Whisper makes of a first 幺 and a last 八."""
_ONLY_NUMBER = re.compile(rf"^[{_DIGIT}\s,，.。-]+$")


@dataclass(frozen=True)
class UnfinishedWords:
    """What a sentence cannot end on, and what announces a number, by language (``unfinished.yaml``)."""

    endings: Mapping[str, Sequence[str]]
    numbers: Mapping[str, Sequence[str]]
    announcements: Mapping[str, Sequence[str]]

    @classmethod
    def load(cls) -> "UnfinishedWords":
        values = yaml.safe_load(Path(__file__).with_name("unfinished.yaml").read_text(encoding="utf-8"))
        return cls(values["endings"], values["numbers"], values["announcements"])


def required_silence_ms(
    text: str,
    language: Language,
    smart_turn_probability: float,
    intent_probability: float | None,
    words: UnfinishedWords,
    settings: TurnSettings,
) -> int:
    """How long it must be quiet before this turn is over.

    Three witnesses are heard: the words (a number being read out, a clause that cannot end here), the sound (Smart
    Turn) and the sense (a wish that is clear). Where sound and sense agree that all is said, the answer comes at once;
    where one doubts, a little later.

    Args:
        text: what was heard of the turn so far.
        smart_turn_probability: that the turn sounds complete.
        intent_probability: of the likeliest intent; None where it is not known.
    """
    if is_dictating(text, language, words):
        return settings.dictation_silence_ms
    bare = _bare_end(text)
    if any(_ends_on(bare, ending, language) for ending in words.endings[language]):
        return settings.incomplete_silence_ms
    if ends_on_whole_number(text):
        return settings.complete_silence_ms
    sounds_complete = smart_turn_probability >= settings.smart_turn_threshold
    is_clear = intent_probability is None or intent_probability >= CLEAR_INTENT
    if sounds_complete:
        return settings.complete_silence_ms if is_clear else settings.unsure_silence_ms
    if intent_probability is not None and intent_probability >= SURE_INTENT:
        return settings.unsure_silence_ms
    return settings.incomplete_silence_ms


def is_dictating(text: str, language: Language, words: UnfinishedWords) -> bool:
    """Whether the turn stops inside a number that the caller is reading out."""
    lowered = text.lower()
    last = _LAST_NUMBER.search(lowered)
    digits = _digit_count(last[1]) if last is not None else 0
    if _ONLY_NUMBER.match(lowered):
        # The rest of a number whose beginning was another turn.
        return digits >= 2 and digits not in COMPLETE_NUMBERS
    if not any(word in lowered for word in words.numbers[language]):
        return False
    if last is None:
        # The number was announced and has not begun: 我的订单号是…
        bare = _bare_end(lowered)
        return not lowered.rstrip().endswith(("?", "？")) and any(
            _ends_on(bare, word, language) for word in (*words.endings[language], *words.announcements[language])
        )
    return digits not in COMPLETE_NUMBERS


def ends_on_whole_number(text: str) -> bool:
    """Whether the last thing said is a number that has all its digits: whatever the voice does, it is out."""
    last = _LAST_NUMBER.search(text.lower())
    return last is not None and _digit_count(last[1]) in COMPLETE_NUMBERS


def _digit_count(number: str) -> int:
    return len(re.findall(rf"[{_DIGIT}要腰吧巴]", number))


def _bare_end(text: str) -> str:
    """Lower case, without what punctuation ends it."""
    return re.sub(r"[\W_]+$", "", text.lower())


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
