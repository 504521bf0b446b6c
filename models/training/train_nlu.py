"""Trains the classifier: ``python -m models.training.train_nlu --data DIR``.

Starts from multilingual-e5-small (`models.training.start`), fine-tunes on all heads at once, fits temperatures on the
dev part, packs the weights to eight bits and measures the packed model on the test part and the frozen sets. The same
seed, data and machine type give the same weights.
"""

import argparse
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import torch

from models.nlu import TOKENIZER_FILE
from models.nlu_network import HEADS
from models.nlu_transformer import TransformerClassifier, load_network
from models.nlu_weights import write_weights
from models.training import lessons
from models.training.augment import Augmenter
from models.training.calibrate import temperatures
from models.training.corpus import HAND, corrections, hand_written, public
from models.training.evaluate import evaluate, table
from models.training.fine_tune import PLANS, PUPIL_PLAN, fine_tune
from models.training.frozen import without_frozen
from models.training.progress import progress
from models.training.split import select
from models.training.start import network_config, start
from models.training.teachers import taught

UNSURE_BELOW = 0.4
"""Below this probability of the likeliest intent, ``other`` begins to win. Chosen on the dev part."""

ENCODER_DIR = Path("~/.cache/hotline/models/multilingual-e5-small")
"""Where ``hotline models pull`` puts it by default."""


@dataclass(frozen=True)
class Training:
    """What to train, from what, where to, and by which of `PLANS`.

    data: folder with intent/ and sentiment/; None: the written sentences alone. corrections: a file of
    ``hotline nlu export``. layers: of the encoder's twelve. epochs, encoder_rate: None: the plan's.
    pupil: a classifier to train further. part: of an epoch's rows, beside what people corrected.
    shares: rows of public sets an epoch, where they are not the plan's.
    teachers: classifiers that say to the lessons what they think.
    """

    out: Path
    data: Path | None = None
    corrections: Path | None = None
    encoder: Path = ENCODER_DIR
    layers: int = 12
    epochs: int | None = None
    encoder_rate: float | None = None
    seed: int = 0
    threads: int = 2
    device: Literal["cpu", "cuda"] = "cpu"
    pupil: Path | None = None
    part: float = 1.0
    teachers: tuple[Path, ...] = ()
    shares: Mapping[str, int] = field(default_factory=dict)


def train(training: Training, told: Callable[[str], None]) -> None:
    """Train, write and measure. Raises ModelError for data or weights that are missing or wrong."""
    torch.set_num_threads(training.threads)
    begun_s = time.monotonic()
    examples = [*hand_written(), *(public(training.data) if training.data else [])]
    examples += corrections(training.corrections) if training.corrections else []
    train_part, dev = (without_frozen(select(examples, part)) for part in ("train", "dev"))
    augmenter = Augmenter([e.text for e in train_part if e.source == HAND], random.Random(training.seed))
    if training.pupil:
        network, texts, _ = load_network(training.pupil)
    else:
        network, texts = start(training.encoder.expanduser(), [e.text for e in train_part], layers=training.layers)
    millions = sum(p.numel() for p in network.parameters()) / 1e6
    told(
        f"{len(examples)} examples, {len(train_part)} to train on; {texts.tokenizer.get_vocab_size()} word pieces,"
        f" {millions:.1f} M parameters"
    )
    network.to(training.device)
    rng = random.Random(training.seed)
    plan = PUPIL_PLAN if training.pupil else PLANS[training.device]
    plan = replace(plan, seed=training.seed, epochs=training.epochs or plan.epochs)
    plan = replace(plan, encoder_rate=training.encoder_rate or plan.encoder_rate)
    shares = {**(lessons.LARGE_SHARES if training.device == "cuda" else lessons.SHARES), **training.shares}
    epochs = [lessons.epoch(train_part, augmenter, rng, shares, training.part) for _ in range(plan.epochs)]
    if training.teachers:
        epochs = [taught(rows, training.teachers) for rows in epochs]
        told(f"{len(training.teachers)} teachers heard after {(time.monotonic() - begun_s) / 60:.0f} min")
    written_dev = [e for e in dev if e.source == HAND]
    fine_tune(network, texts, epochs, plan, told, lambda: progress(network, texts, written_dev))

    degrees = temperatures(network, texts, written_dev)
    sources = sorted({e.source for e in train_part})
    card = {
        "labels": HEADS,
        "marks": {"bos": texts.bos_id, "eos": texts.eos_id, "pad": texts.pad_id},
        "config": network_config(network.encoder.config),
        "temperature": {name: round(value, 4) for name, value in degrees.items()},
        "unsure_below": UNSURE_BELOW,
        "seed": training.seed,
        "epochs": plan.epochs,
        "device": training.device,
        "sentences": {source: sum(e.source == source for e in train_part) for source in sources},
    }
    network.cpu()
    write_weights(training.out, network.state_dict(), card)
    texts.tokenizer.save(str(training.out / TOKENIZER_FILE), pretty=False)
    report = evaluate(TransformerClassifier(training.out, threads=training.threads, device=training.device), examples)
    told(table(report.figures))
    figures = {name: round(value, 4) for name, value in report.figures.items()}
    write_weights(training.out, network.state_dict(), {**card, "figures": figures})
    told(f"written to {training.out} after {(time.monotonic() - begun_s) / 60:.0f} min")


def share(text: str) -> tuple[str, int]:
    """``reviews=12000``. Raises argparse.ArgumentTypeError."""
    name, _, rows = text.partition("=")
    if name not in lessons.SHARES or not rows.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not SET=ROWS with a set of {', '.join(lessons.SHARES)}")
    return name, int(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with intent/ and sentiment/")
    parser.add_argument("--corrections", type=Path, help="a file of `hotline nlu export`")
    parser.add_argument("--encoder", type=Path, default=ENCODER_DIR, help="multilingual-e5-small's folder")
    parser.add_argument("--out", type=Path, default=Path("out/nlu-new"), help="where the classifier goes")
    parser.add_argument("--layers", type=int, default=Training.layers, help="of the encoder's twelve")
    parser.add_argument("--epochs", type=int, help="as many as the device's plan has, unless given")
    parser.add_argument("--encoder-rate", type=float, help="of AdamW; the plan's, unless given")
    parser.add_argument("--seed", type=int, default=Training.seed)
    parser.add_argument("--device", choices=sorted(PLANS), default=Training.device, help="a GPU has a longer plan")
    parser.add_argument("--pupil", type=Path, help="a classifier to train further")
    parser.add_argument("--part", type=float, default=Training.part, help="of an epoch's rows, beside the corrections")
    parser.add_argument("--teachers", type=Path, nargs="+", default=(), help="classifiers from whose mean it learns")
    shares_help = "of public sets, an epoch"
    parser.add_argument("--shares", type=share, nargs="+", default=(), metavar="SET=ROWS", help=shares_help)
    parser.add_argument("--threads", type=int, default=Training.threads)
    args = parser.parse_args()
    args.teachers, args.shares = tuple(args.teachers), dict(args.shares)
    train(Training(**vars(args)), lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
