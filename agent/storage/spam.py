"""What the spam filter made of calls, what operators decided about numbers, and what is remembered of a number."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent.events import AsrFinal, Event, SpamJudged, SpamVerdict, parse_event
from agent.storage import tables
from agent.storage.rows import (
    CallRow,
    SpamCallRow,
    SpamCounts,
    SpamHistoryRow,
    SpamOverrideRow,
    SpamOverrideVerdict,
)
from agent.storage.tables import Call, SpamOverride, StoredEvent

SERIES_DIGITS = 3
"""Numbers of one switchboard, or of one batch of cards, differ in their last digits."""


def bring_up_to_date(session: Session, call: CallRow) -> None:
    """Write down how the call stands, from all its events: they may be written twice, or out of order."""
    session.flush()
    judged = [(event.audio_ms, event.body) for event in _events(session, call.id, "spam-judged")]
    verdicts = [(at_ms, body) for at_ms, body in judged if isinstance(body, SpamJudged)]
    if not verdicts:
        return
    said = next((event.body for event in _events(session, call.id, "asr-final")), None)
    at_ms, last = verdicts[-1]
    session.merge(
        tables.SpamVerdict(
            call_id=call.id,
            verdict=last.verdict,
            score=last.score,
            signs=[sign.model_dump(mode="json") for sign in last.signs],
            judged_at=call.started_at + timedelta(milliseconds=at_ms),
            challenged=any(body.verdict == "challenge" for _, body in verdicts),
            refused=any(body.verdict == "refuse" for _, body in verdicts),
            opening=said.text if isinstance(said, AsrFinal) else "",
        )
    )


def judged_calls(session: Session, verdict: SpamVerdict | None, limit: int) -> list[SpamCallRow]:
    """Newest first."""
    query = (
        select(tables.SpamVerdict, Call.caller_number, Call.started_at)
        .join(Call, Call.id == tables.SpamVerdict.call_id)
        .order_by(tables.SpamVerdict.judged_at.desc(), tables.SpamVerdict.call_id)
        .limit(limit)
    )
    if verdict is not None:
        query = query.where(tables.SpamVerdict.verdict == verdict)
    return [
        SpamCallRow(
            call_id=row.call_id,
            caller_number=number,
            started_at=started_at,
            verdict=row.verdict,
            score=row.score,
            signs=row.signs,
            judged_at=row.judged_at,
            challenged=row.challenged,
            refused=row.refused,
            opening=row.opening,
        )
        for row, number, started_at in session.execute(query)
    ]


def counts(session: Session, since: datetime, until: datetime) -> SpamCounts:
    """Of the calls that were judged in that time."""
    table = tables.SpamVerdict
    rows = session.scalars(select(table).where(table.judged_at >= since, table.judged_at < until)).all()
    signs = Counter(sign["sign"] for row in rows if row.verdict == "refuse" for sign in row.signs)
    return SpamCounts(
        judged=len(rows),
        challenged=sum(row.challenged for row in rows),
        refused=sum(row.verdict == "refuse" for row in rows),
        let_in_after_all=sum(row.refused and row.verdict != "refuse" for row in rows),
        signs=dict(signs.most_common()),
    )


def override(
    session: Session, number: str, verdict: SpamOverrideVerdict, by: str, at: datetime, why: str, call_id: str | None
) -> SpamOverrideRow:
    """Put it down; what was decided before stays to be read."""
    row = SpamOverride(number=number, verdict=verdict, by=by, at=at, why=why, call_id=call_id)
    session.add(row)
    session.flush()
    return SpamOverrideRow.model_validate(_plain(row))


def overrides(session: Session, number: str | None, *, in_force: bool, limit: int) -> list[SpamOverrideRow]:
    """Newest first. ``in_force``: only what counts now."""
    query = select(SpamOverride).order_by(SpamOverride.id.desc()).limit(limit)
    if number is not None:
        query = query.where(SpamOverride.number == number)
    if in_force:
        newest = select(func.max(SpamOverride.id)).group_by(SpamOverride.number)
        query = query.where(SpamOverride.id.in_(newest), SpamOverride.verdict != "none")
    return [SpamOverrideRow.model_validate(_plain(row)) for row in session.scalars(query)]


def history(session: Session, number: str, since: datetime, before: datetime, limit: int) -> list[SpamHistoryRow]:
    """Calls of the number in that time, newest first."""
    query = (
        select(Call)
        .where(Call.caller_number == number, Call.started_at >= since, Call.started_at < before)
        .order_by(Call.started_at.desc())
        .limit(limit)
    )
    return [
        SpamHistoryRow(started_at=call.started_at, duration_ms=call.duration_ms, turns=call.turns)
        for call in session.scalars(query)
    ]


def series(session: Session, number: str, since: datetime, before: datetime) -> int:
    """How many other numbers that differ from this one only in the last digits rang in that time."""
    if len(number) <= SERIES_DIGITS + 4:
        return 0
    query = select(func.count(func.distinct(Call.caller_number))).where(
        Call.started_at >= since,
        Call.started_at < before,
        func.length(Call.caller_number) == len(number),
        Call.caller_number.startswith(number[:-SERIES_DIGITS], autoescape=True),
        Call.caller_number != number,
    )
    return session.scalar(query) or 0


def openings(session: Session, since: datetime, limit: int) -> tuple[str, ...]:
    """First words of calls that were refused and stayed so, newest first."""
    table = tables.SpamVerdict
    query = (
        select(table.opening)
        .where(table.verdict == "refuse", table.judged_at >= since, table.opening != "")
        .order_by(table.judged_at.desc())
        .limit(limit)
    )
    return tuple(session.scalars(query))


def _events(session: Session, call_id: str, kind: str) -> list[Event]:
    lines = session.scalars(
        select(StoredEvent.json)
        .where(StoredEvent.call_id == call_id, StoredEvent.type == kind)
        .order_by(StoredEvent.seq)
    )
    return [parse_event(line) for line in lines]


def _plain(row: SpamOverride) -> dict[str, object]:
    return {name: getattr(row, name) for name in SpamOverrideRow.model_fields}
