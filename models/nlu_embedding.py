"""The classifier that serves until the transformer is good enough: two linear heads over a sentence vector and matches
of hand-written word patterns. It looks at the utterance alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from models.encoder import Encoder
from models.errors import ModelError
from models.nlu import (
    INTENTS,
    LEXICON_FILE,
    NLU_DIR,
    SENTIMENTS,
    SIGNALS,
    FloatArray,
    Lexicon,
    Understanding,
    understanding,
    with_doubt,
)

HEAD_FILE = "head.safetensors"
HEAD_CARD = "head.json"


def lexicon_features(lexicon: Lexicon, texts: Sequence[str]) -> FloatArray:
    """Float32 ``[len(texts), labels in the file]``: 0, 1, or 2 for two and more matches."""
    rows = [[*lexicon.intent_matches(text).values(), *lexicon.sentiment_matches(text).values()] for text in texts]
    width = len(rows[0]) if rows else 0
    return np.minimum(np.array(rows, dtype=np.float32).reshape(len(texts), width), 2)


@dataclass(frozen=True)
class Head:
    """A linear layer: label probabilities are the softmax of ``(features @ weight + bias) / temperature``."""

    weight: FloatArray
    bias: FloatArray
    temperature: float

    def probabilities(self, features: FloatArray) -> FloatArray:
        """Float32 ``[n, labels]`` of rows that sum to 1."""
        logits = (features @ self.weight + self.bias) / self.temperature
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        result: FloatArray = exponents / exponents.sum(axis=1, keepdims=True)
        return result


@dataclass(frozen=True)
class Features:
    """How a text becomes the heads' input: its sentence vector standardised, and the lexicon's counts."""

    mean: FloatArray
    scale: FloatArray
    lexicon_weight: float

    def join(self, embeddings: FloatArray, matches: FloatArray) -> FloatArray:
        """Float32 ``[n, 384 + labels in the lexicon]``."""
        standard = (embeddings - self.mean) * self.scale
        return np.concatenate([standard, matches * np.float32(self.lexicon_weight)], axis=1).astype(np.float32)


class EmbeddingClassifier:
    """Two linear heads over a sentence vector and the lexicon's matches. Listens for no signals.

    encoder: `models.encoder.SentenceEncoder`, or anything of its shape.
    head_dir: folder with ``head.safetensors``, ``head.json`` and ``keywords.toml``.
    Raises ModelError ``model_missing``, ``model_damaged``, or ``model_mismatch`` for heads that were trained otherwise.
    """

    def __init__(self, encoder: Encoder, head_dir: Path = NLU_DIR) -> None:
        self._encoder = encoder
        self._lexicon = Lexicon(head_dir / LEXICON_FILE)
        tensors, card = _load_head(head_dir)
        try:
            if tuple(card["intents"]) != INTENTS or tuple(card["sentiments"]) != SENTIMENTS:
                raise ModelError(
                    "model_mismatch", f"{head_dir / HEAD_CARD} has other labels than this program; train again."
                )
            self._features = Features(
                tensors["features.mean"], tensors["features.scale"], float(card["lexicon_weight"])
            )
            self._intent = _head(tensors, card, "intent")
            self._sentiment = _head(tensors, card, "sentiment")
            self._unsure_below = float(card["unsure_below"])
        except KeyError as error:
            raise ModelError("model_damaged", f"{head_dir} lacks {error}.") from error
        width = len(self._features.mean) + lexicon_features(self._lexicon, [""]).shape[1]
        for head, labels in ((self._intent, INTENTS), (self._sentiment, SENTIMENTS)):
            if head.weight.shape != (width, len(labels)):
                raise ModelError(
                    "model_mismatch",
                    f"The head in {head_dir} has the shape {head.weight.shape}, its inputs and labels ask for"
                    f" {(width, len(labels))}; train again.",
                )

    def understand(self, text: str, *, context: Sequence[str] = ()) -> Understanding:
        """See `Classifier`. This model looks at the utterance alone."""
        return self.understand_many([text])[0]

    def understand_many(
        self, texts: Sequence[str], contexts: Sequence[Sequence[str]] | None = None
    ) -> list[Understanding]:
        """See `Classifier`."""
        if not texts:
            return []
        features = self._features.join(self._encoder.encode(texts), lexicon_features(self._lexicon, texts))
        intents = with_doubt(self._intent.probabilities(features), self._unsure_below)
        sentiments = self._sentiment.probabilities(features)
        unheard = np.zeros(len(SIGNALS), np.float32)
        return [understanding(*rows, unheard) for rows in zip(intents, sentiments, strict=True)]


def _load_head(head_dir: Path) -> tuple[dict[str, FloatArray], dict[str, Any]]:
    try:
        tensors = {name: tensor.astype(np.float32) for name, tensor in load_file(head_dir / HEAD_FILE).items()}
        card = json.loads((head_dir / HEAD_CARD).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError("model_missing", f"No classifier head in {head_dir}: {error}") from error
    except (SafetensorError, json.JSONDecodeError, OSError, UnicodeDecodeError) as error:
        raise ModelError("model_damaged", f"The classifier head in {head_dir} cannot be read: {error}") from error
    return tensors, card


def _head(tensors: Mapping[str, FloatArray], card: Mapping[str, Any], name: str) -> Head:
    return Head(tensors[f"{name}.weight"], tensors[f"{name}.bias"], float(card["temperature"][name]))
