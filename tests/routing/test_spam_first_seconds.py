"""In the first seconds spam is asked before it is refused, and whoever answers is let in."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.events import SpamJudged
from agent.routing.spam import (
    Act,
    BotEnded,
    BotStarted,
    Caller,
    Challenge,
    HangUp,
    Heard,
    History,
    Judgement,
    KeyPressed,
    Moment,
    Overruled,
    Pass,
    Refuse,
    SpeechEnded,
    SpeechStarted,
    Tick,
    before_answer,
    begin,
    step,
)
from tests.routing.spam_talk import Talk, policy

PITCH = "您好，我们是做企业贷款的，利息低至三厘，请问您这边最近有资金周转的需求吗？"
SUSPECT = Judgement("challenge", 0.75, ())
DENIED = before_answer(policy(), Caller("0571-88990011"), History(), (), 0)
ALLOWED = before_answer(policy(), Caller("025-84001234"), History(), (), 0)


def test_a_seller_is_asked_and_refused_when_they_go_on_selling() -> None:
    talk = Talk().greeted().says(6, 12, PITCH)
    assert talk.causes == ["pitch"] and not talk.refused
    talk.says(17, 20, "我们贷款利息真的很低，您考虑一下")
    assert talk.refused and "pitch_again" in talk.signs
    assert not talk.hung_up and talk.wait_until(40).hung_up


@pytest.mark.parametrize(
    "answer", ["不是，我洗衣机坏了要报修", "我是来问退款的，我的退款还没到", "I need a refund for my fridge"]
)
def test_whoever_was_taken_for_a_seller_and_names_a_need_is_let_in(answer: str) -> None:
    talk = Talk().greeted().says(6, 12, PITCH).says(17, 20, answer)
    assert talk.passed and not talk.refused and talk.signs[-1] == "need"


def test_doubt_is_for_the_caller() -> None:
    talk = Talk().greeted().says(6, 12, PITCH).says(17, 18, "啊？").says(24, 25, "什么？")
    assert talk.causes == ["pitch", "pitch"] and talk.passed and not talk.refused and talk.signs[-1] == "doubt"


def test_silence_is_asked_about_twice_before_it_is_hung_up() -> None:
    talk = Talk().greeted().wait_until(60)
    assert talk.causes == ["silence", "silence"] and talk.hung_up
    words = [act.words for act in talk.acts if isinstance(act, Pass)]
    assert not words


def test_who_has_spoken_is_not_silent_while_the_recogniser_is_slow() -> None:
    talk = Talk().greeted().at(6.0, SpeechStarted(6000)).at(11.0, SpeechEnded(11_000)).wait_until(18.5)
    talk.at(18.5, Heard(18_500, 1, "我家洗衣机漏水了", "zh", 6000, 11_000)).wait_until(40)
    assert not talk.causes and not talk.refused


@pytest.mark.parametrize("at_s", [14.5, 18, 30])
@pytest.mark.parametrize("answer", ["喂，在的", "1"])
def test_a_silent_caller_who_speaks_or_presses_the_key_is_let_in(at_s: float, answer: str) -> None:
    talk = Talk().greeted()
    talk = talk.presses(at_s, "1") if answer == "1" else talk.says(at_s, at_s + 1, answer)
    talk.wait_until(80)
    assert talk.passed and not talk.refused


def test_a_suspect_number_that_names_a_need_is_not_even_asked() -> None:
    talk = Talk(SUSPECT).greeted().says(6, 9, "你好，我家冰箱不制冷了，要报修").wait_until(50)
    assert talk.causes == [] and not talk.refused


def test_a_suspect_number_that_says_nothing_is_asked_soon() -> None:
    talk = Talk(SUSPECT).greeted().wait_until(10)
    assert talk.causes == ["number"]


def test_who_says_the_same_again_when_asked_is_let_in() -> None:
    words = "需要你们的营业执照还有那个公示的截图填表要用"
    talk = Talk(SUSPECT).greeted().says(6, 9, words)
    assert talk.causes == ["number"]
    assert talk.says(14, 17, words).passed and not talk.refused


def test_a_recording_that_talks_through_everything_is_refused_with_its_reasons() -> None:
    words = "尊敬的客户您好，您获得了二十万元的备用金额度，需要办理请按一"
    talk = Talk()
    talk.at(0.3, BotStarted(300)).says(0.5, 24, words).wait_until(60)
    assert talk.causes[0] == "voice" and talk.hung_up
    assert {"talks_through", "no_pause", "pitch", "deaf"} <= set(talk.signs)


def test_an_old_person_who_talks_through_the_greeting_is_let_in_by_what_they_say() -> None:
    words = "喂姑娘啊我跟你说我家那个电视机啊昨天还好好的今天早上起来就黑屏了"
    talk = Talk()
    talk.at(0.3, BotStarted(300)).says(0.5, 22, words).wait_until(60)
    assert talk.passed and not talk.refused and talk.signs[-1] == "need"


def test_the_words_of_an_earlier_refused_call_are_known_again() -> None:
    opening = "这里是全国老年健康工程办公室为感谢您的支持特别准备了一份礼品"
    other = "您好我想问一下上个礼拜在你们那里买的那个空调到底什么时候可以送到"
    for openings, known in (((opening,), True), ((other,), False)):
        talk = (
            Talk(openings=openings)
            .greeted()
            .says(6, 12, "这里是全国老年健康工程办公室，为感谢您的支持，特准备一份礼品。")
        )
        assert ("same_opening" in talk.signs) is known


def test_who_is_denied_hears_why_and_gets_in_by_the_key() -> None:
    talk = Talk(DENIED)
    assert talk.refused and talk.acts[0] == Refuse("refuse_appeal", "1")
    assert talk.presses(4, "1").passed
    assert not talk.wait_until(60).hung_up


def test_without_an_appeal_the_line_is_given_up_after_the_sentence() -> None:
    closed = policy().model_copy(update={"appeal": policy().appeal.model_copy(update={"denied": False})})
    talk = Talk(DENIED, rules=closed).presses(1, "1").wait_until(4)
    assert talk.acts[0] == Refuse("refuse", None) and talk.hung_up and not talk.passed


def test_a_supervisor_lets_a_call_in_that_was_refused() -> None:
    talk = Talk(DENIED).at(1, Overruled(1000, "王主管"))
    assert talk.passed and talk.signs[-1] == "overruled"


def test_after_a_minute_and_a_half_the_filter_leaves_the_call_alone() -> None:
    talk = Talk().greeted().says(6, 8, "我要报修，空调坏了").wait_until(100).says(101, 107, PITCH)
    assert talk.acts == []


def test_nobody_is_refused_while_their_words_are_on_their_way() -> None:
    talk = Talk(SUSPECT).greeted().wait_until(9)
    assert talk.causes == ["number"]
    talk.at(11, SpeechStarted(11_000)).wait_until(35)
    assert not talk.refused and talk.causes == ["number"]


texts = st.sampled_from(
    ["", "喂", PITCH, "我要报修，洗衣机坏了", "代开发票", "好的好的", "您获得了贷款额度请按一", "press one"]
) | st.text(max_size=30)
times = st.integers(-1000, 120_000)
moments: st.SearchStrategy[Moment] = st.one_of(
    st.builds(SpeechStarted, times),
    st.builds(SpeechEnded, times),
    st.builds(Heard, times, st.integers(0, 9), texts, st.sampled_from(["zh", "en"]), times, times),
    st.builds(KeyPressed, times, st.sampled_from("0123456789*#")),
    st.builds(BotStarted, times),
    st.builds(BotEnded, times),
    st.builds(Tick, times),
)
judgements = st.sampled_from([Judgement(), SUSPECT, DENIED])


def in_order(several: list[Moment]) -> list[Moment]:
    return sorted(several, key=lambda moment: moment.at_ms)


def run(judged: Judgement, several: list[Moment]) -> list[Act]:
    state, acts = begin(policy(), judged)
    done = list(acts)
    for moment in several:
        state, acts = step(policy(), state, moment)
        done += acts
    return done


@settings(deadline=None, max_examples=150)
@given(judged=judgements, several=st.lists(moments, max_size=40), ordered=st.booleans())
def test_whatever_happens_nobody_is_refused_unasked_nor_after_they_were_let_in(
    judged: Judgement, several: list[Moment], ordered: bool
) -> None:
    acts = run(judged, in_order(several) if ordered else several)
    asked = let_in = refused = False
    for act in acts:
        assert not let_in or isinstance(act, SpamJudged), "let in for the rest of the call"
        match act:
            case Challenge():
                asked = True
                assert not refused
            case Refuse():
                assert asked or judged is DENIED
                refused = True
            case HangUp():
                assert refused
            case Pass():
                let_in = True
    assert sum(isinstance(act, Challenge) for act in acts) <= policy().challenge.asks
    verdicts = [act.verdict for act in acts if isinstance(act, SpamJudged)]
    assert all(one != other for one, other in pairwise(verdicts)), "only where it changes"


@settings(deadline=None, max_examples=60)
@given(several=st.lists(moments, max_size=40))
def test_who_is_on_the_allow_list_is_never_asked_and_never_refused(several: list[Moment]) -> None:
    assert run(ALLOWED, in_order(several)) == []


@settings(deadline=None, max_examples=60)
@given(several=st.lists(moments, max_size=30))
def test_the_same_call_is_judged_the_same_again(several: list[Moment]) -> None:
    assert run(SUSPECT, several) == run(SUSPECT, several)


def test_a_state_from_before_is_left_as_it_was() -> None:
    state, _ = begin(policy(), Judgement())
    before = replace(state)
    step(policy(), state, Heard(9000, 1, PITCH, "zh", 6000, 8000))
    assert state == before
