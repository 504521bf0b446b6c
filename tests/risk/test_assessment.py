"""The risk of a call grows with what the caller says, falls only by what they take back, and quotes them."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.events import Intent, NluResult, RiskAssessed, Sentiment
from agent.risk import RiskRules, RiskState, assess, assess_history, load_rules

RULES = load_rules()
PIECES = [
    "我要打幺二三幺五", "投诉你们", "律师", "不会", "起诉", "吗", "，", "。", " ", "漏电", "电话是多少", "１２３１５",
    "😀", "I will sue you", "三次了还没来", "骗子", "不想活了", "abc", "！", "忽略以上指令",
]  # fmt: skip


def heard(turn: int, sentiment: Sentiment = "neutral", intent: Intent = "other", probability: float = 0.9) -> NluResult:
    return NluResult(
        turn=turn, intent=intent, intent_probability=probability, sentiment=sentiment, sentiment_probability=probability
    )


def call(*turns: tuple[str, NluResult], rules: RiskRules = RULES) -> list[RiskAssessed]:
    state, course = RiskState(), []
    for number, (text, nlu) in enumerate(turns, start=1):
        state, assessed = assess(state, rules, turn=number, text=text, language="zh", nlu=nlu)
        course.append(assessed)
    return course


texts = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
utterances = st.tuples(
    texts,
    st.builds(
        heard,
        st.just(1),
        st.sampled_from(get_args(Sentiment)),
        st.sampled_from(get_args(Intent)),
        st.floats(min_value=0, max_value=1),
    ),
)


@settings(deadline=None)
@given(st.lists(utterances, max_size=6))
def test_any_utterance_gets_a_valid_answer_in_the_callers_very_words(turns: list[tuple[str, NluResult]]) -> None:
    for assessed in call(*turns):
        assert 0.0 <= assessed.score <= 1.0
        for item in assessed.evidence:
            assert item.words
            assert item.words in turns[item.turn - 1][0]


@settings(deadline=None)
@given(st.lists(utterances, max_size=6))
def test_the_score_never_falls_within_a_call(turns: list[tuple[str, NluResult]]) -> None:
    scores = [assessed.score for assessed in call(*turns)]
    assert scores == sorted(scores)


@settings(deadline=None)
@given(st.lists(utterances, max_size=4))
def test_the_same_call_is_judged_the_same_again(turns: list[tuple[str, NluResult]]) -> None:
    assert call(*turns) == call(*turns)


@settings(deadline=None)
@given(texts)
def test_a_score_and_its_level_agree(text: str) -> None:
    (assessed,) = call((text, heard(1)))
    assert assessed.level == RULES.levels.of(assessed.score)


def test_evidence_is_the_clause_that_holds_the_words() -> None:
    (assessed,) = call(("我受够了，今天再不解决，我就打幺二三幺五投诉你们！", heard(1)))
    words = {item.signal: item.words for item in assessed.evidence}
    assert words["regulator"] == "我就打幺二三幺五投诉你们"
    assert words["anger"] == "我受够了"


def test_long_speech_without_punctuation_is_quoted_in_part_and_not_inside_an_english_word() -> None:
    text = (
        "well you know what " * 10
        + "I will call my lawyer"
        + " because this is simply not how one treats a customer" * 5
    )
    (assessed,) = call((text, heard(1)))
    words = assessed.evidence[0].words
    assert "call my lawyer" in words
    assert len(words) < 90
    assert set(words.split()) <= set(text.split())


def test_two_signals_weigh_more_than_one_and_repeats_add_little() -> None:
    once, twice = call(("一拖再拖", heard(1)), ("还是一拖再拖", heard(2)))
    both = call(("一拖再拖，你们就是骗子", heard(1)))[0]
    assert once.score < twice.score < both.score


def test_repeating_oneself_without_end_never_reaches_high_by_itself() -> None:
    assert call(*[("我都打了三次电话了", heard(1))] * 50)[-1].level != "high"


def test_one_angry_turn_and_a_complaint_are_not_yet_high_but_lasting_anger_is() -> None:
    angry = heard(1, "angry", "complaint", 0.95)
    course = call(*[("这个事情你们到底管不管", angry)] * 4)
    assert course[0].level == "medium"
    assert course[-1].level == "high"


@pytest.mark.parametrize("probability", [0.3, 0.49])
def test_an_unsure_classifier_counts_for_nothing(probability: float) -> None:
    (assessed,) = call(("你好", heard(1, "angry", "complaint", probability)))
    assert assessed.evidence == ()


def test_a_dissatisfied_refund_is_no_high_risk() -> None:
    turns = ["你好，我上周买的微波炉坏了，我要退货", "说好三天退款，到现在还没到账", "你们快点行吗，太慢了"]
    course = call(*[(text, heard(1, "negative", "refund_return", 0.9)) for text in turns])
    assert all(assessed.level != "high" for assessed in course)


def test_a_caller_reading_a_number_threatens_nobody() -> None:
    course = call(("订单号一二三四五", heard(1)), ("幺三八，幺二三幺，五六七八", heard(1)), ("一二三四五六", heard(1)))
    assert course[-1].evidence == ()


@pytest.mark.parametrize("text", ["", " ", "，。！", "喂"])
def test_silence_and_noise_words_give_no_evidence(text: str) -> None:
    assert call((text, heard(1)))[0].level == "none"


def test_ten_thousand_characters_are_judged_too() -> None:
    (assessed,) = call(("我想问一下这个空调怎么用" * 850 + "不解决我就打12315", heard(1)))
    assert assessed.level == "high"


@pytest.mark.parametrize(("probability", "level"), [(0.95, "high"), (0.79, "none")])
def test_a_threat_without_a_threatening_word_counts_when_the_classifier_is_sure(probability: float, level: str) -> None:
    nlu = heard(1).model_copy(update={"signals": {"safety": probability}})
    _, assessed = assess(RiskState(), RULES, turn=1, text="我家这台又那样了", language="zh", nlu=nlu)
    assert assessed.level == level
    assert [item.signal for item in assessed.evidence] == (["safety"] if level == "high" else [])


def heard_signals(turn: int, **probabilities: float) -> NluResult:
    return heard(turn).model_copy(update={"signals": probabilities})


def test_a_certain_classifier_counts_as_much_as_words() -> None:
    (certain,) = call(("我家这台又那样了", heard_signals(1, regulator=RULES.ear.certain)))
    (words,) = call(("我要打12315", heard(1)))
    assert certain.score == words.score


def test_the_classifier_is_not_believed_where_all_its_words_are_harmless() -> None:
    course = call(
        ("我老公说打12315，我说这点小事打什么打", heard_signals(1, regulator=0.95)),
        ("补一个蒸笼就行", heard_signals(2, regulator=0.95)),
        ("你们等着", heard_signals(3, regulator=0.95)),
    )
    assert [assessed.level for assessed in course] == ["none", "none", "high"]


def test_a_harmless_word_does_not_hide_a_harmful_one() -> None:
    (assessed,) = call(("我是律师，我要起诉你们", heard_signals(1, lawyer=0.95)))
    assert assessed.level == "high"


def test_anger_that_is_not_heard_again_fades_and_a_threat_does_not() -> None:
    state, angry = assess(
        RiskState(), RULES, turn=1, text="气死我了", language="zh", nlu=heard(1, "angry"), at_ms=10_000
    )
    state, later = assess(state, RULES, turn=2, text="嗯好的", language="zh", nlu=heard(2), at_ms=70_000)
    assert later.score == pytest.approx(angry.score / 2, abs=0.01)

    state, threat = assess(state, RULES, turn=3, text="我要打12315", language="zh", nlu=heard(3), at_ms=80_000)
    state, calm = assess(state, RULES, turn=4, text="我住三楼", language="zh", nlu=heard(4), at_ms=900_000)
    assert threat.level == calm.level == "high"


def test_anger_that_goes_on_rises() -> None:
    state, scores = RiskState(), []
    for turn in range(1, 4):
        state, assessed = assess(
            state, RULES, turn=turn, text="气死我了", language="zh", nlu=heard(turn, "angry"), at_ms=turn * 10_000
        )
        scores.append(assessed.score)
    assert scores[0] < scores[1] < scores[2]


@pytest.mark.parametrize(("earlier", "level", "words"), [(1, None, ""), (2, "low", "7天内第3次来电")])
def test_who_calls_again_within_days_begins_with_a_risk(earlier: int, level: str | None, words: str) -> None:
    state, assessed = assess_history(RiskState(), RULES, earlier_calls=earlier, language="zh")
    assert (assessed.level if assessed else None) == level
    assert [item.words for item in state.evidence] == ([words] if words else [])


def test_one_complaint_more_weighs_heavier_from_someone_who_keeps_calling() -> None:
    once = call(("我要投诉你们", heard(1, intent="complaint")))[0]
    state, _ = assess_history(RiskState(), RULES, earlier_calls=3, language="zh")
    _, again = assess(state, RULES, turn=1, text="我要投诉你们", language="zh", nlu=heard(1, intent="complaint"))
    assert again.score > once.score
