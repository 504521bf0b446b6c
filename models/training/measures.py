"""How good answers are: accuracy, F1, confusions. Pure."""

from collections import Counter
from collections.abc import Hashable, Sequence


def accuracy(truth: Sequence[Hashable], said: Sequence[Hashable]) -> float:
    """Share of right answers, 0..1; NaN of nothing."""
    pairs = list(zip(truth, said, strict=True))
    return sum(t == s for t, s in pairs) / len(pairs) if pairs else float("nan")


def precision_recall(truth: Sequence[bool], said: Sequence[bool]) -> tuple[float, float]:
    """Of a yes-or-no question, 0..1; NaN where nothing was said or nothing was there."""
    both = sum(t and s for t, s in zip(truth, said, strict=True))
    return _share(both, sum(said)), _share(both, sum(truth))


def f1(truth: Sequence[bool], said: Sequence[bool]) -> float:
    """Of a yes-or-no question, 0..1: 2 TP / (2 TP + FP + FN)."""
    both = sum(t and s for t, s in zip(truth, said, strict=True))
    return _share(2 * both, sum(truth) + sum(said))


def macro_f1(truth: Sequence[Hashable], said: Sequence[Hashable]) -> float:
    """Mean F1 over the labels that are there, 0..1."""
    labels = sorted(set(truth), key=str)
    return sum(f1([t == one for t in truth], [s == one for s in said]) for one in labels) / max(1, len(labels))


def confusions(truth: Sequence[str], said: Sequence[str]) -> Counter[tuple[str, str]]:
    """How often each label was taken for each other one."""
    return Counter((t, s) for t, s in zip(truth, said, strict=True) if t != s)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
