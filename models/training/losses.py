"""What the network is taught: one loss for each head, over the rows of which something is known."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

FloatTensor = torch.Tensor

WEIGHTS: Mapping[str, float] = {"intent": 1.0, "sentiment": 1.0, "signals": 18.0}
"""Signals are twelve questions that are mostly answered with no, so that their mean is small. With a weight of 6, few
were learnt in the time there is."""

LABEL_SMOOTHING = 0.05

TAUGHT_SHARE = 0.7
"""Of a taught row's loss, so much is what teachers say of it, the rest what its writer said."""


@dataclass(frozen=True)
class Targets:
    """What is known of a batch of n rows.

    intents: float ``[n, 16]``, sentiments: float ``[n, 4]``, 1 for those that may be right, all 0 unknown.
    signals: float ``[n, 12]``, known: bool ``[n]`` whether they are. taught: float ``[n, labels]`` of each head, what
    teachers say, where ``is_taught``, bool ``[n]``. weight: float ``[n]``.
    """

    intents: torch.Tensor
    sentiments: torch.Tensor
    signals: torch.Tensor
    signals_known: torch.Tensor
    taught: Mapping[str, torch.Tensor]
    is_taught: torch.Tensor
    weight: torch.Tensor


def total_loss(logits: Mapping[str, FloatTensor], targets: Targets) -> FloatTensor:
    """The weighted sum of the heads' losses, a mean over the batch's weight."""
    each = {
        "intent": allowed_loss(logits["intent"], targets.intents, LABEL_SMOOTHING),
        "sentiment": allowed_loss(logits["sentiment"], targets.sentiments),
        "signals": signals_loss(logits["signals"], targets.signals, targets.signals_known),
    }
    for name, taught in targets.taught.items():
        learnt = taught_loss(name, logits[name], taught)
        each[name] = torch.where(targets.is_taught, torch.lerp(each[name], learnt, TAUGHT_SHARE), each[name])
    summed = sum((WEIGHTS[name] * loss for name, loss in each.items()), torch.zeros_like(targets.weight))
    return (summed * targets.weight).sum() / targets.weight.sum()


def allowed_loss(logits: FloatTensor, allowed: FloatTensor, smoothing: float = 0.0) -> FloatTensor:
    """Minus the log of the probability of all that may be right, ``[n]``; 0 where nothing is known.

    allowed: float ``[n, labels]`` of 0 and 1. smoothing: this share of the loss is the mean over all labels, as
    in a cross-entropy with label smoothing.
    """
    log_probabilities = torch.log_softmax(logits, dim=1)
    known = allowed.sum(dim=1) > 0
    # Where nothing is known all may be right; a row of nothing but minus infinity would have no gradient.
    right = torch.where(known.unsqueeze(1), allowed, torch.ones_like(allowed)) > 0
    loss = -torch.logsumexp(log_probabilities.masked_fill(~right, float("-inf")), dim=1)
    return torch.where(known, (1 - smoothing) * loss - smoothing * log_probabilities.mean(dim=1), 0.0)


def signals_loss(logits: FloatTensor, signals: FloatTensor, known: torch.Tensor) -> FloatTensor:
    """Mean binary cross-entropy over the signals, ``[n]``; 0 where unknown."""
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits, signals, reduction="none")
    return each.mean(dim=1) * known.float()


def taught_loss(head: str, logits: FloatTensor, taught: FloatTensor) -> FloatTensor:
    """Cross-entropy against probabilities, ``[n]``."""
    if head == "signals":
        each = torch.nn.functional.binary_cross_entropy_with_logits(logits, taught, reduction="none")
        return each.mean(dim=1)
    return -(taught * torch.log_softmax(logits, dim=1)).sum(dim=1)


def disagreement(one: Mapping[str, FloatTensor], other: Mapping[str, FloatTensor]) -> FloatTensor:
    """How far apart two answers to the same rows are, a scalar: half the sum of both Kullback-Leibler divergences.

    The network is asked twice, with other parts dropped out, and is to give one answer (R-Drop, Liang et al. 2021,
    arXiv:2106.14448).
    """
    p, q = one["signals"], other["signals"]
    apart = ((p.sigmoid() - q.sigmoid()) * (p - q)).sum(dim=1)
    for head in ("intent", "sentiment"):
        p, q = torch.log_softmax(one[head], dim=1), torch.log_softmax(other[head], dim=1)
        apart = apart + ((p.exp() - q.exp()) * (p - q)).sum(dim=1)
    return 0.5 * apart.mean()
