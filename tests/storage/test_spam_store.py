"""What the filter decided is remembered with its reasons, and what operators decide comes before it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.events import Event, SpamJudged, SpamSign
from agent.storage import SpamOverrideRow, Store
from agent.storage.database import Database
from agent.storage.schema import differences
from tests.storage.seed import STARTED, Talk, store_call

PITCH = SpamSign(sign="pitch", words="在推销贷款", weight=0.7)
APPEALED = SpamSign(sign="appealed", words="按 1 申诉", weight=0)
DAY = timedelta(days=1)


def refused(call_id: str, caller: str = "17000001111", *, let_in: bool = False) -> Talk:
    talk = Talk(call_id, caller)
    talk.caller("我们是做贷款的，利息低至三厘", "other", "neutral")
    talk.put(SpamJudged(turn=1, verdict="challenge", score=0.7, signs=(PITCH,)))
    talk.caller("您考虑一下", "other", "neutral")
    talk.put(SpamJudged(turn=2, verdict="refuse", score=0.9, signs=(PITCH,)))
    if let_in:
        talk.put(SpamJudged(turn=2, verdict="pass", score=0.9, signs=(PITCH, APPEALED)))
    return talk


def test_a_refused_call_is_listed_with_its_reasons(store: Store) -> None:
    store_call(store, refused("spam-1"))
    store_call(store, refused("spam-2", let_in=True))

    (row,) = store.spam_calls("refuse")
    assert (row.call_id, row.caller_number, row.signs, row.challenged) == ("spam-1", "17000001111", (PITCH,), True)
    assert row.opening == "我们是做贷款的，利息低至三厘" and row.judged_at > STARTED
    assert {row.call_id for row in store.spam_calls()} == {"spam-1", "spam-2"}


def test_refusals_are_counted_and_those_taken_back_apart(store: Store) -> None:
    for number in range(3):
        store_call(store, refused(f"spam-{number}", let_in=number == 0))
    store_call(store, Talk("plain", "13900001111"))
    counted = store.spam_counts(STARTED - DAY, STARTED + DAY)
    assert (counted.calls, counted.passed, counted.challenged, counted.refused, counted.let_in) == (4, 1, 0, 2, 1)
    assert counted.reasons == {"refused": {"pitch": 2}, "let_in": {"appealed": 1}}
    assert store.spam_counts(STARTED + DAY, STARTED + 2 * DAY).calls == 0


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_events_gives_the_same_verdict(store: Store, data: st.DataObject) -> None:
    events: list[Event] = refused("spam-1", let_in=True).events
    store_call(store, refused("spam-1"), events=[])
    for event in data.draw(st.permutations(events)):
        store.append([event])
    (row,) = store.spam_calls()
    assert (row.verdict, row.refused, row.opening) == ("pass", True, "我们是做贷款的，利息低至三厘")


def test_first_words_of_refused_calls_are_remembered(store: Store) -> None:
    store_call(store, refused("spam-1"))
    store_call(store, refused("let-in", let_in=True))
    assert store.spam_openings(STARTED - DAY) == ("我们是做贷款的，利息低至三厘",)
    assert store.spam_openings(STARTED + DAY) == ()


def test_the_newest_decision_about_a_number_is_in_force_and_the_others_can_be_read(store: Store) -> None:
    def decide(number: str, verdict: Any, by: str, at: datetime, why: str, **more: Any) -> None:
        store.override_spam(SpamOverrideRow(number=number, verdict=verdict, by=by, at=at, why=why, **more))

    decide("+8617000001111", "deny", "王主管", STARTED, "天天推销")
    decide("+8617000001111", "allow", "李主管", STARTED + DAY, "是老客户", call_id="spam-1")
    decide("+8617000002222", "deny", "王主管", STARTED, "骚扰")
    decide("+8617000002222", "none", "王主管", STARTED + DAY, "换人了")

    (row,) = store.spam_overrides(in_force_at=STARTED + DAY)
    assert (row.number, row.verdict, row.by, row.call_id) == ("+8617000001111", "allow", "李主管", "spam-1")
    assert len(store.spam_overrides()) == 4
    assert store.spam_overrides("+8617000002222", in_force_at=STARTED + DAY) == []
    with pytest.raises(ValueError, match="time zone"):
        store.spam_overrides(in_force_at=STARTED.replace(tzinfo=None))


def test_a_decision_holds_until_its_time_is_over(store: Store) -> None:
    denied = SpamOverrideRow(
        number="+8617000001111", verdict="deny", by="王主管", at=STARTED, why="骚扰", until=STARTED + 7 * DAY
    )
    assert store.override_spam(denied) == denied
    assert store.spam_overrides(denied.number, in_force_at=STARTED + 6 * DAY) == [denied]
    assert store.spam_overrides(denied.number, in_force_at=STARTED + 7 * DAY) == []
    assert store.spam_overrides(denied.number) == [denied], "it can still be read"


def test_what_a_number_did_of_late_is_known(store: Store) -> None:
    for number, caller in enumerate(("02133450045", "02133450046", "02133450099", "02199990045", "0213345004")):
        store_call(store, refused(f"c-{number}", caller))
    since, before = STARTED - DAY, STARTED + DAY
    (earlier,) = store.spam_history("02133450045", since=since, before=before)
    assert (earlier.started_at, earlier.turns) == (STARTED, 2)
    assert store.spam_series("02133450045", since=since, before=before) == 2
    assert store.spam_series("", since=since, before=before) == 0


def test_the_migration_makes_what_the_tables_say(store: Store) -> None:
    with Database(store.where).connection() as connection:
        assert differences(connection) == []
