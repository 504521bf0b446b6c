"""A simulated day does what a day does, and no call is ever lost."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import CompanyError, HotlineError
from agent.simulation.day import Lived
from agent.simulation.figures import summed_up
from agent.simulation.traffic import HALF_HOUR_MS
from tests.simulation.small_hotline import BUSINESS_HOURS, MONDAY, RULES, lived, setting

SERVICE = [*RULES[1:2], {"name": "all", "to": "queue:service"}]


def check_invariants(day: Lived) -> None:
    for call in day.calls:
        assert call.ended_times == 1, f"{call.id} ended {call.ended_times} times: {call}"
        assert call.ended_ms is not None and call.ended_ms >= call.began_ms
        if call.queued_ms is not None:
            assert call.wait_ms is not None and call.wait_ms >= 0
        if call.connected_ms is not None:
            assert call.ending == "talked" and call.left_ms == call.connected_ms
        assert (call.ending == "callback") == (call.ring_back is not None)
    assert day.watched.two_calls == 0
    assert day.misfits == {}
    assert day.open_promises == sum(
        call.ring_back is not None and call.ring_back.answered_ms is None and not call.ring_back.failed
        for call in day.calls
    )


SHARES = st.sampled_from([0.0, 0.1, 0.5, 1.0])


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    people=st.integers(1, 6),
    misses=SHARES,
    wrap_up_s=st.sampled_from([0, 30]),
    max_waiting=st.sampled_from([1, 3, 60]),
    longest_wait_s=st.sampled_from([30, 600]),
    patience_s=st.sampled_from([1, 60, 3600]),
    take_callback=SHARES,
    reached=SHARES,
    call_again=SHARES,
    alert=SHARES,
    calls_at_once=st.sampled_from([1, 5, 200]),
    all_day=st.booleans(),
)
def test_no_call_is_lost_whatever_happens(
    seed: int,
    people: int,
    misses: float,
    wrap_up_s: int,
    max_waiting: int,
    longest_wait_s: int,
    patience_s: int,
    take_callback: float,
    reached: float,
    call_again: float,
    alert: float,
    calls_at_once: int,
    all_day: bool,
) -> None:
    skills = {
        "service": {"longest_wait_s": longest_wait_s, "overflow": [{"to": "complaint", "after_s": 60}]},
        "complaint": {"longest_wait_s": longest_wait_s},
    }
    given_setting = setting(
        policy={
            "skills": skills,
            "queue": {"max_waiting": max_waiting},
            "after_call": {"wrap_up_s": wrap_up_s},
            "callback": {"offer_above_wait_s": 0, "offer_above_position": 0, "spacing_minutes": 1},
            "announcements": {"first_s": 5, "every_s": 10},
        },
        staffing={
            "people": [{"seat": "wang", "shift": "day", "count": people}, {"seat": "li", "shift": "day"}],
            "misses": misses,
        },
        traffic={"arrivals": {"any": [1.0] * 48 if all_day else BUSINESS_HOURS}, "withheld": 0.2, "spam_refused": 0.1},
        intent={"alert": alert, "asks_person": 0.6},
        waiters={
            "patience": {"mean_s": patience_s, "shape": "exponential"},
            "take_callback": take_callback,
            "reached": reached,
            "call_again": call_again,
        },
        line={"calls_at_once": calls_at_once},
    )
    check_invariants(lived(given_setting, calls=60, seed=seed))


def test_the_same_seed_is_the_same_day() -> None:
    one, same, other = (summed_up(lived(setting(), seed=seed), "x", MONDAY, seed, 300) for seed in (1, 1, 2))
    assert one == same
    assert one.totals != other.totals


def test_the_same_people_call_whatever_the_rules_are() -> None:
    before = lived(setting())
    after = lived(setting(rules=SERVICE))
    first = [call.caller for call in before.calls if not call.again]
    assert first == [call.caller for call in after.calls if not call.again]
    assert {call.ending for call in before.calls} != {call.ending for call in after.calls}


def test_arrivals_are_where_the_profile_has_them() -> None:
    weights = [0.0] * 48
    weights[20], weights[21] = 3.0, 1.0
    day = lived(setting(traffic={"arrivals": {"any": weights}}), calls=800)
    halves = [(call.began_ms - day.start_ms) // HALF_HOUR_MS for call in day.calls if not call.again]
    assert set(halves) == {20, 21}
    assert halves.count(20) == pytest.approx(600, abs=45)


def test_a_matter_has_its_peak() -> None:
    intents = {
        "repair": {"weight": 1, "bot_solves": 1, "peak": {"hours": "10:00-12:00", "times": 4}},
        "refund_return": {"weight": 1, "bot_solves": 1},
    }
    day = lived(setting(traffic={"intents": intents}), calls=800)
    noon_ms = day.start_ms + 12 * 3_600_000
    ten_ms = day.start_ms + 10 * 3_600_000
    peak = [call.caller.intent for call in day.calls if ten_ms <= call.began_ms < noon_ms]
    rest = [call.caller.intent for call in day.calls if call.began_ms >= noon_ms]
    assert peak.count("repair") / len(peak) == pytest.approx(0.8, abs=0.07)
    assert rest.count("repair") / len(rest) == pytest.approx(0.5, abs=0.07)


def test_the_bot_answers_at_once_while_the_line_has_room() -> None:
    totals = summed_up(lived(setting()), "x", MONDAY, 1, 300).totals
    assert totals.answered_in_time == 1.0 and totals.unanswered == 0


def test_a_full_line_rings_and_some_hang_up() -> None:
    totals = summed_up(lived(setting(line={"calls_at_once": 2})), "x", MONDAY, 1, 300).totals
    assert totals.unanswered > 0
    assert totals.answered_in_time is not None and totals.answered_in_time < 0.9
    assert totals.lost == 0


def test_who_has_no_patience_hangs_up() -> None:
    day = lived(
        setting(
            rules=SERVICE,
            staffing={"people": [{"seat": "wang", "shift": "day"}]},
            waiters={"patience": {"mean_s": 5, "spread": 0}},
        )
    )
    hung_up = [call for call in day.calls if call.ending == "abandoned"]
    assert len(hung_up) > 50
    assert {call.wait_ms for call in hung_up} == {5000}


def test_more_people_serve_better() -> None:
    levels = []
    for count in (1, 3, 8):
        staffing = {"people": [{"seat": "wang", "shift": "day", "count": count}]}
        levels.append(summed_up(lived(setting(staffing=staffing)), "x", MONDAY, 1, 300).totals.waits.service_level or 0)
    assert levels == sorted(levels) and levels[0] < 0.5 < 0.95 < levels[2]


def test_an_alert_moves_the_call_before_the_others() -> None:
    crowded = setting(
        staffing={"people": [{"seat": "wang", "shift": "day"}, {"seat": "li", "shift": "day"}]},
        intent={"bot_solves": 0.0, "alert": 0.1},
        waiters={"patience": {"mean_s": 7200, "shape": "exponential"}, "take_callback": 0.0},
    )
    result = summed_up(lived(crowded), "x", MONDAY, 1, 300)
    assert result.alerts.at_bot + result.alerts.in_queue > 5
    with_alert, others = result.alerts.waits.mean_s, result.alerts.others.mean_s
    assert with_alert is not None and others is not None and with_alert < others / 2
    complaint = next(one for one in result.skills if one.skill == "complaint")
    assert complaint.waits.queued >= result.alerts.at_bot


def test_callbacks_are_offered_taken_and_reached() -> None:
    busy = setting(
        rules=SERVICE,
        staffing={"people": [{"seat": "wang", "shift": "day", "count": 3}]},
        waiters={"take_callback": 1.0, "reached": 1.0, "patience": {"mean_s": 7200}},
        policy={"callback": {"offer_above_wait_s": 30, "due_minutes": 600}},
    )
    callbacks = summed_up(lived(busy), "x", MONDAY, 1, 300).callbacks
    assert callbacks.promised > 10
    assert callbacks.kept == callbacks.promised and callbacks.failed == callbacks.open == 0


def test_who_never_picks_up_is_rung_as_often_as_is_right() -> None:
    night = setting(waiters={"reached": 0.0}, traffic={"arrivals": {"any": [1.0] * 4 + [0.0] * 44}})
    day = lived(night, calls=60)
    tried = [call.ring_back.attempts for call in day.calls if call.ring_back is not None]
    assert tried and set(tried) == {3}
    assert all(call.ring_back.failed for call in day.calls if call.ring_back is not None)


def test_who_calls_at_night_is_promised_the_morning() -> None:
    night = setting(traffic={"arrivals": {"any": [0.0] * 44 + [1.0] * 4}}, waiters={"reached": 1.0})
    day = lived(night, calls=60)
    promised = [call.ring_back for call in day.calls if call.ring_back is not None]
    nine_ms = day.start_ms + (24 + 9) * 3_600_000
    assert promised and all(one.while_closed and one.due_ms >= nine_ms for one in promised)
    assert all(one.answered_ms is not None and one.answered_ms >= nine_ms for one in promised)


def test_who_hung_up_may_call_again() -> None:
    impatient = setting(
        rules=SERVICE,
        staffing={"people": [{"seat": "wang", "shift": "day"}]},
        waiters={"patience": {"mean_s": 5}, "call_again": 1.0, "again_after": {"mean_s": 60}},
    )
    day = lived(impatient, calls=100)
    hung_up = sum(call.ending == "abandoned" and not call.again for call in day.calls)
    assert sum(call.again for call in day.calls) == hung_up > 0
    assert all(call.caller.called_days_ago for call in day.calls if call.again)


def test_people_are_not_busier_than_they_are_there() -> None:
    result = summed_up(lived(setting()), "x", MONDAY, 1, 300)
    for half in result.half_hours:
        assert half.occupancy is None or 0 <= half.occupancy <= 1
    noon = next(half for half in result.half_hours if half.begins == "10:00")
    assert noon.seats == pytest.approx(5, abs=0.05)
    lunch = [half.seats for half in result.half_hours if "11:30" <= half.begins < "13:30"]
    assert sum(lunch) / 4 == pytest.approx(5 - 5 * 30 / 120, abs=0.1)


def test_figures_add_up() -> None:
    result = summed_up(lived(setting(traffic={"spam_refused": 0.05})), "x", MONDAY, 1, 300)
    totals = result.totals
    assert sum(half.arrivals for half in result.half_hours) == totals.calls
    assert sum(half.waits.queued for half in result.half_hours) == totals.waits.queued
    assert sum(one.waits.queued for one in result.skills) == totals.waits.queued
    assert totals.waits.connected + totals.waits.abandoned + totals.waits.to_callback == totals.waits.queued
    ended = totals.solved + totals.refused + totals.unanswered + totals.outside + totals.no_number
    assert ended + totals.waits.connected + totals.waits.abandoned + result.callbacks.promised == totals.calls
    assert sum(result.rules.values()) == totals.calls


def test_rules_that_ask_for_the_load_see_it() -> None:
    rules = [
        {
            "name": "long",
            "when": {"intent": "human_agent", "load": {"queue": "service", "expected_wait_s": "> 60"}},
            "to": "callback",
        },
        *RULES,
    ]
    staffing = {"people": [{"seat": "wang", "shift": "day", "count": 2}]}
    plain = summed_up(lived(setting(staffing=staffing)), "x", MONDAY, 1, 300)
    spared = summed_up(lived(setting(rules=rules, staffing=staffing)), "x", MONDAY, 1, 300)
    assert spared.rules["long"] > 10
    assert (spared.totals.waits.mean_s or 0) < (plain.totals.waits.mean_s or 0)


def test_a_menu_is_the_bots_and_that_is_said() -> None:
    day = lived(setting(rules=[{"name": "menu", "to": "menu:main"}]), calls=20)
    assert "menu:main" in day.notes[0]
    assert {call.ending for call in day.calls} <= {"solved", "callback"}


@pytest.mark.parametrize(
    ("calls", "day", "message"),
    [
        (0, MONDAY, "at least one is wanted"),
        (10, date(2031, 3, 3), "holidays of 2031 are not known"),
    ],
)
def test_days_that_cannot_be(calls: int, day: date, message: str) -> None:
    with pytest.raises(HotlineError, match=message):
        lived(setting(), calls=calls, day=day)


def test_nobody_at_work() -> None:
    staffing = {"people": [{"seat": "wang", "shift": "day", "when": {"days": "sat, sun"}}]}
    with pytest.raises(HotlineError, match="nobody is at work on Monday 2026-11-30"):
        lived(setting(staffing=staffing))


def test_a_called_number_that_is_not_the_companys() -> None:
    with pytest.raises(HotlineError, match="4001112222 is none of the company's numbers"):
        lived(setting(traffic={"called": {"4001112222": 1}}))


def test_rules_that_name_a_queue_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("rules:\n  - name: all\n    to: queue:gardening\n", encoding="utf-8")
    given_setting = setting(rules=[{"name": "all", "to": "queue:gardening"}])
    with pytest.raises(CompanyError, match=r"rules.yaml:3: rules.0.to: no queue has the skill 'gardening'"):
        lived(replace(given_setting, rules=replace(given_setting.rules, file=file)))


def test_calls_wait_for_people_of_the_level_that_a_rule_asks_for() -> None:
    """One person of level 5 in service, three of level 3."""
    people = [{"seat": "wang", "shift": "day"}, {"seat": "li", "shift": "day", "count": 3}]
    queue = {"queue": {"level_s": 300}}

    def mean_wait_s(level: int | None) -> float:
        rules = [{"name": "all", "to": "queue:service", "skill_level": level}]
        day = lived(setting(rules=rules, policy=queue, staffing={"people": people}), calls=200)
        waits = [call.wait_ms for call in day.calls if call.wait_ms is not None]
        return sum(waits) / len(waits) / 1000

    assert mean_wait_s(5) > 2 * mean_wait_s(None) and mean_wait_s(3) == mean_wait_s(None)


def test_who_had_an_alert_of_late_is_kept_with_a_specialist() -> None:
    always = setting(rules=RULES[1:], traffic={"alerted_lately": 1.0, "withheld": 0.0})
    kept = lived(replace(always, keep_days=7), calls=100)
    assert {call.skill for call in kept.calls if call.queued_ms is not None} == {"complaint"}
    assert kept.rules["keep_with_specialist_days"] >= 90
    assert "keep_with_specialist_days" not in lived(always, calls=100).rules
