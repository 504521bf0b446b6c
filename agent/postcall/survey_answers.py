"""What an answer to "how satisfied were you, one to five" means. Pure; the words it knows stand in a file."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from agent.events import Language

Answer = int | Literal["refused", "unclear"]
"""1 (very bad) to 5 (very good); or the caller would rather not; or it says no score."""

_FILE = Path(__file__).with_name("survey_words.yaml")
_NUMERALS = {
    "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5,
}  # fmt: skip
_LOW, _MIDDLE = 2, 3
_TAKEN = "\n"


@dataclass(frozen=True)
class _Words:
    ignored: re.Pattern[str]
    corrected: re.Pattern[str]
    range: re.Pattern[str]
    not_a_score: re.Pattern[str]
    points: re.Pattern[str]
    bare: re.Pattern[str]
    best: re.Pattern[str]
    worst: re.Pattern[str]
    refused: re.Pattern[str]
    grades: tuple[tuple[int, re.Pattern[str]], ...]


def answer_of_key(key: str) -> Answer:
    """A key that was pressed."""
    return int(key) if key in ("1", "2", "3", "4", "5") else "unclear"


def answer_of_speech(text: str, language: Language) -> Answer:
    """What was said. Of a correction, what came last; of praise and blame at once, nothing: it is asked again."""
    words = _words(language)
    heard = words.ignored.sub(" ", unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
    scores = [_score(part, words) for part in words.corrected.split(heard)]
    said = [score for score in scores if score is not None]
    if said:
        return said[-1]
    return "refused" if words.refused.search(heard) else "unclear"


def names_score(text: str, language: Language) -> bool:
    """Whether the caller corrects what they gave, with a number."""
    words = _words(language)
    heard = unicodedata.normalize("NFKC", text).lower()
    return words.corrected.search(heard) is not None and words.points.search(heard) is not None


def _score(part: str, words: _Words) -> Answer | None:
    """Of a piece without a correction in it; None where it speaks of none."""
    if words.worst.search(part):
        return 1
    if words.best.search(part):
        return 5
    if words.range.search(part):
        return "unclear"
    part = words.not_a_score.sub(_TAKEN, part)
    given = {match[1] for match in words.points.finditer(part)}
    if not given and (match := words.bare.fullmatch(re.sub(r"[\s,.!?，。！？、]", "", part))):
        given = {match[1]}
    if given:
        values = {_NUMERALS.get(numeral) for numeral in given}
        # A number beyond the scale is a misunderstanding of it, and two numbers are none.
        return values.pop() or "unclear" if len(values) == 1 else "unclear"
    return _graded(part, words)


def _graded(part: str, words: _Words) -> Answer | None:
    found: list[tuple[int, int]] = []
    for grade, pattern in words.grades:
        found += [(match.start(), grade) for match in pattern.finditer(part)]
        part = pattern.sub(lambda match: _TAKEN * len(match[0]), part)
    grades = [grade for _, grade in sorted(found)]
    if not grades:
        return None
    if min(grades) <= _LOW and max(grades) > _MIDDLE:
        return "unclear"
    # Who says it twice means the stronger; a "so-so" beside it is weighed by what came last.
    strongest: int = max(grades, key=_strength)
    return grades[-1] if _MIDDLE in grades else strongest


@cache
def _words(language: Language) -> _Words:
    read: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))[language]
    grades = tuple((grade, re.compile(pattern)) for grade, pattern in read.pop("grades"))
    return _Words(**{name: re.compile(pattern) for name, pattern in read.items()}, grades=grades)


def _strength(grade: int) -> int:
    return abs(grade - _MIDDLE)
