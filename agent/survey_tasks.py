"""The task that a bad score in the survey raises, as storage keeps it."""

from collections.abc import Sequence
from datetime import datetime

from agent.events import Event
from agent.postcall.survey_config import Survey
from agent.postcall.survey_task import OpenDays, survey_task
from agent.storage import TaskRow


def survey_task_row(survey: Survey, events: Sequence[Event], started_at: datetime, hours: OpenDays) -> TaskRow | None:
    """To be added (`Store.add_task`) once the call is over; None where nothing is to be done. One a call, whichever
    process adds it.
    """
    task = survey_task(survey, events, started_at, hours)
    if task is None:
        return None
    call_id = events[0].call_id
    due = datetime.fromisoformat(task.due)
    return TaskRow(id=f"{call_id}-survey", call_id=call_id, kind="follow-up", task=task.task, owner=task.owner, due=due)
