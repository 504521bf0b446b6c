"""An alert goes forward only, by people, its call and its clocks; what makes no sense is refused with a reason."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.routing.alerts import (
    Acknowledge,
    Act,
    AlertLife,
    AlertPolicy,
    AlertState,
    Escalate,
    IllegalStepError,
    OverdueStep,
    Resolve,
    Start,
    Withdraw,
    Worsen,
    due,
    due_steps,
    step,
)

MINUTE_MS = 60_000
NEW = AlertLife(id="c1-a1", level="high", causes=("safety",), since_ms=0)
POLICY = AlertPolicy.model_validate(
    {
        "sla": [
            {
                "name": "danger",
                "causes": ["safety"],
                "acknowledge_within_minutes": 2,
                "resolve_within_minutes": 60,
                "escalate": [{"to": "duty"}, {"to": "head", "after_minutes": 5}],
            },
            {"name": "rest", "acknowledge_within_minutes": 15, "resolve_within_minutes": 600},
        ]
    }
)


def at(state: AlertState) -> AlertLife:
    """An alert that came there."""
    acts: dict[AlertState, tuple[Act, ...]] = {
        "raised": (),
        "acknowledged": (Acknowledge("王"),),
        "in_progress": (Acknowledge("王"), Start("李")),
        "resolved": (Resolve("赵", "已上门"),),
        "withdrawn": (Withdraw("开玩笑的"),),
    }
    alert = NEW
    for act in acts[state]:
        alert = step(alert, act, 1000)
    assert alert.state == state
    return alert


@pytest.mark.parametrize(
    ("state", "act", "after"),
    [
        ("raised", Acknowledge("王"), "acknowledged"),
        ("raised", Start("王"), "in_progress"),
        ("raised", Resolve("王", "已上门"), "resolved"),
        ("raised", Worsen("high", ("media",)), "raised"),
        ("raised", Withdraw("x"), "withdrawn"),
        ("acknowledged", Acknowledge("张"), "acknowledged"),
        ("acknowledged", Start("张"), "in_progress"),
        ("acknowledged", Resolve("张", "已上门"), "resolved"),
        ("acknowledged", Worsen("high", ("media",)), "raised"),
        ("acknowledged", Withdraw("x"), "withdrawn"),
        ("in_progress", Acknowledge("张"), "in_progress"),
        ("in_progress", Start("李"), "in_progress"),
        ("in_progress", Resolve("张", "已上门"), "resolved"),
        ("in_progress", Worsen("high", ("media",)), "raised"),
        ("in_progress", Withdraw("x"), "withdrawn"),
        ("resolved", Worsen("high", ("media",)), "resolved"),
        ("resolved", Withdraw("x"), "resolved"),
        ("withdrawn", Withdraw("x"), "withdrawn"),
        ("withdrawn", Worsen("high", ("media",)), "withdrawn"),
    ],
)
def test_what_moves_an_alert_where(state: AlertState, act: Act, after: AlertState) -> None:
    assert step(at(state), act, 5000).state == after


@pytest.mark.parametrize(
    ("state", "act", "why"),
    [
        ("resolved", Acknowledge("张"), "resolved by 赵"),
        ("resolved", Start("张"), "resolved by 赵"),
        ("resolved", Resolve("张", "x"), "already resolved by 赵"),
        ("withdrawn", Acknowledge("张"), "taken back by the caller"),
        ("withdrawn", Start("张"), "taken back by the caller"),
        ("withdrawn", Resolve("张", "x"), "taken back by the caller"),
        ("in_progress", Start("张"), "in progress with 李"),
        ("raised", Resolve("张", "  "), "without an outcome"),
    ],
)
def test_what_makes_no_sense_is_refused_and_says_who_was_there(state: AlertState, act: Act, why: str) -> None:
    with pytest.raises(IllegalStepError, match=why):
        step(at(state), act, 5000)


def test_who_skips_a_step_has_taken_it() -> None:
    started = step(NEW, Start("王"), 7)
    settled = step(NEW, Resolve("王", "已退款"), 9)
    assert (started.acknowledged_by, started.acknowledged_ms, started.started_ms) == ("王", 7, 7)
    assert (settled.acknowledged_by, settled.resolved_by, settled.outcome) == ("王", "王", "已退款")


@pytest.mark.parametrize(
    ("minute", "told"),
    [
        (1, []),
        (2, [("acknowledge", "duty")]),
        (7, [("acknowledge", "duty"), ("acknowledge", "head")]),
        (60, [("acknowledge", "duty"), ("acknowledge", "head"), ("resolve", "duty")]),
        (66, [("acknowledge", "duty"), ("acknowledge", "head"), ("resolve", "duty"), ("resolve", "head")]),
    ],
)
def test_whoever_is_next_is_told_when_nobody_looks(minute: int, told: list[tuple[str, str]]) -> None:
    assert [(one.clock, one.to) for one in due_steps(POLICY, NEW, minute * MINUTE_MS)] == told


def test_each_person_is_told_once() -> None:
    alert, told = NEW, []
    for minute in range(0, 200):
        for one in due_steps(POLICY, alert, minute * MINUTE_MS):
            alert = step(alert, Escalate(one), minute * MINUTE_MS)
            told.append((minute, one.clock, one.to))
    assert told == [
        (2, "acknowledge", "duty"),
        (7, "acknowledge", "head"),
        (60, "resolve", "duty"),
        (65, "resolve", "head"),
    ]
    with pytest.raises(IllegalStepError, match="to duty already"):
        step(alert, Escalate(alert.taken[0]), 0)


def test_once_seen_only_the_second_clock_runs_and_once_settled_none() -> None:
    assert due(POLICY, NEW).overdue(100 * MINUTE_MS) == ("acknowledge", "resolve")
    assert due(POLICY, at("in_progress")).overdue(100 * MINUTE_MS) == ("resolve",)
    assert due(POLICY, at("resolved")).overdue(100 * MINUTE_MS) == ()
    assert due_steps(POLICY, at("withdrawn"), 100 * MINUTE_MS) == ()


def test_what_got_worse_starts_the_clocks_and_the_chain_anew() -> None:
    alert = NEW
    for one in due_steps(POLICY, alert, 3 * MINUTE_MS):
        alert = step(alert, Escalate(one), 3 * MINUTE_MS)
    alert = step(step(alert, Acknowledge("王"), 4 * MINUTE_MS), Worsen("high", ("safety", "media")), 5 * MINUTE_MS)

    assert due(POLICY, alert).acknowledge_ms == 7 * MINUTE_MS
    assert due_steps(POLICY, alert, 6 * MINUTE_MS) == ()
    assert [one.to for one in due_steps(POLICY, alert, 7 * MINUTE_MS)] == ["duty"]


def test_the_first_rule_that_covers_an_alert_counts() -> None:
    assert due(POLICY, replace(NEW, causes=("regulator",))).acknowledge_ms == 15 * MINUTE_MS
    assert due(AlertPolicy(), NEW).overdue(10**12) == ()


names = st.sampled_from(["王", "李"])
acts = st.one_of(
    st.builds(Acknowledge, names),
    st.builds(Start, names),
    st.builds(Resolve, names, st.sampled_from(["已上门", " "])),
    st.builds(Worsen, st.just("high"), st.sampled_from([("safety",), ("media", "safety"), ("other",)])),
    st.builds(Withdraw, st.just("开玩笑的")),
    st.just("tick"),
)


@given(st.lists(st.tuples(acts, st.integers(1, 40 * MINUTE_MS)), max_size=30))
def test_whatever_happens_an_alert_stays_whole(history: list[tuple[Act | str, int]]) -> None:
    alert, now_ms, told = NEW, 0, []
    for act, later_ms in history:
        now_ms += later_ms
        before = alert
        if isinstance(act, str):
            for one in due_steps(POLICY, alert, now_ms):
                assert one.due_ms <= now_ms
                alert = step(alert, Escalate(one), now_ms)
                told.append(one.key)
            assert due_steps(POLICY, alert, now_ms) == ()
            continue
        try:
            alert = step(alert, act, now_ms)
        except IllegalStepError as error:
            assert before.id in str(error)
        assert before.is_open or alert.state == before.state, "what is settled stays settled"
        assert (alert.state == "resolved") == (alert.outcome is not None and alert.resolved_by is not None)
        assert alert.state != "in_progress" or (alert.started_by and alert.acknowledged_by)
        assert alert.state != "acknowledged" or alert.acknowledged_by
        assert (alert.state == "withdrawn") == (alert.withdrawn_ms is not None)
    assert len(told) == len(set(told)) == len(alert.taken), "nobody is told the same twice"


def test_a_step_of_a_clock_that_does_not_run_is_refused() -> None:
    late = OverdueStep("acknowledge", 1, 0, "duty", (), 2 * MINUTE_MS)
    with pytest.raises(IllegalStepError, match="acknowledged by 王"):
        step(at("acknowledged"), Escalate(late), 3 * MINUTE_MS)
    with pytest.raises(IllegalStepError, match="clocks have started anew"):
        step(replace(NEW, since_ms=5), Escalate(late), 3 * MINUTE_MS)
