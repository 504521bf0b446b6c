"""An alert or a wish moves this very call to a person, or to a callback, and never back."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import AlertRaised, Destination, Language, PersonWanted, RouteChanged
from agent.routing import Reach, Route, apply, load_reasons, on_alert, on_person_wanted, on_transfer_refused
from agent.routing.route import PRIORITY_ALERT, PRIORITY_ASKED, PRIORITY_URGENT

REASONS = load_reasons()
BOTH = Reach("sip:specialist@desk", "01012345678")
SPECIALIST, DESK, NOBODY = Reach("sip:specialist@desk", ""), Reach("", "01012345678"), Reach()
BOT = Route()


def alert(*causes: str) -> AlertRaised:
    return AlertRaised(alert_id="c1-a1", turn=1, level="high", causes=causes, evidence=(), recommended="-")


def alerted(current: Route, reach: Reach, *causes: str, language: Language = "zh") -> RouteChanged | None:
    return on_alert(current, alert(*causes), reach, 30, reasons=REASONS, language=language)


def asked(current: Route, reach: Reach, language: Language = "zh") -> RouteChanged | None:
    return wanted(current, reach, "asked", language)


def wanted(
    current: Route, reach: Reach, reason: str, language: Language = "zh", *, callback: bool = False
) -> RouteChanged | None:
    want = PersonWanted(turn=1, reason=reason, callback=callback)
    return on_person_wanted(current, want, reach, 30, reasons=REASONS, language=language)


def test_where_the_bot_can_do_no_more_supervisors_read_that_it_could_not() -> None:
    to_desk, callback = wanted(BOT, DESK, "unknown"), wanted(BOT, NOBODY, "tool")
    assert to_desk is not None and (to_desk.destination, to_desk.reason) == ("human", REASONS.zh.gave_up_human)
    assert callback is not None and callback.destination == "callback" and "30" in callback.reason


def test_who_is_to_be_rung_back_is_not_put_through() -> None:
    changed = wanted(BOT, DESK, "tool", callback=True)
    assert changed is not None and (changed.destination, changed.callback_due_minutes) == ("callback", 30)


@pytest.mark.parametrize(
    ("reach", "cause", "destination", "priority", "due"),
    [
        (BOTH, "regulator", "complaint_specialist", PRIORITY_ALERT, None),
        (SPECIALIST, "regulator", "complaint_specialist", PRIORITY_ALERT, None),
        (DESK, "regulator", "human", PRIORITY_ALERT, None),
        (NOBODY, "regulator", "callback", PRIORITY_ALERT, 30),
        (BOTH, "safety", "complaint_specialist", PRIORITY_URGENT, None),
        (BOTH, "self_harm", "complaint_specialist", PRIORITY_URGENT, None),
        (NOBODY, "self_harm", "callback", PRIORITY_URGENT, 30),
    ],
)
def test_an_alert_takes_the_call_to_a_person_or_a_callback(
    reach: Reach, cause: str, destination: Destination, priority: int, due: int | None
) -> None:
    changed = alerted(BOT, reach, "fraud", cause)
    assert changed is not None
    assert (changed.previous, changed.destination, changed.priority) == ("bot", destination, priority)
    assert (changed.callback_due_minutes, changed.alert_id) == (due, "c1-a1")


def test_a_second_alert_of_the_same_weight_changes_nothing() -> None:
    assert alerted(Route("complaint_specialist", PRIORITY_ALERT), BOTH, "media") is None
    assert alerted(Route("callback", PRIORITY_ALERT), NOBODY, "media") is None


def test_danger_raises_the_priority_of_a_call_that_is_already_on_its_way() -> None:
    changed = alerted(Route("complaint_specialist", PRIORITY_ALERT), BOTH, "safety", "regulator")
    assert changed is not None
    assert (changed.destination, changed.priority) == ("complaint_specialist", PRIORITY_URGENT)


def test_a_lesser_alert_after_danger_changes_nothing() -> None:
    assert alerted(Route("complaint_specialist", PRIORITY_URGENT), BOTH, "media") is None


def test_an_alert_lifts_a_call_from_the_service_desk_to_the_specialist() -> None:
    changed = alerted(Route("human", PRIORITY_ASKED), BOTH, "regulator")
    assert changed is not None
    assert (changed.previous, changed.destination) == ("human", "complaint_specialist")


@pytest.mark.parametrize(
    ("current", "reach", "destination"),
    [
        (BOT, BOTH, "human"),
        (BOT, DESK, "human"),
        (BOT, SPECIALIST, "callback"),
        (BOT, NOBODY, "callback"),
        (Route("callback", PRIORITY_ASKED), DESK, "human"),
        (Route("human", PRIORITY_ASKED), NOBODY, "callback"),
        (Route("human", PRIORITY_ASKED), DESK, None),
        (Route("callback", PRIORITY_ASKED), NOBODY, None),
        (Route("complaint_specialist", PRIORITY_ALERT), DESK, None),
    ],
)
def test_a_wish_for_a_person_is_met_or_called_back(
    current: Route, reach: Reach, destination: Destination | None
) -> None:
    changed = asked(current, reach)
    assert (changed.destination if changed else None) == destination


def test_reasons_are_in_the_language_of_the_call_and_name_the_due_time() -> None:
    chinese, english = alerted(BOT, NOBODY, "regulator"), alerted(BOT, NOBODY, "regulator", language="en")
    assert chinese is not None
    assert english is not None
    assert "30 分钟" in chinese.reason
    assert "30 minutes" in english.reason


reaches = st.builds(Reach, st.sampled_from(["", "sip:a@b"]), st.sampled_from(["", "010"]))
routes = st.builds(Route, st.sampled_from(get_args(Destination)), st.integers(min_value=0, max_value=100))
causes = st.lists(st.sampled_from(["regulator", "media", "safety", "self_harm", "anger"]), min_size=1, max_size=3)
happenings = st.lists(st.tuples(st.one_of(st.none(), causes), reaches), max_size=8)


def happen(current: Route, happening: tuple[list[str] | None, Reach]) -> RouteChanged | None:
    named, reach = happening
    return asked(current, reach) if named is None else alerted(current, reach, *named)


@given(happenings)
def test_priority_never_falls_during_a_call(course: list[tuple[list[str] | None, Reach]]) -> None:
    route = BOT
    for happening in course:
        changed = happen(route, happening)
        after = apply(route, changed) if changed else route
        assert after.priority >= route.priority
        route = after


@given(st.lists(routes, min_size=1), routes)
def test_a_change_that_arrives_late_does_not_lower_the_priority(decided_for: list[Route], route: Route) -> None:
    for old in decided_for:
        changed = asked(old, DESK)
        if changed:
            assert apply(route, changed).priority >= route.priority


@given(routes, reaches)
def test_a_wish_for_a_person_never_undoes_the_way_to_a_specialist(route: Route, reach: Reach) -> None:
    assert asked(Route("complaint_specialist", route.priority), reach) is None


@given(routes, st.one_of(st.none(), causes), reaches)
def test_nobody_unreachable_is_chosen_and_a_callback_has_a_due_time(
    route: Route, named: list[str] | None, reach: Reach
) -> None:
    changed = happen(route, (named, reach))
    if changed:
        assert changed.destination == "callback" or reach.number(changed.destination)
        assert (changed.callback_due_minutes is not None) == (changed.destination == "callback")
        assert changed.destination != "bot"
        assert "{" not in changed.reason


@given(routes, st.one_of(st.none(), causes), reaches)
def test_a_decision_that_was_carried_out_is_not_made_again(route: Route, named: list[str] | None, reach: Reach) -> None:
    changed = happen(route, (named, reach))
    if changed:
        assert happen(apply(route, changed), (named, reach)) is None


def test_a_transfer_that_the_line_refuses_becomes_a_callback_that_keeps_its_priority() -> None:
    route = Route("complaint_specialist", PRIORITY_URGENT)
    changed = on_transfer_refused(route, 30, reasons=REASONS, language="zh")
    assert changed is not None
    assert (changed.destination, changed.priority, changed.callback_due_minutes) == ("callback", PRIORITY_URGENT, 30)
    assert on_transfer_refused(apply(route, changed), 30, reasons=REASONS, language="zh") is None
