"""What the bot may state at a point of a call: what stands in a tool's result, in the company's knowledge or in the
caller's own words. Pure.
"""

import calendar
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from agent.events import CallerKnown, Event, Language, RouteChanged, ToolReturned
from agent.knowledge.grounding import stated
from bench.evals.numbers import plain

Ungrounded = Callable[[str, Sequence[str], Language], Sequence[str]]
"""The live path's check: (sentence, sources, language) → the facts in the sentence that stand in no source."""

_DAYS_ZH = "一二三四五六日"
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
LOOK_AHEAD_DAYS = 15
"""A caller names days of the next two weeks by weekday or number, and a visit is booked at most seven ahead."""


def spoken_dates(day: date, today: date) -> tuple[str, ...]:
    """Every way in which a date is said."""
    zh = f"{day.month}月{day.day}"
    weekday = _DAYS_ZH[day.weekday()]
    month, name = calendar.month_name[day.month], calendar.day_name[day.weekday()]
    ordinal = f"{day.day}{_ordinal(day.day)}"
    ways = [
        f"{zh}日", f"{zh}号", f"{day.day}号", f"周{weekday}", f"星期{weekday}", f"礼拜{weekday}",
        f"{month} {day.day}", f"{month} {ordinal}", f"{ordinal} of {month}", f"{day.day} {month}", f"the {ordinal}",
        name, day.isoformat(),
    ]  # fmt: skip
    near = {
        0: ("今天", "today"),
        1: ("明天", "tomorrow"),
        2: ("后天", "the day after tomorrow"),
        -1: ("昨天", "yesterday"),
    }
    return (*ways, *near.get((day - today).days, ()))


def _ordinal(number: int) -> str:
    return "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def dates_meant(text: str, today: date) -> list[date]:
    """The days ahead that a caller may mean by these words."""
    days = [today + timedelta(days=ahead) for ahead in range(LOOK_AHEAD_DAYS)]
    said = plain(text)
    return [day for day in days if any(_says(said, way) for way in spoken_dates(day, today))]


def _says(text: str, way: str) -> bool:
    """Whether it stands there, and not as the end of another number, as 5号 is of 15号."""
    edge = (r"(?<!\d)", r"(?!\d)") if way[0].isdigit() or way[-1].isdigit() else ("", "")
    return re.search(f"{edge[0]}{re.escape(way)}{edge[1]}", text, re.IGNORECASE) is not None


def sources_of(
    events: Iterable[Event], caller: Iterable[str], knowledge: Sequence[str], begun_at: datetime
) -> list[str]:
    """All that the bot may state at this point of a call: what tools have returned, what is known of the caller, the
    minutes and the half hour until a call back, the company's knowledge, and the caller's own words; every date in all
    ways it is said.
    """
    said, today = list(caller), begun_at.date()
    results, days = list[str](), list[date]()
    for event in events:
        body = event.body
        if isinstance(body, ToolReturned):
            results.append(json.dumps(body.value, ensure_ascii=False, default=str))
            results.append(stated(body.value))
        elif isinstance(body, CallerKnown):
            results.append(json.dumps(body.fields, ensure_ascii=False))
        elif isinstance(body, RouteChanged) and body.callback_due_minutes is not None:
            due = _half_hour_up(begun_at + timedelta(minutes=body.callback_due_minutes))
            results += [f"{body.callback_due_minutes} minutes", f"{due:%H:%M}", f"{due.hour % 12 or 12}"]
            days.append(due.date())
    days += [date.fromisoformat(text) for result in results for text in _ISO.findall(result)]
    days += [day for text in said for day in dates_meant(text, today)]
    ways = [" ".join(spoken_dates(day, today)) for day in dict.fromkeys(days)]
    return [*knowledge, *said, *results, *ways]


def _half_hour_up(when: datetime) -> datetime:
    """The next full or half hour, by which a promise may be told."""
    over = timedelta(minutes=when.minute % 30, seconds=when.second, microseconds=when.microsecond)
    return when + (timedelta(minutes=30) - over if over else timedelta())
