"""Many calls with what happened in them, read in one go: for reports."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from agent.events import Event, parse_event
from agent.storage.tables import Call, StoredEvent

LONGEST = timedelta(hours=12)
"""So long before a time a call may have begun that still goes on in it."""
ROWS_AT_ONCE = 2000


def calls_between(
    session: Session, since: datetime, before: datetime, types: Collection[str]
) -> Iterator[tuple[datetime, list[Event]]]:
    """As `agent.storage.Store.calls_between` has it."""
    query = (
        select(Call.id, Call.started_at, StoredEvent.json)
        .join(StoredEvent, StoredEvent.call_id == Call.id)
        .where(
            Call.started_at >= since - LONGEST,
            Call.started_at < before,
            or_(Call.started_at >= since, Call.ended_at.is_(None), Call.ended_at > since),
            or_(StoredEvent.type.in_(types), StoredEvent.seq == Call.last_seq),
        )
        # In the order of the indexes, so that nothing is sorted and the first call comes at once.
        .order_by(Call.started_at, Call.id, StoredEvent.seq)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    rows = session.execute(query)
    for (_, started_at), group in groupby(rows, lambda row: (row[0], row[1])):
        yield started_at, [parse_event(row[2]) for row in group]
