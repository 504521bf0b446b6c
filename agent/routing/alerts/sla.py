"""The clocks of an alert: by when it must be seen and settled, and who is told when it is not. Pure."""

from dataclasses import dataclass

from agent.routing.alerts.life import AlertLife, Clock, OverdueStep
from agent.routing.alerts.policy import MINUTE_MS, AlertPolicy, SlaRule


@dataclass(frozen=True)
class Due:
    """When an alert must be acknowledged and resolved, in ms since the epoch; None where that clock does not run."""

    acknowledge_ms: int | None = None
    resolve_ms: int | None = None

    def overdue(self, now_ms: int) -> tuple[Clock, ...]:
        """The clocks that have run out."""
        clocks: tuple[tuple[Clock, int | None], ...] = (
            ("acknowledge", self.acknowledge_ms),
            ("resolve", self.resolve_ms),
        )
        return tuple(clock for clock, due_ms in clocks if due_ms is not None and due_ms <= now_ms)


def due(policy: AlertPolicy, alert: AlertLife) -> Due:
    """The times by the company's rules. Once seen, only the second clock runs; once settled, none does."""
    rule = policy.rule_for(alert.level, alert.causes)
    if rule is None or not alert.is_open:
        return Due()
    seen_by = _clock_ms(rule, "acknowledge", alert.since_ms) if alert.state == "raised" else None
    return Due(seen_by, _clock_ms(rule, "resolve", alert.since_ms))


def due_steps(policy: AlertPolicy, alert: AlertLife, now_ms: int) -> tuple[OverdueStep, ...]:
    """Who is to be told by now that it is overdue, and has not been, in the order in which they came due."""
    rule = policy.rule_for(alert.level, alert.causes)
    if rule is None:
        return ()
    taken = {one.key for one in alert.taken}
    steps = (
        OverdueStep(
            clock=clock,
            number=number,
            since_ms=alert.since_ms,
            to=person.to,
            channels=person.channels,
            due_ms=_clock_ms(rule, clock, alert.since_ms) + person.after_minutes * MINUTE_MS,
        )
        for clock in due(policy, alert).overdue(now_ms)
        for number, person in enumerate(rule.escalate, start=1)
    )
    now_due = (one for one in steps if one.due_ms <= now_ms and one.key not in taken)
    return tuple(sorted(now_due, key=lambda one: (one.due_ms, one.clock)))


def _clock_ms(rule: SlaRule, clock: Clock, since_ms: int) -> int:
    minutes = rule.acknowledge_within_minutes if clock == "acknowledge" else rule.resolve_within_minutes
    return since_ms + minutes * MINUTE_MS
