"""Which wordings sound like a question, whatever characters a recogniser wrote: 机分有7线部 for 积分有期限不. Pure.

Compared are syllables without tones and without what is often confused (`models.vocabulary`), pairs of them, and pairs
of their finals alone: over a telephone an initial is lost more easily. Rare ones count more, as in any search by terms.
For English the like was tried with runs of letters, and found less than without.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pypinyin import lazy_pinyin

from models.vocabulary import folded

_PIECE = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9]")
_INITIAL = re.compile(r"^[bpmfdtnlgkhjqxrzcsyw]h?")
_DIGITS = dict(zip("0123456789", map(folded, lazy_pinyin("零一二三四五六七八九")), strict=True))
"""A recogniser writes 7线 for 期限."""


@lru_cache(maxsize=8192)
def syllables(text: str) -> tuple[str, ...]:
    """Folded pinyin of what is Chinese, figures as they are said, Latin letters one by one."""
    found: list[str] = []
    for piece in _PIECE.findall(text.lower()):
        if "\u4e00" <= piece[0] <= "\u9fff":
            found += map(folded, lazy_pinyin(piece))
        else:
            found.append(_DIGITS.get(piece, piece))
    return tuple(found)


class Sounds:
    """Some Chinese texts by their sound."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        each = [frozenset(_features(text)) for text in texts]
        counts = Counter(feature for features in each for feature in features)
        self._rarity = {feature: self._rare(count) for feature, count in counts.items()}
        found: dict[str, list[int]] = {}
        weights: dict[str, list[float]] = {}
        for at, features in enumerate(each):
            length = self._length(features)
            for feature in features:
                found.setdefault(feature, []).append(at)
                weights.setdefault(feature, []).append(self._rarity[feature] / length)
        self._texts = {feature: np.array(at) for feature, at in found.items()}
        self._weights = {feature: np.array(some, np.float32) for feature, some in weights.items()}

    def like(self, question: str) -> NDArray[np.float32]:
        """How much each of the texts sounds like it: a cosine, 0..1."""
        features = frozenset(_features(question))
        length, scores = self._length(features), np.zeros(self._size, np.float32)
        # In a fixed order, so that the same question always has the same sum.
        for feature in sorted(features & self._rarity.keys()):
            scores[self._texts[feature]] += self._rarity[feature] / length * self._weights[feature]
        return scores

    def _rare(self, count: int) -> float:
        return float(np.log(1 + self._size / (0.5 + count)))

    def _length(self, features: Iterable[str]) -> float:
        unknown = self._rare(0)
        return float(np.sqrt(sum(self._rarity.get(one, unknown) ** 2 for one in features))) or 1.0


def _features(text: str) -> Iterator[str]:
    sounds = syllables(text)
    finals = [_INITIAL.sub("", sound) or sound for sound in sounds]
    yield from sounds
    yield from (f"{a}_{b}" for a, b in pairwise(sounds))
    yield from (f"~{a}_{b}" for a, b in pairwise(finals))
