"""When people of the company can be reached: a week's hours, and the days that are different. Pure."""

import re
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED = "closed"
MINUTES_A_DAY = 24 * 60
LONGEST_CLOSED_DAYS = 31
"""A company that does not open for longer is closed."""

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")

Span = tuple[int, int]
"""From one minute of the day up to before another; beyond 1440 it goes on into the next day."""


def _spans(value: Any) -> tuple[Span, ...]:
    """``"09:00-12:00, 13:00-18:00"``, ``closed``; ``22:00-06:00`` goes on into the next day."""
    if not isinstance(value, str):
        raise ValueError(f'{value!r} are no hours; write "09:00-18:00" in quotes, or closed')
    if value.strip() == CLOSED:
        return ()
    return tuple(_span(part.strip()) for part in value.split(","))


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} are no hours; write "09:00-18:00", several with commas, or closed')
    hour, minute, end_hour, end_minute = (int(part) for part in match.groups())
    begin, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or begin >= MINUTES_A_DAY or end > MINUTES_A_DAY:
        raise ValueError(f"{text!r}: there is no such time of day; 00:00 to 24:00")
    if begin == end:
        raise ValueError(f"{text!r} begins when it ends; the whole day is 00:00-24:00")
    return begin, end if end > begin else end + MINUTES_A_DAY


def _timezone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise ValueError(f"no time zone {value!r}; one such as Asia/Shanghai") from error


def _week(week: dict[str, tuple[Span, ...]]) -> dict[str, tuple[Span, ...]]:
    days = [DAYS[day] for name in week for day in _days_of(name)]
    for day in days:
        if days.count(day) > 1:
            raise ValueError(f"{day} is there twice; give each day its hours once")
    return week


def _days_of(name: str) -> range:
    """Days of the week, 0 is Monday: ``sat``, ``mon-fri``."""
    first, _, last = name.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise ValueError(f"{name!r} is no day of the week; one of {', '.join(DAYS)}, or several such as mon-fri")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    if end < begin:
        raise ValueError(f"{name!r} ends before it begins; a week goes from mon to sun")
    return range(begin, end + 1)


def _day_names(name: str) -> str:
    _days_of(name)
    return name


Days = Annotated[str, AfterValidator(_day_names)]
Spans = Annotated[tuple[Span, ...], BeforeValidator(_spans)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)


class Holiday(_Part):
    """Days with other hours, both ends with them. ``to``: one day only where it is missing."""

    name: str = Field(min_length=1)
    from_: date = Field(alias="from")
    to: date | None = None
    hours: Spans

    @model_validator(mode="after")
    def _forwards(self) -> "Holiday":
        if self.to is not None and self.to < self.from_:
            raise ValueError(f"{self.name} ends on {self.to}, before it begins on {self.from_}")
        return self

    def covers(self, day: date) -> bool:
        return self.from_ <= day <= (self.to or self.from_)


class Hours(_Part):
    """``week``: hours by day or days (``mon-fri``); a day that is not there is closed. All in ``timezone``."""

    timezone: Annotated[ZoneInfo, BeforeValidator(_timezone)] = ZoneInfo("Asia/Shanghai")
    week: Annotated[dict[Days, Spans], AfterValidator(_week)]
    holidays: tuple[Holiday, ...] = ()

    @model_validator(mode="after")
    def _apart(self) -> "Hours":
        ordered = sorted(self.holidays, key=lambda holiday: holiday.from_)
        for before, after in pairwise(ordered):
            if before.covers(after.from_):
                raise ValueError(f"holidays {before.name} and {after.name} are both on {after.from_}")
        return self

    def on(self, day: date) -> tuple[Span, ...]:
        """The hours that begin on this day; none where it is closed."""
        for holiday in self.holidays:
            if holiday.covers(day):
                return holiday.hours
        return next((hours for name, hours in self.week.items() if day.weekday() in _days_of(name)), ())

    def is_open(self, when: datetime) -> bool:
        """Whether it is open then. ``when`` knows its time zone, whichever; ValueError if it does not."""
        if when.tzinfo is None:
            raise ValueError(f"{when} has no time zone")
        local = when.astimezone(self.timezone)
        minute = _minute(local.time())
        today, before = self.on(local.date()), self.on(local.date() - timedelta(days=1))
        begun_before = ((begin, end) for begin, end in before if end > MINUTES_A_DAY)
        return any(begin <= minute < end for begin, end in today) or any(
            minute < end - MINUTES_A_DAY for _, end in begun_before
        )

    def next_opening(self, when: datetime) -> datetime | None:
        """When it next opens after this moment; None where it does not within `LONGEST_CLOSED_DAYS`. ``when`` knows its
        time zone.
        """
        local = when.astimezone(self.timezone)
        for ahead in range(LONGEST_CLOSED_DAYS + 1):
            day = local.date() + timedelta(days=ahead)
            for begin, _ in sorted(self.on(day)):
                opens = datetime.combine(day, time(begin // 60, begin % 60), self.timezone)
                if opens > local:
                    return opens
        return None


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute
