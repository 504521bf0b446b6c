"""What a caller wants and how they feel, from one utterance.

A `Classifier` turns text into an `Understanding`. `EmbeddingClassifier` is the real one: a sentence vector and matches
of hand-written word patterns go through two small linear heads (``models/training/train_nlu.py`` makes them).
`DummyClassifier` is its stand-in without weights. A later, fine-tuned model only has to be a third class with the same
two methods.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from models.encoder import Encoder
from models.errors import ModelError

Intent = Literal[
    "order_status", "logistics", "refund_return", "repair", "installation", "billing_invoice", "product_inquiry",
    "account_service", "cancel_service", "complaint", "human_agent", "praise", "greeting", "goodbye", "chitchat",
    "other",
]  # fmt: skip
Sentiment = Literal["angry", "negative", "neutral", "positive"]

INTENTS: tuple[Intent, ...] = get_args(Intent)
SENTIMENTS: tuple[Sentiment, ...] = get_args(Sentiment)

HEAD_DIR = Path(__file__).parent / "weights" / "nlu"
HEAD_FILE = "head.safetensors"
HEAD_CARD = "head.json"
LEXICON_FILE = "keywords.toml"

# A pattern that looks far ahead must not meet 10,000 characters; the ends of a long utterance say what it is about.
_LEXICON_CHARS = 400

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Understanding:
    """One utterance understood. ``intents`` and ``sentiments`` give every label its probability and sum to 1;
    ``intent`` and ``sentiment`` are the likeliest.
    """

    intent: Intent
    intent_probability: float
    intents: Mapping[str, float]
    sentiment: Sentiment
    sentiment_probability: float
    sentiments: Mapping[str, float]


class Classifier(Protocol):
    """Understands utterances; any text gives a valid answer, an empty one too."""

    def understand(self, text: str, *, context: Sequence[str] = ()) -> Understanding:
        """Understand `text`; `context` holds what the caller said before, oldest first."""
        ...

    def understand_many(self, texts: Sequence[str]) -> list[Understanding]:
        """Understand texts that have nothing to do with each other, in one batch."""
        ...


class Lexicon:
    """Regular expressions that speak for an intent or a sentiment, from ``keywords.toml``."""

    def __init__(self, path: Path) -> None:
        try:
            sections = tomllib.loads(path.read_text(encoding="utf-8"))
            self._intents = _compile(sections["intent"], INTENTS)
            self._sentiments = _compile(sections["sentiment"], SENTIMENTS)
        except FileNotFoundError as error:
            raise ModelError("model_missing", f"The word patterns {path} are not there.") from error
        except (tomllib.TOMLDecodeError, KeyError, ValueError, re.error, UnicodeDecodeError) as error:
            raise ModelError("model_damaged", f"{path}: {error}") from error

    def intent_matches(self, text: str) -> dict[Intent, int]:
        """How many patterns of each intent match, in the file's order."""
        return _matches(self._intents, text)

    def sentiment_matches(self, text: str) -> dict[Sentiment, int]:
        """How many patterns of each sentiment match, in the file's order."""
        return _matches(self._sentiments, text)

    def features(self, texts: Sequence[str]) -> FloatArray:
        """Float32 ``[len(texts), labels in the file]``: 0, 1, or 2 for two and more matches."""
        rows = [[*self.intent_matches(text).values(), *self.sentiment_matches(text).values()] for text in texts]
        width = len(self._intents) + len(self._sentiments)
        return np.minimum(np.array(rows, dtype=np.float32).reshape(len(texts), width), 2)


def _compile(section: Mapping[str, list[str]], known: Sequence[Any]) -> dict[Any, list[re.Pattern[str]]]:
    for label in section:
        if label not in known:
            raise ValueError(f"{label!r} is no label; it may be one of {', '.join(known)}")
    return {label: [re.compile(pattern) for pattern in patterns] for label, patterns in section.items()}


def _matches(patterns: Mapping[Any, list[re.Pattern[str]]], text: str) -> dict[Any, int]:
    text = text.strip().lower()
    if len(text) > _LEXICON_CHARS:
        text = text[: _LEXICON_CHARS // 2] + " " + text[-_LEXICON_CHARS // 2 :]
    return {label: sum(p.search(text) is not None for p in group) for label, group in patterns.items()}


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
    """Two linear heads over a sentence vector and the lexicon's matches.

    encoder: `models.encoder.SentenceEncoder`, or anything of its shape.
    head_dir: folder with ``head.safetensors``, ``head.json`` and ``keywords.toml``.
    Raises ModelError ``model_missing``, ``model_damaged``, or ``model_mismatch`` for heads that were trained otherwise.
    """

    def __init__(self, encoder: Encoder, head_dir: Path = HEAD_DIR) -> None:
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
        width = len(self._features.mean) + self._lexicon.features([""]).shape[1]
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

    def understand_many(self, texts: Sequence[str]) -> list[Understanding]:
        """See `Classifier`."""
        if not texts:
            return []
        features = self._features.join(self._encoder.encode(texts), self._lexicon.features(texts))
        intents = with_doubt(self._intent.probabilities(features), self._unsure_below)
        sentiments = self._sentiment.probabilities(features)
        return [_understanding(*rows) for rows in zip(intents, sentiments, strict=True)]


def with_doubt(probabilities: FloatArray, unsure_below: float) -> FloatArray:
    """Move probability to ``other`` where the likeliest intent has less than `unsure_below`.

    Each row gives away the share by which its maximum falls short, so nothing jumps at the border: a maximum of two
    thirds of it gives a third away. Float32 ``[n, intents]`` in and out; rows still sum to 1.
    """
    doubt = np.clip(1 - probabilities.max(axis=1, keepdims=True) / unsure_below, 0, 1)
    result: FloatArray = probabilities * (1 - doubt)
    result[:, INTENTS.index("other")] += doubt[:, 0]
    return result


class DummyClassifier:
    """Decides by the lexicon alone: most matches wins. No weights, instant, always the same."""

    def __init__(self, lexicon: Path = HEAD_DIR / LEXICON_FILE) -> None:
        self._lexicon = Lexicon(lexicon)

    def understand(self, text: str, *, context: Sequence[str] = ()) -> Understanding:
        """See `Classifier`."""
        intents = _by_count(self._lexicon.intent_matches(text), INTENTS, "other")
        sentiments = _by_count(self._lexicon.sentiment_matches(text), SENTIMENTS, "neutral")
        return _understanding(intents, sentiments)

    def understand_many(self, texts: Sequence[str]) -> list[Understanding]:
        """See `Classifier`."""
        return [self.understand(text) for text in texts]


# Of the probability, so much goes to the label with the most matches; the rest is shared evenly.
_DUMMY_SURE = 0.8


def _by_count(matches: Mapping[Any, int], labels: Sequence[str], otherwise: str) -> FloatArray:
    best = max(matches, key=lambda label: matches[label])
    chosen = best if matches[best] else otherwise
    row = np.full(len(labels), (1 - _DUMMY_SURE) / (len(labels) - 1), dtype=np.float32)
    row[labels.index(chosen)] = _DUMMY_SURE
    return row


def _understanding(intents: FloatArray, sentiments: FloatArray) -> Understanding:
    intent, sentiment = int(intents.argmax()), int(sentiments.argmax())
    return Understanding(
        intent=INTENTS[intent],
        intent_probability=float(intents[intent]),
        intents=dict(zip(INTENTS, intents.tolist(), strict=True)),
        sentiment=SENTIMENTS[sentiment],
        sentiment_probability=float(sentiments[sentiment]),
        sentiments=dict(zip(SENTIMENTS, sentiments.tolist(), strict=True)),
    )


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
