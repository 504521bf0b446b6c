"""Fitting a linear layer (a baseline of ``bench.nlu``), temperatures, and the error of calibrated probabilities."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

_ITERATIONS = 100


@dataclass(frozen=True)
class Head:
    """A linear layer: logits are ``features @ weight + bias``."""

    weight: FloatArray
    bias: FloatArray


@dataclass(frozen=True)
class Rows:
    """Training rows: float32 ``features [n, d]``, ``labels [n]`` and how much each counts, ``weights [n]``."""

    features: FloatArray
    labels: IntArray
    weights: FloatArray


def fit(rows: Rows, labels: int, *, l2: float) -> Head:
    """Weighted multinomial logistic regression by L-BFGS from zero, so the same rows give the same head."""
    features, target = torch.from_numpy(rows.features), torch.from_numpy(rows.labels)
    share = torch.from_numpy(rows.weights / rows.weights.sum())
    weight = torch.zeros(features.shape[1], labels, requires_grad=True)
    bias = torch.zeros(labels, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=_ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        each = torch.nn.functional.cross_entropy(features @ weight + bias, target, reduction="none")
        total = (each * share).sum() + l2 * weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return Head(weight.detach().numpy(), bias.detach().numpy())


def temperature(logits: FloatArray, labels: IntArray) -> float:
    """The temperature under which `labels` are likeliest given `logits` of rows the model had not seen."""
    candidates = np.geomspace(0.25, 4.0, 81)
    losses = []
    for candidate in candidates:
        scaled = logits / candidate
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(scaled).sum(axis=1))
        losses.append(float((log_sum - scaled[np.arange(len(labels)), labels]).mean()))
    return float(candidates[int(np.argmin(losses))])


def calibration_error(probabilities: FloatArray, labels: IntArray, bins: int = 10) -> float:
    """Expected calibration error: how far confidence and accuracy lie apart, averaged over bins of confidence."""
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    of_bin = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[of_bin == b].mean() - correct[of_bin == b].mean()) * (of_bin == b).mean()
        for b in range(bins)
        if (of_bin == b).any()
    ]
    return float(sum(gaps))
