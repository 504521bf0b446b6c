"""The callers of a day are as the traffic file says, and what is wrong with it is said."""

from datetime import date, datetime
from pathlib import Path
from random import Random
from statistics import fmean, pstdev

import pytest

from agent.errors import CompanyError
from agent.routing.schedule import CHINA
from agent.simulation.callers import callers
from agent.simulation.chances import Choice, Duration
from agent.simulation.traffic import DEFAULT_TRAFFIC, Traffic, load_traffic
from tests.simulation.small_hotline import TRAFFIC

MIDNIGHT = datetime(2026, 11, 30, tzinfo=CHINA)
NUMBERS = ("4008001234",)
ORDINARY = load_traffic()
CALLERS = callers(ORDINARY, 3000, MIDNIGHT, NUMBERS, 1)


def share(count: int) -> float:
    return count / len(CALLERS)


def test_they_come_in_order_within_the_day() -> None:
    times = [one.at_ms for one in CALLERS]
    start_ms = round(MIDNIGHT.timestamp() * 1000)
    assert times == sorted(times)
    assert start_ms <= times[0] and times[-1] < start_ms + 86_400_000
    numbers = [one.number for one in CALLERS if one.number]
    assert len({one.id for one in CALLERS}) == 3000 and len(set(numbers)) == len(numbers)


def test_the_ordinary_day_has_its_peaks() -> None:
    hours = [datetime.fromtimestamp(one.at_ms / 1000, CHINA).hour for one in CALLERS]
    counts = [hours.count(hour) for hour in range(24)]
    assert max(range(13), key=counts.__getitem__) == 10
    assert max(range(12, 18), key=counts.__getitem__) in (14, 15)
    assert counts[3] < counts[10] / 20
    repairs = [one.intent == "repair" for one, hour in zip(CALLERS, hours, strict=True) if hour == 20]
    assert fmean(repairs) > 1.4 * fmean(one.intent == "repair" for one in CALLERS)


def test_shares_are_as_written() -> None:
    assert share(sum(not one.number for one in CALLERS)) == pytest.approx(ORDINARY.withheld, abs=0.007)
    assert share(sum(one.spam == "refuse" for one in CALLERS)) == pytest.approx(ORDINARY.spam_refused, abs=0.008)
    assert share(sum(bool(one.record.get("vip")) for one in CALLERS)) == pytest.approx(0.03, abs=0.01)
    assert share(sum(one.language == "en" for one in CALLERS)) == pytest.approx(0.015, abs=0.007)
    assert share(sum(one.located.province == "广东" for one in CALLERS)) == pytest.approx(0.15, abs=0.02)
    complaints = [one for one in CALLERS if one.intent == "complaint"]
    assert sum(one.sentiment == "angry" for one in complaints) / len(complaints) == pytest.approx(0.36, abs=0.13)


def test_more_callers_change_nobody() -> None:
    """Each draws from a generator of their own, so that how patient the hundredth is does not hang on the others."""
    fewer = callers(ORDINARY, 100, MIDNIGHT, NUMBERS, 1)
    assert [one.number for one in fewer] == [one.number for one in CALLERS[:100]]


@pytest.mark.parametrize("duration", [Duration(mean_s=120, spread=0.8), Duration(mean_s=120, shape="exponential")])
def test_durations_have_their_mean(duration: Duration) -> None:
    chance = Random(1)
    drawn = [duration.draw(chance) for _ in range(20_000)]
    assert fmean(drawn) == pytest.approx(120, rel=0.03)
    assert pstdev(drawn) / 120 == pytest.approx(1.0 if duration.shape == "exponential" else 0.8, rel=0.06)
    assert min(drawn) >= 0


def test_a_duration_without_spread_is_always_the_same() -> None:
    assert {Duration(mean_s=7, spread=0).draw(Random(n)) for n in range(5)} == {7.0}


def test_nothing_to_choose_from() -> None:
    with pytest.raises(ValueError, match="all weights are 0"):
        Choice({"a": 0.0})


def test_a_weekend_has_its_own_day() -> None:
    assert ORDINARY.profile(date(2026, 11, 28)) == ORDINARY.arrivals["weekend"]
    assert ORDINARY.profile(date(2026, 11, 30)) == ORDINARY.arrivals["any"]


PROBLEMS = [
    ({"arrivals": {"any": [1.0] * 47}}, "47 half hours; a day has 48"),
    ({"arrivals": {"any": [0.0] * 48}}, "nobody would ever call"),
    ({"arrivals": {"weekend": [1.0] * 48}}, "any is missing"),
    ({"arrivals": {"any": [1.0] * 48, "sunday": [1.0] * 48}}, "'sunday' is no kind of day"),
    ({"intents": {"repair": {"weight": 0, "bot_solves": 1}}}, "all weights are 0"),
    ({"intents": {"repairs": {"weight": 1, "bot_solves": 1}}}, "repairs"),
    ({"intents": {"repair": {"weight": 1, "bot_solves": 1.2}}}, "bot_solves"),
    ({"intents": {"repair": {"weight": 1, "bot_solves": 1, "angry": 0.6, "negative": 0.6}}}, "more than all callers"),
    ({"provinces": {"广东": 0}}, "all weights are 0"),
    ({"withhold": 0.1}, "withhold"),
]


@pytest.mark.parametrize(("changed", "message"), PROBLEMS)
def test_what_is_wrong_is_said(changed: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Traffic.model_validate({**TRAFFIC, **changed})


def test_what_is_wrong_is_said_with_its_line(tmp_path: Path) -> None:
    text = DEFAULT_TRAFFIC.read_text(encoding="utf-8").replace("withheld: 0.015", "withheld: 15")
    file = tmp_path / "traffic.yaml"
    file.write_text(text, encoding="utf-8")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if one.startswith("withheld"))
    with pytest.raises(CompanyError, match=f"traffic.yaml:{line}: withheld"):
        load_traffic(file)
