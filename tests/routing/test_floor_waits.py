"""What a caller is told of the wait is what they then wait, on average; and the queue is the one of the textbooks."""

import heapq
import random
from math import factorial

import pytest

from agent.routing.floor import FloorPolicy, expected_wait_s, place_of
from agent.routing.floor.inputs import (
    CallbackRequested,
    CallFinished,
    CallQueued,
    SeatAnswered,
    SeatOnBreak,
    SeatVanished,
)
from tests.routing.floor_world import POLICY, World

HANDLING_S = 180.0


def crowd(seats: int) -> FloorPolicy:
    return FloorPolicy.model_validate(
        {
            # Wrong by a third, until it is measured.
            "skills": {"service": {"handling_s": 120, "longest_wait_s": 100_000}},
            "seats": [{"id": f"s{n}", "name": f"坐席{n}", "skills": {"service": 3}} for n in range(seats)],
            "queue": {"max_waiting": 10_000},
            "after_call": {"wrap_up_s": 0},
        }
    )


def day(policy: FloorPolicy, calls: int, load: float, seed: int) -> tuple[list[float], list[tuple[int, float]]]:
    """Waits in s of calls that come and end by chance; and for those who had to wait what was expected, and what came."""
    chance = random.Random(seed)
    world = World(policy)
    world.staff(*policy.by_id)
    start_ms = world.now_ms
    events: list[tuple[float, int, str, str]] = []
    at_s = 0.0
    for n in range(calls):
        at_s += chance.expovariate(load * len(policy.seats) / HANDLING_S)
        heapq.heappush(events, (at_s, n, "", f"c{n}"))
    came: dict[str, float] = {}
    told: dict[str, int] = {}
    waits: dict[str, float] = {}
    while events:
        at_s, order, seat, call = heapq.heappop(events)
        world.now_ms = start_ms + round(at_s * 1000)
        if seat:
            said = world.do(CallFinished(seat=seat, call=call))
        else:
            came[call] = at_s
            said = world.do(CallQueued(call=call, caller_number="13800138000", skill="service"))
            if not said and order > calls // 10:
                wait_s = expected_wait_s(world.floor, policy, call)
                assert wait_s is not None
                told[call] = wait_s
        for one in said:
            assert one.type == "offer"
            waits[one.call] = at_s - came[one.call]
            world.do(SeatAnswered(seat=one.seat, call=one.call))
            heapq.heappush(events, (at_s + chance.expovariate(1 / HANDLING_S), order, one.seat, one.call))
    return list(waits.values()), [(told[call], waits[call]) for call in told]


def erlang_c_mean_wait_s(seats: int, load: float) -> float:
    """The mean wait of M/M/c (A. K. Erlang, 1917)."""
    offered = seats * load
    top = offered**seats / factorial(seats) / (1 - load)
    must_wait = top / (sum(offered**k / factorial(k) for k in range(seats)) + top)
    return must_wait * HANDLING_S / (seats * (1 - load))


def test_the_wait_that_is_told_is_the_wait_that_comes() -> None:
    _, told = day(crowd(6), calls=2500, load=0.92, seed=4)
    assert len(told) > 800
    mean_told, mean_came = (sum(values) / len(told) for values in zip(*told, strict=True))
    assert mean_told == pytest.approx(mean_came, rel=0.1)
    # And not by chance of the sum: who was told more waits more, in each third.
    told.sort()
    third = len(told) // 3
    for part in (told[:third], told[third : 2 * third], told[2 * third :]):
        mean_told, mean_came = (sum(values) / len(part) for values in zip(*part, strict=True))
        assert mean_told == pytest.approx(mean_came, rel=0.3)


def test_waits_are_those_of_erlang() -> None:
    waits, _ = day(crowd(5), calls=4000, load=0.75, seed=1)

    assert len(waits) == 4000
    assert sum(waits) / len(waits) == pytest.approx(erlang_c_mean_wait_s(5, 0.75), rel=0.1)


def test_handling_times_are_learnt_from_the_calls() -> None:
    policy = crowd(1)
    world = World(policy)
    world.staff("s0")
    for n in range(100):
        world.queue(f"c{n}")
        world.answer("s0")
        world.now_ms += 300_000
        world.do(CallFinished(seat="s0", call=f"c{n}"))

    assert world.floor.handling_s["service"] == pytest.approx(300, rel=0.01)


def test_people_who_are_shared_with_other_calls_count_by_their_share() -> None:
    world = World()
    world.staff("li", "wang")  # Li does complaints too
    world.queue("t0", sticky="li")
    world.answer("li")
    world.queue("t1", sticky="wang")
    world.answer("wang")
    world.queue("k0", "complaint")
    world.queue("c0")

    # The next of two comes after 200/2 s, and the complaint before it takes one of them 400 s.
    assert expected_wait_s(world.floor, POLICY, "c0") == 100 + 400 // 2
    assert expected_wait_s(world.floor, POLICY, "k0") == 400


def test_who_goes_home_after_the_call_is_not_counted() -> None:
    world = World()
    world.staff("wang", "chen")
    for n in range(2):
        world.queue(f"t{n}")
    world.answer("wang")
    world.answer("chen")
    world.queue("c0")
    assert expected_wait_s(world.floor, POLICY, "c0") == 100
    world.do(SeatOnBreak(seat="wang"))
    assert expected_wait_s(world.floor, POLICY, "c0") == 200
    world.do(SeatVanished(seat="chen"))
    assert expected_wait_s(world.floor, POLICY, "c0") is None


def test_callbacks_stand_in_the_same_line() -> None:
    world = World()
    world.do(CallbackRequested(call="b0", number="13800138000", skill="service"))
    world.queue("c0")

    places = [place_of(world.floor, POLICY, key) for key in ("cb-b0", "c0", "nobody")]
    assert [place.position if place is not None else None for place in places] == [1, 2, None]
