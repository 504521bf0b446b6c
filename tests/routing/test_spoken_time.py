"""By when somebody is rung back, as it is said: never sooner than it is so."""

from datetime import datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.event_base import Language
from agent.routing.spoken_time import by_when

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 11, 30, 22, 5, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "due", "zh", "en"),
    [
        (NIGHT, NIGHT + timedelta(minutes=1, seconds=1), "2分钟内", "within 2 minutes"),
        (NIGHT, NIGHT + timedelta(minutes=30), "30分钟内", "within 30 minutes"),
        (NIGHT, NIGHT + timedelta(minutes=119, seconds=1), "120分钟内", "within 120 minutes"),
        (NIGHT, datetime(2026, 12, 1, 9, 30, tzinfo=ZONE), "明天上午9点半前", "by 9:30 a.m. tomorrow"),
        (NIGHT, datetime(2026, 12, 1, 9, 30, 1, tzinfo=ZONE), "明天上午10点前", "by 10 a.m. tomorrow"),
        (NIGHT, datetime(2026, 12, 1, 3, 30, tzinfo=ZoneInfo("UTC")), "明天上午11点半前", "by 11:30 a.m. tomorrow"),
        (NIGHT, datetime(2026, 12, 1, 12, 0, tzinfo=ZONE), "明天中午12点前", "by 12 p.m. tomorrow"),
        (NIGHT, datetime(2026, 12, 1, 15, 0, tzinfo=ZONE), "明天下午3点前", "by 3 p.m. tomorrow"),
        (NIGHT, datetime(2026, 12, 1, 0, 20, tzinfo=ZONE), "明天凌晨0点半前", "by 12:30 a.m. tomorrow"),
        (NIGHT, datetime(2026, 12, 1, 23, 50, tzinfo=ZONE), "12月2日凌晨0点前", "by 12 a.m. on December 2"),
        (datetime(2026, 12, 1, 2, 0, tzinfo=ZONE), datetime(2026, 12, 1, 9, 40, tzinfo=ZONE), "今天上午10点前",
         "by 10 a.m. today"),
        (NIGHT, datetime(2026, 12, 3, 9, 0, tzinfo=ZONE), "12月3日上午9点前", "by 9 a.m. on December 3"),
        (NIGHT, NIGHT + timedelta(days=8), "客服上班后", "once our service desk is open"),
    ],
)  # fmt: skip
def test_it_is_said_by_the_clock_where_it_is_long(now: datetime, due: datetime, zh: str, en: str) -> None:
    assert (by_when(due, now, "zh"), by_when(due, now, "en")) == (zh, en)


@given(
    minutes=st.integers(-5, 12_000),
    language=st.sampled_from(get_args(Language)),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
)
def test_something_is_always_said_and_nothing_is_left_to_fill_in(
    minutes: int, language: Language, at: datetime
) -> None:
    now = at.replace(tzinfo=ZONE)
    text = by_when(now + timedelta(minutes=minutes), now, language)
    assert text and "{" not in text
