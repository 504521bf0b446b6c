"""Calls that stand for all calls: along each axis that rules look at, one value of every kind that they tell apart.

Two calls whose values lie between the same borders meet the same conditions, so that what holds of the samples holds of
every call. Conditions are asked of the samples themselves; nothing here knows how they test.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import combinations_with_replacement, pairwise
from math import inf
from typing import get_args
from zoneinfo import ZoneInfo

from agent.events import Intent, Language, RiskLevel, Scalar, Sentiment, SpamVerdict
from agent.routing.days import day_kind, has_calendar
from agent.routing.lines import Located, places
from agent.routing.rules.conditions import RECORDS, Condition
from agent.routing.rules.facts import Facts, Load
from agent.routing.rules.values import OneOf, Range
from agent.routing.schedule import MINUTES_A_DAY, Schedule

Sample = Callable[[Facts], Facts]
"""Gives a call its value on one axis."""

OTHER = "…"
"""Stands for any text that no rule names."""

_YEARS_BACK = 6
"""Over so many years every day of the week has been every kind of day that it can be, before and after each other."""


def samples(axis: str, conditions: Iterable[Condition], zone: ZoneInfo) -> tuple[Sample, ...]:
    """For an axis and all conditions that rules have on it; the most ordinary first."""
    conditions = tuple(conditions)
    if axis == "caller":
        return tuple(_setting(caller=one) for one in _callers(conditions))
    if axis == "time":
        return tuple(_setting(at=one) for one in _moments(conditions, zone))
    if axis == "calls":
        return tuple(_calls(conditions))
    if axis == "alert":
        return tuple(_alert(value) for value in (None, *_numbers(conditions, whole=True)))
    condition = conditions[0]
    if condition.name == "load":
        values: list[Scalar] = list(_numbers(conditions, whole=True))
        if condition.field == "expected_wait_s":
            values.append(None)
        return tuple(_load(condition, value) for value in values)
    if condition.name in RECORDS:
        return tuple(_field(condition, value) for value in _field_values(conditions))
    return tuple(_setting(**{condition.name: value}) for value in _vocabulary(condition, conditions))


def base(zone: ZoneInfo) -> Facts:
    """A call about which no rule asks anything."""
    return Facts(datetime(2026, 3, 4, 10, 0, tzinfo=zone), Located("mobile", "", "北京", "北京"))


def _setting(**values: object) -> Sample:
    def give(facts: Facts) -> Facts:
        return replace(facts, **values)  # type: ignore[arg-type]

    return give


def _vocabulary(condition: Condition, conditions: Iterable[Condition]) -> Iterator[Scalar]:
    known: Mapping[str, tuple[Scalar, ...]] = {
        "language": get_args(Language),
        "intent": (None, *get_args(Intent)),
        "sentiment": (None, *get_args(Sentiment)),
        "risk": get_args(RiskLevel),
        "spam": get_args(SpamVerdict),
    }
    # Of numbers that are called, those that are named and any other.
    yield from known.get(condition.name) or (*_values(conditions), OTHER)


def _values(conditions: Iterable[Condition]) -> Iterator[Scalar]:
    yield from dict.fromkeys(one for each in conditions if isinstance(each.test, OneOf) for one in each.test.values)


def _callers(conditions: Iterable[Condition]) -> Iterator[Located]:
    conditions = tuple(conditions)
    named = {str(value) for one in conditions if one.name == "province" for value in _values([one])}
    for kind in ("mobile", "landline", "service"):
        for province, cities in places().items():
            for city in ("", *sorted(cities)):
                yield Located(kind, "", province, city)
        yield Located(kind, "")
    for country in ("", OTHER, *sorted(named - set(places()))):
        yield Located("abroad", "", country)
    yield Located("withheld", "")
    yield Located("malformed", "")


def _moments(conditions: Iterable[Condition], zone: ZoneInfo) -> Iterator[datetime]:
    schedules = [one.test for one in conditions if isinstance(one.test, Schedule)]
    borders = {edge % MINUTES_A_DAY for one in schedules for span in one.hours for edge in span}
    for day in _days():
        for minute in sorted(borders | {0}):
            yield datetime.combine(day, time(minute // 60, minute % 60), zone)


@cache
def _days() -> tuple[date, ...]:
    """One for every weekday, its kind, and the kind of the day before."""
    last = max(year for year in range(2004, 2100) if has_calendar(year))
    day, end = date(last - _YEARS_BACK + 1, 1, 1), date(last, 12, 31)
    found: dict[tuple[int, str, str], date] = {}
    while day <= end:
        found[day.weekday(), day_kind(day), day_kind(day - timedelta(days=1))] = day
        day += timedelta(days=1)
    return tuple(found[key] for key in sorted(found, key=lambda key: (key[1] != "workday", key)))


def _calls(conditions: Iterable[Condition]) -> Iterator[Sample]:
    """How often in each number of days that is asked about: in more days never less often."""
    conditions = tuple(conditions)
    days = sorted({one.days for one in conditions})
    for counts in combinations_with_replacement(list(_numbers(conditions, whole=True)), len(days)):
        yield _called(tuple(zip(days, counts, strict=True)))


def _called(counts: tuple[tuple[int, float], ...]) -> Sample:
    def give(facts: Facts) -> Facts:
        earlier: list[datetime] = []
        for days, count in counts:
            # Just inside these days, so that no fewer days count it.
            when = facts.at - timedelta(days=days) + timedelta(seconds=1)
            earlier += [when] * (int(count) - len(earlier))
        return replace(facts, earlier_calls=tuple(earlier))

    return give


def _alert(days: float | None) -> Sample:
    def give(facts: Facts) -> Facts:
        return replace(facts, alerts=() if days is None else (facts.at - timedelta(days=days),))

    return give


def _load(condition: Condition, value: Scalar) -> Sample:
    def give(facts: Facts) -> Facts:
        changed: Load = replace(facts.load_of(condition.queue), **{condition.field: value})  # type: ignore[arg-type]
        if not condition.queue:
            return replace(facts, load=changed)
        return replace(facts, queues={**facts.queues, condition.queue: changed})

    return give


def _field(condition: Condition, value: Scalar) -> Sample:
    def give(facts: Facts) -> Facts:
        record: Mapping[str, Scalar] = getattr(facts, condition.name)
        return _setting(**{condition.name: {**record, condition.field: value}})(facts)

    return give


def _field_values(conditions: Iterable[Condition]) -> Iterator[Scalar]:
    conditions = tuple(conditions)
    yield None
    values = list(_values(conditions))
    if any(isinstance(value, bool) for value in values):
        yield from (False, True)
    numbers = {value for value in values if isinstance(value, int | float) and not isinstance(value, bool)}
    yield from (value for value in values if isinstance(value, str))
    if numbers or any(isinstance(one.test, Range) for one in conditions):
        yield from _numbers(conditions, whole=False, also=numbers)
    yield OTHER


def _numbers(conditions: Iterable[Condition], *, whole: bool, also: Iterable[float] = ()) -> Iterator[float]:
    """On each border, and between each two. ``whole``: counts, from 0 up."""
    tests = [one.test for one in conditions if isinstance(one.test, Range)]
    borders = sorted({edge for test in tests for edge in (test.low, test.high) if abs(edge) < inf} | set(also))
    if whole:
        near = {edge + step for edge in borders for step in (-1, 0, 1)}
        yield from sorted({0, *(int(value // 1) for value in near if value >= 0)})
        return
    between = [(low + high) / 2 for low, high in pairwise(borders)]
    yield from sorted({*borders, *between, borders[0] - 1, borders[-1] + 1})
