"""By when something that was said is to be done: ``周五上午十点`` is a moment, where it is known when it was said."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from agent.postcall.facts_time import find_times
from agent.postcall.page import Found, open_page
from agent.postcall.patterns import Patterns, patterns
from agent.postcall.utterances import Utterance

DAY_ENDS = time(18)
"""A day without an hour: by when the office closes."""

_ISO = re.compile(r"\((\d{4}-\d{2}-\d{2})\)")
_CLOCK_ZH = re.compile(r"(?P<hour>\d{1,2})(?:点(?:(?P<half>半)|(?P<minute>\d{1,2})分)?|[:：](?P<digits>\d{2}))")
_CLOCK_EN = re.compile(r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?(?:\s(?P<half_day>[ap])m)?(?![\d-])")


def due_of(said: Utterance, said_at: datetime) -> datetime | None:
    """The end of what it names: of a span of hours, of a part of the day, of a day. None where it names no time.

    said_at: with the time zone in which people read the clock. A weekday is the next one.
    """
    page = open_page(said, said_at)
    find_times(page)
    words = patterns(said.language)
    found = sorted(page.found, key=lambda one: one.start)
    limit = next((one for one in found if one.kind == "time_limit"), None)
    if limit is not None:
        return _after(limit.value, words, said_at)
    day, clock = _day(found, words, said_at), _clock(found, words)
    if day is None and clock is None:
        return None
    due = datetime.combine(day or said_at.date(), clock or DAY_ENDS, said_at.tzinfo)
    if clock == time(0):
        due += timedelta(days=1)
    return due + timedelta(days=1) if day is None and due <= said_at else due


def names_a_time(said: Utterance) -> bool:
    """Whether any day, hour or limit is in it."""
    page = open_page(said, None)
    find_times(page)
    return bool(page.found)


def _day(found: Sequence[Found], words: Patterns, said_at: datetime) -> date | None:
    """The last that is named: ``不是周四，是周五``."""
    for one in reversed(found):
        if one.kind != "date":
            continue
        written = _ISO.search(one.value)
        if written is not None:
            return date.fromisoformat(written[1])
        day = _weekday(one.value, words, said_at.date()) or _calendar(one.value, words, said_at.date())
        if day is not None:
            return day
    return None


def _weekday(value: str, words: Patterns, today: date) -> date | None:
    if words.language == "zh":
        numbers = {written: words.words("weekdays").get(key, 6) for key, written in _weekdays_written(words).items()}
    else:
        numbers = {name.capitalize(): number for name, number in words.words("weekdays").items()} | {"weekend": 6}
    number = next((number for name, number in numbers.items() if value.endswith(name)), None)
    return None if number is None else today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)


def _weekdays_written(words: Patterns) -> dict[str, str]:
    written: dict[str, str] = words.words("weekdays_written")
    return written


def _calendar(value: str, words: Patterns, today: date) -> date | None:
    """A day of a month, the next that has not passed."""
    numbers = [int(number) for number in re.findall(r"\d+", value)]
    if not numbers:
        return None
    if words.language == "zh":
        *before, day = numbers
        month = before[-1] if before and "月" in value else None
        year = before[0] if "年" in value else None
    else:
        month = next((n for n, name in enumerate(words.words("month_names"), 1) if value.startswith(name)), None)
        day, year = numbers[0], numbers[1] if len(numbers) > 1 else None
    for ahead in range(13):
        first = date(today.year + (today.month + ahead - 1) // 12, (today.month + ahead - 1) % 12 + 1, 1)
        try:
            there = first.replace(day=day)
        except ValueError:
            continue
        if there >= today and (month is None or there.month == month) and (year is None or there.year == year):
            return there
    return None


def _clock(found: Sequence[Found], words: Patterns) -> time | None:
    """Of the last time that is named, its end."""
    value = next((one.value for one in reversed(found) if one.kind == "time"), None)
    if value is None:
        return None
    ends: dict[str, int] = words.words("parts_end")
    clocks = list((_CLOCK_ZH if words.language == "zh" else _CLOCK_EN).finditer(value))
    parts = [part for part in ends if part in value.lower()]
    if not clocks:
        hour = max((ends[part] for part in parts), default=None)
        return None if hour is None else time(hour % 24)
    last = clocks[-1].groupdict()
    hour = int(last["hour"])
    minute = 30 if last.get("half") else int(last.get("minute") or last.get("digits") or 0)
    if words.language == "zh":
        # 下午3点, and 3点 by itself: nobody comes in the middle of the night.
        later = any(re.search(words.words("afternoon_parts"), part) for part in parts) or (not parts and hour < 8)
        later = later or (parts == ["中午"] and hour < 10)
    else:
        half_day = last.get("half_day")
        later = half_day == "p" or (half_day is None and hour < 8)
        hour = 0 if half_day == "a" and hour == 12 else hour
    hour += 12 if later and hour < 12 else 0
    return time(hour % 24, minute)


def _after(value: str, words: Patterns, said_at: datetime) -> datetime | None:
    """``24小时内``, ``3个工作日内``, ``1 to 3 days``: so long after it was said, the longest that was named."""
    number = max((int(one) for one in re.findall(r"\d+", value)), default=None)
    units: dict[str, str] = words.words("limit_units")
    unit = next((units[name] for name in sorted(units, key=len, reverse=True) if name in value.lower()), None)
    if number is None or unit is None:
        return None
    if unit == "working_days":
        due = said_at
        while number:
            due += timedelta(days=1)
            number -= due.weekday() < 5
        return due
    if unit == "months":
        return said_at + timedelta(days=30 * number)
    return said_at + timedelta(**{unit: number})
