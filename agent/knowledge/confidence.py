"""How probably the best entry answers a question: a logistic model of a few plain signs. Pure.

Its weights were fitted by ``python -m bench.knowledge --fit`` on the development questions, and on questions near the
knowledge that it does not answer. Wordings that are left out of the index and asked as questions are no help: they are
nearer to the others than what callers say, and teach it to expect as much of a caller.
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
from agent.knowledge.things import is_another_thing, sizes, things

FILE = Path(__file__).with_name("confidence.json")


@dataclass(frozen=True)
class Signs:
    """Of a question and its best entry, as it is written: how it sounds finds an entry, and is no reason to be sure.

    nearest, centre, raw, neighbours: as `Scores` has them. margin: by how much the best is ahead of the next. covered:
    which share of the question the entry's terms hold, rare terms counting more. elsewhere: how much more of it another
    entry holds. unknown: the share that no entry holds. agreed: the best by meaning is the best by terms. strange_code:
    a model or code is named that the entry does not name. foreign_kind: something is asked for, a price or a time, that
    hardly any wording of the entry asks for. other_thing: a product is named, and the entry is about others.
    strange_size: a product's size is named that stands nowhere in the knowledge. others_word: of the question's terms
    that the entry does not hold, how surely one is what another answer is about.
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
    foreign_kind: float
    other_thing: float
    strange_size: float
    others_word: float
    neighbours: float


SPEAK_FOR = frozenset({"nearest", "centre", "raw", "margin", "covered", "agreed", "neighbours"})
"""Signs that can only speak for an answer; the others only against it."""
NAMES = tuple(field.name for field in fields(Signs))


def signs(index: Index, scores: Scores, best: int, text: str, asked: tuple[str, ...]) -> Signs:
    """The signs for the entry ``best``."""
    others = np.where(index.approved, scores.written, -np.inf)
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
        margin=float(scores.written[best]) - max(second, -2.0),
        covered=covered,
        elsewhere=max(shares) - covered,
        unknown=unknown,
        agreed=float(scores.bm25[best] >= scores.bm25.max()),
        strange_code=float(bool(named - index.codes[best])),
        foreign_kind=_foreign_kind(index, best, text),
        other_thing=float(is_another_thing(things(text), index.things[best])),
        strange_size=float(bool(sizes(text, index.language) - index.sizes)),
        others_word=_others_word(index, best, asked),
        neighbours=float(scores.neighbours[best]),
    )


def _foreign_kind(index: Index, best: int, text: str) -> float:
    """0 where nothing particular is asked for, or a third of the wordings ask for it too; 1 where none does."""
    kinds = asked_for(text)
    return 1.0 - min(1.0, 3 * max(index.kinds[best][kind] for kind in kinds)) if kinds else 0.0


def _others_word(index: Index, best: int, asked: tuple[str, ...]) -> float:
    strange = (index.telling.get(term, 0.0) for term in asked if term not in index.documents[best])
    return max(strange, default=0.0)


def confidence(of: Signs, weights: Mapping[str, float] | None = None) -> float:
    """0..1. By the weights of confidence.json, if no others are given."""
    weights = weights or _weights()
    logit = weights["bias"] + sum(weights[name] * value for name, value in zip(NAMES, astuple(of), strict=True))
    return float(1 / (1 + np.exp(-logit)))


@cache
def _weights() -> Mapping[str, float]:
    return dict(json.loads(FILE.read_text(encoding="utf-8")))
