"""Sentences as a telephone recogniser might return them: with fillers, without punctuation, with homophones.

Deterministic given its random source, so that a training run can be repeated.
"""

import random
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from pypinyin import lazy_pinyin

from models.vocabulary import folded

_FILLERS = Path(__file__).parent / "fillers.txt"


class Augmenter:
    """Makes variants of sentences; the homophones come from the characters of `texts` itself."""

    def __init__(self, texts: Iterable[str], rng: random.Random) -> None:
        self._rng = rng
        self._homophones: dict[str, list[str]] = defaultdict(list)
        for character in sorted({c for text in texts for c in text if "\u4e00" <= c <= "\u9fff"}):
            self._homophones[folded(lazy_pinyin(character)[0])].append(character)
        blocks = [block.splitlines() for block in _FILLERS.read_text(encoding="utf-8").strip().split("\n\n")]
        self._openers, self._closers, self._openers_en, self._closers_en = blocks

    def with_fillers(self, text: str) -> str:
        """Something people say before or after what they want to say."""
        if text.isascii():
            return self._with_english_fillers(text)
        opener = self._rng.choice(self._openers) if self._rng.random() < 0.8 else ""
        closer = self._rng.choice(self._closers) if self._rng.random() < 0.3 else ""
        whole = opener + text + closer
        return whole.replace("，", "") if self._rng.random() < 0.3 else whole + self._rng.choice(("。", "", "？"))

    def _with_english_fillers(self, text: str) -> str:
        opener = f"{self._rng.choice(self._openers_en)} " if self._rng.random() < 0.4 else ""
        closer = f" {self._rng.choice(self._closers_en)}" if self._rng.random() < 0.2 else ""
        whole = opener + text + closer
        return whole.lower().replace(",", "") if self._rng.random() < 0.5 else whole + "."

    def misheard(self, text: str, rate: float = 0.15) -> str:
        """Replace each Chinese character with probability `rate` by one that sounds alike."""
        return "".join(self._sounds_like(c) if self._rng.random() < rate else c for c in text)

    def _sounds_like(self, character: str) -> str:
        if not "\u4e00" <= character <= "\u9fff":
            return character
        return self._rng.choice(self._homophones.get(folded(lazy_pinyin(character)[0])) or [character])
