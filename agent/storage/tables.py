"""The tables.

Types that every database has; nothing here is SQLite's alone. Changes need a migration beside them.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Double, ForeignKey, Index, MetaData, String, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. SQLite forgets zones, so it is given and gives UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


def _call_id(*, primary_key: bool = False, index: bool = False) -> Mapped[str]:
    return mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), primary_key=primary_key, index=index)


class Call(Base):
    """A call; its columns are the fields of ``rows.CallRow``."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_started_at_id", "started_at", "id"),
        Index("ix_calls_status", "status"),
        Index("ix_calls_caller_number_started_at", "caller_number", "started_at"),
    )

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    caller_number: Mapped[str]
    called_number: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str]
    status: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    duration_ms: Mapped[int]
    ended_by: Mapped[str | None]
    end_reason: Mapped[str | None] = mapped_column(Text)
    intent: Mapped[str | None]
    sentiment: Mapped[str | None]
    risk: Mapped[str]
    risk_score: Mapped[float] = mapped_column(Double)
    destination: Mapped[str]
    priority: Mapped[int]
    turns: Mapped[int]
    errors: Mapped[int]
    last_seq: Mapped[int]
    recording: Mapped[str | None]


class StoredEvent(Base):
    """One event, its JSON kept as it was written: this is the truth, the other tables follow from it."""

    __tablename__ = "events"

    call_id: Mapped[str] = _call_id(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    audio_ms: Mapped[int]
    type: Mapped[str]
    json: Mapped[str] = mapped_column(Text)


class StoredSummary(Base):
    """The summary of a call as JSON."""

    __tablename__ = "summaries"

    call_id: Mapped[str] = _call_id(primary_key=True)
    seq: Mapped[int]
    summary: Mapped[dict[str, Any]]


class Alert(Base):
    """An alert and what people did about it; the fields of ``rows.AlertRow``."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_state_raised_at", "state", "raised_at"),)

    id: Mapped[str] = mapped_column(String(256), primary_key=True)
    call_id: Mapped[str] = _call_id(index=True)
    turn: Mapped[int]
    level: Mapped[str]
    causes: Mapped[list[Any]]
    evidence: Mapped[list[Any]]
    recommended: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime]
    state: Mapped[str]
    escalated_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_words: Mapped[str | None] = mapped_column(Text)
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    started_by: Mapped[str | None]
    started_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    escalations: Mapped[list[Any]] = mapped_column(server_default="[]")


class Correction(Base):
    """What a person says that an utterance meant; the fields of ``rows.CorrectionRow``."""

    __tablename__ = "corrections"

    call_id: Mapped[str] = _call_id(primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str]
    context: Mapped[list[Any]]
    intent: Mapped[str | None]
    sentiment: Mapped[str | None]
    signals: Mapped[list[Any] | None]
    by: Mapped[str]
    at: Mapped[datetime]


class Task(Base):
    """Something a person must do; the fields of ``rows.TaskRow``."""

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_state_due", "state", "due"),)

    id: Mapped[str] = mapped_column(String(256), primary_key=True)
    call_id: Mapped[str] = _call_id(index=True)
    kind: Mapped[str]
    task: Mapped[str] = mapped_column(Text)
    owner: Mapped[str]
    due: Mapped[datetime | None]
    state: Mapped[str]
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]


class SeatToken(Base):
    """What a person at a seat signs in with: a salted hash of it, never the token itself."""

    __tablename__ = "seat_tokens"

    login: Mapped[str] = mapped_column(String(128), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(128))
    made_at: Mapped[datetime]


class FloorInput(Base):
    """What happened to the floor of seats and queues, in order, as JSON: the floor is what they make of it."""

    __tablename__ = "floor_inputs"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    json: Mapped[str] = mapped_column(Text)


class FloorSnapshot(Base):
    """The whole floor after the input ``seq``, so that not all of them are needed."""

    __tablename__ = "floor_snapshots"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    json: Mapped[str] = mapped_column(Text)


class WrapUp(Base):
    """What a person wrote down after a call; the fields of ``wrap_ups.WrapUpRow``."""

    __tablename__ = "wrap_ups"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(256), index=True)
    by: Mapped[str]
    at: Mapped[datetime]
    summary: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str]


class SpamVerdict(Base):
    """What the spam filter made of a call; the fields of ``rows.SpamCallRow`` that are not the call's."""

    __tablename__ = "spam_verdicts"
    __table_args__ = (Index("ix_spam_verdicts_verdict_judged_at", "verdict", "judged_at"),)

    call_id: Mapped[str] = _call_id(primary_key=True)
    verdict: Mapped[str]
    score: Mapped[float] = mapped_column(Double)
    signs: Mapped[list[Any]]
    judged_at: Mapped[datetime]
    challenged: Mapped[bool]
    refused: Mapped[bool]
    opening: Mapped[str] = mapped_column(Text)


class SpamOverride(Base):
    """What an operator decided about a number; the newest of a number is in force, until its time is over. The fields
    of ``rows.SpamOverrideRow``.
    """

    __tablename__ = "spam_overrides"
    __table_args__ = (Index("ix_spam_overrides_number_id", "number", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    number: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    why: Mapped[str] = mapped_column(Text)
    call_id: Mapped[str | None] = mapped_column(String(128))
    until: Mapped[datetime | None]


class CallRecord(Base):
    """What reports know of a call, as JSON of ``agent.reports.Cdr``. ``last_seq``: the last event it was made from;
    ``version``: by which rules.
    """

    __tablename__ = "cdrs"

    call_id: Mapped[str] = _call_id(primary_key=True)
    last_seq: Mapped[int]
    version: Mapped[int]
    json: Mapped[str] = mapped_column(Text)


class StoredIncident(Base):
    """Many alerts on one subject; the fields of ``rows.IncidentRow``."""

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_company_closed_at", "company", "closed_at"),)

    id: Mapped[str] = mapped_column(String(512), primary_key=True)
    company: Mapped[str]
    subject: Mapped[str]
    alerts: Mapped[list[Any]]
    raised_at: Mapped[datetime]
    last_alert_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class StoredNotice(Base):
    """The outbox: what is to be delivered; the fields of ``rows.NoticeRow``, and the order in which they came."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_target_state_next_at", "target", "state", "next_at"),
        Index("ix_notices_target_subject_state", "target", "subject", "state"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    dedupe_key: Mapped[str] = mapped_column(String(768), unique=True)
    channel: Mapped[str]
    target: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempts: Mapped[int]
    next_at: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
