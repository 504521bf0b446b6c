"""From what becomes of an alert to the notices of it: to which targets, and what they say. Pure.

The same event gives the same notices with the same ids, here and after a restart: who sends one twice sends a
repetition that the receiver can tell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from agent.events import AlertEscalated, AlertRaised, AlertWithdrawn, Event, RiskLevel
from agent.notices.books import AlertBooks, CompanyAlerts
from agent.notices.texts import Kind
from agent.routing.alerts import Channel
from agent.storage import AlertRow, CallRow, IncidentRow, NoticeRow
from agent.storage.alert_life import AlertChange
from agent.storage.projection import stored_alert_id

LEASE_S = 30.0
"""So long a notice is left to the server that has the call, or to whoever claimed it; then to anybody."""


@dataclass(frozen=True)
class _Told:
    """One thing to tell. subject: alert or incident. once: tells it from others of its kind. blanks: of the texts.
    people: names of ``notify`` that are told.
    """

    kind: Kind
    type: str
    subject: str
    once: str
    at: datetime
    data: dict[str, Any]
    blanks: dict[str, str]
    people: tuple[str, ...] = ()
    wait_s: float = 0.0


class NoticeOffice:
    """`agent.storage.ledger.Post` by the companies' policies."""

    def __init__(self, books: AlertBooks) -> None:
        self._books = books

    def of_event(self, event: Event, call: CallRow) -> Sequence[NoticeRow]:
        """For an alert that was raised, got worse or was taken back. Of ``call`` only what is known when it begins."""
        body = event.body
        if not isinstance(body, AlertRaised | AlertEscalated | AlertWithdrawn) or call.channel == "replay":
            return ()
        book = self._books.of(call.called_number)
        at = call.started_at + timedelta(milliseconds=event.audio_ms)
        alert_id = stored_alert_id(call.id, body.alert_id)
        data = _of_call(book, alert_id, call) | {"turn": body.turn}
        blanks = {"caller": _caller(book, call)}
        if isinstance(body, AlertWithdrawn):
            kind: Literal["raised", "escalated", "withdrawn"] = "withdrawn"
            data["words"] = blanks["words"] = body.words
            people = [one.name for one in book.policy.notify if one.levels]
        else:
            kind = "raised" if isinstance(body, AlertRaised) else "escalated"
            data |= _what(book, body.level, body.causes, body.recommended)
            data["evidence"] = [one.model_dump(mode="json") for one in body.evidence]
            blanks |= {"causes": _labels(book, body.causes), "recommended": body.recommended}
            blanks["words"] = " / ".join(dict.fromkeys(one.words for one in body.evidence))
            people = [one.name for one in book.policy.notify if body.level in one.levels]
        told = _Told(kind, f"alert.{kind}", alert_id, str(event.seq), at, data, blanks, tuple(people), wait_s=LEASE_S)
        return _notices(book, told)

    def of_change(self, change: AlertChange, alert: AlertRow, call: CallRow) -> Sequence[NoticeRow]:
        """For what a person or a clock has just done to an alert."""
        if call.channel == "replay":
            return ()
        book = self._books.of(call.called_number)
        data = _of_call(book, alert.id, call) | _what(book, alert.level, alert.causes, alert.recommended)
        data["state"] = alert.state
        blanks = {
            "caller": _caller(book, call),
            "causes": _labels(book, alert.causes),
            "recommended": alert.recommended,
            "outcome": alert.outcome or "",
        }
        if change == "overdue":
            return _notices(book, _overdue(book, alert, data, blanks))
        by, at = {
            "acknowledged": (alert.acknowledged_by, alert.acknowledged_at),
            "started": (alert.started_by, alert.started_at),
            "resolved": (alert.resolved_by, alert.resolved_at),
        }[change]
        assert at is not None
        data |= {"by": by, "outcome": alert.outcome}
        told = _Told(change, f"alert.{change}", alert.id, at.isoformat(), at, data, blanks | {"by": by or ""})
        return _notices(book, told)

    def of_incident(
        self, book: CompanyAlerts, kind: Literal["raised", "closed"], incident: IncidentRow, at: datetime
    ) -> Sequence[NoticeRow]:
        """For an incident that was raised, or is over."""
        about, _, name = incident.subject.partition(":")
        label = book.labels.get(name, name) if about == "cause" else name
        data = {
            "company": book.company,
            "incident_id": incident.id,
            "subject": incident.subject,
            "label": label,
            "alerts": list(incident.alerts),
        }
        blanks = {"causes": label, "count": str(len(incident.alerts))}
        rule = book.policy.incidents
        told = _Told(
            "incident_raised" if kind == "raised" else "incident_closed",
            f"incident.{kind}",
            incident.id,
            kind,
            at,
            data,
            blanks,
            rule.channels if rule is not None else (),
        )
        return _notices(book, told)


def _overdue(book: CompanyAlerts, alert: AlertRow, data: dict[str, Any], blanks: dict[str, str]) -> _Told:
    newest = alert.escalations[-1]
    rule = book.policy.rule_for(alert.level, alert.causes)
    after_minutes = (
        rule.escalate[newest.number - 1].after_minutes if rule and newest.number <= len(rule.escalate) else 0
    )
    run_out = newest.due - timedelta(minutes=after_minutes)
    by = alert.started_by or alert.acknowledged_by or book.texts.nobody.of(book.policy.language)
    data |= {"clock": newest.clock, "step": newest.number, "to": newest.to, "due": _utc(run_out)}
    return _Told(
        "overdue_acknowledge" if newest.clock == "acknowledge" else "overdue_resolve",
        "alert.overdue",
        alert.id,
        f"{newest.clock}-{newest.number}-{newest.since.isoformat()}",
        newest.at,
        data,
        blanks | {"to": newest.to, "due": _local(book, run_out), "by": by},
        newest.channels,
    )


def _notices(book: CompanyAlerts, told: _Told) -> Sequence[NoticeRow]:
    """One for each target that is to be told."""
    blanks = told.blanks | {"company": book.name, "alert": told.subject, "at": _local(book, told.at)}
    message = book.texts.message(told.kind, book.policy.language).filled(blanks)
    hook = {
        "type": told.type,
        "timestamp": _utc(told.at),
        "data": told.data | {"title": message.title, "text": message.body},
    }
    plain = {"title": message.title, "body": message.body}
    people = [one.name for one in book.policy.notify if one.name in told.people]
    return (
        *(_notice(book, told, "webhook", one.name, hook) for one in book.policy.webhooks),
        *(_notice(book, told, "apprise", name, plain) for name in people),
    )


def _notice(book: CompanyAlerts, told: _Told, channel: Channel, name: str, payload: dict[str, Any]) -> NoticeRow:
    target = book.target(name)
    key = f"{target}|{told.type}|{told.subject}|{told.once}"
    return NoticeRow(
        id=f"msg_{sha256(key.encode()).hexdigest()[:32]}",
        dedupe_key=key,
        channel=channel,
        target=target,
        subject=told.subject,
        payload=payload,
        next_at=told.at + timedelta(seconds=told.wait_s),
        created_at=told.at,
    )


def _of_call(book: CompanyAlerts, alert_id: str, call: CallRow) -> dict[str, Any]:
    return {
        "company": book.company,
        "alert_id": alert_id,
        "call_id": call.id,
        "caller": call.caller_number,
        "called": call.called_number,
    }


def _what(book: CompanyAlerts, level: RiskLevel, causes: Sequence[str], recommended: str) -> dict[str, Any]:
    labels = {cause: book.labels.get(cause, cause) for cause in causes}
    return {"level": level, "causes": list(causes), "labels": labels, "recommended": recommended}


def _labels(book: CompanyAlerts, causes: Iterable[str]) -> str:
    return ("、" if book.policy.language == "zh" else ", ").join(book.labels.get(cause, cause) for cause in causes)


def _caller(book: CompanyAlerts, call: CallRow) -> str:
    return call.caller_number or book.texts.withheld.of(book.policy.language)


def _local(book: CompanyAlerts, at: datetime) -> str:
    return f"{at.astimezone(book.timezone):%Y-%m-%d %H:%M:%S}"


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
