"""Callbacks of the night: each is told a time that can be kept, and those who call in the morning need not wait."""

import pytest

from agent.routing.floor import FloorPolicy
from agent.routing.floor.decisions import CallbackNoted, GiveUp, Moved, Offer, PlaceCallback
from agent.routing.floor.inputs import (
    CallbackOutcome,
    CallbackRequested,
    CallFinished,
    Raised,
    SeatAnswered,
    SkillClosed,
    SkillOpened,
    WrapUpDone,
)
from agent.routing.floor.promises import LONGEST_SPREAD_MS, promised_ms
from agent.routing.floor.recover import recover
from agent.routing.floor.state import Floor
from tests.routing.floor_world import POLICY, World, only

MINUTE_MS = 60_000
TEAM = FloorPolicy.model_validate(
    {
        "skills": {"service": {"handling_s": 240}, "complaint": {"handling_s": 480}},
        "seats": [
            *({"id": f"s{n}", "name": f"s{n}", "skills": {"service": 3}} for n in range(16)),
            *({"id": f"b{n}", "name": f"b{n}", "skills": {"service": 2, "complaint": 4}} for n in range(4)),
        ],
        "callback": {"share": 0.25, "spare": 0.2, "lead_minutes": 10, "due_minutes": 30},
    }
)


def night(policy: FloorPolicy = TEAM, callers: int = 0, hours: float = 9) -> World:
    """The desk is closed, so many have called, one a minute."""
    world = World(policy)
    for skill in policy.skills:
        world.do(SkillClosed(skill=skill, opens_at_ms=world.now_ms + round(hours * 60 * MINUTE_MS)))
    for n in range(callers):
        world.now_ms += MINUTE_MS
        world.do(CallbackRequested(call=f"n{n}", number=f"1380013{n:04}", skill="service"))
    return world


def morning(world: World, *, before_s: float = 0) -> None:
    """The desk opens, or so many seconds before that."""
    opens_ms = world.floor.closed["service"]
    assert opens_ms is not None
    world.later((opens_ms - world.now_ms) / 1000 - before_s, each_s=600)
    if not before_s:
        for skill in list(world.floor.closed):
            world.do(SkillOpened(skill=skill))


def dues(world: World) -> list[float]:
    """Minutes after the opening, in the order in which they called."""
    opens_ms = next(iter(world.floor.closed.values()))
    assert opens_ms is not None
    noted = only(CallbackNoted, world.said)
    return [(one.due_ms - opens_ms) / MINUTE_MS for one in noted]


def test_each_is_promised_a_time_that_can_be_kept_whoever_calls_later_a_later_one() -> None:
    world = night(callers=3)
    # 240 s of work each, for a quarter of 20 people.
    assert dues(world) == [30, pytest.approx(30.8), pytest.approx(31.6)]


def test_work_of_the_same_people_counts_whatever_its_queue() -> None:
    world = night()
    world.do(CallbackRequested(call="c", number="13800138000", skill="complaint"))
    world.do(CallbackRequested(call="s", number="13800138001", skill="service"))
    world.do(CallbackRequested(call="d", number="13800138002", skill="complaint"))
    # All who take complaints also serve: 480 s for 5 of 20; of the 240 s, a fifth, for 1 of 4.
    assert dues(world) == [30, pytest.approx(30 + 480 / 5 / 60), pytest.approx(30 + (480 + 48) / 60)]


def test_the_day_on_which_it_opens_is_long_enough_for_all() -> None:
    world = night(callers=530, hours=12)
    assert max(dues(world)) <= 30 + 480 * 60 / 60 and dues(world) == sorted(dues(world))
    world = night(policy=POLICY, callers=300)
    assert max(dues(world)) * MINUTE_MS == 30 * MINUTE_MS + LONGEST_SPREAD_MS


def test_where_nobody_knows_when_it_opens_no_time_is_near() -> None:
    world = World(TEAM)
    world.do(SkillClosed(skill="service"))
    (noted,) = only(CallbackNoted, world.do(CallbackRequested(call="c", number="13800138000", skill="service")))
    assert noted.due_ms - world.now_ms > 7 * 24 * 60 * MINUTE_MS


def test_a_caller_who_is_told_that_it_is_closed_gets_the_same_promise() -> None:
    world = night(callers=1)
    said = world.queue("late")
    assert only(GiveUp, said)[0].callback == "cb-late"
    assert dues(world)[-1] == pytest.approx(30.8)


def test_who_waits_on_the_line_goes_before_a_callback_that_has_time() -> None:
    world = night(callers=30)
    morning(world)
    world.staff("s0")
    assert only(PlaceCallback, world.said), "the one who is there has nothing else to do"
    world.do(CallbackOutcome(callback="cb-n0", outcome="reached", call="out"))
    world.queue("live")
    assert only(Offer, finish(world, "s0")) == [Offer(seat="s0", call="live")]


def test_shortly_before_its_time_a_callback_goes_before_who_has_just_come() -> None:
    world = night(callers=1)
    morning(world)
    world.staff("s0")
    world.do(CallbackOutcome(callback="cb-n0", outcome="no_answer"))
    world.queue("live")
    world.do(SeatAnswered(seat="s0", call="live"))
    assert world.floor.callbacks["cb-n0"].attempts == 1
    world.later(21 * 60, each_s=60)  # it is due nine minutes from now
    world.queue("later")
    assert [one.callback for one in only(PlaceCallback, finish(world, "s0"))] == ["cb-n0"]


def test_a_part_of_the_people_is_kept_free_for_callers() -> None:
    world = night(callers=30)
    morning(world)
    world.staff(*(f"s{n}" for n in range(10)))
    placed = len(only(PlaceCallback, world.said))
    free = [seat for seat in world.floor.seats.values() if seat.state == "ready"]
    assert placed == 10 - len(free) and len(free) == 2, "a fifth of ten"
    assert only(Offer, world.queue("live"))


def test_all_are_rung_when_it_is_time_though_nobody_is_to_spare() -> None:
    world = night(callers=12)
    morning(world)
    world.later(29 * 60, each_s=60)
    world.staff(*(f"s{n}" for n in range(10)))
    placing = [one for one in world.floor.callbacks.values() if one.state == "placing"]
    assert len(placing) == 10, "with two of them kept free it would be eight"


def test_an_alert_brings_a_callback_forward() -> None:
    world = night(callers=2)
    before = world.floor.callbacks["cb-n1"].rank
    assert only(Moved, world.do(Raised(call="n1", priority=50)))
    assert world.floor.callbacks["cb-n1"].rank == before - TEAM.worth_ms(50)
    assert list(world.floor.callbacks) == ["cb-n1", "cb-n0"]


def test_a_hotline_that_died_in_the_night_keeps_every_promise_and_the_order() -> None:
    world = night(callers=5)
    world.do(Raised(call="n3", priority=50))
    before = list(world.floor.callbacks.values())
    floor, _ = recover(Floor.from_json(world.floor.to_json()), TEAM, world.now_ms + 5000)
    after = list(floor.callbacks.values())
    assert [(one.id, one.due_ms, one.rank) for one in after] == [(one.id, one.due_ms, one.rank) for one in before]


def test_a_wish_that_is_repeated_in_the_night_keeps_its_time() -> None:
    world = night(callers=3)
    due_ms = world.floor.callbacks["cb-n0"].due_ms
    world.do(CallbackRequested(call="n0", number="13900139000", skill="service"))
    assert world.floor.callbacks["cb-n0"].due_ms == due_ms
    assert len(world.floor.callbacks) == 3


def test_who_was_told_a_time_at_night_does_not_go_before_everybody_in_the_morning() -> None:
    world = night(callers=1)
    due_ms = world.floor.callbacks["cb-n0"].due_ms
    told_ms = promised_ms(world.floor, TEAM, "service", world.now_ms)
    assert told_ms is not None and told_ms > due_ms
    world.do(CallbackRequested(call="told", number="13800138009", skill="service", due_ms=told_ms))
    callback = world.floor.callbacks["cb-told"]
    assert (callback.due_ms, callback.rank) == (told_ms, told_ms - 10 * MINUTE_MS)
    world.do(SkillOpened(skill="service"))
    assert promised_ms(world.floor, TEAM, "service", world.now_ms) is None


def finish(world: World, seat: str) -> tuple[object, ...]:
    call = world.floor.seats[seat].call_id
    assert call is not None
    return (*world.do(CallFinished(seat=seat, call=call)), *world.do(WrapUpDone(seat=seat)))
