"""The reports themselves: from the records of some days to rows. Pure.

A call belongs to the day on which it began; one that goes on over midnight is still one call of the first.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar, get_args
from zoneinfo import ZoneInfo

from agent.reports.concurrency import Load, load
from agent.reports.days import Days
from agent.reports.figures import (
    abandon_rate,
    answer_rate,
    mean,
    offered,
    p95,
    seconds,
    self_service_rate,
    share,
    total_cost,
    waits_s,
)
from agent.reports.record import Cdr, LegRecord
from agent.reports.report import Kind, Report, Row, grouped
from agent.routing.spam import SpamOutcome

K = TypeVar("K")

SERVICE_S = 20
"""A queue's service level is the share that got a person within so long: the 80/20 that call centres go by."""


def make_report(kind: Kind, calls: Sequence[Cdr], days: Days) -> Report:
    """A report over calls. Those that began outside of the days count only where they still held a line in them."""
    within = [call for call in calls if days.holds(call.start)]
    columns, rows, total, facts = _MAKERS[kind](within, calls, days)
    return Report(
        kind=kind, first=days.first, last=days.last, zone=days.zone.key,
        columns=columns, rows=tuple(rows), total=total, facts=facts,
    )  # fmt: skip


_Made = tuple[tuple[str, ...], list[Row], Row | None, dict[str, str | int | float | None]]

_DAILY = (
    "day", "calls", "refused", "answered", "answer_rate", "answer_p95_s", "abandon_rate", "wait_mean_s", "wait_p95_s",
    "talk_mean_s", "self_service_rate", "alerts", "callbacks", "rung_back", "surveys", "survey_mean", "unfinished",
    "caller_yuan", "company_yuan",
)  # fmt: skip


def _daily(within: Sequence[Cdr], _all: Sequence[Cdr], days: Days) -> _Made:
    by_day = grouped(within, lambda call: days.day(call.start))
    rows = [{"day": day.isoformat(), **_whole(by_day.get(day, []))} for day in days]
    return _DAILY, rows, {"day": "", **_whole(within)}, {"answer_rate": answer_rate(within)}


def _whole(calls: Sequence[Cdr]) -> Row:
    """All figures of a group of calls."""
    owed = offered(calls)
    answered = [call for call in owed if call.answered_ms is not None]
    scores = [call.survey_score for call in calls if call.survey_score is not None]
    waits = waits_s(owed)
    return {
        "calls": len(owed),
        "refused": sum(call.refused for call in calls),
        "answered": len(answered),
        "answer_rate": answer_rate(calls),
        "answer_p95_s": p95([seconds(call.answered_ms) for call in answered if call.answered_ms is not None]),
        "abandon_rate": abandon_rate(calls),
        "wait_mean_s": mean(waits),
        "wait_p95_s": p95(waits),
        "talk_mean_s": mean([call.talk_ms / 1000 for call in answered]),
        "self_service_rate": self_service_rate(calls),
        "alerts": sum(call.alerts for call in calls),
        "callbacks": sum(call.callback_promised for call in calls),
        "rung_back": sum(call.direction == "out" for call in calls),
        "surveys": len(scores),
        "survey_mean": mean(scores, 2),
        "unfinished": sum(call.end is None for call in calls),
        **_yuan(calls),
    }


def _yuan(calls: Sequence[Cdr]) -> Row:
    cost = total_cost(calls)
    if cost is None:
        return {"caller_yuan": None, "company_yuan": None}
    return {"caller_yuan": cost.caller_yuan, "company_yuan": cost.company_yuan}


_HOURLY = ("hour", "calls", "per_day", "answer_rate", "abandon_rate", "wait_mean_s", "peak")


def _hourly(within: Sequence[Cdr], every: Sequence[Cdr], days: Days) -> _Made:
    lines = load(every, days)
    by_hour = grouped(within, lambda call: call.start.astimezone(days.zone).hour)
    count = len(list(days))
    rows: list[Row] = []
    for hour in range(24):
        calls = by_hour.get(hour, [])
        owed = offered(calls)
        rows.append(
            {
                "hour": f"{hour:02}:00",
                "calls": len(owed),
                "per_day": round(len(owed) / count, 1),
                "answer_rate": answer_rate(calls),
                "abandon_rate": abandon_rate(calls),
                "wait_mean_s": mean(waits_s(owed)),
                "peak": lines.by_hour.get(hour, 0),
            }
        )
    return _HOURLY, rows, None, _busiest(within, lines, days)


def _busiest(within: Sequence[Cdr], lines: Load, days: Days) -> dict[str, str | int | float | None]:
    """The busiest single hour, and the most calls at once; of equal ones the first."""
    by_hour = grouped(offered(within), lambda call: _hour_of(call.start, days.zone))
    busiest = max(sorted(by_hour), key=lambda hour: len(by_hour[hour]), default=None)
    peak_at = None if lines.peak_at is None else lines.peak_at.astimezone(days.zone).isoformat(timespec="seconds")
    return {
        "busy_hour": busiest,
        "busy_hour_calls": len(by_hour[busiest]) if busiest is not None else 0,
        "peak": lines.peak,
        "peak_at": peak_at,
    }


def _hour_of(moment: datetime, zone: ZoneInfo) -> str:
    """With its distance from UTC: on the night when the clock goes back, two hours have the same name."""
    return moment.astimezone(zone).replace(minute=0, second=0, microsecond=0).isoformat(timespec="minutes")


_REGION = (
    "province", "city", "calls", "call_share", "answer_rate", "abandon_rate", "self_service_rate", "alerts",
    "company_yuan",
)  # fmt: skip


def _region(within: Sequence[Cdr], _all: Sequence[Cdr], _days: Days) -> _Made:
    groups = grouped(offered(within), lambda call: (call.region.province, call.region.city))
    rows: list[Row] = [
        {
            "province": province,
            "city": city,
            "calls": len(calls),
            "call_share": share(len(calls), len(offered(within))),
            "answer_rate": answer_rate(calls),
            "abandon_rate": abandon_rate(calls),
            "self_service_rate": self_service_rate(calls),
            "alerts": sum(call.alerts for call in calls),
            "company_yuan": _yuan(calls)["company_yuan"],
        }
        for (province, city), calls in _most_first(groups)
    ]
    return _REGION, rows, None, {}


_QUEUE = (
    "skill", "offered", "connected", "abandoned", "callbacks", "overflowed", "returned", "unknown", "service_level",
    "abandon_rate", "wait_mean_s", "wait_p95_s", "wait_max_s",
)  # fmt: skip


def _queue(within: Sequence[Cdr], _all: Sequence[Cdr], _days: Days) -> _Made:
    """Every stay in a queue counts: a call that overflowed was offered to both. Not only of calls that came in."""
    stays = [leg for call in within for leg in call.queues]
    rows = [{"skill": skill, **_stays(legs)} for skill, legs in sorted(grouped(stays, lambda leg: leg.who).items())]
    return _QUEUE, rows, {"skill": "", **_stays(stays)}, {"service_s": SERVICE_S}


def _stays(legs: Sequence[LegRecord]) -> Row:
    outcomes = grouped(legs, lambda leg: leg.outcome)
    connected = outcomes.get("connected", [])
    waits = [seconds(leg.wait_ms) for leg in legs if leg.outcome]
    return {
        "offered": len(legs),
        "connected": len(connected),
        "abandoned": len(outcomes.get("abandoned", [])),
        "callbacks": len(outcomes.get("callback", [])),
        "overflowed": len(outcomes.get("overflow", [])),
        "returned": len(outcomes.get("returned", [])),
        "unknown": len(outcomes.get("", [])),
        "service_level": share(sum(leg.wait_ms <= SERVICE_S * 1000 for leg in connected), len(legs)),
        "abandon_rate": share(len(outcomes.get("abandoned", [])), len(legs)),
        "wait_mean_s": mean(waits),
        "wait_p95_s": p95(waits),
        "wait_max_s": max(waits, default=None),
    }


_COST = ("number", "line", "province", "calls", "minutes", "caller_yuan", "company_yuan")


def _cost(within: Sequence[Cdr], _all: Sequence[Cdr], _days: Days) -> _Made:
    """By the number called, the kind of line that it was called from, and its province."""
    groups = grouped(
        [call for call in within if call.answer is not None and not call.refused],
        lambda call: (call.called, call.region.line, call.region.province),
    )
    rows = [
        {"number": number, "line": line, "province": province, **_billed(calls)}
        for (number, line, province), calls in sorted(groups.items())
    ]
    everything = [call for calls in groups.values() for call in calls]
    return _COST, rows, {"number": "", "line": "", "province": "", **_billed(everything)}, {}


def _billed(calls: Sequence[Cdr]) -> Row:
    minutes = sum((call.known_until - call.answer).total_seconds() for call in calls if call.answer is not None) / 60
    return {"calls": len(calls), "minutes": round(minutes, 1), **_yuan(calls)}


_INTENTS = (
    "intent", "calls", "call_share", "self_service_rate", "abandon_rate", "talk_mean_s", "alerts", "survey_mean",
)  # fmt: skip


def _intents(within: Sequence[Cdr], _all: Sequence[Cdr], _days: Days) -> _Made:
    groups = grouped(offered(within), lambda call: call.intent or "")
    rows: list[Row] = []
    for intent, calls in _most_first(groups):
        figures = _whole(calls)
        row = {name: figures[name] for name in _INTENTS if name in figures}
        rows.append({"intent": intent, "call_share": share(len(calls), len(offered(within))), **row})
    return _INTENTS, rows, None, {}


_SPAM = ("reason", "passed", "challenged", "refused", "let_in")


def _spam(within: Sequence[Cdr], _all: Sequence[Cdr], _days: Days) -> _Made:
    """What the filter made of calls, and why. A call may have several reasons; in the total it counts once."""
    judged = [call for call in within if call.direction == "in" and call.channel != "replay"]
    reasons = Counter((reason, call.spam_outcome) for call in judged for reason in call.spam_reasons)
    calls = Counter(call.spam_outcome for call in judged)
    often = Counter[str]()
    for (reason, _), count in reasons.items():
        often[reason] += count
    rows: list[Row] = [
        {"reason": reason, **{outcome: reasons[reason, outcome] for outcome in get_args(SpamOutcome)}}
        for reason in sorted(often, key=lambda reason: (-often[reason], reason))
    ]
    total: Row = {"reason": "", **{outcome: calls[outcome] for outcome in get_args(SpamOutcome)}}
    return _SPAM, rows, total, {"calls": len(judged)}


def _most_first(groups: Mapping[K, list[Cdr]]) -> list[tuple[K, list[Cdr]]]:
    return sorted(groups.items(), key=lambda group: (-len(group[1]), str(group[0])))


_MAKERS: Mapping[Kind, Callable[[Sequence[Cdr], Sequence[Cdr], Days], _Made]] = {
    "daily": _daily, "hourly": _hourly, "region": _region, "queue": _queue, "cost": _cost, "intents": _intents,
    "spam": _spam,
}  # fmt: skip
