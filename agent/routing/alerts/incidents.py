"""Many alerts on one cause in a short time are one incident, which is more than its alerts. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agent.routing.alerts.policy import MINUTE_MS, IncidentRule


@dataclass(frozen=True)
class Counted:
    """An alert as far as incidents count it. subjects: what it is about, `subjects` gives them."""

    alert_id: str
    at_ms: int
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Incident:
    """subject: ``cause:safety`` or ``product:热水器``. alerts: ids, oldest first. last_ms: of the newest alert."""

    id: str
    subject: str
    raised_ms: int
    last_ms: int
    alerts: tuple[str, ...]
    closed_ms: int | None = None


@dataclass(frozen=True)
class IncidentStep:
    """What becomes of an incident."""

    kind: Literal["raised", "grew", "closed"]
    incident: Incident


def subjects(rule: IncidentRule, causes: Iterable[str], said: Iterable[str]) -> tuple[str, ...]:
    """What an alert is about: its causes that are counted, and the products named in what the caller ``said``."""
    counted = [f"cause:{cause}" for cause in causes if not rule.causes or cause in rule.causes]
    words = "\n".join(said).lower()
    return (*counted, *(f"product:{product}" for product in rule.products if product.lower() in words))


def incident_steps(
    rule: IncidentRule, known: Sequence[Incident], recent: Sequence[Counted], now_ms: int
) -> tuple[IncidentStep, ...]:
    """What is to be done about incidents now.

    known: those that are open, and those closed of late: their alerts count for no second one. recent: the alerts of
    the last ``within_minutes`` at least that were not withdrawn.
    """
    steps: list[IncidentStep] = []
    for subject in sorted({*(s for one in recent for s in one.subjects), *(one.subject for one in known)}):
        of_subject = [one for one in known if one.subject == subject]
        taken = {alert_id for one in of_subject for alert_id in one.alerts}
        new = sorted(
            (one for one in recent if subject in one.subjects and one.alert_id not in taken and one.at_ms <= now_ms),
            key=lambda one: (one.at_ms, one.alert_id),
        )
        current = next((one for one in of_subject if one.closed_ms is None), None)
        steps += _raised(rule, subject, new, now_ms) if current is None else _went_on(rule, current, new, now_ms)
    return tuple(steps)


def _raised(rule: IncidentRule, subject: str, new: Sequence[Counted], now_ms: int) -> list[IncidentStep]:
    new = [one for one in new if one.at_ms > now_ms - rule.within_minutes * MINUTE_MS]
    if len(new) < rule.alerts:
        return []
    # Named after its first alert, so that two servers which see it at the same time mean the same one.
    incident = Incident(
        id=f"{subject}-{new[0].alert_id}",
        subject=subject,
        raised_ms=now_ms,
        last_ms=new[-1].at_ms,
        alerts=tuple(one.alert_id for one in new),
    )
    return [IncidentStep("raised", incident)]


def _went_on(rule: IncidentRule, current: Incident, new: Sequence[Counted], now_ms: int) -> list[IncidentStep]:
    if new:
        last_ms = max(current.last_ms, new[-1].at_ms)
        alerts = (*current.alerts, *(one.alert_id for one in new))
        return [IncidentStep("grew", replace(current, last_ms=last_ms, alerts=alerts))]
    if current.last_ms + rule.quiet_minutes * MINUTE_MS <= now_ms:
        return [IncidentStep("closed", replace(current, closed_ms=now_ms))]
    return []
