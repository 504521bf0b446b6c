"""What is remembered of whoever calls, looked up while it still rings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from agent.ingress.leg import CallInfo
from agent.routing import can_call_back
from agent.routing.rules import Rules
from agent.routing.spam import EarlierCall, History, Override, SpamPolicy, plain
from agent.storage import AlertRow, SpamHistoryRow, SpamOverrideRow, TaskRow

HISTORY_DAYS = 1
"""What the filter looks back, at the least: what is rung often is rung often within a day."""
OPENINGS_DAYS = 30
MOST_CALLS = 200


class Memory(Protocol):
    """What the front desk needs of storage (`agent.storage.Store`). All of it blocks and may raise StorageError."""

    def spam_overrides(
        self, number: str | None = None, *, in_force_at: datetime | None = None, limit: int = 500
    ) -> list[SpamOverrideRow]: ...
    def spam_history(
        self, caller_number: str, *, since: datetime, before: datetime, limit: int = 100
    ) -> list[SpamHistoryRow]: ...
    def spam_series(self, caller_number: str, *, since: datetime, before: datetime) -> int: ...
    def spam_openings(self, since: datetime, limit: int = 200) -> tuple[str, ...]: ...
    def alerts_of_caller(self, caller_number: str, *, since: datetime, before: datetime) -> list[AlertRow]: ...
    def add_task(self, task: TaskRow) -> None: ...


@dataclass(frozen=True)
class Remembered:
    """Of one caller. ``calls``: when they rang before; ``alerts``: when one was raised on them, not taken back."""

    override: Override | None = None
    history: History = field(default_factory=History)
    calls: tuple[datetime, ...] = ()
    alerts: tuple[datetime, ...] = ()


NOTHING = Remembered()


def look_up(memory: Memory, info: CallInfo, spam: SpamPolicy | None, rules: Rules | None) -> Remembered:
    """Blocks for some milliseconds. Raises StorageError."""
    now, number = info.started_at, info.caller_number
    decided = memory.spam_overrides(plain(number), in_force_at=now, limit=1) if plain(number) else ()
    override = _override(decided)
    openings = memory.spam_openings(now - timedelta(days=OPENINGS_DAYS)) if spam is not None and spam.enabled else ()
    if not can_call_back(number):
        # A withheld number is anybody's.
        return Remembered(override, History(openings=openings))
    days = days_asked(rules)
    since = now - timedelta(days=max(HISTORY_DAYS, days))
    rows = memory.spam_history(number, since=since, before=now, limit=MOST_CALLS)
    series = memory.spam_series(number, since=now - timedelta(hours=1), before=now)
    alerts = memory.alerts_of_caller(number, since=since, before=now) if days else []
    return Remembered(
        override,
        History(tuple(_earlier(row) for row in rows), series, openings),
        tuple(row.started_at for row in rows),
        tuple(row.raised_at for row in alerts if row.state != "withdrawn"),
    )


def days_asked(rules: Rules | None) -> int:
    """How far back any rule looks; 0 where none does."""
    whens = () if rules is None else tuple(rule.when for rule in rules.rules)
    return max(
        (max(when.calls.days if when.calls else 0, when.alert_within_days or 0) for when in whens),
        default=0,
    )


def _override(rows: Sequence[SpamOverrideRow]) -> Override | None:
    for row in rows:
        if row.verdict == "allow" or row.verdict == "deny":
            return Override(row.verdict, row.by, row.why)
    return None


def _earlier(row: SpamHistoryRow) -> EarlierCall:
    return EarlierCall(round(row.started_at.timestamp() * 1000), row.duration_ms or 0, row.turns)
