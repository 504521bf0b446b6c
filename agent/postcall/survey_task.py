"""What is done about a bad score: somebody rings back, by the end of the next day on which people are there. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Protocol

from agent.events import AsrFinal, CallStarted, Event, FollowUp, SurveyAnswered
from agent.postcall.survey import LOW
from agent.postcall.survey_config import Survey

MOST_DAYS = 60
"""A company that is closed for longer has nobody to ring back; the task is due all the same."""


class OpenDays(Protocol):
    """When people are there: a company's hours (`agent.company.hours.Hours`)."""

    @property
    def timezone(self) -> tzinfo:
        """Its zone."""
        ...

    def on(self, day: date) -> Sequence[tuple[int, int]]:
        """The spans of a day, in minutes since its midnight; beyond 1440 they go on into the next."""
        ...


def survey_task(survey: Survey, events: Sequence[Event], started_at: datetime, hours: OpenDays) -> FollowUp | None:
    """The task that a score of 1 or 2 raises; None for any other, and where none was given. The last one counts.

    started_at: with time zone. Raises ValueError without.
    """
    if started_at.tzinfo is None:
        raise ValueError(f"started_at must have a time zone, got {started_at.isoformat()}")
    scored = [event for event in events if isinstance(event.body, SurveyAnswered)]
    if not scored:
        return None
    last = scored[-1].body
    assert isinstance(last, SurveyAnswered)
    if last.score > LOW:
        return None
    spoken = [event.body.language for event in events if isinstance(event.body, AsrFinal | CallStarted)]
    # Those who do it speak the language of the company's desk, but the words that it quotes are the caller's.
    task = survey.task.of(spoken[-1] if spoken else "zh").replace("{score}", str(last.score))
    day = started_at.astimezone(hours.timezone).date()
    return FollowUp(task=task, owner="complaint_specialist", due=next_close(day, hours).isoformat(timespec="seconds"))


def next_close(day: date, hours: OpenDays) -> datetime:
    """When people go home on the first day after this one on which they come."""
    for ahead in range(1, MOST_DAYS + 1):
        there = day + timedelta(days=ahead)
        if spans := hours.on(there):
            minute = max(end for _, end in spans)
            # By the clock on the wall: on a day when it changes, people go home at the usual hour.
            return datetime.combine(
                there + timedelta(days=minute // 1440), time(minute % 1440 // 60, minute % 60), hours.timezone
            )
    return datetime.combine(day + timedelta(days=1), time(18), hours.timezone)
