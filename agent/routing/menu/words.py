"""Which choice of a node a caller's words name: its label (报修), its key (二, 第二个, number two), or words of it.

What a caller says to the menu itself stands in ``words.yaml``; what to any hotline, in `agent.dialogue.values`.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from agent.dialogue.values.words import plain
from agent.events import Language
from agent.routing.menu.config import Choice

_FILE = Path(__file__).with_name("words.yaml")
_NOT_A_WORD = re.compile(r"[\W_]+")


def wants(wish: Literal["back", "top"], text: str) -> bool:
    """返回上一级; main menu."""
    return _any_of(wish).search(plain(text)) is not None


def key_named(text: str) -> str | None:
    """The key that the words are nothing but the name of: 二, 按2, 第二个, number two."""
    said = _NOT_A_WORD.sub(" ", plain(text)).strip()
    for language in ("zh", "en"):
        compact = said.replace(" ", "") if language == "zh" else said
        match = _pattern("key", language).fullmatch(compact)
        if match is not None:
            return _numbers().get(match[1], match[1])
    return None


def named_outright(choices: tuple[Choice, ...], text: str) -> Choice | None:
    """The choice whose label is all that was said, give or take a 我要 or a please."""
    said = _bare(text)
    labels = ((choice, label) for choice in choices for label in (choice.label.zh, choice.label.en))
    return next((choice for choice, label in labels if label and said and said == _bare(label)), None)


def named_among(choices: tuple[Choice, ...], text: str) -> Choice | None:
    """The choice whose words stand in the text; of several the one with the longest. None where two are as long."""
    said = plain(text)
    lengths = {index: _longest(choice, said) for index, choice in enumerate(choices)}
    best = max(lengths.values(), default=0)
    first = [index for index, length in lengths.items() if length == best]
    return choices[first[0]] if best and len(first) == 1 else None


def _longest(choice: Choice, said: str) -> int:
    return max((len(word) for word in _words(choice) if word and _stands_in(word, said)), default=0)


def _stands_in(word: str, said: str) -> bool:
    if word.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", said) is not None
    return word in said


def _words(choice: Choice) -> tuple[str, ...]:
    """In both languages: callers mix them."""
    words = (choice.label.zh, choice.label.en, *choice.says.zh, *choice.says.en)
    return tuple(plain(word) for word in words if word)


def _bare(text: str) -> str:
    said = plain(text).strip(" ，。,.！!？?、；;")
    for language in ("zh", "en"):
        pattern, before = _pattern("around", language), ""
        while before != said:
            before, said = said, pattern.sub("", said).strip(" ，。,.！!？?、；;") or said
    return _NOT_A_WORD.sub("", said)


@cache
def _any_of(name: str) -> re.Pattern[str]:
    return re.compile(f"{_pattern(name, 'zh').pattern}|{_pattern(name, 'en').pattern}", re.IGNORECASE)


@cache
def _pattern(name: str, language: Language) -> re.Pattern[str]:
    return re.compile("|".join(_read()[name][language].splitlines()), re.IGNORECASE)


@cache
def _numbers() -> dict[str, str]:
    return {word: key for key, words in _read()["numbers"].items() for word in words}


@cache
def _read() -> dict[str, Any]:
    entries: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return entries
