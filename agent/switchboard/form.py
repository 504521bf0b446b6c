"""The form after a call, filled in from its summary. Pure."""

from collections.abc import Sequence
from datetime import datetime

from agent.events import Event, SeatConnected, SeatTransferred, Summary
from agent.seats.from_page import FollowUpTask
from agent.seats.to_page import WrapUp
from agent.seats.words import Outcome

SUMMARY_AT_MOST = 4000
TASK_AT_MOST = 500
"""As the page may send them back."""


def filled_in(summary: Summary, events: Sequence[Event], seat: str, until: datetime | None) -> WrapUp:
    """For this seat: who passed the call on has done so, whatever came of it."""
    left = summary.follow_up
    task = None
    if left is not None:
        task = FollowUpTask(task=left.task[:TASK_AT_MOST], owner=left.owner, due=datetime.fromisoformat(left.due))
    return WrapUp(
        call_id=events[0].call_id,
        summary="\n".join([summary.wanted, *summary.agreed, *summary.unresolved])[:SUMMARY_AT_MOST],
        outcome=_outcome(summary, events, seat),
        follow_up=task,
        until=until,
    )


def _outcome(summary: Summary, events: Sequence[Event], seat: str) -> Outcome:
    theirs = [e.body for e in events if isinstance(e.body, SeatConnected | SeatTransferred) and e.body.seat == seat]
    if theirs and isinstance(theirs[-1], SeatTransferred):
        return "passed-on"
    if summary.follow_up is not None:
        return "follow-up"
    if summary.intent in ("greeting", "goodbye", "chitchat", "other") and not summary.agreed:
        return "no-matter"
    return "resolved" if summary.solved else "unresolved"
