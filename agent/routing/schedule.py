"""When something holds: days of the week, hours, kinds of day. In the wall clock of the company's time zone. Pure."""

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from agent.routing.days import DAY_KINDS, DayKind, day_kind

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60
CHINA = ZoneInfo("Asia/Shanghai")

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_POSSIBLE = {"workday": range(5), "makeup": range(5, 7), "weekend": range(5, 7), "holiday": range(7)}
"""On which days of the week (0 is Monday) a day of each kind can be."""

Span = tuple[int, int]
"""From one minute of the day up to before another; beyond 1440 it goes on into the next day."""


def _texts(value: Any, what: str) -> list[str]:
    values = value.split(",") if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(one, str) and one.strip() for one in values):
        raise ValueError(f"{value!r}: {what}")
    return [one.strip() for one in values]


def _days(value: Any) -> frozenset[int]:
    """``mon-fri``, ``"sat, sun"``, ``[mon, wed]`` as numbers, 0 is Monday."""
    right = "write days such as mon-fri, or [sat, sun]"
    return frozenset(day for text in _texts(value, right) for day in _days_of(text))


def _days_of(text: str) -> range:
    first, _, last = text.partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        raise ValueError(f"{text!r} is no day of the week; one of {', '.join(WEEKDAYS)}, or several such as mon-fri")
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    if end < begin:
        raise ValueError(f"{text!r} ends before it begins; a week goes from mon to sun")
    return range(begin, end + 1)


def _spans(value: Any) -> tuple[Span, ...]:
    """``"09:00-12:00, 13:00-18:00"``; ``22:00-06:00`` goes on into the next day."""
    return tuple(_span(text) for text in _texts(value, 'write hours such as "09:00-18:00", in quotes'))


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} are no hours; write "09:00-18:00", several with commas')
    hour, minute, end_hour, end_minute = (int(part) for part in match.groups())
    begin, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or begin >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise ValueError(f"{text!r}: there is no such time of day; 00:00 to 24:00")
    if begin == end:
        raise ValueError(f"{text!r} begins when it ends; the whole day is 00:00-24:00")
    return begin, end if end > begin else end + MINUTES_A_DAY


def _kinds(value: Any) -> frozenset[str]:
    kinds = _texts(value, f"write kinds of day: {', '.join(DAY_KINDS)}")
    for kind in kinds:
        if kind not in DAY_KINDS:
            raise ValueError(f"{kind!r} is no kind of day; one of {', '.join(DAY_KINDS)}")
    return frozenset(kinds)


class Schedule(BaseModel):
    """``days`` of the week and ``calendar``, kinds of day, must both hold of a day; ``hours`` begin on it. What is left
    out holds always. Hours that pass midnight belong to the day on which they began.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[frozenset[int], BeforeValidator(_days)] = frozenset(range(7))
    hours: Annotated[tuple[Span, ...], BeforeValidator(_spans)] = ((0, MINUTES_A_DAY),)
    calendar: Annotated[frozenset[DayKind], BeforeValidator(_kinds)] = frozenset(DAY_KINDS)

    @model_validator(mode="after")
    def _says_something(self) -> "Schedule":
        if not self.model_fields_set:
            raise ValueError("the schedule is empty; give days, hours or calendar, or leave it out")
        if not any(day in _POSSIBLE[kind] for kind in self.calendar for day in self.days):
            days = ", ".join(WEEKDAYS[day] for day in sorted(self.days))
            raise ValueError(f"no day is ever {' or '.join(sorted(self.calendar))} and one of {days}")
        return self

    @property
    def asks_calendar(self) -> bool:
        """Whether it depends on public holidays."""
        return len(self.calendar) < len(DAY_KINDS)

    def begins_on(self, day: date) -> bool:
        """Whether its hours begin on this day."""
        return day.weekday() in self.days and day_kind(day) in self.calendar

    def holds(self, when: datetime, zone: ZoneInfo) -> bool:
        """Whether it holds then. ``when`` knows its time zone, whichever; ValueError if it does not.

        When clocks go back, an hour that comes twice holds twice; when they go forward, one that never comes never.
        """
        local = local_time(when, zone)
        minute = local.hour * 60 + local.minute
        today = local.date()
        if self.begins_on(today) and any(begin <= minute < end for begin, end in self.hours):
            return True
        begun_before = any(minute < end - MINUTES_A_DAY for _, end in self.hours)
        return begun_before and self.begins_on(today - timedelta(days=1))


def local_time(when: datetime, zone: ZoneInfo) -> datetime:
    """The wall clock of ``zone`` then. ValueError where ``when`` does not know its own time zone."""
    if when.tzinfo is None:
        raise ValueError(f"{when} has no time zone")
    return when.astimezone(zone)
