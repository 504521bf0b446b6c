"""The word lists beside this file, as regular expressions.

An entry ``{zh: …, en: …}`` is a regular expression in each language, that may go over several lines: a new line is
another alternative. Both languages are tried on every text, since callers mix them; English matches whole words only.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.dialogue.values.reading import LONGEST_TEXT

_FOLDER = Path(__file__).parent / "words"
_LONG_GAP = re.compile(r"[^\w@#]{4,}")


@cache
def table(topic: str, name: str) -> Any:
    """An entry of a file, as it is."""
    return _read(topic)[name]


@cache
def pattern(topic: str, *names: str) -> re.Pattern[str]:
    """Any of an entry's expressions. ``names``: the way to it, as in ``pattern("numbers", "labels", "phone")``."""
    return re.compile(alternation(topic, *names), re.IGNORECASE)


@cache
def alternation(topic: str, *names: str) -> str:
    """The same as a part of a larger expression."""
    entry: Any = _read(topic)
    for name in names:
        entry = entry[name]
    chinese = str(entry.get("zh", "")).splitlines()
    english = str(entry.get("en", "")).splitlines()
    whole_words = [rf"(?<![A-Za-z'])(?:{'|'.join(english)})(?![A-Za-z])"] if english else []
    return f"(?:{'|'.join(chinese + whole_words)})"


def heard(text: str) -> str:
    """What is looked at of a text: its end, without long runs of spaces or punctuation, which nobody says."""
    return _LONG_GAP.sub(lambda gap: gap[0][:3], re.sub(r"\s+", " ", text[-LONGEST_TEXT:]))


def plain(text: str) -> str:
    """The same in lower case, with the apostrophe that the lists have."""
    return heard(text).lower().replace("’", "'")


@cache
def _read(topic: str) -> dict[str, Any]:
    text = (_FOLDER / f"{topic}.yaml").read_text(encoding="utf-8")
    entries: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return entries
