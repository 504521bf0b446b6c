"""Trains and measures the classifier's heads: ``python -m models.training.train_nlu --data DIR``.

Five-fold cross-validation says how good they are, once with whole scenarios held out and once with single sentences
held out (what is asked for is known, the wording is new); then the heads are fitted on everything and written with a
card that holds the figures.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from models.encoder import Encoder, SentenceEncoder
from models.nlu import (
    HEAD_CARD,
    HEAD_DIR,
    HEAD_FILE,
    INTENTS,
    LEXICON_FILE,
    SENTIMENTS,
    Features,
    Head,
    Lexicon,
    with_doubt,
)
from models.training.augment import Augmenter
from models.training.corpus import Example, hand_written, public
from models.training.fit import FloatArray, IntArray, Rows, calibration_error, fit, folds, stack, temperature

FOLDS = 5
L2 = 1e-3

# Chosen on the folds: a pattern that was written by hand says more than any one of 384 dimensions.
LEXICON_WEIGHT = 2.0
EMBEDDING_NORM = 4.0

# A public row counts so much beside a hotline sentence: microblogs and reviews are written, and about other things.
PUBLIC_WEIGHT = {"intent": 0.1, "sentiment": 0.15}

# Below this probability of the likeliest intent, `other` begins to win. Chosen on the folds: "unsure" in the output.
UNSURE_BELOW = 0.4

# Where `hotline models pull` puts it by default.
ENCODER_DIR = Path("~/.cache/hotline/models/multilingual-e5-small")

LABELS: dict[str, tuple[str, ...]] = {"intent": INTENTS, "sentiment": SENTIMENTS}


@dataclass(frozen=True)
class Corpus:
    """Examples with their inputs: the hand-written ones also as a telephone might bring them, row by row."""

    hand: list[Example]
    hand_features: FloatArray
    filled_features: FloatArray
    misheard_features: FloatArray
    test_misheard_features: FloatArray
    public: list[Example]
    public_features: FloatArray


@dataclass(frozen=True)
class Predictions:
    """What heads that had not seen a row say of it, for one task: raw logits, row by row."""

    hand: FloatArray
    misheard: FloatArray
    public: FloatArray


def build(data: Path, encoder: Encoder, lexicon: Lexicon, seed: int) -> tuple[Corpus, Features]:
    """Read, vary and encode everything."""
    hand, others = hand_written(), public(data, seed=seed)
    texts = [example.text for example in hand]
    augmenter = Augmenter(texts, random.Random(seed))
    versions = {
        "hand": texts,
        "filled": [augmenter.with_fillers(text) for text in texts],
        "misheard": [augmenter.misheard(augmenter.with_fillers(text)) for text in texts],
        "test": [augmenter.misheard(text) for text in texts],
        "public": [example.text for example in others],
    }
    vectors = {name: encoder.encode(version) for name, version in versions.items()}
    spread = vectors["hand"].std(axis=0) * np.sqrt(vectors["hand"].shape[1])
    features = Features(vectors["hand"].mean(axis=0), EMBEDDING_NORM / spread, LEXICON_WEIGHT)
    joined = {name: features.join(vectors[name], lexicon.features(version)) for name, version in versions.items()}
    return (
        Corpus(hand, joined["hand"], joined["filled"], joined["misheard"], joined["test"], others, joined["public"]),
        features,
    )


def labels_of(examples: Sequence[Example], task: str) -> IntArray:
    """Label numbers; -1 where an example says nothing about the task."""
    names = [getattr(example, task) for example in examples]
    return np.array([LABELS[task].index(name) if name else -1 for name in names], dtype=np.int64)


def training_rows(corpus: Corpus, task: str, hand: np.ndarray[Any, Any], others: np.ndarray[Any, Any]) -> Rows:
    """The rows that the masks admit: each hand-written sentence in three versions, and the public rows."""
    y, y_public = labels_of(corpus.hand, task), labels_of(corpus.public, task)
    keep, keep_public = hand & (y >= 0), others & (y_public >= 0)
    parts = [
        Rows(features[keep], y[keep], np.ones(int(keep.sum()), dtype=np.float32))
        for features in (corpus.hand_features, corpus.filled_features, corpus.misheard_features)
    ]
    weight = np.full(int(keep_public.sum()), PUBLIC_WEIGHT[task], dtype=np.float32)
    return stack([*parts, Rows(corpus.public_features[keep_public], y_public[keep_public], weight)])


def cross_validate(corpus: Corpus, task: str, groups: Sequence[str], seed: int) -> Predictions:
    """Logits for every row from heads that saw no row of its group."""
    fold = folds(groups, FOLDS, seed)
    public_fold = folds([example.scenario for example in corpus.public], FOLDS, seed)
    out = [np.zeros((len(f), len(LABELS[task])), np.float32) for f in (fold, fold, public_fold)]
    for held_out in range(FOLDS):
        head = fit(training_rows(corpus, task, fold != held_out, public_fold != held_out), len(LABELS[task]), l2=L2)
        inputs = (corpus.hand_features, corpus.test_misheard_features, corpus.public_features)
        for target, features, of in zip(out, inputs, (fold, fold, public_fold), strict=True):
            target[of == held_out] = features[of == held_out] @ head.weight + head.bias
    return Predictions(*out)


def accuracy(logits: FloatArray, labels: IntArray, mask: np.ndarray[Any, Any] | None = None) -> float:
    """Share of right answers among the labelled rows that the mask admits, in percent."""
    known = labels >= 0 if mask is None else (labels >= 0) & mask
    return round(float((logits.argmax(axis=1) == labels)[known].mean()) * 100, 1)


def measure(corpus: Corpus, task: str, seed: int) -> tuple[dict[str, float], float]:
    """Print one task's figures; return them and the temperature."""
    labels, public_labels = labels_of(corpus.hand, task), labels_of(corpus.public, task)
    known = labels >= 0
    scenarios = [example.scenario for example in corpus.hand]
    sentences = [example.text for example in corpus.hand]
    unseen = cross_validate(corpus, task, scenarios, seed)
    reworded = cross_validate(corpus, task, sentences, seed)
    english = np.array([text.isascii() for text in sentences])
    degrees = temperature(unseen.hand[known], labels[known])
    probabilities = Head(np.eye(len(LABELS[task]), dtype=np.float32), np.zeros(1, np.float32), degrees).probabilities(
        unseen.hand[known]
    )
    figures = {
        "unseen scenarios": accuracy(unseen.hand, labels),
        "unseen scenarios, Chinese": accuracy(unseen.hand, labels, ~english),
        "unseen scenarios, English": accuracy(unseen.hand, labels, english),
        "unseen scenarios, 15 % of characters misheard": accuracy(unseen.misheard, labels, ~english),
        "known scenarios, new wording": accuracy(reworded.hand, labels),
        "calibration error": round(calibration_error(probabilities, labels[known]) * 100, 1),
    }
    sources = np.array([example.source for example in corpus.public])
    for source in sorted(set(sources[public_labels >= 0])):
        figures[f"public: {source}"] = accuracy(unseen.public, public_labels, sources == source)
    print(f"\n{task}: {int(known.sum())} hand-written sentences, temperature {degrees:.2f}")
    for name, value in figures.items():
        print(f"  {name:46} {value:5.1f} %")
    report_labels(task, unseen.hand[known], labels[known], [e for e in corpus.hand if getattr(e, task)])
    if task == "intent":
        report_unsure(probabilities, labels[known])
    return figures, degrees


def report_labels(task: str, logits: FloatArray, labels: IntArray, examples: Sequence[Example]) -> None:
    """Print precision and recall of each label and the commonest confusions with an example of each."""
    guesses = logits.argmax(axis=1)
    print("  label              precision  recall   (unseen scenarios)")
    for i, name in enumerate(LABELS[task]):
        right = int(((guesses == i) & (labels == i)).sum())
        said, there = max(1, int((guesses == i).sum())), max(1, int((labels == i).sum()))
        print(f"  {name:18} {right / said:9.0%} {right / there:7.0%}")
    names = LABELS[task]
    wrong = [(names[y], names[g], e.text) for y, g, e in zip(labels, guesses, examples, strict=True) if y != g]
    print("  commonest confusions (true → guessed)")
    for (true, guess), count in Counter((t, g) for t, g, _ in wrong).most_common(12):
        example = next(text for t, g, text in wrong if (t, g) == (true, guess))
        print(f"  {count:4}  {true} → {guess}: {example}")


def report_unsure(probabilities: FloatArray, labels: IntArray) -> None:
    """Print what each threshold below which `other` is said would cost and save."""
    other = INTENTS.index("other")
    print("  unsure: threshold, right, wrong and not `other`")
    for threshold in (0.01, 0.3, 0.4, 0.5, 0.6):
        guesses = with_doubt(probabilities, threshold).argmax(axis=1)
        wrong = ((guesses != labels) & (guesses != other)).mean()
        print(f"  {threshold:6.2f} {(guesses == labels).mean():8.1%} {wrong:8.1%}")


def write(out: Path, features: Features, heads: dict[str, Head], card: dict[str, Any]) -> None:
    """Write the heads in float16 and their card."""
    tensors = {"features.mean": features.mean, "features.scale": features.scale}
    for task, head in heads.items():
        tensors |= {f"{task}.weight": head.weight, f"{task}.bias": head.bias}
    half = {name: np.ascontiguousarray(t, dtype=np.float16) for name, t in tensors.items()}
    (out / HEAD_FILE).write_bytes(save(half))
    (out / HEAD_CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with intent/ and sentiment/")
    parser.add_argument("--encoder", type=Path, default=ENCODER_DIR, help="multilingual-e5-small's folder")
    parser.add_argument("--out", type=Path, default=HEAD_DIR, help="where the heads go")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    lexicon = Lexicon(HEAD_DIR / LEXICON_FILE)
    corpus, features = build(
        args.data, SentenceEncoder(args.encoder.expanduser(), threads=args.threads), lexicon, args.seed
    )
    figures: dict[str, dict[str, float]] = {}
    heads: dict[str, Head] = {}
    for task, names in LABELS.items():
        figures[task], degrees = measure(corpus, task, args.seed)
        everything = training_rows(
            corpus, task, np.ones(len(corpus.hand), dtype=bool), np.ones(len(corpus.public), dtype=bool)
        )
        heads[task] = replace(fit(everything, len(names), l2=L2), temperature=degrees)
    card = {
        "intents": INTENTS,
        "sentiments": SENTIMENTS,
        "lexicon_weight": LEXICON_WEIGHT,
        "unsure_below": UNSURE_BELOW,
        "temperature": {task: round(head.temperature, 4) for task, head in heads.items()},
        "seed": args.seed,
        "figures_percent": figures,
    }
    write(args.out, features, heads, card)
    print(f"\nwritten: {args.out / HEAD_FILE}, {args.out / HEAD_CARD}")


if __name__ == "__main__":
    main()
