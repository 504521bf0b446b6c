"""A question is found by its sound where a recogniser wrote other characters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.knowledge.sound import Sounds, syllables

TEXTS = ["积分有期限吗", "多少钱起免邮", "空调不制冷怎么办", "在保修一次多少钱", "KF35G什么价"]
QUESTION = st.text(
    st.sampled_from("积分机粉有期限七线吗部多少钱起免邮面油空调KF357，。 ") | st.characters(codec="utf-8"), max_size=40
)


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        # Figures are read as they are said: 7线 is 期限.
        ("机分有7线部", "积分有期限吗"),
        ("多少钱起面油", "多少钱起免邮"),
        ("空桥不知能怎么办", "空调不制冷怎么办"),
        ("再绑修一次多少钱", "在保修一次多少钱"),
        ("kf三五G什么家", "KF35G什么价"),
    ],
)
def test_what_was_misheard_sounds_most_like_what_was_meant(heard: str, meant: str) -> None:
    assert TEXTS[int(Sounds(TEXTS).like(heard).argmax())] == meant


def test_what_is_often_confused_is_one_sound() -> None:
    assert syllables("你是龙") == syllables("里四农") and syllables("35") == syllables("三五")


@given(QUESTION)
def test_every_text_is_like_a_question_from_not_at_all_to_wholly(question: str) -> None:
    sounds = Sounds([*TEXTS, question])
    like = sounds.like(question)
    assert np.all((like >= 0) & (like <= 1 + 1e-5))
    assert like[-1] == pytest.approx(1.0) or not syllables(question)


def test_what_has_no_sound_is_like_nothing() -> None:
    assert not Sounds(TEXTS).like("……").any() and not Sounds(["！", ""]).like("空调").any()
