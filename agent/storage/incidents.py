"""Incidents, written down."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from agent.storage.rows import IncidentRow, IncidentState
from agent.storage.tables import StoredIncident


def incidents(session: Session, state: IncidentState | None, limit: int) -> list[IncidentRow]:
    """Incidents, newest first."""
    query = select(StoredIncident).order_by(StoredIncident.raised_at.desc(), StoredIncident.id).limit(limit)
    if state is not None:
        query = query.where(StoredIncident.closed_at.is_(None) if state == "open" else _closed)
    return [IncidentRow.model_validate(incident) for incident in session.scalars(query)]


def of_late(session: Session, company: str, since: datetime) -> list[IncidentRow]:
    """A company's that are open, or were closed since then."""
    query = select(StoredIncident).where(
        StoredIncident.company == company, or_(StoredIncident.closed_at.is_(None), StoredIncident.closed_at >= since)
    )
    return [IncidentRow.model_validate(incident) for incident in session.scalars(query)]


def write(session: Session, incident: IncidentRow) -> bool:
    """Put it down as it is now. False where another server was there first with the same."""
    stored = session.get(StoredIncident, incident.id, with_for_update=True)
    plain = dict(incident) | {"alerts": list(incident.alerts)}
    if stored is None:
        session.add(StoredIncident(**plain))
        return True
    if stored.closed_at is not None or IncidentRow.model_validate(stored) == incident:
        return False
    for name, value in plain.items():
        setattr(stored, name, value)
    return True


_closed = StoredIncident.closed_at.is_not(None)
