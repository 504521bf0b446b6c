"""What a sentence states that no source does. It stands between a language model and the caller. Pure.

Compared are facts, not wordings: 三到五个工作日 stands in "3-5 working days". A number stands only with its own unit, a
range only as a whole: 3个工作日 does not stand in 3到5个工作日, but 最快3个工作日 does.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from agent.events import Language
from agent.knowledge.fact import FactToken
from agent.knowledge.facts import facts
from agent.knowledge.numerals import in_figures

__all__ = ["FactToken", "facts", "is_grounded", "stated", "ungrounded"]


def is_grounded(text: str, sources: Iterable[str], language: Language) -> bool:
    """Whether every fact in the text stands in a source. sources: passages, tool results (`stated`), and what the
    caller said.
    """
    return not ungrounded(text, sources, language)


def ungrounded(text: str, sources: Iterable[str], language: Language) -> tuple[str, ...]:
    """The pieces of the text that state what stands in no source, as they were said, in order of the alphabet."""
    claimed = facts(text, language)
    if not claimed:
        return ()
    known = [_Source(source, language) for source in sources]
    missing = {fact.said for fact in claimed if not any(source.has(fact) for source in known)}
    return tuple(sorted(missing))


def stated(values: Mapping[str, object]) -> str:
    """A tool's result as a source: ``refund_yuan=1299`` reads 1299元, so that it does not stand for 1299 days."""
    pieces = []
    for name, value in values.items():
        if value is None or isinstance(value, bool):
            continue
        unit = next((word for word in re.split(r"_", name.lower()) if word in _FIELD_UNITS), "")
        pieces.append(f"{value} {_FIELD_UNITS[unit]}" if unit and isinstance(value, int | float) else str(value))
    return "\n".join(pieces)


_FIELD_UNITS = {
    "yuan": "yuan", "days": "days", "hours": "hours", "minutes": "minutes", "seconds": "seconds", "percent": "%",
    "months": "months", "years": "years", "points": "points",
}  # fmt: skip


_COUNTED = ("pieces", "times", "digits")
"""What a bare count may be of: order_count 2 is 2个订单."""


class _Source:
    def __init__(self, text: str, language: Language) -> None:
        self._facts = facts(text, language)
        self._text = _plain(text)

    def has(self, fact: FactToken) -> bool:
        if fact in self._facts:
            return True
        if fact.kind == "name":
            return _stands(fact.value, self._text)
        if any(_covers(known, fact) for known in self._facts):
            return True
        return fact.kind == "range" and (self._has_bare(fact) or self._has_both_ends(fact))

    def _has_bare(self, fact: FactToken) -> bool:
        """1 to 2 working days in the same city, 3 to 5 to other provinces."""
        units = {known.unit for known in self._facts if known.kind == "range"}
        return fact.unit in units and FactToken("range", fact.value) in self._facts

    def _has_both_ends(self, fact: FactToken) -> bool:
        """Given one by one, as a tool gives days_min and days_max, or as times of day."""
        low, high = fact.value.split("..")
        if self._has_number(low, fact.unit) and self._has_number(high, fact.unit):
            return True
        times = {known.value for known in self._facts if known.kind == "time"}
        return not fact.unit and _hour(low) in times and _hour(high) in times

    def _has_number(self, value: str, unit: str) -> bool:
        number = FactToken("number", value, unit)
        return any(known == number or _covers(known, number) for known in self._facts)


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return " ".join(in_figures(text).lower().split())


def _stands(name: str, text: str) -> bool:
    if not name.isascii():
        return name in text
    return re.search(rf"\b{re.escape(name.removesuffix('s'))}(?:e?s)?\b", text) is not None


def _hour(value: str) -> str:
    return f"{int(value):02}:00" if value.isdigit() else ""


def _covers(known: FactToken, fact: FactToken) -> bool:
    """Whether a fact follows from one that is known, where they are not equal."""
    match fact.kind:
        case "number" | "bound":
            if known.kind in ("number", "bound") and known.value == fact.value:
                # 2399 says no more than 2399元 does; but a caller's or a tool's bare 3 is not 3 days.
                return known.unit == fact.unit or not fact.unit or (not known.unit and fact.unit in _COUNTED)
            if fact.kind == "bound" and known.kind == "range":
                return fact.value in known.value.split("..") and known.unit == fact.unit
            return known.kind in ("digits", "tail") and not fact.unit and known.value == fact.value
        case "range":
            return known.kind == "range" and known.value == fact.value and not fact.unit
        case "tail":
            return known.kind in ("digits", "tail", "number", "code") and known.value.endswith(fact.value)
        case "digits":
            if known.kind == "code":  # a tracking number without its letters
                return known.value.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == fact.value
            return known.kind == "number" and known.value == fact.value
        case "date":
            return known.kind == "date" and _is_part(fact.value, known.value)
        case "weekday":
            return known.kind == "date" and _weekday(known.value) == fact.value
        case "time":
            return known.kind == "range" and not known.unit and fact.value in map(_hour, known.value.split(".."))
        case _:
            return False


def _is_part(said: str, known: str) -> bool:
    """3月8号 stands in 2026-03-08."""
    return all(not a or a == b for a, b in zip(said.split("-"), known.split("-"), strict=True))


def _weekday(day: str) -> str:
    try:
        return str(date.fromisoformat(day).isoweekday())
    except ValueError:
        return ""
