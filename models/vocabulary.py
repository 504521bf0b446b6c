"""A company's own words, found by their sound where a recogniser wrote others: 定胆 for 订单, 智能 for 制冷. Pure.

Two words sound alike when their pinyin is the same without tones and without what Mandarin speakers and telephones
confuse: zh/z, ch/c, sh/s, n/l at the beginning, ng/n at the end. Whether the company's word was meant is not decided
here; see `models.mending`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin

SHORTEST = 2
"""Characters. A single one sounds like a hundred others."""


@dataclass(frozen=True)
class Mending:
    """``text[start:end]`` sounds like `word`, which is another."""

    start: int
    end: int
    word: str


class Vocabulary:
    """Words by their sound.

    Raises ValueError for a word that is too short to be told by its sound.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)
        if short := sorted(word for word in self.words if len(word) < SHORTEST):
            raise ValueError(f"{', '.join(short)}: a word needs {SHORTEST} characters at least to be told by its sound")
        self._by_sound: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for word in sorted(self.words):
            self._by_sound[tuple(folded(s) for s in lazy_pinyin(word))].append(word)
        self._sizes = sorted({len(word) for word in self.words}, reverse=True)

    def mendings(self, text: str) -> list[Mending]:
        """Every place that sounds like a word of the vocabulary and is not one, the longest first; they may overlap.

        A place inside a word that is right already (单 in 订单) is left alone.
        """
        right = [
            (start, start + size)
            for size in self._sizes
            for start in range(len(text) - size + 1)
            if text[start : start + size] in self.words
        ]
        found = []
        for size in self._sizes:
            for start in range(len(text) - size + 1):
                end = start + size
                if any(start < b and a < end for a, b in right):
                    continue
                if sounds := _sounds(text[start:end]):
                    found += [Mending(start, end, word) for word in self._by_sound.get(sounds, ())]
        return found


@lru_cache(maxsize=8192)
def _sounds(text: str) -> tuple[str, ...] | None:
    """The folded pinyin of a piece of Chinese text; None where not every character is Chinese."""
    if not all("\u4e00" <= character <= "\u9fff" for character in text):
        return None
    return tuple(folded(syllable) for syllable in lazy_pinyin(text))


def folded(syllable: str) -> str:
    """A syllable of toneless pinyin without what is confused."""
    if syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    if syllable.endswith("ng"):
        syllable = syllable[:-1]
    return "n" + syllable[1:] if syllable.startswith("l") else syllable
