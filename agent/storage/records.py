"""Records of calls (CDRs) that were made before, so that a report over ten thousand calls need not read all of their
events again. They follow from the events alone: the table may be emptied at any time.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import and_, delete, insert, or_, select
from sqlalchemy.orm import Session

from agent.events import Event, parse_event
from agent.storage.tables import Call, CallRecord, StoredEvent

LONGEST = timedelta(hours=12)
"""So long before a time a call may have begun that still goes on in it."""


@dataclass(frozen=True)
class CallHead:
    """A call of some time. ``record``: JSON that was kept of it; None where there is none, or one of another version,
    or more has happened since.
    """

    call_id: str
    started_at: datetime
    is_live: bool
    last_seq: int
    record: str | None


def heads(session: Session, since: datetime, before: datetime, version: int) -> list[CallHead]:
    """Calls that began in that time, or went on into it; oldest first."""
    kept = and_(CallRecord.call_id == Call.id, CallRecord.last_seq == Call.last_seq, CallRecord.version == version)
    query = (
        select(Call.id, Call.started_at, Call.status, Call.last_seq, CallRecord.json)
        .outerjoin(CallRecord, kept)
        .where(
            Call.started_at >= since - LONGEST,
            Call.started_at < before,
            or_(Call.started_at >= since, Call.ended_at.is_(None), Call.ended_at > since),
        )
        .order_by(Call.started_at, Call.id)
    )
    return [CallHead(id_, at, status == "live", seq, json) for id_, at, status, seq, json in session.execute(query)]


def events_of(session: Session, call_ids: Collection[str], types: Collection[str]) -> Iterator[tuple[str, list[Event]]]:
    """The events of some calls that are of these types, and the last event of each."""
    query = (
        select(StoredEvent.call_id, StoredEvent.json)
        .join(Call, Call.id == StoredEvent.call_id)
        .where(Call.id.in_(call_ids), or_(StoredEvent.type.in_(types), StoredEvent.seq == Call.last_seq))
        .order_by(StoredEvent.call_id, StoredEvent.seq)
    )
    for call_id, rows in groupby(session.execute(query), lambda row: str(row[0])):
        yield call_id, [parse_event(row[1]) for row in rows]


def keep(session: Session, records: Sequence[tuple[str, int, str]], version: int) -> None:
    """Keep records, given as call, last event and JSON. One that more has happened to since is not kept."""
    ids = [call_id for call_id, _, _ in records]
    current = {row.id: row.last_seq for row in session.execute(select(Call.id, Call.last_seq).where(Call.id.in_(ids)))}
    rows = [
        {"call_id": call_id, "last_seq": last_seq, "version": version, "json": json}
        for call_id, last_seq, json in records
        if current.get(call_id) == last_seq
    ]
    session.execute(delete(CallRecord).where(CallRecord.call_id.in_(ids)))
    if rows:
        session.execute(insert(CallRecord), rows)


def forget(session: Session, call_id: str) -> None:
    """An event came late, in between others: what was made of the call no longer holds."""
    session.execute(delete(CallRecord).where(CallRecord.call_id == call_id))
