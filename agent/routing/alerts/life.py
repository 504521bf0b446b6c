"""The life of an alert: raised, acknowledged, in progress, resolved with an outcome, or withdrawn. Pure.

    raised ──▶ acknowledged ──▶ in_progress ──▶ resolved        a person moves it, and may skip steps
      ▲              │                │
      └── got worse ─┴────────────────┘                         what was seen is no longer all of it
    raised, acknowledged, in_progress ──▶ withdrawn             the caller took it back

Overdue is no state but a condition that the clocks give (`agent.routing.alerts.sla`).
"""

from dataclasses import dataclass, replace
from typing import Literal

from agent.errors import HotlineError
from agent.events import RiskLevel

AlertState = Literal["raised", "acknowledged", "in_progress", "resolved", "withdrawn"]
Clock = Literal["acknowledge", "resolve"]

OPEN: tuple[AlertState, ...] = ("raised", "acknowledged", "in_progress")
"""States in which somebody has still something to do."""


class IllegalStepError(HotlineError):
    """An alert cannot go there from where it is; the message says who moved it where."""

    def __init__(self, message: str) -> None:
        super().__init__("conflict", message)


@dataclass(frozen=True)
class OverdueStep:
    """One person who is told that a clock has run out. The same step of the same run of a clock is taken once.

    number: place in the chain, from 1. since_ms: when the clock was started. due_ms: when the step came due.
    """

    clock: Clock
    number: int
    since_ms: int
    to: str
    channels: tuple[str, ...]
    due_ms: int

    @property
    def key(self) -> tuple[Clock, int, int]:
        return (self.clock, self.number, self.since_ms)


@dataclass(frozen=True)
class AlertLife:
    """Where an alert is. Times in ms since the epoch. since_ms: since when its clocks run, which is when it was raised
    or last got worse. taken: the overdue steps that were taken.
    """

    id: str
    level: RiskLevel
    causes: tuple[str, ...]
    since_ms: int
    state: AlertState = "raised"
    acknowledged_by: str | None = None
    acknowledged_ms: int | None = None
    started_by: str | None = None
    started_ms: int | None = None
    resolved_by: str | None = None
    resolved_ms: int | None = None
    outcome: str | None = None
    withdrawn_words: str | None = None
    withdrawn_ms: int | None = None
    taken: tuple[OverdueStep, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True)
class Acknowledge:
    """A person has seen it."""

    by: str


@dataclass(frozen=True)
class Start:
    """A person works on it."""

    by: str


@dataclass(frozen=True)
class Resolve:
    """It is settled, and how."""

    by: str
    outcome: str


@dataclass(frozen=True)
class Worsen:
    """It got worse while the call went on."""

    level: RiskLevel
    causes: tuple[str, ...]


@dataclass(frozen=True)
class Withdraw:
    """The caller took it back in these words."""

    words: str


@dataclass(frozen=True)
class Escalate:
    """Somebody is told that it is overdue."""

    step: OverdueStep


Act = Acknowledge | Start | Resolve | Worsen | Withdraw | Escalate


def step(alert: AlertLife, act: Act, now_ms: int) -> AlertLife:
    """The alert after the act; the same one where that changes nothing. Raises IllegalStepError.

    Who acknowledges second changes nothing. Who starts or resolves what nobody acknowledged has seen it thereby. What
    got worse is to be acknowledged anew, and its clocks start anew. A settled alert stays settled.
    """
    match act:
        case Acknowledge(by=by):
            _require_open(alert, "acknowledged")
            return _seen(alert, by, now_ms, "acknowledged") if alert.state == "raised" else alert
        case Start(by=by):
            return _start(alert, by, now_ms)
        case Resolve(by=by, outcome=outcome):
            return _resolve(alert, by, outcome, now_ms)
        case Worsen(level=level, causes=causes):
            worse = replace(alert, level=level, causes=causes)
            return replace(worse, state="raised", since_ms=now_ms) if alert.is_open else worse
        case Withdraw(words=words):
            if not alert.is_open:
                return alert
            return replace(alert, state="withdrawn", withdrawn_words=words, withdrawn_ms=now_ms)
        case Escalate(step=taken):
            return _escalate(alert, taken)


def _start(alert: AlertLife, by: str, now_ms: int) -> AlertLife:
    _require_open(alert, "started")
    if alert.state == "in_progress":
        if alert.started_by == by:
            return alert
        raise IllegalStepError(
            f"alert {alert.id} is in progress with {alert.started_by} already; ask them, or resolve it"
        )
    seen = alert if alert.state == "acknowledged" else _seen(alert, by, now_ms, "raised")
    return replace(seen, state="in_progress", started_by=by, started_ms=now_ms)


def _resolve(alert: AlertLife, by: str, outcome: str, now_ms: int) -> AlertLife:
    if not outcome.strip():
        raise IllegalStepError(f"alert {alert.id} cannot be resolved without an outcome; say what came of it")
    if alert.state == "resolved":
        raise IllegalStepError(f"alert {alert.id} was already resolved by {alert.resolved_by}")
    _require_open(alert, "resolved")
    seen = _seen(alert, by, now_ms, "raised") if alert.state == "raised" else alert
    return replace(seen, state="resolved", resolved_by=by, resolved_ms=now_ms, outcome=outcome)


def _escalate(alert: AlertLife, taken: OverdueStep) -> AlertLife:
    _require_open(alert, "escalated")
    if taken.since_ms != alert.since_ms:
        raise IllegalStepError(f"alert {alert.id} got worse since; its clocks have started anew")
    if taken.clock == "acknowledge" and alert.state != "raised":
        raise IllegalStepError(f"alert {alert.id} was acknowledged by {alert.acknowledged_by}; it is not late for that")
    if taken.key in {one.key for one in alert.taken}:
        raise IllegalStepError(f"alert {alert.id} was escalated to {taken.to} already")
    return replace(alert, taken=(*alert.taken, taken))


def _seen(alert: AlertLife, by: str, now_ms: int, state: AlertState) -> AlertLife:
    return replace(alert, state=state, acknowledged_by=by, acknowledged_ms=now_ms)


def _require_open(alert: AlertLife, what: str) -> None:
    if alert.state == "resolved":
        raise IllegalStepError(f"alert {alert.id} was resolved by {alert.resolved_by}; it cannot be {what} now")
    if alert.state == "withdrawn":
        raise IllegalStepError(f"alert {alert.id} was taken back by the caller; nothing is left to be {what}")
