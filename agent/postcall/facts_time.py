"""Dates, times of day and time limits in an utterance."""

import re
from datetime import date, timedelta

from agent.postcall.page import Found, Page
from agent.postcall.patterns import Patterns


def find_times(page: Page) -> None:
    """Take dates ("3月15日", "明天 (2026-03-17)"), times ("明天下午3点半", "3:30 pm") and limits ("24小时内").

    A time that stands beside its day carries it: "tomorrow afternoon" is a date and a time.
    """
    days: dict[int, tuple[int, str]] = {}
    for words in page.languages:
        for pattern in words.many("date"):
            for match in page.matches(pattern):
                _take_date(page, words, match, days)
    for words in page.languages:
        for pattern in words.many("time"):
            for match in page.matches(pattern):
                _take_time(page, words, match, days)
    for words in page.languages:
        for match in page.matches(words.one("limit")):
            value = match[0] if words.language == "zh" else match["limit"]
            page.take("time_limit", value, match.start(), match.end())


def _take_date(page: Page, words: Patterns, match: re.Match[str], days: dict[int, tuple[int, str]]) -> None:
    """days: by where a day ends, where it starts and how it is written, for the time that may follow."""
    parts = match.groupdict()
    start, end = match.span()
    if parts.get("day"):
        said, day = _calendar_date(words, parts), None
    else:
        said, day = _relative_date(words, parts, page.started_at.date() if page.started_at else None)
    page.take("date", f"{said} ({day.isoformat()})" if day else said, start, end)
    days[end] = (start, said)
    contracted = words.words("relative_parts").get(match[0]) if words.has("relative_parts") else None
    if contracted:  # 明早 is 明天早上
        days[end] = (start, said + contracted)
        if not words.compile(r"\d").match(page.text[end:]):
            page.found.append(Found("time", said + contracted, start, end))
        return
    # "tomorrow morning": the part of the day stands alone where no hour follows.
    following = words.compile(r"^\s?(?P<part>PARTS)(?!的?\d|\s?at)").match(page.text[end:])
    if following:
        value = _beside(words, said, following["part"])
        page.take("time", value, end + following.start("part"), end + following.end())
        page.found[-1] = Found("time", value, start, end + following.end())


def _beside(words: Patterns, day: str, time: str) -> str:
    return day + time if words.language == "zh" else f"{day} {time}"


def _calendar_date(words: Patterns, parts: dict[str, str | None]) -> str:
    day, year = int(parts["day"] or 0), parts.get("year")
    if words.language == "zh":
        month = f"{int(parts['month'] or 0)}月" if parts.get("month") else ""
        return f"{year + '年' if year else ''}{month}{day}日"
    number = int(parts["month"] or 0) if parts.get("month") else words.words("months")[str(parts["month_name"]).lower()]
    return f"{words.words('month_names')[number - 1]} {day}{', ' + year if year else ''}"


def _relative_date(words: Patterns, parts: dict[str, str | None], today: date | None) -> tuple[str, date | None]:
    if relative := parts.get("relative"):
        offset = words.words("relative_days")[relative.lower()]
        said = (
            words.words("relative_written").get(relative, relative)
            if words.has("relative_written")
            else relative.lower()
        )
        return said, today + timedelta(days=offset) if today else None
    if count := parts.get("count"):
        unit, direction = str(parts["unit"]), str(parts["direction"])
        days = int(count) * (7 if unit[0] in "周个w" else 1)
        back = "前" in direction or direction == "ago"
        said = f"{count}{unit}{direction}" if words.language == "zh" else f"{count} {unit} {direction}"
        return said, today + timedelta(days=-days if back else days) if today else None
    return _weekday(words, parts, today)


def _weekday(words: Patterns, parts: dict[str, str | None], today: date | None) -> tuple[str, date | None]:
    week, name = parts.get("week"), str(parts["weekday"]).lower()
    if words.language == "zh":
        said = f"{week or ''}{words.words('weekdays_written')[name]}"
    else:
        said = f"{week.lower() + ' ' if week else ''}{name.capitalize() if name != 'weekend' else name}"
    number = words.words("weekdays").get(name)
    # A bare weekday may be the last or the next one: only the caller knows.
    if today is None or week is None or number is None:
        return said, None
    monday = today - timedelta(days=today.weekday())
    return said, monday + timedelta(weeks=words.words("week_offsets")[week.lower()], days=number)


def _take_time(page: Page, words: Patterns, match: re.Match[str], days: dict[int, tuple[int, str]]) -> None:
    if int(match["hour"]) > 24:
        return
    value, end = _clock(words, match.groupdict()), match.end()
    if words.language == "zh":
        later = re.compile(
            rf"^(?:{words.words('time_range')})(?P<part>{words.words('day_parts')})?(?P<hour>2[0-4]|1\d|\d)(?:点钟?|:)"
            r"(?:(?P<half>半)|(?P<minute>[0-5]\d)分?)?"
        ).match(page.text[end:])
    else:
        later = words.compile(
            rf"^(?:{words.words('time_range')})(?P<hour>1[0-2]|[1-9])(?:[:\s](?P<minute>[0-5]\d))?\s?(?:(?P<half_day>[ap])\.?m\b|(?=[,.]|$))"
        ).match(page.text[end:])
    if later:
        value = f"{value}{'到' if words.language == 'zh' else ' to '}{_clock(words, later.groupdict())}"
        end += later.end()
    start = match.start()
    page.blot(start, end)
    for day_end, (day_start, day) in days.items():
        between = page.written.text[day_end:start]
        if day_end <= start and re.fullmatch(r"[\s，,的]*(?:at\s|between\s|from\s)?", between):
            value, start = _beside(words, day, value), day_start
            break
    page.found.append(Found("time", value, start, end))


def _clock(words: Patterns, parts: dict[str, str | None]) -> str:
    hour, minute, half = int(parts["hour"] or 0), int(parts.get("minute") or 0), parts.get("half")
    if words.language == "zh":
        minute = 30 if half else 15 * int(parts["quarter"] or 0) if parts.get("quarter") else minute
        tail = "" if minute == 0 else "半" if minute == 30 else f"{minute}分"
        return f"{parts.get('part') or ''}{hour}点{tail}"
    if half:
        minute = {"half past": 30, "quarter past": 15, "quarter to": 45}[half.lower()]
        hour = hour - 1 or 12 if minute == 45 else hour
    half_day, part = parts.get("half_day"), (parts.get("part") or "").lower()
    if not half_day and part:
        half_day = "a" if part == "morning" else "p"
    if not half_day:
        return f"{hour}:{minute:02d}"
    return f"{hour}:{minute:02d} {half_day.lower()}m" if minute else f"{hour} {half_day.lower()}m"
