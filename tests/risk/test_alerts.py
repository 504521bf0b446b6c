"""Supervisors are told once a cause, in time, and what to do next."""

import pytest

from agent.events import AlertEscalated, AlertRaised, AlertWithdrawn, Language, NluResult
from agent.risk import RiskState, alert, assess, load_rules
from agent.risk.alerts import Told

RULES = load_rules()


def alerts(*turns: str, language: Language = "zh") -> list[Told | None]:
    """What supervisors are told after each turn."""
    state, course = RiskState(), []
    for turn, text in enumerate(turns, start=1):
        nlu = NluResult(
            turn=turn, intent="other", intent_probability=0.5, sentiment="neutral", sentiment_probability=0.5
        )
        state, assessed = assess(state, RULES, turn=turn, text=text, language=language, nlu=nlu)
        state, raised = alert(state, RULES, assessed, call_id="c7")
        course.append(raised)
    return course


def test_an_ordinary_call_raises_nothing() -> None:
    assert alerts("你好，我想查一下订单", "二零五六三八九四", "好的谢谢再见") == [None, None, None]


def test_a_threat_raises_an_alert_with_its_cause_words_and_next_step() -> None:
    _, raised = alerts("你好", "不解决我就打12315")
    assert isinstance(raised, AlertRaised)
    assert (raised.alert_id, raised.turn, raised.level, raised.causes) == ("c7-a1", 2, "high", ("regulator",))
    assert raised.evidence[0].words == "不解决我就打12315"
    assert raised.recommended == RULES.by_name("regulator").next_step_zh


def test_the_same_threat_again_raises_nothing_new() -> None:
    first, *later = alerts("不解决我就打12315", "我说了我要打12315", "我现在就打12315")
    assert first is not None
    assert later == [None, None]


def test_a_graver_cause_escalates_the_alert_names_all_and_what_to_do_about_the_new_one() -> None:
    first, second = alerts("不解决我就打12315", "热水器漏电，我孩子被电到了")
    assert isinstance(first, AlertRaised)
    assert isinstance(second, AlertEscalated)
    assert second.alert_id == first.alert_id == "c7-a1"
    assert second.causes == ("safety", "regulator")
    assert second.recommended == RULES.by_name("safety").next_step_zh


def test_another_threat_after_an_injury_is_told_as_well() -> None:
    _, second = alerts("热水器漏电，我孩子被电到了", "我要找记者曝光你们")
    assert isinstance(second, AlertEscalated)
    assert second.causes == ("safety", "media")
    assert second.recommended == RULES.by_name("media").next_step_zh


@pytest.mark.parametrize(
    "words", ["哎呀开玩笑的，别当真", "我刚才都是气话，不好意思", "不好意思，是我自己看错了", "那我不投诉了，谢谢你"]
)
def test_a_threat_that_is_taken_back_is_withdrawn_in_the_callers_words(words: str) -> None:
    first, second = alerts("不解决我就打12315", words)
    assert isinstance(first, AlertRaised)
    assert isinstance(second, AlertWithdrawn)
    assert second.alert_id == first.alert_id and second.words in words


@pytest.mark.parametrize("words", ["我可不是开玩笑", "你们别以为我开玩笑", "你说错了吧", "我没开玩笑"])
def test_insisting_takes_nothing_back(words: str) -> None:
    assert alerts("不解决我就打12315", words)[1] is None


def test_danger_is_not_taken_back_by_words() -> None:
    first, second = alerts("热水器漏电，我孩子被电到了", "开玩笑的")
    assert isinstance(first, AlertRaised)
    assert second is None


def test_who_took_it_back_and_threatens_again_raises_a_new_alert() -> None:
    *_, third = alerts("不解决我就打12315", "刚才说的是气话", "算了，我还是要打12315")
    assert isinstance(third, AlertRaised)
    assert third.alert_id == "c7-a2"


def test_mere_grumbling_after_an_alert_raises_nothing() -> None:
    assert alerts("不解决我就打12315", "你们一拖再拖，就是骗子，太过分了")[1] is None


def test_unkept_promises_that_add_up_raise_an_alert_before_any_threat() -> None:
    course = alerts(
        "我家洗衣机漏水", "说好周五来修结果没来，打了三次电话，每次都说明天，你们就是骗人", "我就打幺二三幺五"
    )
    assert course[0] is None
    assert isinstance(course[1], AlertRaised)
    assert "regulator" not in course[1].causes
    assert isinstance(course[2], AlertEscalated)
    assert course[2].causes[0] == "regulator"


def test_the_next_step_is_in_the_language_of_the_call() -> None:
    (raised,) = alerts("I will sue you", language="en")
    assert isinstance(raised, AlertRaised)
    assert raised.recommended == RULES.by_name("lawyer").next_step_en
