"""What a caller wants, how they feel and what is at stake, from one utterance and those before it.

A `Classifier` turns text into an `Understanding`. `models.nlu_transformer.TransformerClassifier` is the real one;
`DummyClassifier` is its stand-in without weights, by hand-written word patterns.
"""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

Intent = Literal[
    "order_status", "logistics", "refund_return", "repair", "installation", "billing_invoice", "product_inquiry",
    "account_service", "cancel_service", "complaint", "human_agent", "praise", "greeting", "goodbye", "chitchat",
    "other",
]  # fmt: skip
Sentiment = Literal["angry", "negative", "neutral", "positive"]

Signal = Literal[
    "self_harm", "safety", "violence", "regulator", "lawyer", "media", "privacy", "fraud", "strung_along",
    "broken_promise", "refund_refused", "repeated_contact",
]  # fmt: skip
"""What may make a call escalate; several may be heard in one utterance. The rules of ``agent/risk`` weigh them."""

INTENTS: tuple[Intent, ...] = get_args(Intent)
SENTIMENTS: tuple[Sentiment, ...] = get_args(Sentiment)
SIGNALS: tuple[Signal, ...] = get_args(Signal)

NLU_DIR = Path(__file__).parent / "weights" / "nlu"
CONTEXT_TURNS = 3
"""Earlier utterances of the caller that a classifier is shown."""

WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
CARD_FILE = "card.json"

_LEXICON = Path(__file__).parent / "dummy_keywords.toml"
# A pattern that looks far ahead must not meet 10,000 characters; the ends of a long utterance say what it is about.
_LEXICON_CHARS = 400

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Understanding:
    """One utterance understood. ``intents`` and ``sentiments`` give every label its probability and sum to 1;
    ``intent`` and ``sentiment`` are the likeliest. ``signals`` has a probability of its own for each.
    """

    intent: Intent
    intent_probability: float
    intents: Mapping[str, float]
    sentiment: Sentiment
    sentiment_probability: float
    sentiments: Mapping[str, float]
    signals: Mapping[str, float]


class Classifier(Protocol):
    """Understands utterances; any text gives a valid answer, an empty one too."""

    def understand(self, text: str, *, context: Sequence[str] = ()) -> Understanding:
        """Understand `text`; `context` holds what the caller said before, oldest first."""
        ...

    def understand_many(
        self, texts: Sequence[str], contexts: Sequence[Sequence[str]] | None = None
    ) -> list[Understanding]:
        """Understand texts that have nothing to do with each other, each with its context if any, in one batch."""
        ...


class Lexicon:
    """Regular expressions that speak for an intent or a sentiment, from ``dummy_keywords.toml``."""

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


def with_doubt(probabilities: FloatArray, unsure_below: float) -> FloatArray:
    """Move probability to ``other`` where the likeliest intent has less than `unsure_below`.

    Each row gives away the share by which its maximum falls short, so nothing jumps at the border: a maximum of two
    thirds of it gives a third away. Float32 ``[n, intents]`` in and out; rows still sum to 1.
    """
    doubt = np.clip(1 - probabilities.max(axis=1, keepdims=True) / unsure_below, 0, 1)
    result: FloatArray = probabilities * (1 - doubt)
    result[:, INTENTS.index("other")] += doubt[:, 0]
    return result


CAUSES = tuple(name for name in SIGNALS if name != "repeated_contact")
"""Signals of which nobody speaks without feeling; who says how often they have called may do so calmly."""
CAUSE_WEIGHT = 0.85
"""How much of what speaks against a heard cause is taken away, by its probability. Chosen on the dev part."""
_ERRANDLESS: frozenset[Intent] = frozenset({"other", "greeting", "goodbye", "praise", "chitchat"})
_ERRAND_CAUSES = tuple(name for name in CAUSES if name != "self_harm")
"""Who threatens or was hurt wants something; who does not want to live may speak of nothing that a company does."""


def with_errand(intents: FloatArray, signals: FloatArray) -> FloatArray:
    """Move probability from the intents that ask for nothing to the others where a cause is heard: 差点出人命 alone
    might be anything, but is said for a reason.

    Float32 ``[n, intents]`` and ``[n, signals]`` in; ``[n, intents]`` out, rows still sum to 1.
    """
    return _without(intents, INTENTS, _ERRANDLESS, signals, _ERRAND_CAUSES)


def with_cause(sentiments: FloatArray, signals: FloatArray) -> FloatArray:
    """Move probability from neutral and positive to angry and negative where a cause is heard: who threatens, or is in
    danger, is not calm, however calmly they put it.

    Float32 ``[n, sentiments]`` and ``[n, signals]`` in; ``[n, sentiments]`` out, rows still sum to 1.
    """
    return _without(sentiments, SENTIMENTS, {"neutral", "positive"}, signals, CAUSES)


def _without(
    rows: FloatArray, labels: Sequence[str], excluded: Collection[str], signals: FloatArray, causes: Sequence[str]
) -> FloatArray:
    """The rows with less of the `excluded` labels, by how surely one of the `causes` is heard."""
    heard = signals[:, [SIGNALS.index(name) for name in causes]].max(axis=1, keepdims=True)
    unlikely = np.array([label in excluded for label in labels])
    weighed = np.where(unlikely, rows * (1 - CAUSE_WEIGHT * heard), rows)
    result: FloatArray = (weighed / weighed.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


class DummyClassifier:
    """Decides by the lexicon alone: most matches wins. No weights, instant, always the same."""

    def __init__(self, lexicon: Path = _LEXICON) -> None:
        self._lexicon = Lexicon(lexicon)

    def understand(self, text: str, *, context: Sequence[str] = ()) -> Understanding:
        """See `Classifier`."""
        intents = _by_count(self._lexicon.intent_matches(text), INTENTS, "other")
        sentiments = _by_count(self._lexicon.sentiment_matches(text), SENTIMENTS, "neutral")
        return understanding(intents, sentiments, np.zeros(len(SIGNALS), np.float32))

    def understand_many(
        self, texts: Sequence[str], contexts: Sequence[Sequence[str]] | None = None
    ) -> list[Understanding]:
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


def understanding(intents: FloatArray, sentiments: FloatArray, signals: FloatArray) -> Understanding:
    """From probabilities, one for each of `INTENTS`, `SENTIMENTS` and `SIGNALS`."""
    intent, sentiment = int(intents.argmax()), int(sentiments.argmax())
    return Understanding(
        intent=INTENTS[intent],
        intent_probability=float(intents[intent]),
        intents=dict(zip(INTENTS, intents.tolist(), strict=True)),
        sentiment=SENTIMENTS[sentiment],
        sentiment_probability=float(sentiments[sentiment]),
        sentiments=dict(zip(SENTIMENTS, sentiments.tolist(), strict=True)),
        signals=dict(zip(SIGNALS, signals.tolist(), strict=True)),
    )
