"""The form after a call is filled in from its summary, for each seat what it has to say."""

from datetime import UTC, datetime

import pytest

from agent.events import Event, FollowUp, Intent, SeatConnected, SeatTransferred, Summary
from agent.switchboard.form import filled_in

WANG, LI = SeatConnected(seat="s01", name="王丽"), SeatConnected(seat="s07", name="李静")
TO_LI = SeatTransferred(seat="s01", target="queue:complaint", mode="cold")
TASK = FollowUp(task="回电", owner="finance", due="2026-03-17T10:00:00+08:00")


def events(*bodies: SeatConnected | SeatTransferred) -> list[Event]:
    return [Event(call_id="c", seq=n, audio_ms=n, body=body) for n, body in enumerate(bodies)]


def summary(*, solved: bool = True, task: FollowUp | None = None, intent: Intent = "repair") -> Summary:
    return Summary(
        language="zh", intent=intent, wanted="客户要修空调", agreed=(), unresolved=(), follow_up=task, risk="none",
        method="extractive", solved=solved,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "seat", "outcome"),
    [
        (summary(), "s07", "resolved"),
        (summary(solved=False), "s07", "unresolved"),
        (summary(solved=False, task=TASK), "s07", "follow-up"),
        (summary(task=TASK), "s01", "passed-on"),
        (summary(intent="other"), "s07", "no-matter"),
    ],
)
def test_what_came_of_it_is_said_for_each(made: Summary, seat: str, outcome: str) -> None:
    form = filled_in(made, events(WANG, TO_LI, LI), seat, None)
    assert (form.call_id, form.summary, form.outcome) == ("c", "客户要修空调", outcome)
    assert (form.follow_up is not None) == (made.follow_up is not None)


def test_who_has_it_back_has_not_passed_it_on() -> None:
    assert filled_in(summary(), events(WANG, TO_LI, LI, WANG), "s01", None).outcome == "resolved"


def test_a_task_keeps_its_due_time_and_what_is_too_long_is_cut() -> None:
    long = TASK.model_copy(update={"task": "回" * 600})
    form = filled_in(summary(task=long), events(WANG), "s01", datetime(2026, 1, 1, tzinfo=UTC))
    assert form.follow_up is not None and len(form.follow_up.task) == 500
    assert form.follow_up.due == datetime(2026, 3, 17, 2, tzinfo=UTC)
