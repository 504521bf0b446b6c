"""Units as they are written after a number, in both languages (``units.yaml``)."""

import re
from pathlib import Path

import yaml

_SPELLINGS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("units.yaml").read_text(encoding="utf-8"))

UNIT_OF: dict[str, str] = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}

UNIT_PATTERN = "|".join(re.escape(one).replace(r"\ ", r"[\s-]+") for one in sorted(UNIT_OF, key=len, reverse=True))
"""The longest spelling first. What follows has to be looked at by whoever uses it: m is not the start of "more"."""


def unit_of(spelling: str) -> str:
    """The unit's name for a spelling that `UNIT_PATTERN` matched."""
    return UNIT_OF[re.sub(r"[\s-]+", " ", spelling.lower())]
