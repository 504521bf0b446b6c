"""Hours are those of the company's wall clock, on Chinese holidays and when clocks change."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.routing.days import DayKind, day_kind, has_calendar
from agent.routing.schedule import CHINA, Schedule

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def holds(schedule: dict[str, object], moment: str, zone: ZoneInfo = CHINA) -> bool:
    return Schedule.model_validate(schedule).holds(datetime.fromisoformat(moment).replace(tzinfo=zone), zone)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-03-04", "workday"),
        ("2026-03-07", "weekend"),
        ("2026-10-01", "holiday"),
        # Saturday, given away for the holiday.
        ("2026-10-03", "holiday"),
        # Saturday, worked for it.
        ("2026-10-10", "makeup"),
        ("2040-10-01", "workday"),
        ("2040-10-06", "weekend"),
    ],
)
def test_a_day_is_of_the_kind_that_the_state_council_made_it(day: str, kind: DayKind) -> None:
    assert day_kind(date.fromisoformat(day)) == kind


def test_the_years_that_are_known_are_told_apart() -> None:
    assert has_calendar(2026) and not has_calendar(2040) and not has_calendar(1999)


@pytest.mark.parametrize(
    ("schedule", "moment", "does"),
    [
        ({"hours": "09:00-18:00"}, "2026-03-04 09:00", True),
        ({"hours": "09:00-18:00"}, "2026-03-04 08:59:59", False),
        ({"hours": "09:00-18:00"}, "2026-03-04 17:59:59", True),
        ({"hours": "09:00-18:00"}, "2026-03-04 18:00", False),
        ({"hours": "09:00-12:00, 13:00-18:00"}, "2026-03-04 12:30", False),
        ({"days": "mon-fri"}, "2026-03-07 12:00", False),
        ({"days": ["sat", "wed"]}, "2026-03-07 12:00", True),
        ({"calendar": ["workday", "makeup"]}, "2026-10-10 12:00", True),
        ({"calendar": "workday"}, "2026-10-10 12:00", False),
        ({"days": "mon-fri", "calendar": "workday"}, "2026-10-01 12:00", False),
        # Past midnight it is still the night that began the day before.
        ({"days": "fri", "hours": "22:00-06:00"}, "2026-03-06 23:00", True),
        ({"days": "fri", "hours": "22:00-06:00"}, "2026-03-07 05:59", True),
        ({"days": "fri", "hours": "22:00-06:00"}, "2026-03-07 06:00", False),
        ({"days": "fri", "hours": "22:00-06:00"}, "2026-03-06 05:00", False),
        ({"calendar": "holiday", "hours": "22:00-06:00"}, "2026-10-08 02:00", True),
    ],
)
def test_a_schedule_holds_or_not(schedule: dict[str, object], moment: str, does: bool) -> None:
    assert holds(schedule, moment) is does


def test_whatever_zone_a_moment_is_told_in_the_company_s_clock_counts() -> None:
    schedule = Schedule.model_validate({"hours": "09:00-18:00"})
    assert schedule.holds(datetime(2026, 3, 4, 1, 0, tzinfo=UTC), CHINA)
    assert not schedule.holds(datetime(2026, 3, 4, 9, 0, tzinfo=UTC), NEW_YORK)
    with pytest.raises(ValueError, match="no time zone"):
        schedule.holds(datetime(2026, 3, 4, 9, 0), CHINA)


@pytest.mark.parametrize(
    ("utc", "does"),
    [
        # 29 March 2026: 02:00 in Berlin becomes 03:00.
        ("2026-03-29 00:59", False),
        ("2026-03-29 01:00", True),
        ("2026-03-29 01:29", True),
        ("2026-03-29 01:30", False),
        # 25 October 2026: 03:00 becomes 02:00, so that half past two comes twice.
        ("2026-10-25 00:29", False),
        ("2026-10-25 00:30", True),
        ("2026-10-25 01:29", False),
        ("2026-10-25 01:30", True),
        ("2026-10-25 02:29", True),
        ("2026-10-25 02:30", False),
    ],
)
def test_when_clocks_change_the_wall_clock_counts(utc: str, does: bool) -> None:
    schedule = Schedule.model_validate({"hours": "02:30-03:30"})
    assert schedule.holds(datetime.fromisoformat(utc).replace(tzinfo=UTC), BERLIN) is does


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2028, 1, 1)),
    st.sampled_from([CHINA, BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe")]),
    st.integers(0, 1439),
    st.integers(1, 1439),
)
def test_a_span_and_the_rest_of_the_day_are_the_whole_day(
    moment: datetime, zone: ZoneInfo, begin: int, length: int
) -> None:
    def clock(minute: int) -> str:
        return f"{minute % 1440 // 60:02}:{minute % 60:02}"

    span = Schedule.model_validate({"hours": f"{clock(begin)}-{clock(begin + length)}"})
    rest = Schedule.model_validate({"hours": f"{clock(begin + length)}-{clock(begin)}"})
    when = moment.replace(tzinfo=UTC)
    assert span.holds(when, zone) is not rest.holds(when, zone)


@given(st.dates(date(2004, 1, 1), date(2040, 1, 1)))
def test_only_weekends_are_made_up_and_plain_workdays_are_weekdays(day: date) -> None:
    kind = day_kind(day)
    assert (kind == "workday") <= (day.weekday() < 5)
    assert (kind in ("makeup", "weekend")) <= (day.weekday() >= 5)


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({}, "empty"),
        ({"days": []}, "mon-fri"),
        ({"days": "moon"}, "no day of the week"),
        ({"days": "fri-mon"}, "ends before it begins"),
        ({"hours": ""}, "09:00-18:00"),
        ({"hours": "9-18"}, "09:00-18:00"),
        ({"hours": "09:00-25:00"}, "no such time"),
        ({"hours": "09:00-09:00"}, "00:00-24:00"),
        ({"hours": 9}, "in quotes"),
        ({"calendar": "feiertag"}, "workday, makeup, weekend, holiday"),
        ({"calendar": []}, "workday"),
        ({"days": "sat", "calendar": "workday"}, "no day is ever workday"),
        ({"days": "mon-fri", "calendar": ["weekend", "makeup"]}, "no day is ever"),
    ],
)
def test_a_schedule_that_never_holds_or_says_nothing_is_refused(schedule: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Schedule.model_validate(schedule)
