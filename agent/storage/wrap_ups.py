"""What people write down after a call, beside the summary that was written for them."""

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.storage.tables import Call, Task, WrapUp


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
    """A callback that was dialled elsewhere is no call of ours, so that its follow-up stands in the text alone."""
    session.add(WrapUp(**row.model_dump()))
    if follow_up is None or session.get(Call, row.call_id) is None:
        return
    session.merge(
        Task(
            id=f"{row.call_id}-wrap-up-{row.at.timestamp():.0f}",
            call_id=row.call_id,
            kind="follow-up",
            state="open",
            done_by=None,
            done_at=None,
            **follow_up.model_dump(),
        )
    )


def of_call(session: Session, call_id: str) -> list[WrapUpRow]:
    rows = session.scalars(select(WrapUp).where(WrapUp.call_id == call_id).order_by(WrapUp.id))
    return [WrapUpRow.model_validate(row) for row in rows]
