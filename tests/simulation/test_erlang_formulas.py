"""Erlang's formulas give what published tables give, and the simulation gives what the formulas give."""

from dataclasses import replace
from math import inf

import pytest

from agent.simulation.check_erlang import check
from agent.simulation.erlang import erlang_b, erlang_c, mean_wait_s, service_level
from agent.simulation.recursion import waits_ms


@pytest.mark.parametrize(
    ("servers", "erlangs", "blocked"),
    # The classic table: the load that so many lines carry at a given blocking, to three digits.
    [
        (1, 0.0101, 0.01),
        (5, 1.36, 0.01),
        (10, 4.46, 0.01),
        (20, 12.0, 0.01),
        (50, 37.9, 0.01),
        (100, 84.1, 0.01),
        (10, 6.22, 0.05),
        (30, 24.8, 0.05),
    ],
)
def test_blocking_is_as_in_the_table(servers: int, erlangs: float, blocked: float) -> None:
    assert erlang_b(servers, erlangs * 0.995) < blocked < erlang_b(servers, erlangs * 1.005)


def test_the_textbook_call_centre() -> None:
    # 100 calls in half an hour of 3 minutes each are 10 erlangs; with 14 agents 17.4 % wait, 7.8 s on average, and
    # 88.8 % are answered within 20 s.
    assert erlang_c(14, 10) == pytest.approx(0.174, abs=0.0005)
    assert mean_wait_s(14, 10, 180) == pytest.approx(7.8, abs=0.05)
    assert service_level(14, 10, 180, 20) == pytest.approx(0.888, abs=0.0005)


def test_one_server_is_the_simplest_queue() -> None:
    # M/M/1: all wait with the probability that it is busy.
    assert erlang_c(1, 0.8) == pytest.approx(0.8)
    assert mean_wait_s(1, 0.8, 60) == pytest.approx(0.8 * 60 / 0.2)


def test_too_much_load_waits_for_ever() -> None:
    assert erlang_c(5, 5) == 1.0
    assert mean_wait_s(5, 6, 60) == inf
    assert service_level(5, 5, 60, 20) == 0.0


def test_no_load_and_no_servers() -> None:
    assert erlang_c(3, 0) == 0.0
    assert erlang_b(0, 2) == 1.0
    with pytest.raises(ValueError, match="neither can be below 0"):
        erlang_b(-1, 2)


def test_thousands_of_servers_do_not_overflow() -> None:
    assert 0 < erlang_b(10_000, 9_900) < 0.02
    assert erlang_b(500, 1.0) == pytest.approx(0.0, abs=1e-300)


def test_the_recursion_serves_in_order() -> None:
    # Two servers: the third waits for the first of them, the fourth for the second, the fifth for nobody.
    assert waits_ms(2, [0, 1, 2, 3, 30], [10, 20, 5, 1, 1]) == [0, 0, 8, 12, 0]


def test_the_simulation_agrees_with_theory() -> None:
    (one,) = check(1, [(2, 0.7)], simulated=500, recursed=600_000)
    assert one.most_apart_s == 0.0, "call by call it is the recursion, to the millisecond"
    assert one.simulated == 500 and one.simulated_mean_s > 10
    assert one.wait_s.agrees, one.wait_s
    assert one.level.agrees, one.level


def test_a_wrong_simulation_would_not_agree() -> None:
    (one,) = check(1, [(2, 0.7)], simulated=200, recursed=200_000)
    wrong = replace(one.wait_s, estimate=one.wait_s.theory * 1.06)
    unsure = replace(one.wait_s, half_width=one.wait_s.theory * 0.06)
    assert not wrong.agrees and not unsure.agrees
