"""The clocks: looks now and then at what is open, and does what is due by the companies' policies."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from loguru import logger

from agent.notices.books import AlertBooks, CompanyAlerts
from agent.notices.office import NoticeOffice
from agent.routing.alerts import Counted, Due, Incident, IncidentRule, due, due_steps, incident_steps, subjects
from agent.storage import AlertRow, ConflictError, IncidentRow, NotFoundError, Store
from agent.storage.alert_life import life_of, milliseconds, moment

OLDEST = timedelta(days=60)
"""Of alerts that clocks still run for: every clock of a policy has run out by then."""


class AlertWatch:
    """Blocks while it works; not for a call's event loop. Methods raise StorageError."""

    def __init__(self, store: Store, books: AlertBooks, office: NoticeOffice) -> None:
        self._store = store
        self._books = books
        self._office = office
        self._subjects: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def tick(self, now: datetime) -> None:
        """Escalate what is overdue, each step once; raise, extend and close incidents."""
        if any(book.policy.sla for book in self._books):
            self._escalate(now)
        for book in self._books:
            if book.policy.incidents is not None:
                self._count(book, book.policy.incidents, now)

    def due(self, alerts: Sequence[AlertRow]) -> list[Due]:
        """By when each of these must be seen and settled."""
        called = self._store.called_numbers(alert.call_id for alert in alerts) if alerts else {}
        return [due(self._book(called, alert).policy, life_of(alert)) for alert in alerts]

    def _escalate(self, now: datetime) -> None:
        alerts = self._store.open_alerts(now - OLDEST)
        called = self._store.called_numbers(alert.call_id for alert in alerts) if alerts else {}
        for alert in alerts:
            for step in due_steps(self._book(called, alert).policy, life_of(alert), milliseconds(now)):
                try:
                    self._store.escalate_alert(alert.id, step, now)
                except (ConflictError, NotFoundError) as error:
                    logger.debug("an alert was not escalated: {}", error)  # somebody was quicker
                else:
                    logger.warning("alert {} is overdue ({}): {} is told", alert.id, step.clock, step.to)

    def _count(self, book: CompanyAlerts, rule: IncidentRule, now: datetime) -> None:
        since = now - timedelta(minutes=rule.within_minutes)
        known = [_incident(row) for row in self._store.incidents_of_late(book.company, since)]
        recent = self._counted(book, rule, self._store.alerts_since(since))
        for step in incident_steps(rule, known, recent, milliseconds(now)):
            row = _row(book, step.incident)
            if step.kind == "grew":
                self._store.write_incident(row)
            else:
                self._store.write_incident(row, self._office.of_incident(book, step.kind, row, now))
                logger.warning("incident {} {}: {} alerts", row.id, step.kind, len(row.alerts))

    def _counted(self, book: CompanyAlerts, rule: IncidentRule, alerts: Sequence[AlertRow]) -> list[Counted]:
        called = self._store.called_numbers(alert.call_id for alert in alerts) if alerts else {}
        ours = [alert for alert in alerts if self._book(called, alert).company == book.company]
        new = [alert for alert in ours if (alert.id, alert.causes) not in self._subjects]
        said = self._store.said(alert.call_id for alert in new) if new and rule.products else {}
        for alert in new:
            self._subjects[alert.id, alert.causes] = subjects(rule, alert.causes, said.get(alert.call_id, ()))
        self._forget({(alert.id, alert.causes) for alert in alerts})
        return [
            Counted(alert.id, milliseconds(alert.raised_at), self._subjects[alert.id, alert.causes]) for alert in ours
        ]

    def _forget(self, recent: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        # Companies take turns, so what is another's and recent stays.
        keep = set(recent)
        if len(self._subjects) > 2 * len(keep) + 1000:
            self._subjects = {key: value for key, value in self._subjects.items() if key in keep}

    def _book(self, called: Mapping[str, str], alert: AlertRow) -> CompanyAlerts:
        return self._books.of(called.get(alert.call_id, ""))


def _incident(row: IncidentRow) -> Incident:
    closed_ms = None if row.closed_at is None else milliseconds(row.closed_at)
    return Incident(
        row.id, row.subject, milliseconds(row.raised_at), milliseconds(row.last_alert_at), row.alerts, closed_ms
    )


def _row(book: CompanyAlerts, incident: Incident) -> IncidentRow:
    return IncidentRow(
        id=incident.id,
        company=book.company,
        subject=incident.subject,
        alerts=incident.alerts,
        raised_at=moment(incident.raised_ms),
        last_alert_at=moment(incident.last_ms),
        closed_at=None if incident.closed_ms is None else moment(incident.closed_ms),
    )
