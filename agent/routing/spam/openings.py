"""Whether two utterances are the same words: a recording says them again, in this call or in the next. Pure text."""

import re

from agent.routing.spam.pitches import tidy

LEAST = 14
"""Characters. Many people begin with the same short sentence; few with the same long one."""
COMPARED = 60
"""Characters from the beginning that are compared: a recording that was cut off later is the same."""

_LETTER = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]")


def likeness(one: str, other: str) -> float:
    """How much of the shorter opening stands in the other, 0..1, by pairs of neighbouring characters: Whisper mishears
    one now and then. 0 where either is too short to tell.
    """
    left, right = _letters(one), _letters(other)
    shorter = min(len(left), len(right))
    if shorter < LEAST:
        return 0.0
    # The longer one is cut to a little more than the shorter, so that a word heard double does not push its end out.
    length = min(COMPARED, shorter)
    pairs, others = _pairs(left[: length + 4]), _pairs(right[: length + 4])
    return len(pairs & others) / max(1, min(len(pairs), len(others)))


def length(text: str) -> int:
    """Its letters, where a Chinese character counts three: about as much is said with it."""
    return sum(3 if ord(letter) > 0x2E80 else 1 for letter in _letters(text))


def _letters(text: str) -> str:
    return "".join(_LETTER.findall(tidy(text)))


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))
