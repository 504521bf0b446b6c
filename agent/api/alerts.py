"""What people must look at and do: alerts, incidents and tasks over REST; and which notices went out."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from agent.api.errors import responses
from agent.routing.alerts import AlertState, Due
from agent.storage import AlertRow, IncidentRow, NoticeRow, Store, TaskRow
from agent.storage.alert_life import milliseconds, moment
from agent.storage.rows import IncidentState, NoticeState, PersonName, TaskState

AlertId = Annotated[str, Path(max_length=256, description="id of the alert")]
TaskId = Annotated[str, Path(max_length=256, description="id of the task")]

DueTimes = Callable[[Sequence[AlertRow]], Sequence[Due]]
"""By when each of these alerts must be seen and settled."""


def no_due_times(alerts: Sequence[AlertRow]) -> Sequence[Due]:
    """Where no company has rules for it."""
    return [Due()] * len(alerts)


class By(BaseModel):
    """Who does it."""

    model_config = ConfigDict(extra="forbid")

    by: PersonName = Field(description="name of the person", examples=["王主管"])


class Resolution(By):
    """Who settled it, and how."""

    outcome: str = Field(
        min_length=1, max_length=2000, description="what came of it", examples=["已致电客户，安排上门"]
    )


class TimedAlert(AlertRow):
    """An alert, and how it stands with the company's clocks. None: that clock does not run, or no more."""

    acknowledge_due: AwareDatetime | None = None
    resolve_due: AwareDatetime | None = None
    overdue: bool = False


def alerts_router(store: Store, now: Callable[[], datetime], due: DueTimes = no_due_times) -> APIRouter:
    """``/api/alerts…``, ``/api/incidents``, ``/api/notices``, ``/api/tasks…``. ``now``: the wall time, with a zone."""
    router = APIRouter(prefix="/api")

    def timed(alerts: Sequence[AlertRow]) -> list[TimedAlert]:
        now_ms = milliseconds(now())
        return [_timed(alert, when, now_ms) for alert, when in zip(alerts, due(alerts), strict=True)]

    @router.get("/alerts", tags=["alerts"], summary="Alerts, newest first", responses=responses(422, 503))
    def list_alerts(state: AlertState | None = None, overdue: bool | None = None) -> list[TimedAlert]:
        return [alert for alert in timed(store.alerts(state)) if overdue is None or alert.overdue == overdue]

    @router.post(
        "/alerts/{alert_id}/acknowledge",
        tags=["alerts"],
        summary="Somebody has seen the alert; the first one is kept",
        responses=responses(404, 409, 422, 503),
    )
    def acknowledge(alert_id: AlertId, body: By) -> TimedAlert:
        return timed([store.acknowledge_alert(alert_id, body.by, now())])[0]

    @router.post(
        "/alerts/{alert_id}/start",
        tags=["alerts"],
        summary="Somebody works on the alert; nobody else can start on it then",
        responses=responses(404, 409, 422, 503),
    )
    def start(alert_id: AlertId, body: By) -> TimedAlert:
        return timed([store.start_alert(alert_id, body.by, now())])[0]

    @router.post(
        "/alerts/{alert_id}/resolve",
        tags=["alerts"],
        summary="The alert is settled",
        responses=responses(404, 409, 422, 503),
    )
    def resolve(alert_id: AlertId, body: Resolution) -> TimedAlert:
        return timed([store.resolve_alert(alert_id, body.by, now(), body.outcome)])[0]

    @router.get(
        "/incidents", tags=["alerts"], summary="Many alerts on one subject, newest first", responses=responses(422, 503)
    )
    def list_incidents(state: IncidentState | None = None) -> list[IncidentRow]:
        return store.incidents(state)

    @router.get(
        "/notices", tags=["alerts"], summary="Who was told, or is to be, newest first", responses=responses(422, 503)
    )
    def list_notices(state: NoticeState | None = None) -> list[NoticeRow]:
        return store.notices(state)

    @router.get("/tasks", tags=["tasks"], summary="Tasks, the most urgent first", responses=responses(422, 503))
    def list_tasks(
        state: TaskState | None = None,
        owner: Annotated[str | None, Query(description="only theirs", examples=["complaint_specialist"])] = None,
        overdue: Annotated[bool, Query(description="only open tasks whose time is past")] = False,
    ) -> list[TaskRow]:
        if overdue:
            return [] if state == "done" else store.tasks("open", owner=owner, due_before=now())
        return store.tasks(state, owner=owner)

    @router.post(
        "/tasks/{task_id}/complete",
        tags=["tasks"],
        summary="The task is done",
        responses=responses(404, 409, 422, 503),
    )
    def complete(task_id: TaskId, body: By) -> TaskRow:
        return store.complete_task(task_id, body.by, now())

    return router


def _timed(alert: AlertRow, due: Due, now_ms: int) -> TimedAlert:
    return TimedAlert(
        **dict(alert),
        acknowledge_due=None if due.acknowledge_ms is None else moment(due.acknowledge_ms),
        resolve_due=None if due.resolve_ms is None else moment(due.resolve_ms),
        overdue=bool(due.overdue(now_ms)),
    )
