"""Which of several doubtful transcripts to believe: the one that the others, weighed by their probability, contradict
least (minimum Bayes risk). The likeliest by itself is often an outlier in noise; what most of them agree on is not.
"""

from collections.abc import Sequence
from math import exp

from rapidfuzz.distance import Levenshtein

TEMPERATURE = 0.15
"""How much a likelier transcript counts more, in nats a token. 0.05 to 0.3 make no difference on noisy human clips."""


def consensus(candidates: Sequence[tuple[str, float]]) -> int:
    """The place of the chosen candidate.

    candidates: texts, each with its mean log probability; at least one.
    """
    best = max(score for _, score in candidates)
    weights = [exp((score - best) / TEMPERATURE) for _, score in candidates]

    def risk(text: str) -> float:
        return sum(
            weight * Levenshtein.distance(text, other) for weight, (other, _) in zip(weights, candidates, strict=True)
        )

    return min(range(len(candidates)), key=lambda place: risk(candidates[place][0]))
