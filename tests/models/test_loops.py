"""A transcript that goes round in circles is noticed and folded; a caller who repeats themselves is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.loops import bare, fold, is_loop


@pytest.mark.parametrize(
    ("text", "language", "seconds", "loop"),
    [
        ("我的手机号是13812345678我的手机号是13812345678", "zh", 2.5, True),
        ("我的手机号是13812345678。", "zh", 4.0, False),
        # The decoder was stopped in the middle of it.
        ("说起自己的伴侣大侠说起自己的伴侣大侠说起自己的伴", "zh", 2.9, True),
        ("我要退货我要退", "zh", 0.5, False),
        # Said twice in the time that it takes to say it twice.
        ("我要投诉，我要投诉！", "zh", 2.2, False),
        ("喂喂喂喂", "zh", 1.0, False),
        ("Could you please tell me? Could you please tell me? Could you please tell me?", "en", 1.5, True),
        ("Could you please tell me my order number?", "en", 2.2, False),
        ("", "zh", 1.0, False),
    ],
)
def test_only_what_nobody_could_have_said_in_that_time_is_a_loop(
    text: str, language: str, seconds: float, loop: bool
) -> None:
    assert is_loop(text, language, seconds) is loop


def test_a_loop_that_was_cut_off_is_folded_too() -> None:
    assert fold("说起自己的伴侣大侠说起自己的伴侣大侠说起自己的伴") == "说起自己的伴侣大侠"


@given(unit=st.text("我要查订单号码发票一二三", min_size=3, max_size=12), times=st.integers(2, 5))
def test_folding_keeps_a_part_that_gives_the_whole_when_repeated(unit: str, times: int) -> None:
    text = "，".join([unit] * times)
    folded = bare(fold(text))
    assert len(folded) < len(bare(text))
    assert bare(text) == folded * (len(bare(text)) // len(folded))


@given(st.text(max_size=80))
def test_folding_never_invents(text: str) -> None:
    assert bare(fold(text)) in bare(text)
