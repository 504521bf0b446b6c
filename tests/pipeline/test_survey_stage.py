"""Whole calls that end in the survey, through the real pipeline and dialogue; only the models are stand-ins."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.events import CallEnded, LlmReply, SurveyAnswered, SurveyAsked, TtsEnded
from agent.front_desk import Arrival
from agent.hotline import Hotline
from agent.ingress.replay import ReplayLeg
from agent.ingress.virtual_time import run_in_virtual_time
from agent.pipeline.call import Call
from agent.postcall.survey_config import load_survey
from agent.postcall.survey_talk import SurveyTalk
from agent.timeline import Timeline
from tests.dummy_calls import FailingSynthesizer, broken, engines, jinghe, make_hotline, script

SURVEY = load_survey(Path(__file__).parents[2] / "companies" / "jinghe" / "routing" / "survey.yaml")


class Surveyed(Hotline):
    """The hotline with a survey for every call."""

    survey = SURVEY

    def _admit(self, call: Call) -> Arrival | None:
        call.surveyor = SurveyTalk(self.survey)
        return super()._admit(call)


def surveyed(
    folder: Path, *turns: str | dict[str, Any], monkeypatch: pytest.MonkeyPatch, using: Any = None
) -> Timeline:
    """A caller who says (a text) or does (a cue of the fixture) one thing after the other."""
    monkeypatch.setattr("tests.dummy_calls.Hotline", Surveyed)
    heard = [turn for turn in turns if isinstance(turn, str)]
    cues = [{"speech_s": 1.2} if isinstance(turn, str) else turn for turn in turns]
    leg = ReplayLeg(script(folder / "f", *cues, end={"when": "at", "at_ms": 90_000}))
    hotline = make_hotline(folder, using or engines(heard=heard), receptions=jinghe())
    return run_in_virtual_time(hotline.run_call(leg))


def survey_of(timeline: Timeline) -> Sequence[str]:
    names = (reply.phrase or "" for reply in timeline.bodies(LlmReply))
    return [name.removeprefix("survey.") for name in names if name.startswith("survey.")]


def ended_well(timeline: Timeline) -> bool:
    (end,) = timeline.bodies(CallEnded)
    return (end.ended_by, end.reason) == ("bot", "said goodbye") and timeline.bodies(TtsEnded)[-1].complete


def test_who_says_goodbye_is_asked_and_thanked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call = surveyed(tmp_path, "没事了，再见", "很满意", monkeypatch=monkeypatch)
    assert survey_of(call) == ["ask", "thanks"]
    assert [(one.score, one.by) for one in call.bodies(SurveyAnswered)] == [(5, "speech")]
    assert ended_well(call)
    assert not [reply for reply in call.bodies(LlmReply) if "goodbye" in (reply.phrase or "").split()]


@pytest.mark.parametrize("cue", [{"when": "during_bot", "delay_ms": 1500}, {"when": "after_bot", "delay_ms": 800}])
def test_a_key_counts_at_once_also_over_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cue: dict[str, Any]
) -> None:
    call = surveyed(tmp_path, "没事了，再见", {"dtmf": "4", **cue}, monkeypatch=monkeypatch)
    assert survey_of(call) == ["ask", "thanks"]
    assert [(one.score, one.by) for one in call.bodies(SurveyAnswered)] == [(4, "key")]
    assert ended_well(call)


def test_a_bad_score_is_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call = surveyed(tmp_path, "没事了，再见", "不满意", "师傅没有来", monkeypatch=monkeypatch)
    assert survey_of(call) == ["ask", "reason", "thanks_low"]
    assert ended_well(call)


def test_who_says_nothing_is_asked_once_more_and_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call = surveyed(tmp_path, "没事了，再见", monkeypatch=monkeypatch)
    assert survey_of(call) == ["ask", "again", "skip"]
    assert [one.times for one in call.bodies(SurveyAsked)] == [1, 2]
    assert ended_well(call) and not call.bodies(SurveyAnswered)


def test_who_wants_something_else_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call = surveyed(tmp_path, "没事了，再见", "我想查一下订单", "2913", "没有了，再见", monkeypatch=monkeypatch)
    said = [name for reply in call.bodies(LlmReply) for name in (reply.phrase or "").split()]
    assert survey_of(call) == ["ask"], "nobody is asked twice in a call"
    assert "order_status.0.ok" in said and said[-1] == "goodbye"
    assert ended_well(call)


def test_without_a_voice_the_call_still_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mute = engines(heard=["没事了，再见"], synthesizer=FailingSynthesizer(broken()))
    call = surveyed(tmp_path, "没事了，再见", monkeypatch=monkeypatch, using=mute)
    assert call.bodies(CallEnded)[0].duration_ms < 90_000


def test_who_is_not_to_be_asked_hears_the_usual_goodbye(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Surveyed, "survey", SURVEY.model_copy(update={"share": 0.0}))
    call = surveyed(tmp_path, "没事了，再见", monkeypatch=monkeypatch)
    assert not survey_of(call) and not call.bodies(SurveyAsked)
    assert ended_well(call)
