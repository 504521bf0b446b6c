"""A span of whole days in a company's own time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.errors import HotlineError

MOST_DAYS = 400
"""A report over more would be read by nobody, and hold all of its calls in memory."""


@dataclass(frozen=True)
class Days:
    """From one day to another, both with it. Raises HotlineError ``days_invalid`` for a span that is none."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise HotlineError("days_invalid", f"from {self.first} to {self.last}: the last day is before the first")
        if (count := (self.last - self.first).days + 1) > MOST_DAYS:
            raise HotlineError("days_invalid", f"{count} days; at most {MOST_DAYS} at once, ask for them in parts")

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    @property
    def begin(self) -> datetime:
        """The first instant, in UTC. Where a clock change skips midnight, the day begins when the clock goes on."""
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first instant that is no longer in it, in UTC."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    def holds(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end

    def day(self, moment: datetime) -> date:
        """The day that a moment falls on there."""
        return moment.astimezone(self.zone).date()

    def hours(self) -> Iterator[datetime]:
        """The beginning of every hour that the clock shows, in UTC: 23 or 25 on a day when the clock changes."""
        at = self.begin
        while at < self.end:
            yield at
            at += timedelta(minutes=60 - at.astimezone(self.zone).minute)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
