"""The written spam calls are what they say they are, and the demo company's rules hold on them."""

from functools import cache

import pytest

from agent.routing.spam import load_spam
from bench.spam import POLICY
from bench.spam_calls import Outcome, load_calls, play


@cache
def outcomes() -> tuple[Outcome, ...]:
    policy = load_spam(POLICY)
    return tuple(play(policy, call) for call in load_calls())


def test_there_are_enough_calls_of_both_kinds_in_both_parts() -> None:
    calls = load_calls()
    assert len({call.name for call in calls}) == len(calls) >= 80
    assert sum(call.spam for call in calls) >= 35 and sum(not call.spam for call in calls) >= 45
    for spam in (True, False):
        parts = [call.part for call in calls if call.spam is spam]
        assert abs(parts.count("dev") - parts.count("test")) <= 2


@pytest.mark.parametrize("part", ["dev", "test"])
def test_no_honest_caller_loses_the_line_and_most_spam_does(part: str) -> None:
    some = [one for one in outcomes() if one.call.part == part]
    lost = [one.call.name for one in some if not one.call.spam and one.hung_up_at_ms is not None]
    assert lost == []
    stopped = [one.right for one in some if one.call.spam]
    assert sum(stopped) >= 0.95 * len(stopped)


def test_every_refusal_is_explained() -> None:
    for one in outcomes():
        if one.refused:
            refusal = next(judged for _, judged in one.judged if judged.verdict == "refuse")
            assert refusal.signs and all(sign.words for sign in refusal.signs), one.call.name
