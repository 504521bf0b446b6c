"""When Whisper says the same thing again and again: noticing it, and folding it. Pure."""

import re
import zlib

MAX_COMPRESSION = 2.2
"""A text that compresses better than this repeats itself. faster-whisper takes 2.4, over texts that are longer than a
turn.
"""
MAX_CHARACTERS_PER_S = {"zh": 7.5, "en": 22.0}
"""Nobody speaks faster: fast Mandarin has 6 characters a second, fast English some 18 letters."""

_REPEATED = re.compile(r"^(.{3,}?)(?:\1)+$")
_SHORTEST_CUT = 5
"""Shorter parts with a cut-off end are no loop yet: 我要退货我要退."""


def compression_ratio(text: str) -> float:
    """Bytes of the text over bytes of its zlib form; 0 for no text."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def is_loop(text: str, language: str, seconds: float) -> bool:
    """Whether the text is more than can have been said in this time, because it repeats itself."""
    words = bare(text)
    if len(words) <= MAX_CHARACTERS_PER_S[language] * seconds:
        return False
    return compression_ratio(text) > MAX_COMPRESSION or _unit(words) > 0


def fold(text: str) -> str:
    """One of the equal parts of a text that consists of nothing else; any other text as it is."""
    wanted, end = _unit(bare(text)), 0
    if not wanted:
        return text
    while wanted:
        wanted -= not re.match(r"[\W_]", text[end])
        end += 1
    return text[:end].strip()


def _unit(words: str) -> int:
    """Length of what is said twice or more; the last time may be cut off, where the decoder was stopped. 0 if nothing
    is.
    """
    repeated = _REPEATED.match(words)
    if repeated is not None:
        return len(repeated[1])
    return next((n for n in range(_SHORTEST_CUT, len(words) // 2 + 1) if words[n:] == words[:-n]), 0)


def bare(text: str) -> str:
    """Without punctuation, spaces and case."""
    return re.sub(r"[\W_]+", "", text).lower()
