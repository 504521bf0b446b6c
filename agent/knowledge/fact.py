"""One fact that a text states."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from re import Match, Pattern
from typing import Literal

Kind = Literal["number", "range", "bound", "digits", "tail", "code", "date", "weekday", "day", "time", "link", "name"]


@dataclass(frozen=True)
class FactToken:
    """One fact. value: canonical. unit: of a number, "" where none was said. said: as it stood there, for messages.

    number ``2399`` yuan; range ``3..5`` working days; bound: a number said to be a limit (最多500元); digits: a
    phone or order number; tail: the last digits of one; code: a model or a fault (``KF35G``); date
    ``2026-11-27``, ``-11-27``, ``--27`` or ``-11-``; weekday ``1``..``7``; day: ``1`` is tomorrow, else a name
    such as ``next week``; time ``21:00``; link; name: of a product, person, place or service.
    """

    kind: Kind
    value: str
    unit: str = ""
    said: str = field(default="", compare=False)


Read = Callable[[Match[str]], Iterator[FactToken]]
Scanner = tuple[Pattern[str], Read]
"""A pattern, and the facts in what it matched."""


def one(kind: Kind, value: Callable[[Match[str]], str], unit: str = "") -> Read:
    """A match that is one fact."""
    return lambda match: iter((FactToken(kind, value(match), unit),))
