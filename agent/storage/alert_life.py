"""An alert's row as people and clocks move it: `agent.routing.alerts` decides, here it is written down."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.events import SeatConnected, parse_event
from agent.routing.alerts import OPEN, Act, AlertLife, IllegalStepError, OverdueStep, step
from agent.storage.rows import AlertRow, ConflictError, EscalationRow
from agent.storage.tables import Alert, Call, StoredEvent

AlertChange = Literal["acknowledged", "started", "resolved", "overdue"]
"""What a person or a clock did to an alert; what its call does to it are events."""


def milliseconds(moment: datetime) -> int:
    """Since the epoch. Exact, as a float of seconds is not."""
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)


def life_of(row: AlertRow) -> AlertLife:
    """The alert as decisions see it."""
    return AlertLife(
        id=row.id,
        level=row.level,
        causes=row.causes,
        since_ms=milliseconds(row.escalated_at or row.raised_at),
        state=row.state,
        acknowledged_by=row.acknowledged_by,
        started_by=row.started_by,
        resolved_by=row.resolved_by,
        outcome=row.outcome,
        taken=tuple(_taken(one) for one in row.escalations),
    )


def move(stored: Alert, act: Act, at: datetime) -> bool:
    """Write down what the act makes of the alert. False if it changes nothing. Raises ConflictError."""
    before = life_of(AlertRow.model_validate(stored))
    try:
        after = step(before, act, milliseconds(at))
    except IllegalStepError as error:
        raise ConflictError(str(error)) from error
    if after == before:
        return False
    stored.state = after.state
    if after.acknowledged_ms is not None:
        stored.acknowledged_by, stored.acknowledged_at = after.acknowledged_by, at
    if after.started_ms is not None:
        stored.started_by, stored.started_at = after.started_by, at
    if after.resolved_ms is not None:
        stored.resolved_by, stored.resolved_at, stored.outcome = after.resolved_by, at, after.outcome
    new = after.taken[len(before.taken) :]
    if new:
        stored.escalations = [*stored.escalations, *(_escalation(one, at).model_dump(mode="json") for one in new)]
    return True


def open_alerts(session: Session, since: datetime) -> list[AlertRow]:
    """Those that somebody has still something to do about and that were raised since then, oldest first."""
    query = select(Alert).where(Alert.state.in_(OPEN), Alert.raised_at >= since).order_by(Alert.raised_at, Alert.id)
    return [AlertRow.model_validate(alert) for alert in session.scalars(query)]


def alerts_since(session: Session, since: datetime) -> list[AlertRow]:
    """Those raised since then that no caller took back, oldest first."""
    query = select(Alert).where(Alert.raised_at >= since, Alert.state != "withdrawn")
    return [AlertRow.model_validate(alert) for alert in session.scalars(query.order_by(Alert.raised_at, Alert.id))]


def alerts_of_caller(session: Session, caller_number: str, since: datetime, before: datetime) -> list[AlertRow]:
    """Those raised in that time on calls from this number, oldest first."""
    query = (
        select(Alert)
        .join(Call, Call.id == Alert.call_id)
        .where(Call.caller_number == caller_number, Alert.raised_at >= since, Alert.raised_at < before)
        .order_by(Alert.raised_at, Alert.id)
    )
    return [AlertRow.model_validate(alert) for alert in session.scalars(query)]


def last_seat_of_caller(session: Session, caller_number: str, from_call: str, before: datetime) -> str:
    """The seat of the newest `SeatConnected` in this caller's calls, from that one on."""
    began = select(Call.started_at).where(Call.id == from_call).scalar_subquery()
    query = (
        select(StoredEvent.json)
        .join(Call, Call.id == StoredEvent.call_id)
        .where(Call.caller_number == caller_number, Call.started_at >= began, Call.started_at < before)
        .where(StoredEvent.type == "seat-connected")
        .order_by(Call.started_at.desc(), StoredEvent.seq.desc())
        .limit(1)
    )
    newest = session.scalar(query)
    body = None if newest is None else parse_event(newest).body
    return body.seat if isinstance(body, SeatConnected) else ""


def called_numbers(session: Session, call_ids: Iterable[str]) -> Mapping[str, str]:
    """Which number each of these calls was to."""
    ids = sorted(set(call_ids))
    found: dict[str, str] = {}
    for at in range(0, len(ids), 500):  # databases limit how many values one statement may have
        query = select(Call.id, Call.called_number).where(Call.id.in_(ids[at : at + 500]))
        found.update({call_id: called for call_id, called in session.execute(query)})
    return found


def _taken(row: EscalationRow) -> OverdueStep:
    return OverdueStep(
        row.clock, row.number, milliseconds(row.since), row.to, row.channels, due_ms=milliseconds(row.due)
    )


def _escalation(taken: OverdueStep, at: datetime) -> EscalationRow:
    return EscalationRow(
        clock=taken.clock,
        number=taken.number,
        since=moment(taken.since_ms),
        to=taken.to,
        channels=taken.channels,
        due=moment(taken.due_ms),
        at=at,
    )
