"""How a rule tests one value: one of some, none of some, a range of numbers, any at all. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf
from typing import Any

from agent.events import Scalar

_NUMBER = r"-?\d+(?:\.\d+)?"
_COMPARED = re.compile(rf"(>=|<=|>|<|=)\s*({_NUMBER})")
_BETWEEN = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})")


@dataclass(frozen=True)
class OneOf:
    """One of the values; with ``negated`` none of them, which a value that is not known meets too."""

    values: tuple[Scalar, ...]
    negated: bool = False

    def holds(self, value: Scalar) -> bool:
        return self.negated != any(_same(one, value) for one in self.values)


@dataclass(frozen=True)
class Range:
    """A number from ``low`` to ``high``, both with it unless they are open. What is no number does not meet it."""

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False

    def holds(self, value: Scalar) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        above = value > self.low if self.low_open else value >= self.low
        return above and (value < self.high if self.high_open else value <= self.high)


@dataclass(frozen=True)
class Known:
    """There is a value, whichever; with ``known`` False there is none."""

    known: bool = True

    def holds(self, value: Scalar) -> bool:
        return (value is not None) == self.known


Test = OneOf | Range | Known


def read_choice(value: Any, allowed: Iterable[str] | None = None) -> OneOf:
    """``repair``, ``[repair, installation]``, ``{not: [complaint]}``. ValueError, also for what is not ``allowed``."""
    negated = isinstance(value, dict)
    if negated:
        if set(value) != {"not"}:
            raise ValueError(f"{value!r}: write one value, a list, or {{not: [...]}}")
        value = value["not"]
    values = value if isinstance(value, list) else [value]
    if not values:
        raise ValueError("an empty list meets no call; name a value, or leave the condition out")
    for one in values:
        if not isinstance(one, str | int | float | bool):
            raise ValueError(f"{one!r} is no value; write a text, a number, true or false")
        if allowed is not None and one not in (known := sorted(allowed)):
            near = get_close_matches(str(one), known, 1)
            raise ValueError(f"{one!r} is not known; " + (f"did you mean {near[0]}?" if near else ", ".join(known)))
    return OneOf(tuple(values), negated)


def read_range(value: Any) -> Range:
    """``3``, ``">= 3"``, ``"< 10"``, ``"3..5"``. ValueError for anything else."""
    found = _range(str(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    if found is None:
        raise ValueError(f'{value!r} is no number or range; write 3, ">= 3", "< 10" or "3..5"')
    if found.low > found.high:
        raise ValueError(f"{value!r} ends before it begins; the lower number comes first")
    return found


def read_field(value: Any) -> Test:
    """``{known: true}``; a range where it is written with a comparison or ``..``; else what `read_choice` reads."""
    if isinstance(value, dict) and set(value) == {"known"}:
        if not isinstance(value["known"], bool):
            raise ValueError(f"known: {value['known']!r}; write true or false")
        return Known(value["known"])
    if isinstance(value, str) and (_COMPARED.fullmatch(value.strip()) or _BETWEEN.fullmatch(value.strip())):
        return read_range(value)
    return read_choice(value)


def _range(text: str) -> Range | None:
    text = text.strip()
    if re.fullmatch(_NUMBER, text):
        return Range(float(text), float(text))
    if (between := _BETWEEN.fullmatch(text)) is not None:
        return Range(float(between[1]), float(between[2]))
    if (compared := _COMPARED.fullmatch(text)) is None:
        return None
    number = float(compared[2])
    return {
        ">=": Range(low=number),
        ">": Range(low=number, low_open=True),
        "<=": Range(high=number),
        "<": Range(high=number, high_open=True),
        "=": Range(number, number),
    }[compared[1]]


def _same(one: Scalar, other: Scalar) -> bool:
    """In Python, True is 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
