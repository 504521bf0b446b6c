"""The figures of a group of calls. Pure. A share of nothing is None: a day without calls has no answer rate.

Of what a hotline promises only calls that could be answered count: not those that we rang ourselves, those that the
filter refused, and those of which not even three seconds are known.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import ceil

from agent.reports.record import Cdr, Cost


def offered(calls: Iterable[Cdr]) -> list[Cdr]:
    """The calls that were owed an answer."""
    return [call for call in calls if call.direction == "in" and not call.refused and not call.undecided]


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def mean(values: Sequence[float], digits: int = 1) -> float | None:
    return round(sum(values) / len(values), digits) if values else None


def p95(values: Sequence[float]) -> float | None:
    """The value that 95 % do not exceed: nearest rank, so it is one that occurred."""
    return sorted(values)[ceil(0.95 * len(values)) - 1] if values else None


def seconds(ms: float) -> float:
    return round(ms / 1000, 1)


def waits_s(calls: Iterable[Cdr]) -> list[float]:
    """Of those that waited in a queue, in s."""
    return [seconds(call.queue_wait_ms) for call in calls if call.queues]


def total_cost(calls: Iterable[Cdr]) -> Cost | None:
    """None where no call has a cost: there is no tariff."""
    costs = [call.cost for call in calls if call.cost is not None]
    if not costs:
        return None
    return Cost(
        caller_yuan=sum((cost.caller_yuan for cost in costs), Decimal(0)),
        company_yuan=sum((cost.company_yuan for cost in costs), Decimal(0)),
    )


def answer_rate(calls: Iterable[Cdr]) -> float | None:
    """The share of the calls owed an answer that had it within three seconds."""
    owed = offered(calls)
    return share(sum(call.in_time for call in owed), len(owed))


def abandon_rate(calls: Iterable[Cdr]) -> float | None:
    owed = offered(calls)
    return share(sum(call.abandoned_in is not None for call in owed), len(owed))


def self_service_rate(calls: Iterable[Cdr]) -> float | None:
    """The share of answered calls that the bot solved alone."""
    answered = [call for call in offered(calls) if call.answered_ms is not None]
    return share(sum(call.self_served for call in answered), len(answered))
