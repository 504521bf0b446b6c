"""The language model's words are cut where a voice may begin, lose nothing, and claim no number that nobody said."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import Language
from agent.pipeline.asr import bare
from agent.pipeline.clauses import ClauseSplitter, agrees, is_grounded, speakable


def split(*pieces: str) -> list[str]:
    splitter = ClauseSplitter()
    clauses = [clause for piece in pieces for clause in splitter.feed(piece)]
    return clauses + splitter.rest()


@pytest.mark.parametrize(
    ("pieces", "clauses"),
    [
        (["好的。", "我帮您查。"], ["好的。", "我帮您查。"]),
        # The first clause may end at a comma, so that the voice begins early, but not after a mere greeting.
        (["非常抱歉给您带来不便，我马上处理，请稍等。"], ["非常抱歉给您带来不便，", "我马上处理，请稍等。"]),
        (["您好，请问订单号是多少？"], ["您好，请问订单号是多少？"]),
        (["Of course, I can help. What is ", "the number?"], ["Of course,", "I can help.", "What is the number?"]),
        # The point of a number is no full stop.
        (["It costs 3.", "50 yuan. Right?"], ["It costs 3.50 yuan.", "Right?"]),
        # Nor are those of a.m. and p.m., unless the next sentence begins.
        (["By 9:30 a.", "m. tomorrow, then. Bye."], ["By 9:30 a.m. tomorrow,", "then.", "Bye."]),
        (["It opens at 9 a.m. ", "Anything else?"], ["It opens at 9 a.m.", "Anything else?"]),
        (["没有标点"], ["没有标点"]),
        ([""], []),
        (["  \n "], []),
    ],
)
def test_words_become_clauses(pieces: list[str], clauses: list[str]) -> None:
    assert split(*pieces) == clauses


TEXT = st.text(st.sampled_from("您好的订单，。！？；,.!?; \nab12") | st.characters(codec="utf-8"), max_size=80)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(text=TEXT, cuts=st.lists(st.integers(0, 80), max_size=8))
def test_no_word_is_lost_however_the_text_arrives(text: str, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    clauses = split(*(text[a:b] for a, b in pairwise(edges)))
    assert squeezed("".join(clauses)) == squeezed(text)
    assert all(clause and clause == clause.strip() for clause in clauses)


@given(text=TEXT)
def test_a_finished_splitter_has_nothing_left(text: str) -> None:
    splitter = ClauseSplitter()
    splitter.feed(text)
    splitter.rest()
    assert splitter.rest() == []


@pytest.mark.parametrize(
    ("clause", "spoken"),
    [
        ("**好的**，我记下了", "好的，我记下了"),
        ("# 标题", "标题"),
        ("请看https://example.com/a?b=1", "请看"),
        ("`code` [链接]", "code 链接"),
        ("<|im_end|>", "imend"),
        # Chinese has no space after an address.
        ("请打开https://example.com，然后登录", "请打开，然后登录"),
    ],
)
def test_a_voice_is_not_given_markup(clause: str, spoken: str) -> None:
    assert speakable(clause) == spoken


@pytest.mark.parametrize(
    ("clause", "known", "grounded"),
    [
        ("您的订单88472913已经记下", "我的订单号是88472913", True),
        ("您的订单88472913已经记下", "我的订单号是8847 2913", True),
        ("您的订单88472914已经记下", "我的订单号是88472913", False),
        ("需要三天", "", True),
        ("请您等2天", "", True),
        ("请您等24小时", "", False),
        ("价格是1,299.00元", "", False),
        ("价格是1,299元", "标价1299", True),
        ("我记下了", "", True),
    ],
)
def test_a_number_that_nobody_said_is_not_spoken(clause: str, known: str, grounded: bool) -> None:
    assert is_grounded(clause, known) is grounded


@given(number=st.integers(10, 10**11), other=st.integers(10, 10**11))
def test_only_known_numbers_are_grounded(number: int, other: int) -> None:
    assert is_grounded(f"号码是{number}吗", f"我的号码是{number}")
    if str(other) not in str(number):
        assert not is_grounded(f"号码是{other}吗", f"我的号码是{number}")


@pytest.mark.parametrize(
    ("clause", "reference", "language", "spoken"),
    [
        ("麻烦您提供一下订单号。", "麻烦您报一下订单号。", "zh", True),
        ("师傅会尽快联系您。", "师傅会打电话跟您约上门时间。", "zh", True),
        ("Could you please tell me your order number?", "Could you give me your order number, please?", "en", True),
        ("我们会尽快为您处理。", "会有同事给您回电确认退货。", "zh", False),
        ("为了更好地服务您，", "麻烦您报一下订单号。", "zh", False),
        ("明天下午3点可以吗？", "麻烦您说一下具体需要什么帮助。", "zh", False),
        ("Your parcel is in Shanghai.", "We'll chase the delivery and call you back.", "en", False),
        ("", "麻烦您报一下订单号。", "zh", False),
    ],
)
def test_a_model_that_strays_from_what_is_to_be_said_is_not_spoken(
    clause: str, reference: str, language: Language, spoken: bool
) -> None:
    assert agrees(clause, reference, language) is spoken


@given(st.text(min_size=2, max_size=40))
def test_what_is_to_be_said_agrees_with_itself(text: str) -> None:
    assert agrees(text, text, "zh") == (len(bare(text)) > 1)
