"""The search in a company's knowledge: a caller's question in, the likeliest entry and passages out."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from loguru import logger

from agent.events import Language
from agent.knowledge.confidence import Signs, confidence, signs
from agent.knowledge.documents import Entry, read_knowledge
from agent.knowledge.found import NOTHING, SURE, Found, Passage
from agent.knowledge.index import Floats, Index, Scores
from agent.knowledge.misheard import Misheard
from agent.knowledge.terms import terms

Encode = Callable[[Sequence[str]], Floats]
"""Texts to float32 ``[texts, size]``, each row of length 1. Blocks."""

MISHEARD_PENALTY = 0.05
"""What was written is believed before what may have been meant, in points of the fused score."""
BELIEVED_FROM = 0.3
"""An answer that is as probable as this is taken by what was written alone; less, and it would not even be asked about.
Of 93 development questions in Chinese the sound finds seven more below it as Whisper writes them, and two more as they
are asked; above it, it loses as many as it finds."""
_NOT_A_WORD = re.compile(r"[\W_]+")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Best(NamedTuple):
    """The best approved entry for a question. ranked: a score for each entry, by which it is the best."""

    entry: int
    ranked: Floats
    signs: Signs


class Knowledge:
    """What one company has written down. Safe to share among threads, as far as the encoder is."""

    def __init__(self, entries: Sequence[Entry], vectors: Mapping[Language, Floats], encode: Encode) -> None:
        self._encode = encode
        self._indexes: dict[Language, Index] = {}
        for language in LANGUAGES:
            of_language = [entry for entry in entries if entry.language == language]
            if of_language:
                self._indexes[language] = Index(of_language, vectors[language], language)
        self._misheard = Misheard(text for e in entries for text in (*e.wordings, e.text) if e.language == "zh")

    @classmethod
    def open(cls, folder: Path, cache: Path, encode: Encode, model: str) -> "Knowledge":
        """The knowledge in a company's folder. Encoded anew, for some seconds, where a text or the model is another
        than last time; else from ``cache``. Raises CompanyError for what is wrong in the folder.
        """
        entries = read_knowledge(folder)
        return cls(entries, {lang: _vectors(entries, lang, cache, encode, model) for lang in LANGUAGES}, encode)

    @property
    def indexes(self) -> Mapping[Language, Index]:
        """Of each language that something is written in."""
        return self._indexes

    def search(self, text: str, language: Language, limit: int = 4) -> Found:
        """What answers a question. `NOTHING` for a text without words, and in a language that nothing is written in."""
        index = self._indexes.get(language)
        if index is None or not terms(text, language):
            return NOTHING
        best = self.best(text, language)
        if best is None:
            return NOTHING
        entry = index.entries[best.entry]
        is_written = _bare(text) in {_bare(wording) for wording in entry.wordings}
        sure = 1.0 if is_written else confidence(best.signs)
        order = np.argsort(-best.ranked)[:limit]
        passages = tuple(
            Passage(one.id, one.title, one.text) for one in (index.entries[int(position)] for position in order)
        )
        likely = Passage(entry.id, entry.title, entry.text)
        return Found(sure, entry.id, entry.text if sure >= SURE else None, passages, likely)

    def best(self, text: str, language: Language) -> Best | None:
        """The best approved entry, by the question as it was written or as it may have been meant; where it cannot
        well be that, by how the question sounds, too.
        """
        index = self._indexes[language]
        if not index.approved.any():
            return None
        readings = [text]
        if language == "zh" and (meant := self._misheard.meant(text)) != text:
            readings.append(meant)
        scored = [
            _Reading(reading, terms(reading, language), index.scores(reading, vector, terms(reading, language)))
            for vector, reading in zip(self._encode(readings), readings, strict=True)
        ]
        best = _best(index, scored, lambda scores: scores.written)
        if confidence(best.signs) >= BELIEVED_FROM:
            return best
        return _best(index, scored, lambda scores: scores.fused)


def _bare(text: str) -> str:
    return _NOT_A_WORD.sub("", text).lower()


class _Reading(NamedTuple):
    text: str
    asked: tuple[str, ...]
    scores: Scores


def _best(index: Index, readings: Sequence[_Reading], by: Callable[[Scores], Floats]) -> Best:
    """By that score, the first of the readings being what was written."""
    found = []
    for reading in readings:
        ranked = by(reading.scores) - (0.0 if reading is readings[0] else MISHEARD_PENALTY)
        entry = int(np.where(index.approved, ranked, -np.inf).argmax())
        found.append((float(ranked[entry]), entry, ranked, reading))
    _, entry, ranked, reading = max(found, key=lambda one: one[0])
    return Best(entry, ranked, signs(index, reading.scores, entry, reading.text, reading.asked))


def _vectors(entries: Sequence[Entry], language: Language, cache: Path, encode: Encode, model: str) -> Floats:
    """The wordings of a language as vectors, from the cache where they are there."""
    wordings = [wording for entry in entries if entry.language == language for wording in entry.wordings]
    if not wordings:
        return np.zeros((0, 1), np.float32)
    named = hashlib.sha256("\0".join([model, *wordings]).encode()).hexdigest()[:16]
    file = cache / f"{named}.npy"
    if file.exists():
        try:
            known: Floats = np.load(file)
            if known.dtype == np.float32 and known.ndim == 2 and len(known) == len(wordings):
                return known
            logger.warning("{} is another index than expected, and is made anew", file)
        except (ValueError, OSError, EOFError) as error:
            logger.warning("{} cannot be read and is made anew: {}", file, error)
    vectors = np.asarray(encode(wordings), np.float32)
    _keep(file, vectors)
    return vectors


def _keep(file: Path, vectors: Floats) -> None:
    """Whole or not at all; where it cannot be kept, it is made again next time."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
        with os.fdopen(handle, "wb") as part:
            np.save(part, vectors)
        os.replace(name, file)
    except OSError as error:
        logger.warning("the index cannot be kept in {}: {}", file, error)
