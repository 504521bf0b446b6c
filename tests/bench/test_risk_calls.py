"""The written calls are what they say they are, and a call's verdict is fair."""

import pytest

from agent.events import AlertRaised, Language
from agent.risk import load_rules
from bench.risk_calls import Outcome, RiskCall, load_calls, tuned_on


@pytest.mark.parametrize(("language", "least"), [("zh", 120), ("en", 20)])
def test_there_are_as_many_traps_as_threats_and_both_in_every_part(language: Language, least: int) -> None:
    calls = load_calls(language)
    assert len(calls) >= least
    assert len({call.name for call in calls}) == len(calls)
    threats = [call for call in calls if call.alert]
    assert len(calls) / 3 < len(threats) <= len(calls) / 2
    if language == "zh":
        for tuned in (True, False):
            some = [call for call in calls if tuned_on(call) == tuned]
            assert {call.alert for call in some} == {True, False}, tuned


@pytest.mark.parametrize(("language", "least"), [("zh", 45), ("en", 40)])
def test_fresh_calls_are_half_threats_half_traps_and_none_is_one_that_the_rules_were_made_with(
    language: Language, least: int
) -> None:
    fresh, known = load_calls(language, "fresh"), load_calls(language)
    assert len(fresh) >= least
    assert sum(call.alert for call in fresh) * 2 == len(fresh)
    assert len({call.name for call in [*fresh, *known]}) == len(fresh) + len(known)
    assert not {call.turns for call in fresh} & {call.turns for call in known}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_turns_and_causes_of_a_call_exist(language: Language) -> None:
    rules = load_rules()
    known = {signal.name for signal in rules.signal}
    for call in [*load_calls(language), *load_calls(language, "fresh")]:
        assert set(call.causes) <= known, call.name
        if call.alert:
            assert 1 <= call.not_before <= call.by_turn <= len(call.turns), call.name


@pytest.mark.parametrize(
    ("alert", "raised_at", "verdict"),
    [
        (False, None, "right"),
        (False, 2, "false"),
        (True, None, "missed"),
        (True, 1, "early"),
        (True, 2, "right"),
        (True, 3, "right"),
        (True, 4, "late"),
    ],
)
def test_the_verdict_on_a_call(alert: bool, raised_at: int | None, verdict: str) -> None:
    call = RiskCall("c", "s", "zh", ("一",) * 5, alert, not_before=2, by_turn=3)
    raised = [
        AlertRaised(alert_id="a", turn=turn, level="high", causes=(), evidence=(), recommended="-")
        for turn in [raised_at]
        if turn is not None
    ]
    assert Outcome(call, tuple(raised)).verdict == verdict
