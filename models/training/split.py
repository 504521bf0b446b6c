"""Which part of the corpus a scenario belongs to: decided by its name, so that adding sentences moves none."""

import hashlib
from collections.abc import Iterable
from typing import Literal

from models.training.corpus import Example

Part = Literal["train", "dev", "test"]

TRAIN_PERCENT = 90
DEV_PERCENT = 4
"""What is tuned on it (temperatures, thresholds, how long to train) must not be measured on it, hence the test part."""


def place_of(scenario: str) -> int:
    """A number from 0 to 99, evenly spread."""
    return int.from_bytes(hashlib.sha256(scenario.encode("utf-8", "surrogatepass")).digest()[:4], "big") % 100


def part_of(scenario: str) -> Part:
    """The part of a scenario."""
    percent = place_of(scenario)
    if percent < TRAIN_PERCENT:
        return "train"
    return "dev" if percent < TRAIN_PERCENT + DEV_PERCENT else "test"


def select(examples: Iterable[Example], part: Part) -> list[Example]:
    """The examples of one part, in order."""
    return [example for example in examples if part_of(example.scenario) == part]
