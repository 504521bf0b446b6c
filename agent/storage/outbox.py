"""The outbox: notices that are to be delivered once each, whatever happens to the process.

A row is claimed before it is tried, by moving ``next_at`` behind the end of the try: whoever dies over it leaves it to
the next. What came of a try is written by ``settle``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from agent.storage.rows import NoticeRow, NoticeState
from agent.storage.tables import StoredNotice

_BATCH = 500
"""Databases limit how many values one statement may have."""


@dataclass(frozen=True)
class Attempt:
    """What came of one try. ``next_at``: of a notice that is pending still."""

    notice_id: str
    state: NoticeState
    at: datetime
    error: str | None = None
    next_at: datetime | None = None


@dataclass(frozen=True)
class Settled:
    """missing: notices that are not in the database yet. waiting: (target, subject) of which more is to come."""

    missing: frozenset[str]
    waiting: frozenset[tuple[str, str]]


def add(session: Session, notices: Sequence[NoticeRow]) -> None:
    """Write those that are not there yet, in this order."""
    known = _known(session, {notice.id for notice in notices})
    for notice in {one.id: one for one in notices}.values():
        if notice.id not in known:
            session.add(StoredNotice(**dict(notice)))


def claim(session: Session, target: str, now: datetime, lease_s: float, limit: int) -> list[NoticeRow]:
    """Up to so many notices to this target that are due, each the first of its subject; they are the caller's for so
    long.
    """
    query = (
        select(StoredNotice)
        .where(StoredNotice.target == target, *_due(now))
        .order_by(StoredNotice.number)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = session.scalars(query).all()
    for notice in claimed:
        notice.next_at = now + timedelta(seconds=lease_s)
    return [NoticeRow.model_validate(_fields(notice)) for notice in claimed]


def settle(session: Session, attempts: Sequence[Attempt]) -> Settled:
    """Write down what came of tries. A delivered notice stays delivered."""
    stored = _known(session, {attempt.notice_id for attempt in attempts})
    touched: set[tuple[str, str]] = set()
    for attempt in attempts:
        notice = stored.get(attempt.notice_id)
        if notice is None:
            continue
        touched.add((notice.target, notice.subject))
        if notice.state == "delivered":
            continue
        notice.state, notice.attempts, notice.last_error = attempt.state, notice.attempts + 1, attempt.error
        if attempt.state == "delivered":
            notice.delivered_at = attempt.at
        if attempt.next_at is not None:
            notice.next_at = attempt.next_at
    session.flush()
    missing = frozenset(attempt.notice_id for attempt in attempts) - frozenset(stored)
    return Settled(missing, _waiting(session, touched))


def notices(session: Session, state: NoticeState | None, limit: int) -> list[NoticeRow]:
    """Notices, newest first."""
    query = select(StoredNotice).order_by(StoredNotice.number.desc()).limit(limit)
    if state is not None:
        query = query.where(StoredNotice.state == state)
    return [NoticeRow.model_validate(_fields(notice)) for notice in session.scalars(query)]


def pending_targets(session: Session) -> dict[str, int]:
    """How many notices wait for each target."""
    query = select(StoredNotice.target, func.count()).where(StoredNotice.state == "pending")
    return {target: count for target, count in session.execute(query.group_by(StoredNotice.target))}


def due_targets(session: Session, now: datetime) -> list[str]:
    """The targets for which something could be claimed."""
    return list(session.scalars(select(StoredNotice.target).where(*_due(now)).distinct().order_by(StoredNotice.target)))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Pending, due, and the first of its subject to its target."""
    earlier = aliased(StoredNotice)
    blocked = exists().where(
        earlier.target == StoredNotice.target,
        earlier.subject == StoredNotice.subject,
        earlier.state == "pending",
        earlier.number < StoredNotice.number,
    )
    return (StoredNotice.state == "pending", StoredNotice.next_at <= now, ~blocked)


def _known(session: Session, ids: Collection[str]) -> dict[str, StoredNotice]:
    ordered = sorted(ids)
    found: dict[str, StoredNotice] = {}
    for at in range(0, len(ordered), _BATCH):
        for notice in session.scalars(select(StoredNotice).where(StoredNotice.id.in_(ordered[at : at + _BATCH]))):
            found[notice.id] = notice
    return found


def _waiting(session: Session, touched: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    subjects = sorted({subject for _, subject in touched})
    waiting: set[tuple[str, str]] = set()
    for at in range(0, len(subjects), _BATCH):
        query = select(StoredNotice.target, StoredNotice.subject).where(
            StoredNotice.subject.in_(subjects[at : at + _BATCH]), StoredNotice.state == "pending"
        )
        waiting.update((target, subject) for target, subject in session.execute(query))
    return frozenset(waiting) & frozenset(touched)


def _fields(notice: StoredNotice) -> dict[str, object]:
    return {name: getattr(notice, name) for name in NoticeRow.model_fields}
