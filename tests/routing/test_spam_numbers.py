"""A number is the same however it is written, and says whether anybody can have it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.routing.spam import kind_of, plain


@pytest.mark.parametrize(
    "written",
    ["057188990011", "0571-8899 0011", "+86 571 8899 0011", "+8657188990011", "sip:057188990011@carrier.example"],
)
def test_one_number_is_found_however_it_is_written(written: str) -> None:
    assert plain(written) == "+8657188990011"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("13812345678", "plain"), ("+86 138 1234 5678", "plain"), ("010-88881234", "plain"), ("95588", "plain"),
        ("19212345678", "plain"), ("+61412345678", "plain"), ("+85225550033", "plain"),
        ("", "withheld"), ("anonymous", "withheld"), ("+266696687", "withheld"), ("00000000000", "withheld"),
        ("8001", "malformed"), ("1", "malformed"), ("123456789012345678901", "malformed"), ("abc", "malformed"),
        ("12088460046", "spoofed"), ("+8611012345678", "spoofed"), ("010012345678", "spoofed"), ("110", "spoofed"),
        ("+000110", "spoofed"),
        ("4008001234", "callee_only"), ("+86 800 810 1234", "callee_only"),
    ],
)  # fmt: skip
def test_a_number_says_what_it_is(number: str, kind: str) -> None:
    assert kind_of(number) == kind


@given(st.text(max_size=40) | st.text("+0123456789()- ", max_size=24))
def test_whatever_a_carrier_sends_there_is_an_answer(number: str) -> None:
    kind_of(number)
    assert set(plain(number)) <= set("+0123456789")
