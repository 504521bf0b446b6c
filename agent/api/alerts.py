"""What people must look at and do: alerts and tasks over REST."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from agent.api.errors import responses
from agent.storage import AlertRow, Store, TaskRow
from agent.storage.rows import AlertState, PersonName, TaskState

AlertId = Annotated[str, Path(max_length=256, description="id of the alert")]
TaskId = Annotated[str, Path(max_length=256, description="id of the task")]


class By(BaseModel):
    """Who does it."""

    model_config = ConfigDict(extra="forbid")

    by: PersonName = Field(description="name of the person", examples=["王主管"])


class Resolution(By):
    """Who settled it, and how."""

    outcome: str = Field(
        min_length=1, max_length=2000, description="what came of it", examples=["已致电客户，安排上门"]
    )


def alerts_router(store: Store, now: Callable[[], datetime]) -> APIRouter:
    """``/api/alerts…`` and ``/api/tasks…``. ``now``: the wall time, with a zone."""
    router = APIRouter(prefix="/api")

    @router.get("/alerts", tags=["alerts"], summary="Alerts, newest first", responses=responses(422, 503))
    def list_alerts(state: AlertState | None = None) -> list[AlertRow]:
        return store.alerts(state)

    @router.post(
        "/alerts/{alert_id}/acknowledge",
        tags=["alerts"],
        summary="Somebody has seen the alert; the first one is kept",
        responses=responses(404, 409, 422, 503),
    )
    def acknowledge(alert_id: AlertId, body: By) -> AlertRow:
        return store.acknowledge_alert(alert_id, body.by, now())

    @router.post(
        "/alerts/{alert_id}/resolve",
        tags=["alerts"],
        summary="The alert is settled",
        responses=responses(404, 409, 422, 503),
    )
    def resolve(alert_id: AlertId, body: Resolution) -> AlertRow:
        return store.resolve_alert(alert_id, body.by, now(), body.outcome)

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
