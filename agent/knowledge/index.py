"""What is compared when a company's knowledge of one language is searched: the meaning of every wording, and the terms
of every entry. Pure arithmetic on what an encoder gave.

The encoder's vectors of one company's questions all point much the same way. They are whitened first: centred, and
stretched so that the ways in which wordings of one answer differ count little. On the demo company's questions that is
worth three answers in a hundred (`python -m bench.knowledge`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
from numpy.typing import NDArray

from agent.events import Language
from agent.knowledge.asking import asked_for_by, denies
from agent.knowledge.documents import Entry
from agent.knowledge.sound import Sounds
from agent.knowledge.terms import codes, terms
from agent.knowledge.things import sizes, things

Floats = NDArray[np.float32]

SHRINKAGE = 0.5
"""How far the covariance is drawn towards a ball: some thousand wordings do not show 384 directions."""
TERM_WEIGHT = 0.02
"""Of a BM25 point beside cosines, from which two are added."""
DENIAL_WEIGHT = 0.25
"""Meaning hardly tells 有电梯 from 没电梯: so much an answer loses whose wordings deny what the question does not, or
of whose wordings not a third deny where the question does: 楼梯房 says 没电梯 in other words."""
SOUND_WEIGHT = 2.0
"""Of the two cosines by sound beside the two by meaning, chosen on the development questions as Whisper writes them."""
NEIGHBOURS = 7
"""Wordings that are looked at around a question; an answer of the demo company has fourteen."""


@dataclass(frozen=True)
class Scores:
    """How near each entry comes to a question; arrays of one number an entry.

    nearest: cosine of its nearest wording; centre: of the middle of its wordings; both whitened. raw: the nearest as
    the encoder has it. neighbours: its share of the `NEIGHBOURS` nearest wordings. bm25: by terms. written: of all
    these together. fused: with how it sounds, in Chinese.
    """

    nearest: Floats
    centre: Floats
    raw: Floats
    neighbours: Floats
    bm25: Floats
    written: Floats
    fused: Floats


class Index:
    """Entries of one language.

    Args:
        vectors: float32 ``[wordings, 384]`` of unit rows: each entry's wordings, entry by entry.
    """

    def __init__(self, entries: Sequence[Entry], vectors: Floats, language: Language) -> None:
        self.entries = tuple(entries)
        self.language = language
        self.approved = np.array([entry.approved for entry in self.entries])
        self.owner = np.repeat(np.arange(len(self.entries)), [len(entry.wordings) for entry in self.entries])
        self.vectors = vectors
        self._centre, self._stretch = _whitening(vectors, self.owner, self.approved)
        self.rows = self._whiten(vectors)
        self._sums = np.zeros((len(self.entries), self.rows.shape[1]), np.float32)
        np.add.at(self._sums, self.owner, self.rows)
        self.documents = [frozenset(terms(text, language)) for text in map(_document, self.entries)]
        self.kinds = [asked_for_by(entry.wordings) for entry in self.entries]
        self.denials = np.array([np.mean([denies(text) for text in entry.wordings]) for entry in self.entries])
        self.codes = [codes(_document(entry)) for entry in self.entries]
        self.things = [things(_document(entry)) for entry in self.entries]
        self.sizes = frozenset().union(*(sizes(_document(entry), language) for entry in self.entries))
        self.telling = _telling(self.entries, language)
        wordings = [wording for entry in self.entries for wording in entry.wordings]
        self._sounds = Sounds(wordings) if language == "zh" else None
        self._bm25 = bm25s.BM25(method="lucene", backend="numpy")
        self._bm25.index([list(terms(_document(entry), language)) for entry in self.entries], show_progress=False)
        counts: dict[str, int] = {}
        for document in self.documents:
            for term in document:
                counts[term] = counts.get(term, 0) + 1
        self._counts = counts

    def scores(self, text: str, vector: Floats, asked: Sequence[str]) -> Scores:
        """Of a question, its vector and its terms."""
        denied = denies(text)
        question = self._whiten(vector[None])[0]
        size = len(self.entries)
        nearest, raw = np.full(size, -1.0, np.float32), np.full(size, -1.0, np.float32)
        cosines = self.rows @ question
        np.maximum.at(nearest, self.owner, cosines)
        np.maximum.at(raw, self.owner, self.vectors @ vector)
        around = self.owner[np.argsort(-cosines)[:NEIGHBOURS]]
        neighbours = (np.bincount(around, minlength=size) / len(around)).astype(np.float32)
        centre = (self._sums @ question) / np.maximum(np.linalg.norm(self._sums, axis=1), 1e-6)
        known = [term for term in asked if term in self._counts]
        bm25 = self._bm25.get_scores(known).astype(np.float32) if known else np.zeros(size, np.float32)
        astray = DENIAL_WEIGHT * (1 - np.minimum(1, 3 * self.denials) if denied else self.denials).astype(np.float32)
        written = nearest + centre + TERM_WEIGHT * bm25 - astray
        fused = written + SOUND_WEIGHT * self._alike(text)
        return Scores(nearest, centre, raw, neighbours, bm25, written, fused)

    def _alike(self, text: str) -> Floats:
        """How each entry sounds like it: its likest wording, and all of them together. Nothing but in Chinese."""
        size = len(self.entries)
        likest, together = np.zeros(size, np.float32), np.zeros(size, np.float32)
        if self._sounds is not None:
            like = self._sounds.like(text)
            np.maximum.at(likest, self.owner, like)
            np.add.at(together, self.owner, like)
        wordings = np.maximum(1, np.bincount(self.owner, minlength=size))
        return np.asarray(likest + together / wordings, np.float32)

    def rarity(self, term: str) -> float:
        """How much a term tells: the inverse document frequency, highest for one that nothing here contains."""
        return float(np.log(1 + len(self.entries) / (0.5 + self._counts.get(term, 0))))

    def knows(self, term: str) -> bool:
        """Whether any entry contains it."""
        return term in self._counts

    def _whiten(self, vectors: Floats) -> Floats:
        rows = (vectors - self._centre) @ self._stretch
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(lengths, 1e-6), np.float32)


def _document(entry: Entry) -> str:
    return " ".join((*entry.wordings, entry.text)) if entry.approved else " ".join(entry.wordings)


def _telling(entries: Sequence[Entry], language: Language) -> dict[str, float]:
    """How surely a term is what some answer is about: the share of that answer's wordings that say it."""
    found: dict[str, float] = {}
    for entry in entries:
        if entry.approved:
            said = Counter(term for wording in entry.wordings for term in set(terms(wording, language)))
            for term, count in said.items():
                found[term] = max(found.get(term, 0.0), count / len(entry.wordings))
    return found


def _whitening(vectors: Floats, owner: NDArray[np.int64], approved: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The mean of all wordings of answers, and what turns the spread of wordings around their answer into a ball."""
    of_answers = approved[owner]
    rows, owners = (vectors[of_answers], owner[of_answers]) if of_answers.any() else (vectors, owner)
    centre = rows.mean(0)
    middles = np.zeros((owner.max() + 1, rows.shape[1]), np.float32)
    counts = np.bincount(owners, minlength=len(middles))
    np.add.at(middles, owners, rows)
    spread = rows - middles[owners] / counts[owners][:, None]
    covariance = spread.T @ spread / max(1, len(rows) - 1)
    width = covariance.shape[0]
    ball = max(float(np.trace(covariance)), 1e-6) / width
    values, directions = np.linalg.eigh(covariance + SHRINKAGE * ball * np.eye(width))
    return centre, np.asarray(directions / np.sqrt(values), np.float32)
