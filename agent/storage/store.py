"""The store: everything that the hotline remembers, behind one synchronous, thread-safe class."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from agent.events import Event, Intent, Sentiment, SpamVerdict, Summary
from agent.routing.alerts import Acknowledge, Act, AlertState, Escalate, OverdueStep, Resolve, Start
from agent.storage import (
    alert_life,
    corrections,
    incidents,
    ledger,
    outbox,
    records,
    schema,
    seat_tokens,
    spam,
)
from agent.storage import wrap_ups as written
from agent.storage.alert_life import AlertChange
from agent.storage.database import Database
from agent.storage.floor import FloorJournal
from agent.storage.ledger import Post
from agent.storage.outbox import Attempt, Settled
from agent.storage.projection import interrupt
from agent.storage.records import CallHead
from agent.storage.rows import (
    CALL_ID_PATTERN,
    AlertRow,
    CallBegun,
    CallInfo,
    CallRow,
    ConflictError,
    CorrectionRow,
    IncidentRow,
    IncidentState,
    NotFoundError,
    NoticeRow,
    NoticeState,
    SpamCallRow,
    SpamCounts,
    SpamHistoryRow,
    SpamOverrideRow,
    TaskRow,
    TaskState,
    require_aware,
)
from agent.storage.tables import Alert, Call, StoredSummary, Task
from agent.storage.wrap_ups import FollowUpRow, WrapUpRow

T = TypeVar("T", Call, Alert, Task)


class Store:
    """Calls, their events, alerts, tasks, summaries and recordings.

    url: an SQLAlchemy URL (``sqlite:///…`` or ``postgresql+psycopg://…``). data_dir: folder of recordings and
    the spool.
    post: which notices alerts cause; they are stored in one transaction with them.
    Every method may raise StorageError: the database or the disk refused, and the message says what would be
    right.
    """

    def __init__(self, url: str, data_dir: Path, post: Post | None = None) -> None:
        self.data_dir = data_dir
        self._database = Database(url)
        self._post = post

    @property
    def where(self) -> str:
        """The database as it may be shown: its URL without the password."""
        return self._database.shown

    # Schema

    def migrate(self) -> str:
        """Create the database where there is none, bring its tables up to date, and return their revision."""
        self._database.create_folder()
        with self._database.connection() as connection:
            schema.upgrade(connection)
            return schema.current(connection) or ""

    def revision(self) -> tuple[str | None, str]:
        """The revision that the tables have (None: no tables), and the one that this program wants."""
        with self._database.reading() as session:
            return schema.current(session.connection()), schema.newest()

    def ping(self) -> None:
        """Raise StorageError if the database does not work or its tables are missing."""
        with self._database.reading() as session:
            session.execute(select(Call.id).limit(1))

    def close(self) -> None:
        self._database.dispose()

    # Writing

    def begin_call(self, call_id: str, info: CallInfo, started_at: datetime, *, replace: bool = True) -> None:
        """A call begins, at this wall time.

        With ``replace`` an earlier call of the same id (a replay) is forgotten whole.
        """
        check_call_id(call_id)
        begun = CallBegun(
            call_id=call_id, info=info, started_at=require_aware(started_at, "started_at"), replace=replace
        )
        with self._database.writing() as session:
            ledger.begin_call(session, begun)

    def append(self, events: Sequence[Event]) -> int:
        """Write events down in one transaction, each once. Returns how many were new.

        Raises UnknownCallError for a call that was never begun.
        """
        if not events:
            return 0
        with self._database.writing() as session:
            return ledger.append(session, events, self._post)

    def mark_interrupted(self) -> list[str]:
        """For start-up: calls that were live when the process died are over. Returns their ids."""
        with self._database.writing() as session:
            calls = session.scalars(select(Call).where(Call.status == "live").with_for_update()).all()
            for call in calls:
                row = interrupt(CallRow.model_validate(call))
                call.status, call.ended_at = row.status, row.ended_at
            return [call.id for call in calls]

    # Calls

    def list_calls(self, limit: int = 50, before: str | None = None, live_only: bool = False) -> list[CallRow]:
        """Calls, newest first.

        ``before``: the id of a call; only older ones are given (for paging). Raises NotFoundError.
        """
        query = select(Call).order_by(Call.started_at.desc(), Call.id.desc()).limit(limit)
        if live_only:
            query = query.where(Call.status == "live")
        with self._database.reading() as session:
            if before is not None:
                cursor = _existing(session, Call, before, "call")
                query = query.where(tuple_(Call.started_at, Call.id) < tuple_(cursor.started_at, cursor.id))
            return [CallRow.model_validate(call) for call in session.scalars(query)]

    def count_calls(self, caller_number: str, *, since: datetime, before: datetime) -> int:
        """Calls from this number that began in that time."""
        query = select(func.count()).select_from(Call).where(Call.caller_number == caller_number)
        with self._database.reading() as session:
            return session.scalar(query.where(Call.started_at >= since, Call.started_at < before)) or 0

    def get_call(self, call_id: str) -> CallRow:
        """One call. Raises NotFoundError."""
        with self._database.reading() as session:
            return CallRow.model_validate(_existing(session, Call, call_id, "call"))

    def events(self, call_id: str) -> list[Event]:
        """All events of a call in order; none if there is no such call."""
        with self._database.reading() as session:
            return ledger.events_of(session, call_id)

    # Records of calls

    def heads(self, since: datetime, before: datetime, version: int) -> list[CallHead]:
        """Calls that began in that time, or went on into it, with what was kept of them; oldest first."""
        with self._database.reading() as session:
            return records.heads(session, require_aware(since, "since"), require_aware(before, "before"), version)

    def events_of(self, call_ids: Collection[str], types: Collection[str]) -> dict[str, list[Event]]:
        """By call: its events of these types, and its last. Some hundred calls at a time: all are in memory."""
        with self._database.reading() as session:
            return dict(records.events_of(session, call_ids, types))

    def keep_records(self, made: Sequence[tuple[str, int, str]], version: int) -> None:
        """Keep records, given as call, last event and JSON; those made before give way."""
        with self._database.writing() as session:
            records.keep(session, made, version)

    def summary(self, call_id: str) -> Summary | None:
        """What was written after the call, if it was."""
        with self._database.reading() as session:
            stored = session.get(StoredSummary, call_id)
            return None if stored is None else Summary.model_validate(stored.summary)

    def recording_path(self, call_id: str) -> Path:
        """Where the stereo recording of a call belongs, whether or not it is there yet.

        Raises NotFoundError for an impossible id.
        """
        check_call_id(call_id)
        return self.data_dir / "recordings" / f"{call_id}.wav"

    # Alerts

    def alerts(self, state: AlertState | None = None, call_id: str | None = None, limit: int = 500) -> list[AlertRow]:
        """Alerts, newest first."""
        query = select(Alert).order_by(Alert.raised_at.desc(), Alert.id).limit(limit)
        with self._database.reading() as session:
            return [AlertRow.model_validate(alert) for alert in session.scalars(_only(query, Alert, state, call_id))]

    def acknowledge_alert(self, alert_id: str, by: str, at: datetime) -> AlertRow:
        """Somebody has seen it.

        The first to do so is kept. Raises NotFoundError, ConflictError if it is settled already.
        """
        return self._move(alert_id, Acknowledge(by), at, "acknowledged")

    def start_alert(self, alert_id: str, by: str, at: datetime) -> AlertRow:
        """Somebody works on it. Raises NotFoundError, ConflictError if it is settled, or somebody else does already."""
        return self._move(alert_id, Start(by), at, "started")

    def resolve_alert(self, alert_id: str, by: str, at: datetime, outcome: str) -> AlertRow:
        """It is settled, and how. Raises NotFoundError, ConflictError if it was before, or without an outcome."""
        return self._move(alert_id, Resolve(by, outcome), at, "resolved")

    def escalate_alert(self, alert_id: str, step: OverdueStep, at: datetime) -> AlertRow:
        """The next person is told that it is overdue. Raises NotFoundError, ConflictError if they were before."""
        return self._move(alert_id, Escalate(step), at, "overdue")

    def _move(self, alert_id: str, act: Act, at: datetime, change: AlertChange) -> AlertRow:
        with self._database.writing() as session:
            alert = _existing(session, Alert, alert_id, "alert", lock=True)
            if alert_life.move(alert, act, require_aware(at, "at")):
                row, call = AlertRow.model_validate(alert), _existing(session, Call, alert.call_id, "call")
                ledger.post(session, self._post, lambda post: post.of_change(change, row, CallRow.model_validate(call)))
            return AlertRow.model_validate(alert)

    def open_alerts(self, since: datetime) -> list[AlertRow]:
        """Alerts raised since then about which somebody has still something to do, oldest first."""
        with self._database.reading() as session:
            return alert_life.open_alerts(session, since)

    def alerts_since(self, since: datetime) -> list[AlertRow]:
        """Alerts raised since then that no caller took back, oldest first."""
        with self._database.reading() as session:
            return alert_life.alerts_since(session, since)

    def alerts_of_caller(self, caller_number: str, *, since: datetime, before: datetime) -> list[AlertRow]:
        """Alerts raised in that time on calls from this number, oldest first."""
        with self._database.reading() as session:
            return alert_life.alerts_of_caller(session, caller_number, since, before)

    def last_seat_of_caller(self, caller_number: str, *, from_call: str, before: datetime) -> str:
        """Who talked last with this caller, in that call of theirs or in one after it; empty where nobody did."""
        with self._database.reading() as session:
            return alert_life.last_seat_of_caller(session, caller_number, from_call, before)

    def called_numbers(self, call_ids: Iterable[str]) -> Mapping[str, str]:
        """Which number each of these calls was to."""
        with self._database.reading() as session:
            return alert_life.called_numbers(session, call_ids)

    def said(self, call_ids: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """What the callers of these calls have said so far, utterance by utterance."""
        with self._database.reading() as session:
            return ledger.said(session, call_ids)

    # Incidents and notices

    def incidents(self, state: IncidentState | None = None, limit: int = 200) -> list[IncidentRow]:
        """Incidents, newest first."""
        with self._database.reading() as session:
            return incidents.incidents(session, state, limit)

    def incidents_of_late(self, company: str, since: datetime) -> list[IncidentRow]:
        """A company's incidents that are open or were closed since then."""
        with self._database.reading() as session:
            return incidents.of_late(session, company, since)

    def write_incident(self, incident: IncidentRow, notices: Sequence[NoticeRow] = ()) -> None:
        """Put it down as it is now, with the notices of it."""
        with self._database.writing() as session:
            if incidents.write(session, incident):
                outbox.add(session, notices)

    def notices(self, state: NoticeState | None = None, limit: int = 200) -> list[NoticeRow]:
        """What was or is to be delivered, newest first."""
        with self._database.reading() as session:
            return outbox.notices(session, state, limit)

    def waiting_notices(self) -> Mapping[str, int]:
        """How many notices wait for each target."""
        with self._database.reading() as session:
            return outbox.pending_targets(session)

    def due_targets(self, now: datetime) -> list[str]:
        """The targets for which notices could be claimed now."""
        with self._database.reading() as session:
            return outbox.due_targets(session, now)

    def claim_notices(self, target: str, now: datetime, *, lease_s: float, limit: int) -> list[NoticeRow]:
        """Notices to this target that are due, which nobody else will try for so long."""
        with self._database.writing() as session:
            return outbox.claim(session, target, now, lease_s, limit)

    def settle_notices(self, attempts: Sequence[Attempt]) -> Settled:
        """Write down what came of tries to deliver."""
        with self._database.writing() as session:
            return outbox.settle(session, attempts)

    # Tasks

    def tasks(
        self,
        state: TaskState | None = None,
        call_id: str | None = None,
        limit: int = 500,
        *,
        owner: str | None = None,
        due_before: datetime | None = None,
    ) -> list[TaskRow]:
        """Callbacks and follow-ups, the most urgent first; those without a due time last."""
        query = select(Task).order_by(Task.due.is_(None), Task.due, Task.id).limit(limit)
        if owner is not None:
            query = query.where(Task.owner == owner)
        if due_before is not None:
            query = query.where(Task.due < require_aware(due_before, "due_before"))
        with self._database.reading() as session:
            return [TaskRow.model_validate(task) for task in session.scalars(_only(query, Task, state, call_id))]

    def add_task(self, task: TaskRow) -> None:
        """Once: what was done about a task of this id is kept. Raises NotFoundError for a call that is not there."""
        with self._database.writing() as session:
            _existing(session, Call, task.call_id, "call")
            ledger.add_once(session, Task, task.id, task)

    def complete_task(self, task_id: str, by: str, at: datetime) -> TaskRow:
        """It is done. Raises NotFoundError, ConflictError if it was done before."""
        with self._database.writing() as session:
            task = _existing(session, Task, task_id, "task", lock=True)
            if task.state == "done":
                raise ConflictError(f"task {task_id} was already done by {task.done_by}")
            task.state, task.done_by, task.done_at = "done", by, require_aware(at, "at")
            return TaskRow.model_validate(task)

    # Seats, queues and callbacks

    def write_wrap_up(self, row: WrapUpRow, follow_up: FollowUpRow | None = None) -> None:
        """What a person wrote down after a call, and what is left to do, as an open task."""
        with self._database.writing() as session:
            written.write(session, row, follow_up)

    def wrap_ups(self, call_id: str) -> list[WrapUpRow]:
        """All that was written down of a call, oldest first."""
        with self._database.reading() as session:
            return written.of_call(session, call_id)

    def floor_journal(self) -> FloorJournal:
        """The memory of the floor; one for the whole process."""
        return FloorJournal(self._database)

    # Corrections

    def correct(
        self,
        call_id: str,
        turn: int,
        by: str,
        at: datetime,
        *,
        intent: Intent | None = None,
        sentiment: Sentiment | None = None,
        signals: Sequence[str] | None = None,
    ) -> CorrectionRow:
        """A person says what an utterance meant; None leaves what was said about it before.

        Raises NotFoundError for a call or a turn that is not there.
        """
        with self._database.writing() as session:
            _existing(session, Call, call_id, "call")
            return corrections.correct(
                session,
                call_id,
                turn,
                by,
                require_aware(at, "at"),
                intent=intent,
                sentiment=sentiment,
                signals=signals,
            )

    def corrections(self) -> list[CorrectionRow]:
        """All of them, oldest first."""
        with self._database.reading() as session:
            return corrections.all_corrections(session)

    # Seats

    def make_seat_token(self, login: str, at: datetime) -> str:
        """What this person signs in with from now on; shown once, kept as a hash."""
        with self._database.writing() as session:
            return seat_tokens.make_token(session, login, require_aware(at, "at"))

    def seat_token_is_right(self, login: str, token: str) -> bool:
        """Whether the person may sit down. Takes some 50 ms of one core."""
        with self._database.reading() as session:
            return seat_tokens.is_right(session, login, token)

    def revoke_seat_token(self, login: str) -> bool:
        """This login is worth nothing any more. False where there was no token."""
        with self._database.writing() as session:
            return seat_tokens.revoke(session, login)

    def seat_logins(self) -> dict[str, datetime]:
        """Who can sign in, and since when."""
        with self._database.reading() as session:
            return seat_tokens.logins(session)

    # Spam

    def spam_calls(self, verdict: SpamVerdict | None = None, limit: int = 500) -> list[SpamCallRow]:
        """Calls that the filter judged, with its reasons, newest first."""
        with self._database.reading() as session:
            return spam.judged_calls(session, verdict, limit)

    def spam_counts(self, since: datetime, until: datetime) -> SpamCounts:
        """What the filter did in that time."""
        with self._database.reading() as session:
            return spam.counts(session, require_aware(since, "since"), require_aware(until, "until"))

    def override_spam(self, decided: SpamOverrideRow) -> SpamOverrideRow:
        """An operator decides about a number, as `agent.routing.spam.plain` writes it."""
        with self._database.writing() as session:
            return spam.override(session, decided)

    def spam_overrides(
        self, number: str | None = None, *, in_force_at: datetime | None = None, limit: int = 500
    ) -> list[SpamOverrideRow]:
        """What operators decided, newest first; of one number, or of all. ``in_force_at``: only what counts then; else
        all that was ever decided.
        """
        moment = None if in_force_at is None else require_aware(in_force_at, "in_force_at")
        with self._database.reading() as session:
            return spam.overrides(session, number, moment, limit)

    def spam_history(
        self, caller_number: str, *, since: datetime, before: datetime, limit: int = 100
    ) -> list[SpamHistoryRow]:
        """Calls from this number in that time, newest first."""
        with self._database.reading() as session:
            return spam.history(session, caller_number, since, before, limit)

    def spam_series(self, caller_number: str, *, since: datetime, before: datetime) -> int:
        """How many other numbers of its series rang in that time."""
        with self._database.reading() as session:
            return spam.series(session, caller_number, since, before)

    def spam_openings(self, since: datetime, limit: int = 200) -> tuple[str, ...]:
        """First words of calls that were refused, newest first."""
        with self._database.reading() as session:
            return spam.openings(session, since, limit)


def check_call_id(call_id: str) -> None:
    """Raise NotFoundError for what cannot be a call's id (it names files)."""
    if re.fullmatch(CALL_ID_PATTERN, call_id) is None:
        raise NotFoundError(
            f"{call_id[:80]!r} cannot be a call's id: at most 128 letters, digits, '.', '_' and '-' can"
        )


def _existing(session: Session, table: type[T], key: str, noun: str, *, lock: bool = False) -> T:
    found = session.get(table, key, with_for_update=lock or None)
    if found is None:
        raise NotFoundError(f"there is no {noun} {key[:200]!r}")
    return found


def _only(query: Select[Any], table: type[Alert] | type[Task], state: str | None, call_id: str | None) -> Select[Any]:
    if state is not None:
        query = query.where(table.state == state)
    return query if call_id is None else query.where(table.call_id == call_id)
