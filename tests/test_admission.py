"""One caller too many spoils it for all: how many there may be is measured, and measured again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.admission import EASY_ANSWERS, WINDOW, Answered, Capacity, Limits, admits, at_start, observe, unmeasured

LIMITS = Limits(max_calls=10, response_target_ms=3000)
EASY, PROMPT, LATE = 700, 1800, 4000


def after(capacity: Capacity, *answers: Answered) -> Capacity:
    for answered in answers:
        capacity = observe(capacity, answered, LIMITS)
    return capacity


@pytest.mark.parametrize(
    ("turn_ms", "calls"),
    [
        (2900, 4),
        (3100, 3),
        (4600, 2),
        # However slow the machine, it answers one caller; however fast, no more than the operator allows.
        (60_000, 1),
        (1, 10),
        (0, 10),
    ],
)
def test_once_a_turn_is_measured_there_are_as_many_places_as_there_is_work_for(turn_ms: float, calls: int) -> None:
    assert at_start(turn_ms, LIMITS).calls == calls


@pytest.mark.parametrize(("cores", "calls"), [(1, 1), (2, 2), (64, 10)])
def test_until_then_there_is_a_place_for_each_core(cores: int, calls: int) -> None:
    assert unmeasured(cores, LIMITS).calls == calls


@pytest.mark.parametrize(
    ("why", "answers", "calls"),
    [
        ("two late answers are bad luck", [Answered(4, LATE)] * 2, 4),
        ("three are a trend: with four callers it was too many", [Answered(4, LATE)] * 3, 3),
        ("a silence in mid-answer is as bad", [Answered(4, PROMPT, silence_ms=4000)] * 3, 3),
        ("it was too many long before all places were taken", [Answered(2, LATE)] * 3, 1),
        ("prompt with all places taken: one more may come", [Answered(4, PROMPT)] * WINDOW, 5),
        ("prompt, but nobody knows how it is when full", [Answered(2, PROMPT)] * WINDOW, 4),
        ("one answer short of a verdict", [Answered(4, PROMPT)] * (WINDOW - 1), 4),
        ("easily with all places taken: one more may come soon", [Answered(4, EASY)] * EASY_ANSWERS, 5),
        ("easily, but with a place left", [Answered(3, EASY)] * EASY_ANSWERS, 4),
        ("easily but for a silence", [Answered(4, EASY, silence_ms=2000), *[Answered(4, EASY)] * EASY_ANSWERS], 4),
        ("it grows again when answers are prompt again",
         [*[Answered(4, LATE)] * 3, *[Answered(3, PROMPT)] * WINDOW], 4),
    ],
)  # fmt: skip
def test_the_number_of_places_follows_the_answers(why: str, answers: list[Answered], calls: int) -> None:
    assert after(Capacity(4), *answers).calls == calls, why


@pytest.mark.parametrize(("live", "admitted"), [(0, True), (3, True), (4, False), (5, False)])
def test_a_caller_is_admitted_while_there_is_a_place(live: int, admitted: bool) -> None:
    assert admits(Capacity(4), live) is admitted


answers = st.builds(
    Answered, live_calls=st.integers(1, 40), wait_ms=st.integers(0, 20_000), silence_ms=st.integers(0, 5000)
)


@given(st.integers(1, 10), st.lists(answers, max_size=200))
def test_there_is_always_one_place_and_never_more_than_allowed(start: int, seen: list[Answered]) -> None:
    capacity = Capacity(start)
    for answered in seen:
        capacity = observe(capacity, answered, LIMITS)
        assert 1 <= capacity.calls <= LIMITS.max_calls
        assert len(capacity.window) < WINDOW


@given(st.integers(1, 10), st.lists(answers, max_size=200))
def test_a_late_answer_never_makes_a_place_and_a_prompt_one_never_takes_one(start: int, seen: list[Answered]) -> None:
    capacity = Capacity(start)
    for answered in seen:
        changed = observe(capacity, answered, LIMITS)
        if answered.is_late(LIMITS):
            assert changed.calls <= capacity.calls
        else:
            assert changed.calls >= capacity.calls
        capacity = changed
