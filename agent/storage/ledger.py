"""Writing a call down inside one transaction:
its beginning, its events, and the rows that follow from them.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Protocol

from loguru import logger
from pydantic import BaseModel
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    Event,
    SpamJudged,
    SummaryReady,
    parse_event,
)
from agent.storage import outbox, records, spam
from agent.storage.alert_life import AlertChange
from agent.storage.projection import (
    alert_changes,
    alert_of,
    forget_events,
    new_call,
    project_all,
    stored_alert_id,
    task_of,
)
from agent.storage.rows import AlertRow, CallBegun, CallRow, NoticeRow, UnknownCallError
from agent.storage.tables import Alert, Base, Call, StoredEvent, StoredSummary, Task
from agent.storage.wrap_ups import has_follow_up


def begin_call(session: Session, begun: CallBegun) -> None:
    """Write down that a call begins.

    With ``replace`` an earlier call of this id goes, with all that hangs on it.
    """
    earlier = session.get(Call, begun.call_id)
    if earlier is not None:
        if not begun.replace:
            return
        session.delete(earlier)
        session.flush()
    session.add(Call(**new_call(begun).model_dump()))


class Post(Protocol):
    """Which notices follow from what becomes of alerts. Asked inside the transaction, so it must not wait."""

    def of_event(self, event: Event, call: CallRow) -> Sequence[NoticeRow]:
        """Those of an event that raises, worsens or withdraws an alert."""
        ...

    def of_change(self, change: AlertChange, alert: AlertRow, call: CallRow) -> Sequence[NoticeRow]:
        """Those of what a person or a clock has just done to an alert."""
        ...


def post(session: Session, office: Post | None, ask: Callable[[Post], Sequence[NoticeRow]]) -> None:
    """Put notices into the outbox, in this transaction. One that cannot be written must not cost us the alert."""
    if office is None:
        return
    try:
        notices = ask(office)
    except Exception:
        logger.exception("storage: a notice could not be written")
        return
    outbox.add(session, notices)


def append(session: Session, events: Iterable[Event], office: Post | None = None) -> int:
    """Write events down, of one or more calls, each (call_id, seq) once; with the notices that alerts cause.

    Returns how many were new. Raises UnknownCallError.
    """
    ordered = sorted(events, key=lambda event: (event.call_id, event.seq))
    return sum(
        _append_to_call(session, call_id, list(group), office)
        for call_id, group in groupby(ordered, lambda event: event.call_id)
    )


def events_of(session: Session, call_id: str) -> list[Event]:
    """All events of a call in order."""
    lines = session.scalars(select(StoredEvent.json).where(StoredEvent.call_id == call_id).order_by(StoredEvent.seq))
    return [parse_event(line) for line in lines]


def said(session: Session, call_ids: Iterable[str]) -> dict[str, list[str]]:
    """What the callers of these calls have said, in order."""
    ids = sorted(set(call_ids))
    words: dict[str, list[str]] = {}
    for at in range(0, len(ids), 500):  # databases limit how many values one statement may have
        query = select(StoredEvent.call_id, StoredEvent.json).where(
            StoredEvent.call_id.in_(ids[at : at + 500]), StoredEvent.type == "asr-final"
        )
        for call_id, line in session.execute(query.order_by(StoredEvent.call_id, StoredEvent.seq)):
            body = parse_event(line).body
            if isinstance(body, AsrFinal):
                words.setdefault(call_id, []).append(body.text)
    return words


def _append_to_call(session: Session, call_id: str, events: Sequence[Event], office: Post | None) -> int:
    # The lock keeps two writers of one call from projecting over each other (SQLite: the whole transaction is
    # one).
    call = session.get(Call, call_id, with_for_update=True)
    if call is None:
        raise UnknownCallError(call_id)
    known = set(
        session.scalars(
            select(StoredEvent.seq).where(
                StoredEvent.call_id == call_id, StoredEvent.seq.between(events[0].seq, events[-1].seq)
            )
        )
    )
    new = list({event.seq: event for event in reversed(events) if event.seq not in known}.values())[::-1]
    if not new:
        return 0
    session.execute(
        insert(StoredEvent),
        [
            {
                "call_id": call_id,
                "seq": event.seq,
                "audio_ms": event.audio_ms,
                "type": event.body.type,
                "json": event.to_json(),
            }
            for event in new
        ],
    )
    row = CallRow.model_validate(call)
    if new[0].seq > row.last_seq:
        row = project_all(row, new)
    else:  # late ones came in between: the projection depends on order, so it is made anew
        row = project_all(forget_events(row), events_of(session, call_id))
        records.forget(session, call_id)
    for name, value in row.model_dump().items():
        setattr(call, name, value)
    for event in new:
        _write_consequences(session, event, row, office)
    if any(isinstance(event.body, SpamJudged | AsrFinal) for event in new):
        spam.bring_up_to_date(session, row)
    return len(new)


def _write_consequences(session: Session, event: Event, call: CallRow, office: Post | None) -> None:
    alert = alert_of(event, call.started_at)
    if alert is not None:
        add_once(session, Alert, alert.id, alert)
    if isinstance(event.body, AlertRaised | AlertEscalated | AlertWithdrawn):
        _bring_up_to_date(session, stored_alert_id(event.call_id, event.body.alert_id), call)
        post(session, office, lambda one: one.of_event(event, call))
    task = task_of(event, call.started_at)
    if task is not None and not (task.kind == "follow-up" and has_follow_up(session, event.call_id)):
        add_once(session, Task, task.id, task)
    if isinstance(event.body, SummaryReady):
        session.merge(StoredSummary(call_id=call.id, seq=event.seq, summary=event.body.summary.model_dump(mode="json")))


def _bring_up_to_date(session: Session, alert_id: str, call: CallRow) -> None:
    """Apply whatever became of an alert, in order: events may have been written before the one that raised it."""
    session.flush()
    stored = session.get(Alert, alert_id)
    if stored is None:
        return
    kinds = ("alert-escalated", "alert-withdrawn")
    lines = session.scalars(
        select(StoredEvent.json)
        .where(StoredEvent.call_id == call.id, StoredEvent.type.in_(kinds))
        .order_by(StoredEvent.seq)
    )
    for event in map(parse_event, lines):
        body = event.body
        if isinstance(body, AlertEscalated | AlertWithdrawn) and stored_alert_id(call.id, body.alert_id) == alert_id:
            for name, value in alert_changes(event, AlertRow.model_validate(stored), call.started_at).items():
                setattr(stored, name, value)


def add_once(session: Session, table: type[Base], key: str, row: BaseModel) -> None:
    """Alerts and tasks are written once: what people did about them must survive a second delivery."""
    if session.get(table, key) is not None:
        return
    # JSON columns take plain values; times must stay datetimes.
    plain = row.model_dump(mode="json")
    session.add(table(**{name: plain[name] if isinstance(value, tuple) else value for name, value in row}))
