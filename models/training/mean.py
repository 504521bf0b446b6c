"""The mean of several trainings' weights: ``python -m models.training.mean OUT FOLDER FOLDER ...``.

Trainings that began at the same weights end near enough to each other for their mean to be a classifier, and what each
took for granted alone is halved in it (Wortsman et al. 2022, arXiv:2203.05482). It costs nothing when it serves.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from models.errors import ModelError
from models.nlu import TOKENIZER_FILE
from models.nlu_transformer import load_network
from models.nlu_weights import read_weights, write_weights
from models.training.calibrate import temperatures
from models.training.corpus import Example, hand_written
from models.training.frozen import without_frozen
from models.training.split import select


def write_mean(out: Path, folders: Sequence[Path], dev: Sequence[Example]) -> None:
    """Write the mean of the classifiers in `folders`, with temperatures fitted on `dev`.

    A folder that is named twice counts twice. Raises ModelError ``model_mismatch`` for classifiers of unlike
    vocabularies or labels, else as `load_network` does.
    """
    states, cards = zip(*(read_weights(folder) for folder in folders), strict=True)
    for folder, its in zip(folders, cards, strict=True):
        load_network(folder)
        same = (folder / TOKENIZER_FILE).read_bytes() == (folders[0] / TOKENIZER_FILE).read_bytes()
        if not same or its["config"] != cards[0]["config"]:
            raise ModelError("model_mismatch", f"{folder} is built otherwise than {folders[0]}; they have no mean.")
    mean = {name: torch.stack([state[name] for state in states]).mean(dim=0) for name in states[0]}
    card: dict[str, Any] = {key: value for key, value in cards[0].items() if key not in ("figures", "seed", "epochs")}
    card["mean_of"] = len(folders)
    write_weights(out, mean, card)
    shutil.copyfile(folders[0] / TOKENIZER_FILE, out / TOKENIZER_FILE)
    network, texts, card = load_network(out)
    degrees = temperatures(network, texts, dev)
    write_weights(out, mean, {**card, "temperature": {name: round(value, 4) for name, value in degrees.items()}})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="where the mean goes")
    parser.add_argument("folders", type=Path, nargs="+", help="classifiers")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    write_mean(args.out, args.folders, without_frozen(select(hand_written(), "dev")))


if __name__ == "__main__":
    main()
