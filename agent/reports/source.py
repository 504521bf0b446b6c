"""The records of some days, from storage: made once from the events of each call, and kept."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from loguru import logger
from pydantic import ValidationError

from agent.errors import StorageError
from agent.events import CallStarted, Event
from agent.reports.cdr import RECORDED, VERSION, Tariff, cdr, priced
from agent.reports.days import Days
from agent.reports.record import Cdr
from agent.storage import NotFoundError, Store
from agent.storage.records import CallHead

OfCompany = Callable[[str], bool]
"""Whether a number that was called is of the company that the report is for."""

CALLS_AT_ONCE = 500


def records(store: Store, days: Days, tariff: Tariff | None = None, ours: OfCompany | None = None) -> list[Cdr]:
    """Every call of those days, and those that went on into them. Raises StorageError."""
    return list(records_between(store, days.begin, days.end, tariff, ours))


def records_between(
    store: Store, since: datetime, before: datetime, tariff: Tariff | None = None, ours: OfCompany | None = None
) -> Iterator[Cdr]:
    """The same of any time, oldest first."""
    heads = store.heads(since, before, VERSION)
    for chunk in (heads[at : at + CALLS_AT_ONCE] for at in range(0, len(heads), CALLS_AT_ONCE)):
        found = {head.call_id: _kept(head) for head in chunk}
        found |= _made(store, [head for head in chunk if found[head.call_id] is None])
        for record in (found[head.call_id] for head in chunk):
            if record is not None and (ours is None or ours(record.called)):
                yield record if tariff is None else priced(record, tariff)


def record_of(store: Store, call_id: str, tariff: Tariff | None = None) -> Cdr:
    """One call's, from all of its events. Raises NotFoundError."""
    call = store.get_call(call_id)
    record = _record(store.events(call_id), call.started_at)
    if record is None:
        raise NotFoundError(f"nothing is known of call {call_id} but that it began: its events were never written")
    return record if tariff is None else priced(record, tariff)


def _kept(head: CallHead) -> Cdr | None:
    """None where none was kept, or one that can no longer be read: then it is made anew."""
    try:
        return None if head.record is None else Cdr.model_validate_json(head.record)
    except ValidationError:
        return None


def _made(store: Store, heads: Sequence[CallHead]) -> dict[str, Cdr]:
    """Records of calls of which none was kept; those that are over are kept from now on."""
    if not heads:
        return {}
    events = store.events_of([head.call_id for head in heads], RECORDED)
    made: dict[str, Cdr] = {}
    for head in heads:
        record = _record(events.get(head.call_id, []), head.started_at)
        if record is not None:
            made[head.call_id] = record
    over = [head for head in heads if not head.is_live and head.call_id in made]
    try:
        store.keep_records([(one.call_id, one.last_seq, made[one.call_id].model_dump_json()) for one in over], VERSION)
    except StorageError as error:
        # The report is right without it; the next one takes as long.
        logger.warning("records of calls were not kept: {}", error)
    return made


def _record(events: Sequence[Event], started_at: datetime) -> Cdr | None:
    """None where the beginning of the call never reached the database: what it was cannot be said."""
    if not events or not isinstance(events[0].body, CallStarted):
        return None
    return cdr(events, started_at)
