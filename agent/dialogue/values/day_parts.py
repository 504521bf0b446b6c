"""Morning, afternoon or evening, by name or by the hour: 下午三点, 14:30, after work, between two and five."""

import re
from functools import cache

from agent.dialogue.values.figures import Figures
from agent.dialogue.values.picking import Candidate, pick
from agent.dialogue.values.reading import Reading
from agent.dialogue.values.words import alternation, pattern

SLOTS = ("morning", "afternoon", "evening")
_PARTS = ("noon", *SLOTS)
_EVENING_FROM = 18
_NOON = 12
_FIRST_VISIT = 8
"""Nobody is visited earlier: seven o'clock is seven in the evening."""
_HALVES = {"a": "morning", "p": "afternoon"}

_CLOCK = (
    r"(?<![\d第])(?P<{0}hour>2[0-3]|1\d|0?\d)\s?(?:点(?![了子儿火赞菜东])|时(?![间候])|[:：][0-5]\d(?!\d)|o'clock)"
    r"(?:钟|半|整|[0-5]?\d分?(?!\d)|[13]刻)?(?:\s?(?P<{0}half>[ap])\.?\s?m(?![a-z]))?"
    r"|(?<![\d.])(?P<{0}hour_half>1[0-2]|[1-9])(?:\.[0-5]\d)?\s?(?P<{0}half_only>[ap])\.?\s?m(?![a-z])"
)
# A bare number is an hour only behind one of these words, or where a range begins.
_HOUR = re.compile(
    _CLOCK.format("") + r"|(?<![a-z])(?:at|around|about|after|before|by|from|between|past)\s(?P<bare>1[0-2]|[1-9])"
    r"(?!\d|[.,]\d|\s?(?:st|nd|rd|th|days?|weeks?|hours?|minutes?|months?|yuan|times?|road|street|floors?|%))"
    r"|(?<![\d第-])(?P<start>2[0-3]|1\d|[1-9])(?=\s?(?:到|至|-|~|to|till|until)\s?(?:2[0-4]|1\d|[1-9])(?![\d-]|"
    r"\s?(?:days?|working|business|weeks?|hours?|minutes?|months?|yuan|天|个|号|楼|元|块|年|分钟|%)))",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    rf"\s?(?:到|至|-|~|—|to|until|till|and)\s?(?:{_CLOCK.format('')}|(?P<bare>2[0-4]|1\d|[1-9])(?!\d)|(?P<start>(?!)))",
    re.IGNORECASE,
)
_BARE_HOUR = re.compile(r"\W*(?:那就?|就|嗯|呃)?\W*(\d{1,2})\W*吧?\W*")
_BEFORE_HOUR = re.compile(r"的?,?\s?(?:at\s)?")
_BEHIND_HOUR = re.compile(r"\s(?:in the|at)\s")


def read_slot(written: Figures) -> Reading | None:
    """``morning``, ``afternoon`` or ``evening``. Doubtful: noon, six to eight o'clock, either of two, any time."""
    named = find_slots(written)
    if named:
        return pick(written, named, pattern("times", "refused"))
    soon = pattern("times", "soon").search(written.text)
    if soon is not None:
        return Reading("morning", written.said(*soon.span()), doubtful=True)
    bare = _BARE_HOUR.fullmatch(written.text)
    found = _slot(int(bare[1]), "") if bare else None
    return Reading(found[0], written.said(0, len(written.text)), doubtful=found[1]) if found else None


def find_slots(written: Figures) -> list[Candidate]:
    """Every part of a day that is named, by words, by an hour, or by both together."""
    text = written.text
    parts = {match.start(): match for match in _parts().finditer(text)}
    ends = {match.end(): match for match in parts.values()}
    found: list[Candidate] = []
    at = 0
    for match in _HOUR.finditer(text):
        until = _UNTIL.match(text, match.end())
        start, end = match.start(), (until or match).end()
        if start < at:
            continue
        before = next((ends.pop(i) for i in range(start, start - 6, -1) if i in ends and _fits(text, i, start)), None)
        gap = _BEHIND_HOUR.match(text, end)
        behind = parts.get(gap.end()) if gap else None
        if behind is not None:
            ends.pop(behind.end(), None)
        slot = _slot_of_range(match, until, _name(before) or _name(behind))
        if slot:
            start = before.start() if before else start
            at = behind.end() if behind else end
            found.append(Candidate(start, at, *slot))
    for match in ends.values():
        name = _name(match)
        found.append(Candidate(match.start(), match.end(), "afternoon" if name == "noon" else name, name == "noon"))
    return sorted(found, key=lambda one: one.start)


@cache
def _parts() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{alternation('times', 'parts', name)})" for name in _PARTS), re.IGNORECASE)


def _fits(text: str, start: int, end: int) -> bool:
    return _BEFORE_HOUR.fullmatch(text, start, end) is not None


def _name(match: re.Match[str] | None) -> str:
    return match.lastgroup or "" if match else ""


def _slot_of_range(match: re.Match[str], until: re.Match[str] | None, part: str) -> tuple[str, bool] | None:
    """The slot that a range begins in; its end tells which half of the day that is."""
    hour, half = _hour(match)
    last, half_last = _hour(until) if until else (0, "")
    if not part and not half and half_last == "afternoon" and hour < last < _NOON:
        half = half_last
    if not part and not half and _FIRST_VISIT <= hour < last <= _NOON:
        half = "morning"
    return _slot(hour, part or half)


def _hour(match: re.Match[str]) -> tuple[int, str]:
    hour = match["hour"] or match["hour_half"] or match["bare"] or match["start"]
    half = match["half"] or match["half_only"] or ""
    return int(hour), _HALVES.get(half.lower(), "")


def _slot(hour: int, part: str) -> tuple[str, bool] | None:
    """The slot of an hour, and whether it may be another one's."""
    if part == "noon":
        return "afternoon", True
    if part == "morning":
        return "morning", False
    if part in ("afternoon", "evening"):
        hour += 12 if hour < _NOON else 0
    elif hour < _FIRST_VISIT:
        slot = "evening" if hour + 12 >= _EVENING_FROM else "afternoon"
        return (slot, hour >= 6) if hour > 0 else None
    if hour > 23:
        return None
    if hour >= _EVENING_FROM:
        return "evening", False
    if hour >= _NOON:
        return "afternoon", hour == _NOON and part == ""
    return "morning", hour == _FIRST_VISIT and part == ""
