"""Whether people can be reached follows from the week's hours, the holidays and the company's own clock."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.company.hours import DAYS, Hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)

minutes = st.integers(0, 1439)
spans = st.lists(st.tuples(minutes, minutes).filter(lambda span: span[0] != span[1]), max_size=3)
weeks = st.lists(spans, min_size=7, max_size=7)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def text(day: list[tuple[int, int]]) -> str:
    return ", ".join(f"{clock(begin)}-{clock(end)}" for begin, end in day) or "closed"


def hours(week: dict[str, str], *holidays: dict[str, Any]) -> Hours:
    return Hours.model_validate({"week": week, "holidays": holidays})


def shanghai(day: int, minute: int) -> datetime:
    return datetime(2026, 11, 23, tzinfo=SHANGHAI) + timedelta(days=day, minutes=minute)


OFFICE = hours(
    {"mon-fri": "09:00-12:00, 13:00-18:00", "sat": "10:00-16:00"},
    {"name": "国庆", "from": "2026-10-01", "to": "2026-10-07", "hours": "10:00-18:00"},
    {"name": "元旦", "from": "2027-01-01", "hours": "closed"},
)


@pytest.mark.parametrize(
    ("when", "reachable"),
    [
        ("2026-11-23 08:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 12:00", False),
        ("2026-11-23 17:59", True),
        ("2026-11-23 18:00", False),
        ("2026-11-28 15:00", True),
        ("2026-11-29 15:00", False),  # a Sunday, which is not there
        ("2026-10-01 09:30", False),
        ("2026-10-04 10:00", True),  # a Sunday in the holidays
        ("2026-10-08 09:30", True),
        ("2027-01-01 10:00", False),
    ],
)
def test_an_office_is_open_as_its_week_and_its_holidays_say(when: str, reachable: bool) -> None:
    assert OFFICE.is_open(datetime.fromisoformat(when).replace(tzinfo=SHANGHAI)) is reachable


def test_a_night_goes_on_into_the_next_day_even_if_that_is_closed() -> None:
    night = hours({"sun": "22:00-06:00"})
    assert night.is_open(shanghai(-1, 23 * 60)) and night.is_open(shanghai(0, 5 * 60 + 59))
    assert not night.is_open(shanghai(0, 6 * 60)) and not night.is_open(shanghai(0, 23 * 60))


def test_a_day_may_be_whole() -> None:
    always = hours({"mon-sun": "00:00-24:00"})
    assert all(always.is_open(shanghai(day, minute)) for day in range(7) for minute in (0, 719, 1439))


@given(weeks, st.lists(spans, max_size=2), st.integers(0, 6), minutes)
def test_every_minute_is_open_or_closed_as_counting_minutes_says(
    week: list[list[tuple[int, int]]], holidays: list[list[tuple[int, int]]], day: int, minute: int
) -> None:
    """Against a calendar of single minutes, in which a span that ends before it begins goes on after midnight."""
    free = [
        {"name": f"holiday {n}", "from": MONDAY + timedelta(days=2 * n), "hours": text(day_of)}
        for n, day_of in enumerate(holidays)
    ]
    counted = hours({DAYS[n]: text(day_of) for n, day_of in enumerate(week)}, *free)
    is_open: set[int] = set()
    for n in range(-1, 7):
        day_of = holidays[n // 2] if n >= 0 and n % 2 == 0 and n // 2 < len(holidays) else week[n % 7]
        for begin, end in day_of:
            is_open.update(range(n * 1440 + begin, n * 1440 + (end if end > begin else end + 1440)))
    assert counted.is_open(shanghai(day, minute)) is (day * 1440 + minute in is_open)


@given(weeks, st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.integers(-12 * 60, 14 * 60))
def test_the_same_moment_is_open_or_not_wherever_it_is_told(
    week: list[list[tuple[int, int]]], when: datetime, offset: int
) -> None:
    some = hours({DAYS[n]: text(day) for n, day in enumerate(week)})
    moment = when.replace(tzinfo=UTC)
    assert some.is_open(moment) is some.is_open(moment.astimezone(timezone(timedelta(minutes=offset))))


@given(weeks, st.integers(0, 6), st.integers(0, 6), spans, st.integers(0, 6), minutes)
def test_several_days_at_once_are_the_same_as_one_by_one(
    week: list[list[tuple[int, int]]], one: int, other: int, shared: list[tuple[int, int]], day: int, minute: int
) -> None:
    first, last = sorted((one, other))
    rest = {DAYS[n]: text(week[n]) for n in range(7) if not first <= n <= last}
    together = hours({**rest, f"{DAYS[first]}-{DAYS[last]}": text(shared)})
    singly = hours({**rest, **{DAYS[n]: text(shared) for n in range(first, last + 1)}})
    assert together.is_open(shanghai(day, minute)) is singly.is_open(shanghai(day, minute))


@given(st.one_of(st.text(max_size=20), st.from_regex(r"[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}", fullmatch=True)))
def test_whatever_is_written_as_hours_is_understood_or_refused(written: str) -> None:
    try:
        read = hours({"mon": written}).week["mon"]
    except ValidationError:
        return
    assert all(0 <= begin < 1440 and 0 < end - begin <= 1440 for begin, end in read)


@pytest.mark.parametrize(
    ("week", "says"),
    [
        ({"mon": "9-18"}, "'9-18' are no hours"),
        ({"mon": "09:00-25:00"}, "no such time of day"),
        ({"mon": "09:60-18:00"}, "no such time of day"),
        ({"mon": "09:00-09:00"}, "the whole day is 00:00-24:00"),
        ({"mon": 540}, "in quotes"),
        ({"monday": "09:00-18:00"}, "'monday' is no day of the week; one of mon, tue"),
        ({"fri-mon": "09:00-18:00"}, "ends before it begins"),
        ({"mon-fri": "09:00-18:00", "wed": "closed"}, "wed is there twice"),
    ],
)
def test_what_is_wrong_with_hours_is_said(week: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        hours(week)


@pytest.mark.parametrize(
    ("holidays", "says"),
    [
        ([{"name": "a", "from": "2026-10-07", "to": "2026-10-01", "hours": "closed"}], "before it begins"),
        (
            [
                {"name": "国庆", "from": "2026-10-01", "to": "2026-10-07", "hours": "closed"},
                {"name": "中秋", "from": "2026-10-06", "hours": "closed"},
            ],
            "国庆 and 中秋 are both on 2026-10-06",
        ),
    ],
)
def test_holidays_do_not_contradict_one_another(holidays: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        hours({"mon": "closed"}, *holidays)


def test_a_clock_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        OFFICE.is_open(datetime(2026, 11, 23, 10))


def test_a_time_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="no time zone 'Beijing'; one such as Asia/Shanghai"):
        Hours.model_validate({"timezone": "Beijing", "week": {"mon": "closed"}})


@pytest.mark.parametrize(
    ("when", "opens"),
    [
        ("2026-11-30T08:59:59", "2026-11-30T09:00:00"),
        ("2026-11-30T09:00:00", "2026-11-30T13:00:00"),
        ("2026-11-30T22:00:00", "2026-12-01T09:00:00"),
        ("2026-12-05T12:00:00", "2026-12-07T09:00:00"),
    ],
    ids=["just before", "just open", "at night", "on a free day"],
)
def test_the_next_opening_is_the_next_span_that_begins(when: str, opens: str) -> None:
    hours = Hours.model_validate({"week": {"mon-fri": "09:00-12:00, 13:00-18:00"}})
    zone = ZoneInfo("Asia/Shanghai")
    asked = datetime.fromisoformat(when).replace(tzinfo=zone)
    assert hours.next_opening(asked) == datetime.fromisoformat(opens).replace(tzinfo=zone)
    assert hours.next_opening(asked.astimezone(ZoneInfo("UTC"))) == hours.next_opening(asked)


def test_what_never_opens_has_no_next_opening() -> None:
    assert Hours.model_validate({"week": {"mon": "closed"}}).next_opening(datetime(2026, 1, 1, tzinfo=UTC)) is None
