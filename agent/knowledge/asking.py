"""What kind of thing a question asks for: a price, a time, a place. An answer that speaks of nothing of the kind does
not answer it, however near its subject is.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

_WORDS = yaml.safe_load(Path(__file__).with_name("asking.yaml").read_text("utf-8"))
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile("|".join(patterns.values()), re.IGNORECASE) for kind, patterns in _WORDS["asks_for"].items()
}
_DENIES = re.compile("|".join(_WORDS["denies"].values()), re.IGNORECASE)


def asked_for(text: str) -> frozenset[str]:
    """All kinds of thing that a question asks for, as asking.yaml names them."""
    return frozenset(kind for kind, pattern in _PATTERNS.items() if pattern.search(text))


def denies(text: str) -> bool:
    """Whether something is said not to be there: 没电梯, without a lift."""
    return _DENIES.search(text) is not None


def asked_for_by(texts: Iterable[str]) -> Mapping[str, float]:
    """Of several wordings of one question: which share of them asks for each kind."""
    kinds = [asked_for(text) for text in texts]
    return {kind: sum(kind in one for one in kinds) / max(1, len(kinds)) for kind in _PATTERNS}
