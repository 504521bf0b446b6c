"""How well a caller's question finds its answer in the demo company's knowledge.

    python -m bench.knowledge [--part dev|test|fresh] [--heard] [--errors] [--fit] [--folds N]

Of the questions in ``bench/sets/knowledge_questions_{zh,en}.yaml``, as callers ask them and in spellings that imitate a
small recogniser (``heard``), one half, by a hash of its words, is for developing and the other for testing. The errors
of the test half were once read while developing. Those of ``knowledge_fresh_{zh,en}.yaml``, which were written without
trying anything on them, are for measuring alone. ``--heard``: the questions of all parts as the recogniser itself wrote
them down, spoken over a telephone line (`bench.as_heard`).

top-1: of the questions that the files answer, how many find their entry first.
answered: of the same, how many are answered word for word, as the confidence is `SURE` or more.
wrong: of all that are answered word for word, how many get another entry's answer, or ask what the files do not say.
refused: of the questions that the files do not answer, how many are not answered word for word. What becomes of those
further is the language model's, which may use passages alone.

``--fit`` fits the weights of the confidence on the development half and on questions beside the point
(``knowledge_beside_{zh,en}.yaml``), prints them and writes them to ``agent/knowledge/confidence.json``. ``--folds N``
shows what such a fit is worth on questions that it was not made on: each fifth, say, by the weights of the others.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np
import torch
import yaml

from agent.application import open_knowledge
from agent.company.company import load_company
from agent.config import load_settings
from agent.events import Language
from agent.knowledge.confidence import FILE, NAMES, SPEAK_FOR, Signs, confidence
from agent.knowledge.found import SURE
from agent.knowledge.search import Knowledge
from bench.heard import Said, heard

ROOT = Path(__file__).parent.parent
SETS = ROOT / "bench" / "sets"
COMPANY = ROOT / "companies" / "jinghe"
Part = Literal["dev", "test", "fresh"]

SHARE_UNANSWERABLE = 0.3
"""Of the questions that are fitted on, by weight: about what callers ask beside what is written down."""
BESIDE_WEIGHT = 0.17
"""Of a question beside the point, of which every answer has some, beside one that a caller asked."""
STEPS = 200
WEIGHT_DECAY = 1e-3


@dataclass(frozen=True)
class Question:
    """expected: the entries that answer it; none where the files do not say. asked: as the caller said it."""

    text: str
    language: Language
    expected: frozenset[str]
    asked: str
    part: Part

    @property
    def heard(self) -> bool:
        return self.text != self.asked


class Outcome(NamedTuple):
    question: Question
    entry: str
    confidence: float

    @property
    def is_right(self) -> bool:
        return self.entry in self.question.expected

    @property
    def is_answered(self) -> bool:
        return self.confidence >= SURE


def load_questions(folder: Path = SETS) -> list[Question]:
    """All of them, each also as it was heard where that is given."""
    found = []
    for language in get_args(Language):
        for name in ("questions", "fresh"):
            for row in yaml.safe_load((folder / f"knowledge_{name}_{language}.yaml").read_text(encoding="utf-8")):
                expected = row["expect"]
                ids = frozenset([] if expected is None else [expected] if isinstance(expected, str) else expected)
                part: Part = "fresh" if name == "fresh" else _half(row["q"])
                found.append(Question(row["q"], language, ids, row["q"], part))
                if "heard" in row:
                    found.append(Question(row["heard"], language, ids, row["q"], part))
    return found


def as_heard(questions: Sequence[Question]) -> list[Question]:
    """Those that were spoken, in the words that were heard; a question that nothing was heard of has none."""
    texts = heard("knowledge")
    spoken = [(q, texts.get(Said(q.language, q.text))) for q in questions if not q.heard]
    return [replace(question, text=text) for question, text in spoken if text is not None]


def _half(text: str) -> Part:
    return "dev" if hashlib.sha256(text.encode()).digest()[-1] % 2 else "test"


def asked(knowledge: Knowledge, question: Question) -> Outcome:
    found = knowledge.search(question.text, question.language)
    return Outcome(question, found.entry, found.confidence)


# -------------------------------------------------------------------------------------------------------- the table


def share(hits: int, of: int) -> str:
    """With Wilson's 95 % interval."""
    if not of:
        return "–"
    z, p = 1.96, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * float(np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))) / (1 + z * z / of)
    return f"{100 * p:.1f} % ({100 * max(0.0, middle - half):.0f}–{100 * min(1.0, middle + half):.0f})"


def row(name: str, outcomes: Sequence[Outcome]) -> str:
    """One line of the table."""
    answerable = [one for one in outcomes if one.question.expected]
    others = [one for one in outcomes if not one.question.expected]
    spoken = [one for one in outcomes if one.is_answered]
    return (
        f"{name:<10}{len(answerable):>5}{share(sum(o.is_right for o in answerable), len(answerable)):>20}"
        f"{share(sum(o.is_answered and o.is_right for o in answerable), len(answerable)):>20}"
        f"{share(sum(not o.is_right for o in spoken), len(spoken)):>18}"
        f"{len(others):>8}{share(sum(not o.is_answered for o in others), len(others)):>20}"
    )


def report(outcomes: Sequence[Outcome]) -> str:
    heading = f"{'':<10}{'ask':>5}{'top-1':>20}{'answered':>20}{'wrong':>18}{'beside':>8}{'refused':>20}"
    groups = {
        "zh": [o for o in outcomes if o.question.language == "zh" and not o.question.heard],
        "zh heard": [o for o in outcomes if o.question.language == "zh" and o.question.heard],
        "en": [o for o in outcomes if o.question.language == "en" and not o.question.heard],
        "en heard": [o for o in outcomes if o.question.language == "en" and o.question.heard],
        "all zh": [o for o in outcomes if o.question.language == "zh"],
        "all en": [o for o in outcomes if o.question.language == "en"],
        "all": list(outcomes),
    }
    return "\n".join([heading, *(row(name, group) for name, group in groups.items())])


def errors(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What went wrong, a line each."""
    for one in outcomes:
        right = ", ".join(sorted(one.question.expected)) or "nothing"
        if (one.question.expected and not one.is_right) or (not one.question.expected and one.is_answered):
            yield f"{one.confidence:.2f} {one.question.text} → {one.entry}, not {right}"


# ---------------------------------------------------------------------------------------------------------- the fit


class Example(NamedTuple):
    question: Question
    entry: str
    signs: Signs
    weight: float

    @property
    def is_right(self) -> bool:
        return self.entry in self.question.expected


def examples(knowledge: Knowledge, questions: Sequence[Question]) -> list[Example]:
    """Everything that the confidence is fitted on."""
    beside = [
        Question(text, language, frozenset(), text, "dev")
        for language in get_args(Language)
        for text in load_beside(language)
    ]
    weighted = [(one, 1.0) for one in questions if one.part == "dev"] + [(one, BESIDE_WEIGHT) for one in beside]
    found = []
    for question, weight in weighted:
        best = knowledge.best(question.text, question.language)
        if best is not None:
            entry = knowledge.indexes[question.language].entries[best.entry].id
            found.append(Example(question, entry, best.signs, weight))
    return found


def held_out(found: Sequence[Example], folds: int) -> Iterator[tuple[Example, Outcome]]:
    """Each by the weights that are fitted on the other folds; a question and what was heard of it are in one fold."""
    fold_of = [hashlib.sha256(f"fold {one.question.asked}".encode()).digest()[0] % folds for one in found]
    for fold in sorted(set(fold_of)):
        weights = fit([one for one, its in zip(found, fold_of, strict=True) if its != fold])
        for one, its in zip(found, fold_of, strict=True):
            if its == fold:
                yield one, Outcome(one.question, one.entry, confidence(one.signs, weights))


def load_beside(language: Language, folder: Path = SETS) -> list[str]:
    """Questions near the knowledge that it does not answer."""
    texts: list[str] = yaml.safe_load((folder / f"knowledge_beside_{language}.yaml").read_text(encoding="utf-8"))
    return texts


def fit(found: Sequence[Example]) -> dict[str, float]:
    """Logistic regression by L-BFGS, the shares of right and wrong as callers' questions have them. A sign that speaks
    for an answer never counts against it, nor the reverse: what fits so only fits these questions.
    """
    x = torch.tensor([astuple(one.signs) for one in found], dtype=torch.float64)
    y = torch.tensor([float(one.is_right) for one in found], dtype=torch.float64)
    weight = torch.tensor([one.weight for one in found], dtype=torch.float64)
    for label, part in ((1.0, 1 - SHARE_UNANSWERABLE), (0.0, SHARE_UNANSWERABLE)):
        weight[y == label] *= part / weight[y == label].sum()
    middle, spread = x.mean(0), x.std(0).clamp(min=1e-6)
    direction = torch.tensor([1.0 if name in SPEAK_FOR else -1.0 for name in NAMES], dtype=torch.float64)
    beta = torch.zeros(x.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([beta], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        slopes = direction * torch.nn.functional.softplus(beta[1:])
        logit = ((x - middle) / spread) @ slopes + beta[0]
        each = torch.nn.functional.binary_cross_entropy_with_logits(logit, y, reduction="none")
        total = (weight * each).sum() + WEIGHT_DECAY * slopes.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    slopes = (direction * torch.nn.functional.softplus(beta[1:]) / spread).detach()
    bias = float(beta[0].detach() - (slopes * middle).sum())
    return {"bias": round(bias, 4), **{name: round(float(one), 4) for name, one in zip(NAMES, slopes, strict=True)}}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.knowledge", description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=get_args(Part), help="only this part; all by default")
    parser.add_argument("--heard", action="store_true", help="as Whisper wrote them down over a line")
    parser.add_argument("--errors", action="store_true", help="list what went wrong")
    parser.add_argument("--fit", action="store_true", help="fit the confidence anew before measuring")
    parser.add_argument("--folds", type=int, metavar="N", help="only show what a fit is worth elsewhere")
    options = parser.parse_args()
    knowledge = open_knowledge(load_company(COMPANY), load_settings())
    written = load_questions()
    questions = as_heard(written) if options.heard else written
    if options.fit:
        weights = fit(examples(knowledge, written))
        FILE.write_text(json.dumps(weights, indent=2) + "\n", encoding="utf-8")
        print(json.dumps(weights, indent=2))
    if options.folds:
        pairs = list(held_out(examples(knowledge, written), options.folds))
        print(f"\ndev, held out\n{report([outcome for one, outcome in pairs if one.weight == 1.0])}")
        print(f"\nbeside, held out\n{report([outcome for one, outcome in pairs if one.weight != 1.0])}")
        return
    for part in [options.part] if options.part else get_args(Part):
        outcomes = [asked(knowledge, question) for question in questions if question.part == part]
        print(f"\n{part}\n{report(outcomes)}")
        if options.errors:
            print(*errors(outcomes), sep="\n")


if __name__ == "__main__":
    main()
