"""How probably the best entry answers a question: a logistic model of a few plain signs. Pure.

Its weights were fitted by ``python -m bench.knowledge --fit`` on the development questions, on wordings that were left
out, and on wordings whose whole answer was left out, which are questions that nothing answers.
"""

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np

from agent.knowledge.asking import asked_for
from agent.knowledge.index import Index, Scores
from agent.knowledge.terms import codes

FILE = Path(__file__).with_name("confidence.json")


@dataclass(frozen=True)
class Signs:
    """Of a question and its best entry.

    nearest, centre, raw: as `Scores` has them. margin: by how much the best is ahead of the next. covered: which share
    of the question the entry's terms hold, rare terms counting more. elsewhere: how much more of it another entry
    holds. unknown: the share that no entry holds. agreed: the best by meaning is the best by terms. strange_code: a
    model or code is named that the entry does not name. shortness: 1 for one term, less for more.
    foreign_kind: something is asked for, a price or a time, that hardly any wording of the entry asks for.
    """

    nearest: float
    centre: float
    raw: float
    margin: float
    covered: float
    elsewhere: float
    unknown: float
    agreed: float
    strange_code: float
    shortness: float
    foreign_kind: float


SPEAK_FOR = frozenset({"nearest", "centre", "raw", "margin", "covered", "agreed"})
"""Signs that can only speak for an answer; the others only against it."""
NAMES = tuple(field.name for field in fields(Signs))


def signs(index: Index, scores: Scores, best: int, text: str, asked: tuple[str, ...]) -> Signs:
    """The signs for the entry ``best``."""
    others = np.where(index.approved, scores.fused, -np.inf)
    others[best] = -np.inf
    second = float(others.max()) if len(others) > 1 else 0.0
    weight = sum(index.rarity(term) for term in asked) or 1.0
    shares = [sum(index.rarity(term) for term in asked if term in document) / weight for document in index.documents]
    covered = shares[best]
    unknown = sum(index.rarity(term) for term in asked if not index.knows(term)) / weight
    named = codes(text)
    return Signs(
        nearest=float(scores.nearest[best]),
        centre=float(scores.centre[best]),
        raw=float(scores.raw[best]),
        margin=float(scores.fused[best]) - max(second, -2.0),
        covered=covered,
        elsewhere=max(shares) - covered,
        unknown=unknown,
        agreed=float(scores.bm25[best] >= scores.bm25.max()),
        strange_code=float(bool(named - index.codes[best])),
        shortness=1.0 / max(1, len(asked)),
        foreign_kind=_foreign_kind(index, best, text),
    )


def _foreign_kind(index: Index, best: int, text: str) -> float:
    """0 where nothing particular is asked for, or a third of the wordings ask for it too; 1 where none does."""
    kinds = asked_for(text)
    return 1.0 - min(1.0, 3 * max(index.kinds[best][kind] for kind in kinds)) if kinds else 0.0


def confidence(of: Signs) -> float:
    """0..1."""
    weights = _weights()
    logit = weights["bias"] + sum(weights[name] * value for name, value in zip(NAMES, astuple(of), strict=True))
    return float(1 / (1 + np.exp(-logit)))


@cache
def _weights() -> Mapping[str, float]:
    return dict(json.loads(FILE.read_text(encoding="utf-8")))
