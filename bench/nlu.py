"""How well callers are understood: intent, sentiment, signals, and the risk of whole calls, on sentences and calls that
nothing was trained on.

Prints every figure, the baselines for three-way sentiment beside ours, the false alarms in real service chats; writes
confusion matrices as pictures and every error in full to a folder. With ``--data`` also the public sets. ``as heard``:
the held-out sentences as the recogniser wrote them down, spoken over a telephone line (`bench.as_heard`).
"""

import argparse
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot

from agent.events import Language
from agent.risk import load_rules
from bench.heard import Said, heard
from bench.risk_calls import Outcome, RiskCall, load_calls, play, play_all, tuned_on
from models.encoder import SentenceEncoder
from models.nlu import INTENTS, NLU_DIR, SENTIMENTS, SIGNALS, Classifier
from models.nlu_transformer import TransformerClassifier
from models.training.corpus import Example, hand_written, public
from models.training.evaluate import Answers, Report, ask, evaluate, spoken_figures, table, three_way
from models.training.fit import Rows, fit
from models.training.frozen import frozen_intents
from models.training.measures import accuracy, confusions, macro_f1, precision_recall
from models.training.split import select
from models.training.train_nlu import ENCODER_DIR

MOODS = ("negative", "neutral", "positive")
L2 = 1e-4


def as_heard(classifier: Classifier) -> Report:
    """The held-out sentences that were spoken, each as it was written down."""
    texts, report = heard("intents"), Report()
    for language in get_args(Language):
        said = [(e, texts.get(Said(language, e.text))) for e in frozen_intents(language)]
        if spoken := [replace(e, text=text) for e, text in said if text is not None]:
            name = f"held out {language}, as heard"
            answers = report.answers[name] = ask(classifier, spoken)
            report.figures |= spoken_figures(name, answers)
    return report


def baselines(examples: Sequence[Example], encoder: SentenceEncoder) -> None:
    """What three-way dialogue sentiment comes to without any of ours: the commonest label, and a linear layer over
    sentence vectors.
    """
    train, test = ([e for e in select(examples, part) if e.source == "tv"] for part in ("train", "test"))
    truth = [three_way(next(iter(e.sentiments))) for e in test]
    commonest = max(MOODS, key=truth.count)
    features = encoder.encode([e.text for e in train])
    labels = np.array([MOODS.index(three_way(next(iter(e.sentiments)))) for e in train])
    head = fit(Rows(features * 8, labels, np.ones(len(labels), np.float32)), len(MOODS), l2=L2)
    logits = encoder.encode([e.text for e in test]) * 8 @ head.weight + head.bias
    said = [MOODS[i] for i in logits.argmax(axis=1)]
    for name, answer in (("majority", [commonest] * len(test)), ("embedding and linear layer", said)):
        print(f"  baseline, {name:38} accuracy {accuracy(truth, answer):6.1%}, macro F1 {macro_f1(truth, answer):6.1%}")


def per_label(name: str, labels: Sequence[str], truth: Sequence[str], said: Sequence[str]) -> None:
    """Precision and recall of each label, and what is confused most."""
    print(f"\n{name:34} precision  recall   there")
    for label in labels:
        precision, recall = precision_recall([t == label for t in truth], [s == label for s in said])
        print(f"  {label:32} {precision:9.0%} {recall:7.0%} {truth.count(label):7}")
    commonest = ", ".join(f"{t} → {s} {n}" for (t, s), n in confusions(truth, said).most_common(8))
    print(f"  confused: {commonest or 'nothing'}")


def signals_table(answers: Answers) -> None:
    print(f"\n{'signals':34} precision  recall   there")
    for name in SIGNALS:
        truth, said = answers.signal(name)
        precision, recall = precision_recall(truth, said)
        print(f"  {name:32} {precision:9.0%} {recall:7.0%} {sum(truth):7}")


def draw(file: Path, labels: Sequence[str], truth: Sequence[str], said: Sequence[str], title: str) -> None:
    """A confusion matrix, each row a true label."""
    counts = np.zeros((len(labels), len(labels)), int)
    for t, s in zip(truth, said, strict=True):
        counts[labels.index(t), labels.index(s)] += 1
    size = 2.5 + 0.45 * len(labels)
    figure, axis = pyplot.subplots(figsize=(size, size))
    axis.imshow(counts / np.maximum(1, counts.sum(axis=1, keepdims=True)), cmap="Blues", vmin=0, vmax=1)
    axis.set_xticks(range(len(labels)), labels, rotation=60, ha="right")
    axis.set_yticks(range(len(labels)), labels)
    axis.set_xlabel("said")
    axis.set_ylabel("true")
    for row, column in np.argwhere(counts):
        dark = counts[row, column] > counts[row].sum() / 2
        axis.text(column, row, str(counts[row, column]), ha="center", va="center", color="white" if dark else "black")
    axis.set_title(title)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    pyplot.close(figure)


def errors(answers: Answers) -> Iterator[str]:
    """Every sentence that was taken for something else."""
    for example, said in zip(answers.examples, answers.said, strict=True):
        wrong = []
        if example.intent and example.intent != said.intent:
            wrong.append(f"intent {example.intent} → {said.intent} ({said.intent_probability:.0%})")
        if example.sentiments and said.sentiment not in example.sentiments:
            moods = "/".join(sorted(example.sentiments))
            wrong.append(f"sentiment {moods} → {said.sentiment} ({said.sentiment_probability:.0%})")
        if example.signals is not None:
            heard = {name for name, p in said.signals.items() if p >= 0.5}
            if heard != example.signals:
                wrong.append(f"signals {sorted(example.signals) or '-'} → {sorted(heard) or '-'}")
        if wrong:
            context = " | ".join(example.context)
            yield f"{'; '.join(wrong)}\n    {f'[{context}] ' if context else ''}{example.text}\n"


def risk_figures(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    """Print recall and precision over calls; return the errors."""
    must = [o for o in outcomes if o.call.alert]
    in_time = sum(o.verdict in ("right", "early") for o in must)
    raised = [o for o in outcomes if o.raised_at is not None]
    justified = sum(o.call.alert and o.verdict != "early" for o in raised)
    print(
        f"  {name:38} {len(outcomes):5} calls, {len(must):3} to be alerted: recall {in_time / max(1, len(must)):6.1%}, "
        f"precision {justified / max(1, len(raised)):6.1%}"
    )
    return [
        f"{o.verdict}: {o.call.name} (alert {'by turn ' + str(o.call.by_turn) if o.call.alert else 'never'}; raised "
        f"{'at turn ' + str(o.raised_at) + ' for ' + ', '.join(o.alerts[0].causes) if o.alerts else 'never'}): "
        f"{' / '.join(o.call.turns)}\n    {o.call.why}\n"
        for o in outcomes
        if o.verdict != "right"
    ]


def service_chats(data: Path) -> list[RiskCall]:
    """Real chats with a shop's service; what the customer wrote, as if it had been said."""
    path = data / "dialogue" / "ecommerce_service_chats.jsonl.gz"
    chats = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            turns = tuple(turn["text"] for turn in row["turns"] if turn["speaker"] == "user")
            chats.append(RiskCall(row["session"], "chats", "zh", turns, alert=False))
    return chats


def risk(classifier: Classifier, data: Path | None, out: Path) -> None:
    """Whole calls."""
    rules, lines = load_rules(), list[str]()
    print("\nrisk of whole calls")
    for language in ("zh", "en"):
        outcomes = play_all(load_calls(language), classifier, rules)
        for part, tuned in (("tuned on", True), ("not tuned on", False)):
            lines += risk_figures(f"{language}, {part}", [o for o in outcomes if tuned_on(o.call) == tuned])
        lines += risk_figures(f"{language}, fresh", play_all(load_calls(language, "fresh"), classifier, rules))
    (out / "risk_errors.txt").write_text("\n".join(lines), encoding="utf-8")
    if data is None:
        return
    alarms = [outcome for chat in service_chats(data) if (outcome := play(chat, classifier, rules)).alerts]
    print(f"\nalerts in {len(service_chats(data))} real service chats: {len(alarms)}")
    for outcome in alarms:
        for raised in outcome.alerts:
            print(f"  turn {raised.turn}, {', '.join(raised.causes)}: " + " / ".join(e.words for e in raised.evidence))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with sentiment/ and dialogue/")
    parser.add_argument("--encoder", type=Path, default=ENCODER_DIR, help="of the baseline")
    parser.add_argument("--weights", type=Path, default=NLU_DIR, help="another classifier than the one in the package")
    parser.add_argument("--out", type=Path, default=Path("out/nlu"), help="folder for pictures and errors")
    arguments, _ = parser.parse_known_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    classifier = TransformerClassifier(arguments.weights)
    examples = [*hand_written(), *(public(arguments.data) if arguments.data else [])]
    report = evaluate(classifier, examples)
    in_calls = as_heard(classifier)
    report.answers |= in_calls.answers
    print(table(report.figures | in_calls.figures))
    if arguments.data:
        baselines(examples, SentenceEncoder(arguments.encoder.expanduser()))
    for name, answers in report.answers.items():
        (arguments.out / f"errors, {name}.txt").write_text("\n".join(errors(answers)), encoding="utf-8")
    for name in ("unseen scenarios", "held out zh"):
        answers = report.answers[name]
        for task, labels, pairs in (
            ("intent", INTENTS, answers.with_intent().intents()),
            ("sentiment", SENTIMENTS, answers.with_mood().moods()),
        ):
            per_label(f"{task}, {name}", labels, *pairs)
            draw(arguments.out / f"{task}, {name}.png", labels, *pairs, f"{task}, {name}")
        signals_table(answers.with_signals())
    risk(classifier, arguments.data, arguments.out)
    print(f"\npictures and errors: {arguments.out}")


if __name__ == "__main__":
    main()
