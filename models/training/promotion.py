"""Whether a new classifier may take the place of the old one: only if it is not worse on any frozen set. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.training.evaluate import FROZEN_SETS


@dataclass(frozen=True)
class Comparison:
    """One figure of both; higher is better."""

    name: str
    before: float
    after: float

    @property
    def is_worse(self) -> bool:
        return self.after < self.before


def compare(before: Mapping[str, float], after: Mapping[str, float]) -> list[Comparison]:
    """The figures of the frozen sets that decide; how well probabilities are calibrated does not."""
    return [
        Comparison(name, value, after[name])
        for name, value in before.items()
        if name.endswith(FROZEN_SETS) and "calibration" not in name and name in after
    ]
