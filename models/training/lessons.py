"""What one epoch shows the network: the written sentences as a telephone might bring them, and a share of the public
ones.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from models.training.augment import Augmenter
from models.training.corpus import HAND, Example, unmarked

SHARES: dict[str, int] = {
    "reviews": 2_500, "weibo": 4_000, "tv": 2_500, "banking77": 300, "clinc150": 500, "smp2017": 300, "aishell": 4_000,
}  # fmt: skip
"""At most so many rows of a public set an epoch, others each time; sets that are not named come whole. With more of
them the written sentences, which are what a hotline hears, had too small a share of the hour that a training may take.
"""

LARGE_SHARES: Mapping[str, int] = SHARES | {"reviews": 12_000, "weibo": 13_000, "tv": 11_000}
"""The same where time is no matter: all microblogs and television, a sixth of the reviews."""

PLAIN_SHARE = 0.4
MISHEARD_SHARE = 0.35
LOWEST_RATE, HIGHEST_RATE = 0.04, 0.18
"""Of the characters of a misheard sentence, so many are replaced by ones that sound alike."""
UNMARKED_SHARE = 0.3
"""So many rows of the public sets come without the mark of their set: not everybody who shows the network a review will
say that it is one.
"""
CONTEXT_SHARE = 0.15
"""So many sentences of every mood get neutral ones as context that have nothing to do with them: what a caller wanted
before must not hide what they want now, nor that they have become angry."""


def epoch(
    examples: Sequence[Example],
    augmenter: Augmenter,
    rng: random.Random,
    shares: Mapping[str, int] = SHARES,
    part: float = 1.0,
) -> list[Example]:
    """The rows of one epoch, shuffled. part: of the written and public rows; what people corrected comes whole."""
    hand = [example for example in examples if example.source == HAND]
    hand = hand if part == 1 else rng.sample(hand, round(part * len(hand)))
    calm = [example.text for example in hand if example.intent and example.sentiments == {"neutral"}]
    rows = [_varied(example, calm, augmenter, rng) for example in hand]
    by_source: dict[str, list[Example]] = {}
    for example in examples:
        if example.source != HAND:
            by_source.setdefault(example.source, []).append(example)
    for source, some in sorted(by_source.items()):
        limit = round(part * shares[source]) if source in shares else len(some)
        some = some if len(some) <= limit else rng.sample(some, limit)
        rows += [unmarked(example) if rng.random() < UNMARKED_SHARE else example for example in some]
    rng.shuffle(rows)
    return rows


def _varied(example: Example, calm: Sequence[str], augmenter: Augmenter, rng: random.Random) -> Example:
    text, dice = example.text, rng.random()
    if dice >= PLAIN_SHARE:
        text = augmenter.with_fillers(text)
    if dice >= 1 - MISHEARD_SHARE:
        text = augmenter.misheard(text, rng.uniform(LOWEST_RATE, HIGHEST_RATE))
    context = example.context
    if not context and rng.random() < CONTEXT_SHARE:
        context = tuple(rng.sample(calm, rng.randint(1, 2)))
    return replace(example, text=text, context=context)
