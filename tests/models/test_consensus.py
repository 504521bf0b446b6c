"""Of doubtful transcripts the one is taken that the others contradict least."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.consensus import consensus


def test_what_most_agree_on_beats_the_likeliest_outlier() -> None:
    heard = [("连长克力设置", -0.80), ("延长各类设施", -0.85), ("延长个类设施", -0.86), ("延长各类设施啊", -0.90)]
    assert heard[consensus(heard)][0] == "延长各类设施"


def test_one_that_is_far_likelier_is_taken_whatever_the_others_say() -> None:
    assert consensus([("退货", -3.0), ("退换", -3.1), ("发票", -0.1)]) == 2


@given(st.lists(st.tuples(st.text(max_size=20), st.floats(-10, 0)), min_size=1, max_size=8))
def test_one_of_them_is_always_taken(candidates: list[tuple[str, float]]) -> None:
    assert 0 <= consensus(candidates) < len(candidates)


def test_nothing_to_choose_from_is_an_error() -> None:
    with pytest.raises(ValueError):
        consensus([])
