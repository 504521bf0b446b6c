"""How many calls there were at once. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from agent.reports.days import Days
from agent.reports.record import Cdr


@dataclass
class Load:
    """``peak``: the most calls at once, first at ``peak_at``. ``by_hour``: the most at once in each hour of the day."""

    peak: int = 0
    peak_at: datetime | None = None
    by_hour: dict[int, int] = field(default_factory=dict)


def load(calls: Iterable[Cdr], days: Days) -> Load:
    """The load of some days. A call holds a line from its beginning until just before its end."""
    # At one instant those that end go before those that begin: they never held lines together. Hours come after
    # them, so that each begins with the calls that are going on.
    changes = [(at, 1, 0) for at in days.hours()]
    for call in calls:
        if call.start < call.known_until:
            changes += [(call.start, 1, 1), (call.known_until, 0, -1)]
    found, now = Load(), 0
    for at, _, change in sorted(changes):
        now += change
        # What ends makes nothing more; between two that end at once there is no moment.
        if change < 0 or not days.holds(at):
            continue
        hour = at.astimezone(days.zone).hour
        found.by_hour[hour] = max(found.by_hour.get(hour, 0), now)
        if now > found.peak:
            found.peak, found.peak_at = now, at
    return found
