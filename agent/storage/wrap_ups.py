"""What people write down after a call, beside the summary that was written for them."""

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.storage.tables import Call, Task, WrapUp

BY_PERSON = "-wrap-up-"
"""In a task's id, between the call's and the second in which it was written."""


class WrapUpRow(BaseModel):
    """``by``: the person's name. ``outcome``: as `agent.seats.words.Outcome`."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    call_id: str
    by: str
    at: AwareDatetime
    summary: str
    outcome: str


class FollowUpRow(BaseModel):
    """What is left to do. ``owner``: as `agent.events.FollowUp` has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    owner: str
    due: AwareDatetime | None = None


def write(session: Session, row: WrapUpRow, follow_up: FollowUpRow | None) -> None:
    """What the person wants followed up takes the place of what the summary wanted, where nobody has begun with that.

    A callback that was dialled elsewhere is no call of ours, so that its follow-up stands in the text alone.
    """
    session.add(WrapUp(**row.model_dump()))
    if follow_up is None or session.get(Call, row.call_id) is None:
        return
    open_tasks = select(Task).where(Task.call_id == row.call_id, Task.kind == "follow-up", Task.state == "open")
    for task in session.scalars(open_tasks):
        if task.id.removeprefix(f"{row.call_id}-").isdecimal():  # as `projection.task_of` names it
            session.delete(task)
    session.merge(
        Task(
            id=f"{row.call_id}{BY_PERSON}{row.at.timestamp():.0f}",
            call_id=row.call_id,
            kind="follow-up",
            state="open",
            done_by=None,
            done_at=None,
            **follow_up.model_dump(),
        )
    )


def has_follow_up(session: Session, call_id: str) -> bool:
    """Whether a person has said what is to be followed up."""
    written = select(Task.id).where(
        Task.call_id == call_id, Task.id.startswith(f"{call_id}{BY_PERSON}", autoescape=True)
    )
    return session.scalars(written).first() is not None


def of_call(session: Session, call_id: str) -> list[WrapUpRow]:
    rows = session.scalars(select(WrapUp).where(WrapUp.call_id == call_id).order_by(WrapUp.id))
    return [WrapUpRow.model_validate(row) for row in rows]
