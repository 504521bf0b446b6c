"""From events to rows.

Pure: the same events always give the same call, alerts and tasks, so any of them can be rebuilt.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import reduce

from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    CallEnded,
    CallStarted,
    ErrorRaised,
    Event,
    Intent,
    NluResult,
    RiskAssessed,
    RouteChanged,
    SummaryReady,
)
from agent.storage.rows import AlertRow, CallBegun, CallInfo, CallRow, TaskRow

SMALL_TALK: frozenset[Intent] = frozenset({"greeting", "goodbye", "chitchat", "other", "praise", "human_agent"})
"""Intents that do not say what the call is about once something else was asked for."""


def new_call(begun: CallBegun) -> CallRow:
    """The row of a call of which nothing has happened yet."""
    return CallRow(
        id=begun.call_id,
        **begun.info.model_dump(),
        started_at=begun.started_at.astimezone(UTC),
        recording=f"recordings/{begun.call_id}.wav",
    )


def forget_events(row: CallRow) -> CallRow:
    """The row as it was when the call began: what a rebuild starts from."""
    info = CallInfo.model_validate(row)
    return new_call(CallBegun(call_id=row.id, info=info, started_at=row.started_at))


def project(row: CallRow, event: Event) -> CallRow:
    """The row after one more event of its call. Events come in order of ``seq``."""
    changes: dict[str, object] = {"last_seq": event.seq}
    if row.status == "live":
        changes["duration_ms"] = max(row.duration_ms, event.audio_ms)
    match event.body:
        case CallStarted() as body:
            changes |= body.model_dump(exclude={"type"})
        case AsrFinal() as body:
            changes |= {"turns": row.turns + 1, "language": body.language}
        case NluResult() as body:
            changes |= {"intent": main_intent(row.intent, body.intent), "sentiment": body.sentiment}
        case RiskAssessed() as body:
            changes |= {"risk": body.level, "risk_score": body.score}
        case RouteChanged() as body:
            changes |= {"destination": body.destination, "priority": body.priority}
        case ErrorRaised():
            changes["errors"] = row.errors + 1
        case CallEnded() as body:
            changes |= {
                "status": "ended",
                "ended_by": body.ended_by,
                "end_reason": body.reason,
                "duration_ms": body.duration_ms,
                "ended_at": row.started_at + timedelta(milliseconds=body.duration_ms),
            }
        case SummaryReady() as body:
            changes |= {"intent": body.summary.intent, "risk": body.summary.risk}
    return row.model_copy(update=changes)


def project_all(row: CallRow, events: Iterable[Event]) -> CallRow:
    """Fold several events, in order, into the row."""
    return reduce(project, events, row)


def interrupt(row: CallRow) -> CallRow:
    """The row of a call that was live when its process died:
    it ended with the last thing that is known of it.
    """
    return row.model_copy(
        update={"status": "interrupted", "ended_at": row.started_at + timedelta(milliseconds=row.duration_ms)}
    )


def main_intent(before: Intent | None, now: Intent) -> Intent:
    """What the call is about: the newest real wish; small talk counts only as long as there is none."""
    if before is not None and before not in SMALL_TALK and now in SMALL_TALK:
        return before
    return now


def stored_alert_id(call_id: str, alert_id: str) -> str:
    """An alert's id in storage.

    Within a call ids may be as short as ``a1``; across calls they must be unique.
    """
    return alert_id if alert_id.startswith(call_id) else f"{call_id}-{alert_id}"


def alert_of(event: Event, started_at: datetime) -> AlertRow | None:
    """The alert that this event raises, if it does."""
    body = event.body
    if not isinstance(body, AlertRaised):
        return None
    return AlertRow(
        id=stored_alert_id(event.call_id, body.alert_id),
        call_id=event.call_id,
        raised_at=started_at + timedelta(milliseconds=event.audio_ms),
        **body.model_dump(exclude={"type", "alert_id"}),
    )


def alert_changes(event: Event, alert: AlertRow, started_at: datetime) -> dict[str, object]:
    """What this event changes of its alert. A settled alert stays settled, and who acknowledged it after it got worse
    need not do so again: the same event may be applied twice.
    """
    at = started_at + timedelta(milliseconds=event.audio_ms)
    match event.body:
        case AlertEscalated() as body:
            changes = body.model_dump(mode="json", exclude={"type", "alert_id"}) | {"escalated_at": at}
            seen = alert.acknowledged_at is not None and alert.acknowledged_at >= at
            return changes if alert.state == "resolved" or seen else changes | {"state": "raised"}
        case AlertWithdrawn() as body:
            changes = {"withdrawn_at": at, "withdrawn_words": body.words}
            return changes if alert.state == "resolved" else changes | {"state": "withdrawn"}
        case _:
            return {}


def task_of(event: Event, started_at: datetime) -> TaskRow | None:
    """The task for a person that follows from this event:
    a callback that was promised, or the summary's follow-up.
    """
    at = started_at + timedelta(milliseconds=event.audio_ms)
    match event.body:
        case RouteChanged(callback_due_minutes=int(minutes)) as body:
            return TaskRow(
                id=f"{event.call_id}-{event.seq}",
                call_id=event.call_id,
                kind="callback",
                task=body.reason,
                owner="complaint_specialist" if body.alert_id else "customer_service",
                due=at + timedelta(minutes=minutes),
            )
        case SummaryReady(summary=summary) if summary.follow_up is not None:
            return TaskRow(
                id=f"{event.call_id}-{event.seq}",
                call_id=event.call_id,
                kind="follow-up",
                task=summary.follow_up.task,
                owner=summary.follow_up.owner,
                due=_due(summary.follow_up.due),
            )
        case _:
            return None


def _due(text: str) -> datetime | None:
    """A due time that cannot be read must not cost the whole task:
    then it is None, and the task's text still says it.
    """
    try:
        due = datetime.fromisoformat(text)
    except ValueError:
        return None
    return due.replace(tzinfo=UTC) if due.tzinfo is None else due.astimezone(UTC)
