"""What the spam filter made of calls, what operators decided about numbers, and what is remembered of a number."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from agent.events import AsrFinal, Event, SpamJudged, SpamVerdict, parse_event
from agent.routing.spam import SpamOutcome, SpamTally
from agent.storage import tables
from agent.storage.rows import (
    CallRow,
    SpamCallRow,
    SpamCounts,
    SpamHistoryRow,
    SpamOverrideRow,
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
        select(tables.SpamVerdict, Call.caller_number, Call.started_at, Call.status)
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
            live=status == "live",
        )
        for row, number, started_at, status in session.execute(query)
    ]


def counts(session: Session, since: datetime, until: datetime) -> SpamCounts:
    """Of the calls that came in in that time. Whose verdict was never written was never in doubt."""
    came = (Call.started_at >= since, Call.started_at < until, Call.channel != "replay")
    calls = session.scalar(select(func.count()).select_from(Call).where(*came)) or 0
    rows = session.scalars(select(tables.SpamVerdict).join(Call, Call.id == tables.SpamVerdict.call_id).where(*came))
    outcomes = Counter[SpamOutcome]()
    reasons: dict[SpamOutcome, Counter[str]] = {}
    for tally in map(_tally, rows):
        outcomes[tally.outcome] += 1
        reasons.setdefault(tally.outcome, Counter()).update(tally.reasons)
    return SpamCounts(
        calls=calls,
        passed=calls - outcomes.total() + outcomes["passed"],
        challenged=outcomes["challenged"],
        refused=outcomes["refused"],
        let_in=outcomes["let_in"],
        reasons={outcome: dict(counted.most_common()) for outcome, counted in reasons.items()},
    )


def _tally(row: tables.SpamVerdict) -> SpamTally:
    verdict: SpamVerdict = row.verdict  # type: ignore[assignment]
    return SpamTally(verdict, row.challenged, row.refused, tuple(sign["sign"] for sign in row.signs))


def override(session: Session, decided: SpamOverrideRow) -> SpamOverrideRow:
    """Put it down; what was decided before stays to be read."""
    row = SpamOverride(**dict(decided))
    session.add(row)
    session.flush()
    return SpamOverrideRow.model_validate(_plain(row))


def overrides(session: Session, number: str | None, in_force_at: datetime | None, limit: int) -> list[SpamOverrideRow]:
    """Newest first. ``in_force_at``: only what counts then; the newest of a number counts, and nothing once its time
    is over.
    """
    query = select(SpamOverride).order_by(SpamOverride.id.desc()).limit(limit)
    if number is not None:
        query = query.where(SpamOverride.number == number)
    if in_force_at is not None:
        newest = select(func.max(SpamOverride.id)).group_by(SpamOverride.number)
        holds = or_(SpamOverride.until.is_(None), SpamOverride.until > in_force_at)
        query = query.where(SpamOverride.id.in_(newest), SpamOverride.verdict != "none", holds)
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
