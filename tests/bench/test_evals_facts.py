"""What a sentence claims is found in every way it is said, and nowhere else."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from agent.events import Event, Language, RouteChanged
from agent.knowledge.grounding import ungrounded
from agent.routing.spoken_time import by_when
from bench.evals.facts import dates_meant, sources_of, spoken_dates
from bench.evals.numbers import claims, wrong_numbers


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 14))
def test_a_date_is_a_fact_in_every_way_it_is_said(today: date, ahead: int) -> None:
    day = date.fromordinal(today.toordinal() + ahead)
    source = " ".join(spoken_dates(day, today))
    for way in spoken_dates(day, today):
        assert wrong_numbers(f"约在{way}。", [source]) == ()
        assert day in dates_meant(f"那就{way}吧" if way[0] > "一" else f"on {way}.", today)


@given(st.integers(3, 10**8))
def test_a_number_stands_in_itself_and_not_in_its_neighbour(number: int) -> None:
    assert wrong_numbers(f"{number}元", [f"价格{number:,}元"]) == ()
    assert wrong_numbers(f"{number}元", [f"价格{number + 1}元"]) == (str(number),)
    assert str(number) in claims(f"共 {number} 元")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(ZoneInfo("Asia/Shanghai"))),
    st.integers(91, 48 * 60),
    st.sampled_from(["zh", "en"]),
)
def test_by_when_somebody_rings_back_is_a_fact_as_it_is_told_and_an_hour_sooner_is_none(
    begun_at: datetime, minutes: int, language: Language
) -> None:
    body = RouteChanged(previous="bot", destination="callback", priority=1, reason="夜间", callback_due_minutes=minutes)
    known = sources_of([Event(call_id="c", seq=0, audio_ms=0, body=body)], [], [], begun_at)
    told, sooner = (by_when(begun_at + timedelta(minutes=late), begun_at, language) for late in (minutes, minutes - 60))
    assert wrong_numbers(told, known) == ()
    assert ungrounded(told, known, language) == ()
    assert wrong_numbers(sooner, known) or ungrounded(sooner, known, language)
