"""A company's words are found by their sound, and put in only where the recogniser was unsure and they are likelier."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.mending import CONFIDENT, Score, Scored, mend
from models.vocabulary import Vocabulary, folded

WORDS = Vocabulary(["订单", "制冷", "发票", "安装师傅", "师傅", "我想查一下", "洗衣机"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我的定胆呢", ["订单"]),
        ("空调不智能", ["制冷"]),  # n and l, z and zh
        ("开个发飘", ["发票"]),
        ("我向茶一下快递", ["我想查一下"]),
        ("我的订单呢", []),
        ("今天天气好", []),
        ("order 订 dan", []),
        ("", []),
    ],
)
def test_what_sounds_like_a_word_is_found(text: str, found: list[str]) -> None:
    assert [one.word for one in WORDS.mendings(text)] == found


def test_a_word_that_is_right_is_not_taken_apart() -> None:
    assert WORDS.mendings("安装师傅来了") == []


def test_the_longest_comes_first() -> None:
    assert [one.word for one in WORDS.mendings("安庄师父")] == ["安装师傅", "师傅"]


def test_a_word_of_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="单"):
        Vocabulary(["单"])


@pytest.mark.parametrize(("syllable", "sound"), [("zhang", "zan"), ("leng", "nen"), ("shi", "si"), ("la", "na")])
def test_confusable_syllables_are_one(syllable: str, sound: str) -> None:
    assert folded(syllable) == sound


@given(st.text(alphabet="我的订单定胆发票飘制冷智能师傅父一下abc1，", max_size=20))
def test_every_place_lies_in_the_text_and_sounds_alike(text: str) -> None:
    for one in WORDS.mendings(text):
        assert 0 <= one.start < one.end <= len(text)
        assert len(one.word) == one.end - one.start
        assert text[one.start : one.end] != one.word


def scores(totals: Mapping[str, float], sure: float = 0.3) -> Score:
    def score(texts: Sequence[str]) -> list[Scored]:
        return [Scored((sure,) * len(text), totals.get(text, -50.0)) for text in texts]

    return score


@pytest.mark.parametrize(
    ("written", "mended", "sure", "result"),
    [
        (-8.0, -7.0, 0.3, "我的订单呢"),
        (-8.0, -10.0, 0.3, "我的订单呢"),  # a little less probable, but this is the company's hotline
        (-8.0, -14.0, 0.3, "我的定胆呢"),
        (-8.0, -7.0, CONFIDENT, "我的定胆呢"),  # what was heard clearly stands
    ],
)
def test_a_word_is_mended_only_where_it_was_unsure_and_the_other_is_likelier(
    written: float, mended: float, sure: float, result: str
) -> None:
    totals = {"我的定胆呢": written, "我的订单呢": mended}
    assert mend("我的定胆呢", WORDS, scores(totals, sure)) == result


def test_two_words_are_mended_in_one_sentence() -> None:
    totals = {"定胆发飘": -9.0, "订单发飘": -8.0, "定胆发票": -8.0}
    assert mend("定胆发飘", WORDS, scores(totals)) == "订单发票"


def test_nothing_is_asked_where_nothing_sounds_alike() -> None:
    def never(_: Sequence[str]) -> list[Scored]:
        raise AssertionError("the recogniser was asked")

    assert mend("今天天气好", WORDS, never) == "今天天气好"
