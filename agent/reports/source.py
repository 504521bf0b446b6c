"""The records of some days, from storage."""

from collections.abc import Callable, Iterator
from datetime import datetime

from agent.reports.cdr import RECORDED, Tariff, cdr
from agent.reports.days import Days
from agent.reports.record import Cdr
from agent.storage import Store

OfCompany = Callable[[str], bool]
"""Whether a number that was called is of the company that the report is for."""


def records(store: Store, days: Days, tariff: Tariff | None = None, ours: OfCompany | None = None) -> list[Cdr]:
    """Every call of those days, and those that went on into them. Raises StorageError."""
    return list(records_between(store, days.begin, days.end, tariff, ours))


def records_between(
    store: Store, since: datetime, before: datetime, tariff: Tariff | None = None, ours: OfCompany | None = None
) -> Iterator[Cdr]:
    """The same of any time. What has no call-started (its first events never reached the database) is no call."""
    for started_at, events in store.calls_between(since, before, RECORDED):
        if events[0].body.type != "call-started":
            continue
        record = cdr(events, started_at, tariff)
        if ours is None or ours(record.called):
            yield record


def record_of(store: Store, call_id: str, tariff: Tariff | None = None) -> Cdr:
    """One call's. Raises NotFoundError."""
    call = store.get_call(call_id)
    return cdr(store.events(call_id), call.started_at, tariff)
