"""How good a classifier is, on sentences it was not trained on: figures by name, each a share from 0 to 1."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from models.nlu import INTENTS, Classifier, Understanding
from models.training.augment import Augmenter
from models.training.corpus import HAND, Example
from models.training.fit import calibration_error
from models.training.frozen import frozen_intents
from models.training.measures import accuracy, f1, macro_f1, precision_recall
from models.training.split import select

MISHEARD_RATE = 0.12
"""Whisper base gets about so many characters of a telephone call wrong (``bench/asr.py``)."""
SIGNAL_FROM = 0.5
FROZEN_SETS = ("held out zh", "held out en")


@dataclass
class Answers:
    """Examples with what the classifier made of them."""

    examples: Sequence[Example]
    said: Sequence[Understanding]

    def only(self, keep: Sequence[bool]) -> "Answers":
        return Answers(
            [e for e, k in zip(self.examples, keep, strict=True) if k],
            [s for s, k in zip(self.said, keep, strict=True) if k],
        )

    def with_intent(self) -> "Answers":
        return self.only([e.intent is not None for e in self.examples])

    def with_mood(self) -> "Answers":
        return self.only([len(e.sentiments) == 1 for e in self.examples])

    def with_signals(self) -> "Answers":
        return self.only([e.signals is not None for e in self.examples])

    def intents(self) -> tuple[list[str], list[str]]:
        return [str(e.intent) for e in self.examples], [s.intent for s in self.said]

    def moods(self) -> tuple[list[str], list[str]]:
        return [next(iter(e.sentiments)) for e in self.examples], [s.sentiment for s in self.said]

    def signal(self, name: str) -> tuple[list[bool], list[bool]]:
        return [name in (e.signals or ()) for e in self.examples], [s.signals[name] >= SIGNAL_FROM for s in self.said]

    def any_signal(self) -> tuple[list[bool], list[bool]]:
        return [bool(e.signals) for e in self.examples], [max(s.signals.values()) >= SIGNAL_FROM for s in self.said]


@dataclass
class Report:
    """figures: shares from 0 to 1 by name. answers: what they were computed from, by set."""

    figures: dict[str, float] = field(default_factory=dict)
    answers: dict[str, Answers] = field(default_factory=dict)


def ask(classifier: Classifier, examples: Sequence[Example]) -> Answers:
    """Every example, with its context."""
    said = classifier.understand_many([e.text for e in examples], [e.context for e in examples])
    return Answers(examples, said)


def evaluate(classifier: Classifier, examples: Sequence[Example]) -> Report:
    """Every figure. examples: the whole corpus; only its test part is asked for. Public sets that are not in it are
    left out.
    """
    test = select(examples, "test")
    report = Report()
    hand = [e for e in test if e.source == HAND]
    sets: dict[str, list[Example]] = {
        "unseen scenarios": hand,
        "unseen scenarios, misheard": _misheard(hand),
        "held out zh": frozen_intents("zh"),
        "held out en": frozen_intents("en"),
    }
    for name, some in sets.items():
        answers = report.answers[name] = ask(classifier, some)
        report.figures |= spoken_figures(name, answers)
    for source in ("reviews", "weibo", "tv"):
        if some := [e for e in test if e.source == source]:
            answers = report.answers[source] = ask(classifier, some)
            report.figures |= PUBLIC_FIGURES[source](answers)
    return report


def spoken_figures(name: str, answers: Answers) -> dict[str, float]:
    """How well intent, mood and signals are understood, of what callers say; `name` ends each figure's."""
    intents, moods, signals = answers.with_intent(), answers.with_mood(), answers.with_signals()
    dialogues = answers.only([bool(e.context) for e in answers.examples])
    precision, recall = precision_recall(*signals.any_signal())
    figures = {
        f"intent accuracy, {name}": accuracy(*intents.intents()),
        f"intent calibration error, {name}": _calibration(intents),
        f"sentiment accuracy, {name}": accuracy(*moods.moods()),
        f"sentiment macro F1, {name}": macro_f1(*moods.moods()),
        f"anger F1, {name}": _anger_f1(moods),
        f"signal precision, {name}": precision,
        f"signal recall, {name}": recall,
    }
    if dialogues.examples:
        figures[f"sentiment accuracy in dialogues, {name}"] = accuracy(*dialogues.moods())
    return figures


def _anger_f1(answers: Answers) -> float:
    truth, said = answers.moods()
    return f1([t == "angry" for t in truth], [s == "angry" for s in said])


def _calibration(answers: Answers) -> float:
    if not answers.examples:
        return float("nan")
    rows = np.array([[s.intents[one] for one in INTENTS] for s in answers.said], np.float32)
    return calibration_error(rows, np.array([INTENTS.index(str(e.intent)) for e in answers.examples]))


def _reviews(answers: Answers) -> dict[str, float]:
    truth = ["positive" in e.sentiments for e in answers.examples]
    likelier = [s.sentiments["positive"] > s.sentiments["negative"] + s.sentiments["angry"] for s in answers.said]
    return {"review polarity": accuracy(truth, likelier)}


def _weibo(answers: Answers) -> dict[str, float]:
    return {"anger F1, microblogs": _anger_f1(answers), "sentiment macro F1, microblogs": macro_f1(*answers.moods())}


def three_way(mood: str) -> str:
    """Angry is negative too where only three feelings are told apart."""
    return "negative" if mood == "angry" else mood


def _tv(answers: Answers) -> dict[str, float]:
    truth, said = ([three_way(mood) for mood in moods] for moods in answers.moods())
    return {
        "dialogue sentiment accuracy, 3-way": accuracy(truth, said),
        "dialogue macro F1, 3-way": macro_f1(truth, said),
    }


PUBLIC_FIGURES = {"reviews": _reviews, "weibo": _weibo, "tv": _tv}


def _misheard(examples: Sequence[Example]) -> list[Example]:
    augmenter = Augmenter([e.text for e in examples], random.Random(1))
    return [replace(e, text=augmenter.misheard(e.text, MISHEARD_RATE)) for e in examples]


def table(figures: Mapping[str, float]) -> str:
    """One figure a line, in percent."""
    return "\n".join(f"  {name:58} {value:6.1%}" for name, value in figures.items())
