"""A call is judged while it rings: lists decide, everything else only makes us ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.routing.spam import Caller, EarlierCall, History, Mark, Override, before_answer
from tests.routing.spam_talk import policy

NOW_MS = 1_790_000_000_000
HONEST, ALLOWED, DENIED = "13812345678", "025-84001234", "+86 571 8899 0011"
HEAVY = Mark("诈骗", "list", 500)


def calls(*ago: tuple[float, float, int]) -> History:
    return History(tuple(EarlierCall(NOW_MS - int(m * 60_000), int(s * 1000), turns) for m, s, turns in ago))


@pytest.mark.parametrize(
    ("number", "history", "marks", "verdict", "signs"),
    [
        (HONEST, History(), (), "pass", []),
        (HONEST, History(), (HEAVY,), "challenge", ["mark"]),
        (HONEST, History(), (Mark("诈骗", "list", 1),), "pass", ["mark"]),
        (HONEST, History(), (Mark("快递", "http", 900),), "pass", []),
        (HONEST, History(), (Mark("推销", "http", 30), Mark("推销", "list", 30)), "challenge", ["mark"]),
        ("17055391200", History(), (), "challenge", ["mark"]),  # from the company's own list
        ("", History(), (), "pass", ["withheld"]),
        ("8001", History(), (), "pass", ["malformed"]),
        ("12012345678", History(), (), "challenge", ["spoofed"]),
        ("4001234567", History(), (), "pass", ["callee_only"]),
        # The line drops: they talked each time.
        (HONEST, calls((6, 48, 3), (17, 71, 4), (29, 33, 2), (44, 52, 3)), (), "pass", []),
        (HONEST, calls(*((n, 3, 1) for n in (1, 2, 3, 4, 6, 8, 9))), (), "pass", ["rate"]),
        # A machine: every five minutes, without a word.
        (HONEST, calls(*((5 * n, 3, 0) for n in range(1, 7))), (), "challenge", ["short_calls", "regular_calls"]),
        (HONEST, History(series=9), (), "pass", ["series"]),
        (ALLOWED, calls(*((n, 3, 0) for n in range(1, 9))), (HEAVY,), "pass", ["allowed"]),
        (DENIED, History(), (), "refuse", ["denied"]),
    ],
)
def test_a_number_is_judged_by_what_is_known_of_it(
    number: str, history: History, marks: tuple[Mark, ...], verdict: str, signs: list[str]
) -> None:
    judged = before_answer(policy(), Caller(number), history, marks, NOW_MS)
    assert (judged.verdict, [sign.sign for sign in judged.signs]) == (verdict, signs)


def test_each_sign_is_explained_in_the_language_of_the_supervisor() -> None:
    for language, words in (
        ("zh", "被 500 人标记为诈骗（来源 list）"),
        ("en", "marked as 诈骗 by 500 people (source list)"),
    ):
        judged = before_answer(policy(), Caller(HONEST, language), History(), (HEAVY,), NOW_MS)  # type: ignore[arg-type]
        assert judged.signs[0].words == words


@pytest.mark.parametrize(
    ("number", "override", "verdict"), [(DENIED, "allow", "pass"), (ALLOWED, "deny", "refuse"), ("", "allow", "pass")]
)
def test_an_operator_decides_over_every_list(number: str, override: str, verdict: str) -> None:
    caller = Caller(number, override=Override(override, "王主管", "误拦"))  # type: ignore[arg-type]
    judged = before_answer(policy(), caller, History(), (HEAVY,), NOW_MS)
    assert judged.verdict == verdict and "王主管: 误拦" in judged.signs[0].words


def test_a_filter_that_is_switched_off_still_keeps_to_the_lists() -> None:
    off = policy().model_copy(update={"enabled": False})
    assert before_answer(off, Caller(HONEST), History(), (HEAVY,), NOW_MS).verdict == "pass"
    assert before_answer(off, Caller(DENIED), History(), (), NOW_MS).verdict == "refuse"


earlier = st.builds(
    EarlierCall,
    at_ms=st.integers(NOW_MS - 90 * 60_000, NOW_MS + 1000),
    duration_ms=st.integers(-5, 10**6),
    turns=st.integers(-1, 5),
)
histories = st.builds(History, st.lists(earlier, max_size=12).map(tuple), st.integers(0, 30))
marks = st.lists(
    st.builds(Mark, st.sampled_from(["诈骗", "推销", "快递", "?"]), st.text(max_size=4), st.integers(0, 999))
)


@given(number=st.text(max_size=20) | st.text("0123456789+", max_size=14), history=histories, marks=marks)
def test_nobody_but_who_is_denied_is_refused_before_the_answer(
    number: str, history: History, marks: list[Mark]
) -> None:
    judged = before_answer(policy(), Caller(number), history, marks, NOW_MS)
    assert 0 <= judged.score <= 1
    assert judged.verdict != "refuse" or judged.listed


@given(history=histories, marks=marks)
def test_whoever_is_on_the_allow_list_passes_whatever_else_is_known(history: History, marks: list[Mark]) -> None:
    assert before_answer(policy(), Caller(ALLOWED), history, marks, NOW_MS).verdict == "pass"
