"""A callback is promised only where somebody can be rung."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.routing import can_call_back


@pytest.mark.parametrize(
    ("number", "can"),
    [
        ("13812345678", True),
        ("+86 138 1234 5678", True),
        ("010-88881234", True),
        ("(010) 8888-1234", True),
        ("10086", True),
        ("", False),
        ("anonymous", False),
        ("browser", False),
        # What carriers send for a withheld number.
        ("+266696687", False),
        ("00000000000", False),
        ("12", False),
        ("1234567890123456", False),
    ],
)
def test_a_number_can_be_rung_or_not(number: str, can: bool) -> None:
    assert can_call_back(number) is can


@given(st.text(max_size=40))
def test_whatever_a_carrier_sends_there_is_an_answer(number: str) -> None:
    assert can_call_back(number) in (True, False)
