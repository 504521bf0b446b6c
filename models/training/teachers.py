"""What other classifiers make of the lessons: a pupil learns from the mean of several what none of them knows alone.

Trainings of like quality are wrong in unlike places, so that their mean is right more often than each (Hinton et al.
2015, arXiv:1503.02531).
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.nlu_network import HEADS
from models.nlu_transformer import load_network, sigmoid, softmax
from models.training.calibrate import logits_of
from models.training.corpus import Example


def taught(examples: Sequence[Example], teachers: Sequence[Path]) -> list[Example]:
    """The examples with the mean of what the teachers in these folders say to them.

    Raises ModelError ``model_missing`` or ``model_damaged``.
    """
    sums = {head: np.zeros((len(examples), len(labels)), np.float32) for head, labels in HEADS.items()}
    for folder in teachers:
        network, texts, _ = load_network(folder)
        for head, logits in logits_of(network, texts, examples).items():
            sums[head] += (sigmoid(logits) if head == "signals" else softmax(logits)) / len(teachers)
    return [
        replace(example, taught={head: tuple(rows[i].tolist()) for head, rows in sums.items()})
        for i, example in enumerate(examples)
    ]
