"""A call's row, its alerts and its tasks follow from its events alone."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    Body,
    CallEnded,
    CallStarted,
    ErrorRaised,
    Event,
    FollowUp,
    Intent,
    NluResult,
    RiskAssessed,
    RouteChanged,
    Summary,
    SummaryReady,
)
from agent.storage.projection import (
    alert_changes,
    alert_of,
    forget_events,
    interrupt,
    main_intent,
    new_call,
    project,
    project_all,
    stored_alert_id,
    task_of,
)
from agent.storage.rows import AlertState, CallBegun, CallInfo, CallRow
from tests.storage.seed import STARTED, complaint, order_query

EMPTY = new_call(
    CallBegun(
        call_id="c1",
        info=CallInfo(caller_number="1", called_number="400", channel="webrtc", language="zh"),
        started_at=STARTED,
    )
)


def an_event(body: Body, seq: int = 3, audio_ms: int = 4000) -> Event:
    return Event(call_id="c1", seq=seq, audio_ms=audio_ms, body=body)


def said(language: str = "zh") -> AsrFinal:
    return AsrFinal.model_validate(
        {
            "turn": 1,
            "text": "喂",
            "language": language,
            "start_ms": 0,
            "end_ms": 400,
            "average_log_probability": -0.1,
            "no_speech_probability": 0.1,
            "endpoint_ms": 300,
        }
    )


def understood(intent: Intent) -> NluResult:
    return NluResult(turn=1, intent=intent, intent_probability=0.9, sentiment="angry", sentiment_probability=0.8)


def a_summary(due: str | None = None) -> SummaryReady:
    follow_up = None if due is None else FollowUp(task="回电", owner="finance", due=due)
    summary = Summary(
        language="zh",
        intent="refund_return",
        wanted="退款",
        risk="medium",
        method="extractive",
        follow_up=follow_up,
    )
    return SummaryReady(summary=summary)


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (
            CallStarted(caller_number="9", called_number="8", channel="replay", language="en"),
            {"caller_number": "9", "called_number": "8", "channel": "replay", "language": "en"},
        ),
        (said("en"), {"turns": 1, "language": "en"}),
        (understood("repair"), {"intent": "repair", "sentiment": "angry"}),
        (RiskAssessed(turn=1, level="high", score=0.9), {"risk": "high", "risk_score": 0.9}),
        (
            RouteChanged(previous="bot", destination="callback", priority=5, reason="r"),
            {"destination": "callback", "priority": 5},
        ),
        (ErrorRaised(stage="tts", code="x", message="m"), {"errors": 1}),
        (
            CallEnded(ended_by="bot", reason="done", duration_ms=61_000),
            {
                "status": "ended",
                "ended_by": "bot",
                "end_reason": "done",
                "duration_ms": 61_000,
                "ended_at": STARTED + timedelta(seconds=61),
            },
        ),
        (a_summary(), {"intent": "refund_return", "risk": "medium"}),
    ],
    ids=lambda value: value.type if hasattr(value, "type") else "",
)
def test_each_event_changes_just_what_it_says(body: Body, changes: dict[str, object]) -> None:
    expected = EMPTY.model_copy(update={"last_seq": 3, "duration_ms": 4000} | changes)

    assert project(EMPTY, an_event(body)) == expected


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, "greeting", "greeting"),
        ("greeting", "repair", "repair"),
        ("repair", "goodbye", "repair"),
        ("repair", "human_agent", "repair"),
        ("repair", "complaint", "complaint"),
        ("human_agent", "chitchat", "chitchat"),
    ],
)
def test_small_talk_never_replaces_what_the_call_is_about(before: Intent | None, now: Intent, expected: Intent) -> None:
    assert main_intent(before, now) == expected


def test_the_row_of_a_whole_call_tells_the_call() -> None:
    row = project_all(forget_events(EMPTY), complaint("c1").events)

    assert (row.status, row.ended_by, row.intent, row.risk, row.destination, row.turns) == (
        "ended",
        "caller",
        "complaint",
        "high",
        "callback",
        3,
    )


def test_the_row_can_be_made_anew_from_the_beginning() -> None:
    once = project_all(EMPTY, order_query("c1").events)

    assert project_all(forget_events(once), order_query("c1").events) == once


def test_what_comes_after_the_end_does_not_make_the_call_longer() -> None:
    ended = project(EMPTY, an_event(CallEnded(ended_by="bot", reason="", duration_ms=5000), 4, 5000))

    assert project(ended, an_event(a_summary(), 5, 9000)).duration_ms == 5000


def test_a_call_that_was_cut_off_ended_with_its_last_event() -> None:
    row = interrupt(project(EMPTY, an_event(said(), audio_ms=7000)))

    assert (row.status, row.ended_at) == ("interrupted", STARTED + timedelta(seconds=7))


def test_an_alert_is_stamped_with_the_wall_time_of_its_moment() -> None:
    body = AlertRaised(alert_id="a1", turn=2, level="high", causes=("x",), evidence=(), recommended="y")
    alert = alert_of(an_event(body, audio_ms=90_000), STARTED)

    assert alert is not None
    assert (alert.id, alert.raised_at, alert.state) == ("c1-a1", STARTED + timedelta(seconds=90), "raised")


WORSE = AlertEscalated(alert_id="a1", turn=3, level="high", causes=("x", "z"), evidence=(), recommended="now")
BACK = AlertWithdrawn(alert_id="a1", turn=3, words="开玩笑的")


@pytest.mark.parametrize(
    ("state", "after_worse", "after_back"),
    [
        ("raised", "raised", "withdrawn"),
        # What got worse is to be looked at again; what is settled stays settled.
        ("acknowledged", "raised", "withdrawn"),
        ("resolved", "resolved", "resolved"),
    ],
)
def test_an_alert_follows_its_call_unless_it_is_settled(state: AlertState, after_worse: str, after_back: str) -> None:
    body = AlertRaised(alert_id="a1", turn=2, level="high", causes=("x",), evidence=(), recommended="y")
    alert = alert_of(an_event(body), STARTED)
    assert alert is not None
    alert = alert.model_copy(update={"state": state})
    worse = alert.model_copy(update=alert_changes(an_event(WORSE, 5, 4000), alert, STARTED))
    assert (worse.state, worse.turn, worse.recommended) == (after_worse, 3, "now")
    assert worse.escalated_at == STARTED + timedelta(seconds=4)
    back = alert.model_copy(update=alert_changes(an_event(BACK, 5, 4000), alert, STARTED))
    assert (back.state, back.withdrawn_words) == (after_back, "开玩笑的")


def test_alert_ids_are_unique_across_calls_whether_or_not_they_name_their_call() -> None:
    assert stored_alert_id("c1", "a1") == stored_alert_id("c1", "c1-a1") == "c1-a1"
    assert stored_alert_id("c2", "a1") != stored_alert_id("c1", "a1")


def test_a_promised_callback_is_a_task_with_a_due_time() -> None:
    body = RouteChanged(
        previous="bot",
        destination="callback",
        priority=9,
        reason="回拨",
        alert_id="a1",
        callback_due_minutes=30,
    )
    task = task_of(an_event(body, audio_ms=60_000), STARTED)

    assert task is not None
    assert (task.kind, task.owner, task.due) == (
        "callback",
        "complaint_specialist",
        STARTED + timedelta(minutes=31),
    )


def test_a_route_without_callback_is_no_task() -> None:
    assert task_of(an_event(RouteChanged(previous="bot", destination="human", priority=1, reason="r")), STARTED) is None


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("2025-11-21T15:00:00+08:00", datetime(2025, 11, 21, 7, 0, tzinfo=UTC)),
        ("2025-11-21T15:00:00", datetime(2025, 11, 21, 15, 0, tzinfo=UTC)),
        ("as soon as possible", None),
    ],
)
def test_a_follow_up_is_a_task_even_where_its_time_cannot_be_read(due: str, expected: datetime | None) -> None:
    task = task_of(an_event(a_summary(due)), STARTED)

    assert task is not None
    assert (task.kind, task.owner, task.task, task.due) == ("follow-up", "finance", "回电", expected)


def test_rows_are_immutable() -> None:
    with pytest.raises(ValueError, match="frozen"):
        EMPTY.turns = 3  # type: ignore[misc]
    assert isinstance(EMPTY, CallRow)
