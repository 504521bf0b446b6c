"""Temperatures: by how much each head's logits are divided so that its probabilities mean what they say."""

from collections.abc import Sequence

import numpy as np
import torch

from models.nlu_network import HEADS, NluNetwork, TextRows
from models.training.corpus import Example
from models.training.fine_tune import targets
from models.training.fit import FloatArray, IntArray, temperature

_BATCH = 64


@torch.inference_mode()
def logits_of(network: NluNetwork, texts: TextRows, examples: Sequence[Example]) -> dict[str, FloatArray]:
    """Float32 ``[n, labels]`` for each head, in the examples' order."""
    rows = [texts.row(example.text, example.context) for example in examples]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    out = {name: np.zeros((len(rows), len(labels)), np.float32) for name, labels in HEADS.items()}
    for start in range(0, len(order), _BATCH):
        places = order[start : start + _BATCH]
        for name, values in network(texts.batch([rows[i] for i in places], network.center.device)).items():
            out[name][places] = values.float().cpu().numpy()
    return out


def temperatures(network: NluNetwork, texts: TextRows, dev: Sequence[Example]) -> dict[str, float]:
    """One for each head, fitted on sentences that were not trained on."""
    logits, known = logits_of(network, texts, dev), targets(dev)
    return {
        "intent": temperature(*only_single(logits["intent"], known.intents.numpy())),
        "sentiment": temperature(*only_single(logits["sentiment"], known.sentiments.numpy())),
        "signals": _binary_temperature(
            logits["signals"][known.signals_known.numpy()], known.signals[known.signals_known].numpy()
        ),
    }


def only_single(logits: FloatArray, allowed: FloatArray) -> tuple[FloatArray, IntArray]:
    """The rows where one answer alone is right, and its number."""
    single = allowed.sum(axis=1) == 1
    return logits[single], allowed[single].argmax(axis=1)


def _binary_temperature(logits: FloatArray, truth: FloatArray) -> float:
    candidates = np.geomspace(0.25, 4.0, 81)
    losses = []
    for candidate in candidates:
        scaled = logits / candidate
        losses.append(float((np.logaddexp(0, scaled) - truth * scaled).mean()))
    return float(candidates[int(np.argmin(losses))])
