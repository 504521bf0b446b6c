"""Seats that are rung by telephone, and callbacks for which somebody is there before the customer is rung."""

from agent.routing.floor import FloorPolicy
from agent.routing.floor.decisions import (
    CallbackFailed,
    Connect,
    Offer,
    PlaceCallback,
    Requeued,
    SeatMissed,
    Withdraw,
)
from agent.routing.floor.inputs import (
    CallbackAccepted,
    CallbackOutcome,
    CallbackRequested,
    SeatDeclined,
    SeatOnBreak,
    SeatVanished,
)
from tests.routing.floor_world import POLICY, World, only

RINGING = {"ring_s": 15, "outside_ring_s": 25, "outside_accept_s": 15, "outside_break_s": 300, "misses": 2}
OUTSIDE = FloorPolicy.model_validate(
    {
        **POLICY.model_dump(),
        "seats": [
            {"id": "wang", "name": "王丽", "number": "13911112222", "skills": {"service": 5}},
            {"id": "sun", "name": "孙强", "skills": {"repair": 4}},
        ],
        "ringing": RINGING,
    }
)


def test_a_telephone_has_the_time_that_it_needs() -> None:
    world = World(OUTSIDE)
    world.staff("wang")
    world.queue("c0")
    assert only(SeatMissed, world.later(39)) == []
    assert only(SeatMissed, world.later(2)) == [SeatMissed(seat="wang", call="c0", reason="no_answer")]


def test_one_that_is_engaged_is_missed_at_once() -> None:
    world = World(OUTSIDE)
    world.staff("wang")
    world.queue("c0")
    missed = SeatMissed(seat="wang", call="c0", reason="no_answer")
    assert missed in world.do(SeatDeclined(seat="wang", call="c0", reason="no_answer"))
    assert "c0" in world.floor.waiting


def test_who_cannot_say_that_they_are_ready_comes_back_by_themselves() -> None:
    world = World(OUTSIDE)
    world.staff("wang")
    world.queue("c0")
    world.do(SeatDeclined(seat="wang", call="c0", reason="no_answer"))
    world.later(11)
    world.do(SeatDeclined(seat="wang", call="c0", reason="no_answer"))
    assert world.state("wang") == "on_break"
    world.later(299)
    assert world.state("wang") == "on_break"
    assert only(Offer, world.later(2)) == [Offer(seat="wang", call="c0")]


def test_who_asked_for_a_break_has_it_as_long_as_they_like() -> None:
    world = World(OUTSIDE)
    world.staff("wang")
    world.do(SeatOnBreak(seat="wang"))
    world.later(3600, each_s=60)
    assert world.state("wang") == "on_break"


def test_a_telephone_that_is_lost_does_not_come_back_to_its_call() -> None:
    world = World(OUTSIDE)
    world.staff("wang")
    world.queue("c0")
    world.answer("wang")
    assert Requeued(call="c0") in world.do(SeatVanished(seat="wang"))
    assert world.state("wang") == "offline" and "c0" in world.floor.waiting


def placed() -> World:
    world = World()
    world.staff("wang")
    world.do(CallbackRequested(call="c0", number="13800138000", skill="service"))
    assert world.state("wang") == "ringing"
    return world


def test_a_callback_that_no_person_takes_is_no_attempt_to_reach_the_customer() -> None:
    world = placed()
    said = world.later(46)
    assert only(SeatMissed, said)[0].reason == "no_answer"
    assert world.floor.callbacks["cb-c0"].attempts == 0
    assert only(PlaceCallback, said + world.later(11))[-1].attempt == 1, "it rings again soon"


def test_the_customer_has_the_whole_time_to_answer() -> None:
    world = placed()
    world.later(40)
    world.do(CallbackAccepted(seat="wang", callback="cb-c0"))
    assert only(Withdraw, world.later(44)) == []
    assert Connect(seat="wang", call="new") in world.do(
        CallbackOutcome(callback="cb-c0", outcome="reached", call="new")
    )


def test_a_customer_who_does_not_answer_is_an_attempt() -> None:
    world = placed()
    for attempt in (1, 2, 3):
        world.do(CallbackAccepted(seat="wang", callback="cb-c0"))
        said = world.later(46)
        assert Withdraw(seat="wang", call="cb-c0", reason="no_answer") in said
        assert world.state("wang") == "ready"
        assert world.floor.callbacks["cb-c0"].attempts == attempt
        if attempt < 3:
            world.later(601, each_s=10)
    assert only(CallbackFailed, said)[0].attempts == 3


def test_only_the_seat_that_it_rings_at_can_accept_a_callback_and_only_once() -> None:
    world = placed()
    world.staff("chen")
    (ignored,) = world.do(CallbackAccepted(seat="chen", callback="cb-c0"))
    assert ignored.type == "ignored"
    assert world.do(CallbackAccepted(seat="wang", callback="cb-c0")) == ()
    before = world.floor
    world.do(CallbackAccepted(seat="wang", callback="cb-c0"))
    assert world.floor is before
