"""What a sentence claims is found in every way it is said, and nowhere else."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bench.evals.facts import dates_meant, spoken_dates
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
