"""Reports over some days add up, on every kind of day."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.errors import HotlineError
from agent.events import CallbackPlaced, SpamJudged, SpamSign, SpamVerdict, SurveyAnswered
from agent.reports import KINDS, Cdr, Days, Report, make_report
from agent.reports.concurrency import load
from agent.reports.figures import p95
from agent.reports.labels import labels
from agent.reports.output import to_csv, to_json, to_table
from agent.reports.report import UNITS
from tests.reports.days_of_calls import STARTED, connected, ended, greeted, left, meant, queued, record, said

CHINA, BERLIN, BEIRUT = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Beirut")
DAY = Days(date(2026, 11, 2), date(2026, 11, 2), CHINA)


def call(minute: float = 0, answered_ms: int = 200, length_s: int = 60, *more: tuple[int, object]) -> Cdr:
    happened = sorted([greeted(answered_ms), said(answered_ms), *more], key=lambda one: one[0])  # type: ignore[list-item]
    return record(*happened, ended(length_s * 1000), at=STARTED + timedelta(minutes=minute), call_id=f"c{minute}")


def test_a_day_adds_up() -> None:
    calls = [
        call(0, 200, 60, (50_000, SurveyAnswered(score=5, by="key", words="5"))),
        call(1, 3500, 60, (50_000, SurveyAnswered(score=2, by="key", words="2"))),
        record(ended(1200), at=STARTED, call_id="gave up"),
        record((0, SpamJudged(turn=0, verdict="refuse", score=1)), ended(10), at=STARTED, call_id="spam"),
        record((0, CallbackPlaced(callback_id="b", earlier_call_id="x", attempt=1)), ended(9000), call_id="ours"),
        record((0, queued(0)[1]), greeted(0), left(10_000, "connected"), connected(10_000), ended(60_000), call_id="q"),
    ]
    (row,) = make_report("daily", calls, DAY).rows
    assert (row["calls"], row["answered"], row["refused"], row["rung_back"]) == (4, 3, 1, 1)
    assert row["answer_rate"] == 0.5, "of four calls owed an answer one came late and one not at all"
    assert row["abandon_rate"] == 0.25
    assert (row["surveys"], row["survey_mean"]) == (2, 3.5)
    assert (row["wait_mean_s"], row["wait_p95_s"]) == (10.0, 10.0)
    # Of the calls that were answered, and of ours only once somebody is there.
    assert row["caller_yuan"] == Decimal("0.60") + Decimal("0.57") + Decimal("0.60")


def judged(verdict: SpamVerdict, *signs: str) -> tuple[int, SpamJudged]:
    shown = tuple(SpamSign(sign=sign, words=sign, weight=0.5) for sign in signs)
    return 0, SpamJudged(turn=0, verdict=verdict, score=1, signs=shown)


def test_what_the_filter_made_of_calls_is_counted_by_reason() -> None:
    asked, refused = judged("challenge", "mark"), judged("refuse", "mark", "no_answer")
    calls = [
        record(*happened, ended(60_000), at=STARTED, call_id=str(number))
        for number, happened in enumerate(
            [
                (),
                (judged("pass", "allowed"),),
                (asked, judged("pass", "mark", "need")),
                (asked, refused),
                (judged("refuse", "denied"),),
                (asked, refused, judged("pass", "mark", "no_answer", "appealed")),
                (asked, judged("pass", "mark", "overruled")),
            ]
        )
    ]
    report = make_report("spam", calls, DAY)
    assert report.total == {"reason": "", "passed": 2, "challenged": 1, "refused": 2, "let_in": 2}
    assert {row["reason"]: [row[name] for name in report.columns[1:]] for row in report.rows} == {
        "mark": [0, 1, 1, 0], "no_answer": [0, 0, 1, 0], "denied": [0, 0, 1, 0], "allowed": [1, 0, 0, 0],
        "appealed": [0, 0, 0, 1], "overruled": [0, 0, 0, 1],
    }  # fmt: skip
    assert "号码被标记,0,1,1,0" in to_csv(report, "zh").decode("utf-8-sig")
    assert "goes" not in to_csv(report, "en").decode() and "number is marked" in to_csv(report, "en").decode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_day_without_calls_has_no_shares_and_still_every_output(kind: str) -> None:
    empty = make_report(kind, [], DAY)  # type: ignore[arg-type]
    for row in (*empty.rows, *([empty.total] if empty.total else [])):
        assert set(row) == set(empty.columns)
        assert all(row[name] is None for name in row if UNITS[name] == "share")
    assert to_csv(empty, "zh") and to_table(empty, "en") and json.loads(to_json(empty))["kind"] == kind


def test_every_column_and_fact_has_its_words_in_both_languages() -> None:
    for kind in KINDS:
        made = make_report(kind, [call()], DAY)
        for name in (*made.columns, *made.facts):
            assert labels("zh")[name] and labels("en")[name]
            assert name in UNITS or name in made.facts


def test_a_call_over_midnight_is_of_the_day_on_which_it_began_and_holds_a_line_on_both() -> None:
    late = record(greeted(), ended(3_600_000), at=datetime(2026, 11, 2, 15, 30, tzinfo=UTC))  # 23:30 in China
    days = Days(date(2026, 11, 2), date(2026, 11, 3), CHINA)
    assert [row["calls"] for row in make_report("daily", [late], days).rows] == [1, 0]
    next_day = make_report("hourly", [late], Days(date(2026, 11, 3), date(2026, 11, 3), CHINA))
    assert [row["calls"] for row in next_day.rows] == [0] * 24
    assert [row["peak"] for row in next_day.rows][:2] == [1, 0]


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 11, 2), CHINA, 24),
        (date(2026, 3, 29), BERLIN, 23),
        (date(2026, 10, 25), BERLIN, 25),
        (date(2026, 3, 29), BEIRUT, 23),  # it begins at one: midnight is skipped
        (date(2026, 4, 5), ZoneInfo("Australia/Lord_Howe"), 25),  # half an hour more, in an hour of its own
    ],
)
def test_a_day_has_the_hours_that_its_clock_shows(day: date, zone: ZoneInfo, hours: int) -> None:
    days = Days(day, day, zone)
    begun = list(days.hours())
    assert len(begun) == hours and begun[0] == days.begin
    assert all(days.day(hour) == day for hour in begun)
    assert days.day(days.begin - timedelta(microseconds=1)) == day - timedelta(days=1)
    assert days.day(days.end) == day + timedelta(days=1)


def test_when_the_clock_goes_back_the_two_hours_of_one_name_are_two() -> None:
    twice = [
        record(
            greeted(), ended(60_000), at=datetime(2026, 10, 25, 0, 10, tzinfo=UTC) + timedelta(hours=n), call_id=str(n)
        )
        for n in (0, 1, 1)
    ]
    made = make_report("hourly", twice, Days(date(2026, 10, 25), date(2026, 10, 25), BERLIN))
    assert made.rows[2]["calls"] == 3, "of the hour two, whichever"
    assert (made.facts["busy_hour"], made.facts["busy_hour_calls"]) == ("2026-10-25T02:00+01:00", 2)
    assert made.rows[2]["peak"] == 2


def test_calls_that_follow_each_other_never_held_lines_together() -> None:
    lines = load([call(0), call(1), call(1.5)], DAY)
    assert (lines.peak, lines.peak_at) == (2, STARTED + timedelta(minutes=1.5))


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 90)), max_size=12))
@example([(0, 60), (0, 60)])
def test_the_most_calls_at_once_are_those_that_hold_one_moment(spans: list[tuple[int, int]]) -> None:
    calls = [call(minute, 200, 60 * length) for minute, length in spans]
    at_once = [sum(a <= minute < a + length for a, length in spans) for minute in range(200)]
    assert load(calls, DAY).peak == max(at_once)
    hours = [max(at_once[60 * n : 60 * n + 60]) for n in range(3)]
    assert [load(calls, DAY).by_hour[10 + n] for n in range(3)] == hours


def test_queues_tell_who_got_a_person_in_time_and_who_gave_up() -> None:
    def stay(reason: str, wait_s: int, skill: str = "service") -> Cdr:
        return record(greeted(0), queued(0, skill), left(wait_s * 1000, reason), ended(wait_s * 1000 + 1))

    calls = [stay("connected", 5), stay("connected", 30), stay("abandoned", 3), stay("callback", 60)]
    calls += [stay("overflow", 40, "complaint"), record(greeted(0), queued(0, "complaint"))]
    complaint, service = make_report("queue", calls, DAY).rows
    assert (service["offered"], service["connected"], service["abandoned"], service["callbacks"]) == (4, 2, 1, 1)
    assert (service["service_level"], service["abandon_rate"], service["wait_mean_s"]) == (0.25, 0.25, 24.5)
    assert (complaint["offered"], complaint["overflowed"], complaint["unknown"]) == (2, 1, 1)
    assert complaint["wait_max_s"] == 40.0


def test_cost_is_by_number_line_and_province_and_adds_up() -> None:
    calls = [call(0), call(1), record(greeted(0), ended(30_000), caller="02088886666", call_id="gz")]
    made = make_report("cost", calls, DAY)
    assert [(row["line"], row["province"], row["calls"]) for row in made.rows] == [
        ("landline", "广东", 1),
        ("mobile", "江苏", 2),
    ]
    assert made.total is not None
    for side in ("caller_yuan", "company_yuan"):
        assert made.total[side] == sum(row[side] for row in made.rows)  # type: ignore[misc]


def test_intents_and_regions_come_with_the_most_first() -> None:
    calls = [call(n, 200, 60, meant(400, intent)) for n, intent in enumerate(("repair", "repair", "logistics"))]
    intents = make_report("intents", calls, DAY).rows
    assert [(row["intent"], row["calls"], row["call_share"]) for row in intents] == [
        ("repair", 2, 0.6667),
        ("logistics", 1, 0.3333),
    ]
    (region,) = make_report("region", calls, DAY).rows
    assert (region["province"], region["calls"], region["call_share"]) == ("江苏", 3, 1.0)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60))
def test_95_of_100_are_at_or_below_p95_and_it_is_one_of_them(values: list[int]) -> None:
    found = p95(values)
    assert found in values
    assert sum(value <= found for value in values) >= 0.95 * len(values)  # type: ignore[operator]


def test_csv_opens_in_excel_and_holds_no_formula() -> None:
    hostile = record(greeted(0), ended(1000)).model_copy(update={"called": "=cmd|' /C calc'!A1"})
    content = to_csv(make_report("cost", [hostile], DAY), "zh")
    assert content.startswith(b"\xef\xbb\xbf")
    heading, row, total = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert heading[0] == "被叫号码" and row[0].startswith("'=") and total[0] == "合计"


def test_json_is_the_report_again() -> None:
    made = make_report("daily", [call()], DAY)
    again = Report.model_validate_json(to_json(made))
    assert again.rows[0]["calls"] == 1 and again.first == DAY.first


@pytest.mark.parametrize(("first", "last", "words"), [(2, 1, "before the first"), (0, 500, "at most 400")])
def test_a_span_that_is_none_says_what_would_be_right(first: int, last: int, words: str) -> None:
    day = date(2026, 1, 1)
    with pytest.raises(HotlineError, match=words):
        Days(day + timedelta(days=first), day + timedelta(days=last), CHINA)
