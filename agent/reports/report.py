"""A report: named columns, rows, a line of totals, and what else is to be known. What every output is made of."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar, get_args

from agent.event_base import Frozen

Kind = Literal["daily", "hourly", "region", "queue", "cost", "intents", "spam"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Unit = Literal["text", "count", "share", "s", "score", "yuan"]
UNITS: Mapping[str, Unit] = {
    "day": "text", "hour": "text", "province": "text", "city": "text", "skill": "text", "number": "text",
    "line": "text", "intent": "text", "reason": "text",
    "passed": "count", "challenged": "count", "let_in": "count",
    "calls": "count", "refused": "count", "answered": "count", "alerts": "count", "callbacks": "count",
    "rung_back": "count", "surveys": "count", "connected": "count", "abandoned": "count", "overflowed": "count",
    "returned": "count", "offered": "count", "unknown": "count", "peak": "count", "unfinished": "count",
    "answer_rate": "share", "abandon_rate": "share", "self_service_rate": "share", "call_share": "share",
    "service_level": "share",
    "answer_p95_s": "s", "wait_mean_s": "s", "wait_p95_s": "s", "wait_max_s": "s", "talk_mean_s": "s",
    "per_day": "score", "survey_mean": "score", "minutes": "score",
    "caller_yuan": "yuan", "company_yuan": "yuan",
}  # fmt: skip
"""Every column that a report may have, and what stands in it. Times in s, shares 0..1."""

K = TypeVar("K")
T = TypeVar("T")

Cell = str | int | float | Decimal | None
Row = dict[str, Cell]


class Report(Frozen):
    """``rows`` hold what ``columns`` name, None where there is nothing to say. ``facts``: single things that no row
    tells, such as the busiest hour.
    """

    kind: Kind
    first: date
    last: date
    zone: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    facts: dict[str, str | int | float | None] = {}  # noqa: RUF012 — pydantic copies it


def grouped(items: Sequence[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """By key, in the order in which keys first come."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
