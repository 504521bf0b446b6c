"""What is known of a call when it is decided where it goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agent.events import Intent, Language, RiskLevel, Scalar, Sentiment, SpamVerdict
from agent.routing.lines import Located


@dataclass(frozen=True)
class Load:
    """How it stands in a queue. ``expected_wait_s``: None where nobody is there to say it by."""

    waiting: int = 0
    seats_ready: int = 0
    expected_wait_s: int | None = None


@dataclass(frozen=True)
class Facts:
    """A call as the rules see it; what is not known yet is None, or not there.

    at: now, in any time zone; ValueError for a moment without one. called: the number dialled, its entry's in
    numbers.yaml where a trunk reports another. record: what the back end knows of the caller (`CallerKnown.fields`);
    device, order: of their appliance and order. earlier_calls, alerts: when this number called before, and when an
    alert was raised on it.
    load: of all queues together; queues: of each skill.
    """

    at: datetime
    caller: Located
    called: str = ""
    language: Language = "zh"
    intent: Intent | None = None
    sentiment: Sentiment | None = None
    risk: RiskLevel = "none"
    spam: SpamVerdict = "pass"
    record: Mapping[str, Scalar] = field(default_factory=dict)
    device: Mapping[str, Scalar] = field(default_factory=dict)
    order: Mapping[str, Scalar] = field(default_factory=dict)
    earlier_calls: tuple[datetime, ...] = ()
    alerts: tuple[datetime, ...] = ()
    load: Load = Load()
    queues: Mapping[str, Load] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(one.tzinfo is None for one in (self.at, *self.earlier_calls, *self.alerts)):
            raise ValueError("a moment of the call has no time zone")

    def calls_within(self, days: int) -> int:
        """How often the number has called in so many days of 24 hours, without this call."""
        # Moments of one zone are told apart by their wall clocks, which may go back: so all are compared in UTC.
        now = self.at.astimezone(UTC)
        return sum(now - timedelta(days=days) <= one.astimezone(UTC) < now for one in self.earlier_calls)

    def days_since_alert(self) -> int | None:
        """Whole days of 24 hours since the last alert; None where there was none."""
        now = self.at.astimezone(UTC)
        past = [alert for one in self.alerts if (alert := one.astimezone(UTC)) <= now]
        return (now - max(past)).days if past else None

    def load_of(self, queue: str) -> Load:
        """Of one skill, or of all where ``queue`` is empty."""
        return self.queues.get(queue, Load()) if queue else self.load
