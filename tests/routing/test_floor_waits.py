"""What a caller is told of the wait is what they then wait, on average; and the queue is the one of the textbooks."""

import heapq
import itertools
import random
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Day:
    """Calls that come and end by chance, all in s. ``told``: what those who had to wait were told, and then waited."""

    arrivals: list[float]
    services: list[float]
    waits: list[float]
    told: list[tuple[int, float]]


def day(policy: FloorPolicy, calls: int, load: float, seed: int) -> Day:
    chance = random.Random(seed)
    services = [chance.expovariate(1 / HANDLING_S) for _ in range(calls)]
    gaps = [chance.expovariate(load * len(policy.seats) / HANDLING_S) for _ in range(calls)]
    arrivals = list(itertools.accumulate(gaps))
    world = World(policy)
    world.staff(*policy.by_id)
    start_ms = world.now_ms
    events = [(at_s, n, "") for n, at_s in enumerate(arrivals)]
    told: dict[int, int] = {}
    waits: dict[int, float] = {}
    while events:
        at_s, n, seat = heapq.heappop(events)
        world.now_ms = start_ms + round(at_s * 1000)
        if seat:
            said = world.do(CallFinished(seat=seat, call=f"c{n}"))
        else:
            said = world.do(CallQueued(call=f"c{n}", caller_number="13800138000", skill="service"))
            if not said and n > calls // 10:
                wait_s = expected_wait_s(world.floor, policy, f"c{n}")
                assert wait_s is not None
                told[n] = wait_s
        for one in said:
            assert one.type == "offer"
            world.do(SeatAnswered(seat=one.seat, call=one.call))
            taken = int(one.call[1:])
            waits[taken] = at_s - arrivals[taken]
            heapq.heappush(events, (at_s + services[taken], taken, one.seat))
    return Day(arrivals, services, [waits[n] for n in range(calls)], [(told[n], waits[n]) for n in told])


def first_come_first_served(day: Day, seats: int) -> list[float]:
    """The waits of the same day by the textbook (Kiefer and Wolfowitz 1955): whoever is free first takes the next."""
    free_at_s = [0.0] * seats
    waits = []
    for came_s, service_s in zip(day.arrivals, day.services, strict=True):
        begins_s = max(came_s, heapq.heappop(free_at_s))
        heapq.heappush(free_at_s, begins_s + service_s)
        waits.append(begins_s - came_s)
    return waits


def test_the_wait_that_is_told_is_the_wait_that_comes() -> None:
    told = sorted(day(crowd(6), calls=1500, load=0.95, seed=5).told)
    assert len(told) > 500
    mean_told, mean_came = (sum(values) / len(told) for values in zip(*told, strict=True))
    assert mean_told == pytest.approx(mean_came, rel=0.1)
    # And not by chance of the sum: who was told more waits more, in each third.
    third = len(told) // 3
    for part in (told[:third], told[third : 2 * third], told[2 * third :]):
        mean_told, mean_came = (sum(values) / len(part) for values in zip(*part, strict=True))
        assert mean_told == pytest.approx(mean_came, rel=0.15)


@pytest.mark.parametrize("seats", [1, 5])
def test_among_equals_who_came_first_is_served_first_call_by_call(seats: int) -> None:
    one = day(crowd(seats), calls=600, load=0.85, seed=1)

    assert one.waits == pytest.approx(first_come_first_served(one, seats), abs=1e-6)


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
    world.now_ms += 1
    world.queue("c0")

    places = [place_of(world.floor, POLICY, key) for key in ("cb-b0", "c0", "nobody")]
    assert [place.position if place is not None else None for place in places] == [1, 2, None]
