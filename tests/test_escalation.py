"""The loop that alerts close, with the rules that ship: words become a risk, a risk an alert, an alert a new route."""

from functools import cache

import pytest

from agent.clock import AudioClock
from agent.config import RoutingSettings
from agent.errors import ConfigError
from agent.escalation import Escalation, Rulebook
from agent.events import (
    AlertRaised,
    AsrFinal,
    CallerHistory,
    ErrorRaised,
    Event,
    Intent,
    Language,
    NluResult,
    RiskAssessed,
    RouteChanged,
    Sentiment,
)
from agent.risk import load_rules
from agent.timeline import Timeline


@cache
def rulebook() -> Rulebook:
    return Rulebook.load()


class Talk:
    """A timeline with the escalation on it, and what a late reader saw."""

    def __init__(self, **routing: str) -> None:
        self.timeline = Timeline("call-1", AudioClock())
        self.timeline.subscribe(Escalation(self.timeline, rulebook(), RoutingSettings.model_validate(routing)))
        self.seen: list[Event] = []
        self.timeline.subscribe(self.seen.append)
        self._turn = 0

    def says(
        self,
        text: str,
        intent: Intent = "other",
        sentiment: Sentiment = "neutral",
        *,
        sure: float = 0.9,
        language: Language = "zh",
    ) -> None:
        self._turn += 1
        self.timeline.append(
            AsrFinal(
                turn=self._turn, text=text, language=language, start_ms=0, end_ms=1, average_log_probability=-0.2,
                no_speech_probability=0.0, endpoint_ms=300,
            )
        )  # fmt: skip
        self.timeline.append(
            NluResult(
                turn=self._turn,
                intent=intent,
                intent_probability=sure,
                sentiment=sentiment,
                sentiment_probability=sure,
            )
        )

    def fails(self) -> None:
        self.timeline.append(ErrorRaised(stage="asr", code="x", message="x", spoken="trouble"))

    @property
    def routes(self) -> list[str]:
        return [route.destination for route in self.timeline.bodies(RouteChanged)]

    @property
    def alerts(self) -> list[AlertRaised]:
        return self.timeline.bodies(AlertRaised)


def test_an_everyday_question_stays_with_the_bot() -> None:
    talk = Talk()
    talk.says("我想查一下我的订单什么时候到", "order_status")
    (assessed,) = talk.timeline.bodies(RiskAssessed)
    assert (assessed.level, assessed.evidence) == ("none", ())
    assert not talk.alerts and not talk.routes


@pytest.mark.parametrize(
    ("reachable", "destination"),
    [
        ({"specialist_number": "1", "human_number": "2"}, "complaint_specialist"),
        ({"human_number": "2"}, "human"),
        ({}, "callback"),
    ],
)
def test_a_threat_goes_to_whoever_can_be_reached(reachable: dict[str, str], destination: str) -> None:
    talk = Talk(**reachable)
    talk.says("今天不解决，我就打12315投诉你们", "complaint", "angry")
    (alert,) = talk.alerts
    assert alert.level == "high" and "regulator" in alert.causes
    assert all(evidence.words in "今天不解决，我就打12315投诉你们" for evidence in alert.evidence)
    (route,) = talk.timeline.bodies(RouteChanged)
    assert (route.destination, route.alert_id, route.previous) == (destination, alert.alert_id, "bot")
    assert (route.callback_due_minutes is not None) == (destination == "callback")


def test_every_reader_sees_cause_before_effect() -> None:
    talk = Talk()
    talk.says("今天不解决，我就打12315投诉你们", "complaint", "angry")
    assert [event.body.type for event in talk.seen] == [
        "asr-final", "nlu-result", "risk-assessed", "alert-raised", "route-changed",
    ]  # fmt: skip
    assert talk.seen == list(talk.timeline)


def test_a_complaint_that_goes_on_raises_one_alert_and_one_route() -> None:
    talk = Talk()
    for _ in range(4):
        talk.says("今天不解决，我就打12315投诉你们", "complaint", "angry")
    assert len(talk.alerts) == 1 and talk.routes == ["callback"]


def test_a_request_for_a_person_needs_no_alert() -> None:
    talk = Talk(human_number="8000")
    talk.says("转人工", "human_agent")
    assert talk.routes == ["human"] and not talk.alerts


def test_an_unsure_request_for_a_person_is_none() -> None:
    talk = Talk(human_number="8000")
    talk.says("那个人", "human_agent", sure=0.3)
    assert talk.routes == []


def test_who_asked_for_a_person_and_then_threatens_goes_to_the_specialist() -> None:
    talk = Talk(human_number="8000", specialist_number="8001")
    talk.says("转人工", "human_agent")
    talk.says("再不处理我就找12315", "complaint", "angry")
    talk.says("转人工", "human_agent")
    assert talk.routes == ["human", "complaint_specialist"]


def test_the_bot_may_fail_a_caller_once_but_not_twice() -> None:
    talk = Talk()
    talk.fails()
    assert talk.routes == []
    talk.fails()
    talk.fails()
    assert talk.routes == ["callback"]


def test_an_english_caller_has_an_english_reason() -> None:
    talk = Talk()
    talk.says("I will call my lawyer and sue you.", "complaint", "angry", language="en")
    assert talk.timeline.bodies(RouteChanged)[0].reason.isascii()


def test_how_often_a_number_called_before_is_the_first_evidence() -> None:
    talk = Talk()
    talk.timeline.append(CallerHistory(earlier_calls=3, days=7))
    talk.says("你好，我想查一下订单", "order_status")
    first, then = talk.timeline.bodies(RiskAssessed)
    assert (first.turn, first.evidence[0].words) == (0, "7天内第4次来电")
    assert then.evidence == first.evidence and not talk.alerts


def test_rules_that_cannot_be_read_are_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("rules") / "rules.toml"
    file.write_text("[levels")
    with pytest.raises(ConfigError, match=r"rules\.toml"):
        load_rules(file)
