"""Which of several texts was said: the recogniser is asked how probable each is, and a company's word needs less."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.vocabulary import Mending, Vocabulary

CONFIDENT = 0.9
"""A word whose every token the recogniser found so probable is what was said, whatever it sounds like."""
BONUS = 3.0
"""So much less probable, in nats, a word of the company's may be than the one that was written: it is so much
likelier to be said on its hotline than anywhere else. Chosen on the fixtures and the human clips together."""
MOST_CANDIDATES = 8


@dataclass(frozen=True)
class Scored:
    """How probable a text is. character: each character's probability, the least of its tokens'. total: the sum of
    the tokens' log probabilities.
    """

    character: tuple[float, ...]
    total: float


Score = Callable[[Sequence[str]], list[Scored]]
"""Scores texts against the same audio."""


def mend(text: str, vocabulary: Vocabulary, score: Score) -> str:
    """The text with the company's words where they are the likelier ones."""
    candidates = vocabulary.mendings(text)[:MOST_CANDIDATES]
    if not candidates:
        return text
    whole, *others = score([text, *(replaced(text, one) for one in candidates)])
    better = [
        (other.total - whole.total, one)
        for one, other in zip(candidates, others, strict=True)
        if min(whole.character[one.start : one.end], default=1.0) < CONFIDENT and other.total > whole.total - BONUS
    ]
    taken: list[Mending] = []
    for _, one in sorted(better, key=lambda pair: (-(pair[1].end - pair[1].start), -pair[0])):
        if not any(one.start < other.end and other.start < one.end for other in taken):
            taken.append(one)
    for one in sorted(taken, key=lambda one: -one.start):
        text = replaced(text, one)
    return text


def replaced(text: str, one: Mending) -> str:
    """The text with one word mended."""
    return text[: one.start] + one.word + text[one.end :]
