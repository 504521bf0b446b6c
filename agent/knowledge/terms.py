"""The terms by which a question and an answer are compared beside their meaning: words, and in Chinese also pairs of
characters, as where a word ends is a guess.
"""

import logging
import re
from functools import lru_cache

import jieba

from agent.events import Language

jieba.setLogLevel(logging.WARNING)
_WORD = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*|[\u4e00-\u9fff]+", re.IGNORECASE)
_ENDINGS = re.compile(r"(?:'s|ing|ed|es|s)$")
SHORT_WORD = 4
"""English words up to this length keep their endings: "gas" is not the plural of "ga"."""
CODE = re.compile(r"(?=.*\d)(?=.*[a-z])[a-z0-9.-]+")
"""Models and fault codes: kf-35g, e3."""


@lru_cache(maxsize=20_000)
def terms(text: str, language: Language) -> tuple[str, ...]:
    """Lower-case, English words without endings, codes such as KF-35G without their hyphen."""
    found: list[str] = []
    for part in _WORD.findall(text.lower().replace("’", "'")):
        if "\u4e00" <= part[0] <= "\u9fff":
            found += jieba.cut(part)
            found += (part[at : at + 2] for at in range(len(part) - 1))
        elif part.isalpha() and language == "en" and len(part) > SHORT_WORD:
            found.append(_ENDINGS.sub("", part))
        else:
            found.append(part.replace("-", ""))
    return tuple(found)


def codes(text: str) -> frozenset[str]:
    """The models and fault codes that are named."""
    return frozenset(one.replace("-", "") for one in _WORD.findall(text.lower()) if CODE.fullmatch(one))
