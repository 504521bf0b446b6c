"""The product's promises, kept by the real models on recorded calls."""

from pathlib import Path

import pytest

from agent.application import Application
from agent.events import AlertRaised, AsrFinal, LlmReply, RouteChanged, TtsEnded
from agent.replay import Replay, json_lines, replay
from agent.replay_check import check

pytestmark = pytest.mark.models
FIXTURES = Path(__file__).parent.parent / "audio_fixtures"


@pytest.fixture(scope="module")
def complaint(real_app: Application) -> Replay:
    return replay(real_app, FIXTURES / "complaint-washing-machine")


@pytest.fixture(scope="module")
def order_query(real_app: Application) -> Replay:
    return replay(real_app, FIXTURES / "order-query")


@pytest.mark.parametrize("name", ["order_query", "complaint"])
def test_all_that_must_come_of_a_recorded_call_comes_of_it(name: str, request: pytest.FixtureRequest) -> None:
    done: Replay = request.getfixturevalue(name)
    failed = [one for one in check(done.fixture, done.events, done.spans) if not one.passed]
    assert failed == []


def test_a_threatening_caller_is_told_of_the_alert_within_the_call(complaint: Replay) -> None:
    bodies = [event.body for event in complaint.events]
    alert = next(body for body in bodies if isinstance(body, AlertRaised))
    route = next(body for body in bodies if isinstance(body, RouteChanged))
    assert route.alert_id == alert.alert_id
    announced = [body for body in bodies if isinstance(body, LlmReply) and body.phrase == "alert_callback"]
    assert announced and any(isinstance(body, TtsEnded) and body.turn == announced[0].turn for body in bodies)
    heard = {body.turn: body.text for body in bodies if isinstance(body, AsrFinal)}
    assert all(evidence.words in heard[evidence.turn] for evidence in alert.evidence), "in the caller's own words"


def test_every_turn_of_the_caller_is_answered(order_query: Replay) -> None:
    bodies = [event.body for event in order_query.events]
    assert {body.turn for body in bodies if isinstance(body, AsrFinal)} <= {
        body.turn for body in bodies if isinstance(body, LlmReply)
    }


def test_a_second_replay_is_the_same_to_the_byte(real_app: Application, order_query: Replay) -> None:
    again = replay(real_app, FIXTURES / "order-query")
    assert list(json_lines(again.events, timings=False)) == list(json_lines(order_query.events, timings=False))
