"""Who gets which call, and what becomes of callers when people do not answer, vanish, or pass them on."""

import time

import pytest

from agent.routing.floor import FloorPolicy, place_of
from agent.routing.floor.decisions import (
    Announce,
    CallbackFailed,
    CallbackNoted,
    CallbackRefused,
    Connect,
    GiveUp,
    Ignored,
    Moved,
    Offer,
    Overflow,
    PlaceCallback,
    RefuseAnswer,
    Requeued,
    SeatMissed,
    TransferRefused,
    Withdraw,
)
from agent.routing.floor.inputs import (
    CallbackCancelled,
    CallbackChosen,
    CallbackOutcome,
    CallbackRequested,
    CallerGone,
    CallFinished,
    Raised,
    SeatAnswered,
    SeatDeclined,
    SeatOnBreak,
    SeatReady,
    SeatSignedIn,
    SeatSignedOff,
    SeatVanished,
    SkillClosed,
    SkillOpened,
    Tick,
    TransferAsked,
    TransferCancelled,
)
from tests.routing.floor_world import NOW_MS, POLICY, World, only


def busy(*seats: str) -> World:
    """These people are there, and each of them talks to somebody."""
    world = World()
    world.staff(*seats)
    for seat in seats:
        skill = next(iter(POLICY.by_id[seat].skills))
        world.queue(f"talk-{seat}", skill, sticky=seat, number="13900000000")
        assert world.answer(seat) == f"talk-{seat}"
    world.said.clear()
    return world


# Who gets whom


def test_the_longest_idle_of_the_best_level_is_rung() -> None:
    world = World()
    world.staff("li", "chen", "wang")  # Li has been idle longest, and knows less

    assert [world.queue(f"c{n}")[0] for n in range(3)] == [
        Offer(seat="chen", call="c0"),
        Offer(seat="wang", call="c1"),
        Offer(seat="li", call="c2"),
    ]


def test_nobody_is_rung_for_what_they_cannot_do() -> None:
    world = World()
    world.staff("wang", "sun")

    assert world.queue("c0", "complaint") == ()
    assert world.floor.waiting["c0"].offered is None


def test_an_offer_that_was_withdrawn_does_not_cost_the_place_among_the_idle() -> None:
    world = World()
    world.staff("wang", "chen")
    world.queue("c0")
    world.do(CallerGone(call="c0"))

    assert world.queue("c1") == (Offer(seat="wang", call="c1"),)


@pytest.mark.parametrize(
    ("queued", "expected"),
    [
        ([("old", 0, 0), ("new", 0, 10)], ["old", "new"]),
        ([("old", 0, 0), ("vip", 10, 10)], ["vip", "old"]),
        # One point for 10 s waited: after 100 s a newcomer needs more than 10 points.
        ([("old", 0, 0), ("vip", 10, 110)], ["old", "vip"]),
        ([("old", 0, 0), ("alert", 50, 110)], ["alert", "old"]),
        ([("a", 10, 0), ("b", 10, 1), ("urgent", 90, 2)], ["urgent", "a", "b"]),
    ],
)
def test_priority_goes_first_and_waiting_adds_to_it(queued: list[tuple[str, int, int]], expected: list[str]) -> None:
    world = World()
    for call, priority, at_s in queued:
        world.now_ms = NOW_MS + at_s * 1000
        world.queue(call, "complaint", priority)

    assert list(world.floor.waiting) == expected


def test_without_points_for_waiting_the_higher_priority_always_goes_first() -> None:
    policy = POLICY.model_copy(update={"queue": POLICY.queue.model_copy(update={"points_per_10_s": 0})})
    world = World(policy)
    world.queue("old")
    world.now_ms += 3_600_000
    world.queue("vip", priority=1)

    assert list(world.floor.waiting) == ["vip", "old"]


def test_who_becomes_free_gets_the_first_in_line() -> None:
    world = busy("wang")
    world.queue("c0")
    world.queue("c1", priority=50)

    assert Offer(seat="wang", call="c1") in world.finish("wang")


def test_a_caller_is_kept_for_the_person_who_knows_them_but_not_for_long() -> None:
    world = busy("li")
    world.staff("wang")
    world.queue("c0", sticky="li")
    assert world.state("wang") == "ready"

    assert only(Offer, world.later(19)) == []
    assert Offer(seat="wang", call="c0") in world.later(2)


def test_nobody_is_kept_for_a_person_who_is_not_there() -> None:
    world = World()
    world.staff("wang")

    assert world.queue("c0", sticky="li") == (Offer(seat="wang", call="c0"),)


def test_the_person_who_knows_the_caller_comes_before_better_ones() -> None:
    world = World()
    world.staff("wang", "li")

    assert world.queue("c0", sticky="li") == (Offer(seat="li", call="c0"),)


def test_after_a_while_people_with_another_skill_help_out() -> None:
    world = World()
    world.staff("sun")
    world.do(SeatSignedIn(seat="wang"))
    world.queue("c0")

    assert only(Overflow, world.later(89)) == []
    said = world.later(2)
    assert Overflow(call="c0", from_skill="service", to_skill="repair") in said
    assert Offer(seat="sun", call="c0") in said


# Answering


def test_of_two_who_answer_the_second_is_told() -> None:
    world = World()
    world.staff("wang", "chen")
    world.queue("c0")
    world.later(15)  # it rang out at Wang's, and rings at Chen's

    assert world.do(SeatAnswered(seat="wang", call="c0")) == (RefuseAnswer(seat="wang", call="c0", reason="withdrawn"),)
    assert world.do(SeatAnswered(seat="chen", call="c0")) == (Connect(seat="chen", call="c0"),)
    assert world.do(SeatAnswered(seat="wang", call="c0")) == (
        RefuseAnswer(seat="wang", call="c0", reason="answered_elsewhere"),
    )
    world.do(CallerGone(call="c0"))
    assert world.do(SeatAnswered(seat="wang", call="c0")) == (
        RefuseAnswer(seat="wang", call="c0", reason="caller_gone"),
    )


def test_who_does_not_answer_is_passed_over_and_after_two_calls_put_on_break() -> None:
    world = World()
    world.staff("wang", "chen")
    world.queue("c0")

    said = world.later(15)
    assert SeatMissed(seat="wang", call="c0", reason="no_answer") in said
    assert Offer(seat="chen", call="c0") in said
    world.answer("chen")
    world.queue("c1")
    assert SeatMissed(seat="wang", call="c1", reason="no_answer", on_break=True) in world.later(15)
    assert world.state("wang") == "on_break"
    world.do(SeatReady(seat="wang"))
    assert world.floor.seats["wang"].misses == 0


def test_a_call_rings_again_where_it_was_declined_only_after_a_while() -> None:
    world = World()
    world.staff("wang")
    world.queue("c0")

    assert world.do(SeatDeclined(seat="wang", call="c0")) == (SeatMissed(seat="wang", call="c0", reason="declined"),)
    assert only(Offer, world.later(9)) == []
    assert Offer(seat="wang", call="c0") in world.later(2)


def test_a_caller_who_hangs_up_stops_the_ringing() -> None:
    world = World()
    world.staff("wang")
    world.queue("c0")

    assert world.do(CallerGone(call="c0")) == (Withdraw(seat="wang", call="c0", reason="caller_gone"),)
    assert world.state("wang") == "ready"


def test_after_the_call_there_is_time_to_write_it_down() -> None:
    world = busy("wang")
    world.queue("c0")
    world.do(CallFinished(seat="wang", call="talk-wang"))

    assert only(Offer, world.later(29)) == []
    assert Offer(seat="wang", call="c0") in world.later(2)


@pytest.mark.parametrize(("how", "after"), [(SeatOnBreak, "on_break"), (SeatSignedOff, "offline")])
def test_who_leaves_while_talking_leaves_after_the_call(how: type[SeatOnBreak], after: str) -> None:
    world = busy("wang")
    world.do(how(seat="wang"))
    assert world.state("wang") == "talking"
    world.finish("wang")

    assert world.state("wang") == after


# Seats that vanish


def test_a_caller_whose_person_is_gone_is_first_in_line_with_their_place_kept() -> None:
    world = busy("wang")
    queued_at_ms = world.floor.talking["talk-wang"].queued_at_ms
    world.queue("c0", priority=90)
    world.do(SeatVanished(seat="wang"))

    assert only(Requeued, world.later(14)) == []
    assert Requeued(call="talk-wang") in world.later(2)
    assert list(world.floor.waiting) == ["talk-wang", "c0"]
    assert world.floor.waiting["talk-wang"].queued_at_ms == queued_at_ms
    assert world.state("wang") == "offline"


def test_a_page_that_is_loaded_again_in_time_still_has_its_caller() -> None:
    world = busy("wang")
    world.do(SeatVanished(seat="wang"))
    world.later(10)

    assert world.do(SeatSignedIn(seat="wang")) == (Connect(seat="wang", call="talk-wang"),)
    assert only(Requeued, world.later(60)) == []


def test_a_seat_that_vanishes_while_it_rings_costs_the_caller_nothing() -> None:
    world = World()
    world.staff("wang", "chen")
    world.queue("c0")

    assert world.do(SeatVanished(seat="wang")) == (
        SeatMissed(seat="wang", call="c0", reason="vanished"),
        Offer(seat="chen", call="c0"),
    )


# Announcements


def test_callers_are_told_at_fixed_times_how_it_stands() -> None:
    world = busy("wang")
    world.queue("c0")
    world.queue("c1")
    told = only(Announce, world.later(61))

    assert [(one.call, one.position) for one in told] == [("c0", 1), ("c1", 2), ("c0", 1), ("c1", 2)]
    # One person and 200 s a call: 200 s for the first, 400 s for the second.
    assert told[0] == Announce(call="c0", position=1, expected_wait_s=200, offer_callback=True)
    assert told[1] == Announce(call="c1", position=2, expected_wait_s=400, offer_callback=True)


def test_a_short_wait_is_told_without_offering_a_callback() -> None:
    world = busy("wang", "chen")
    world.queue("c0")

    assert only(Announce, world.later(15)) == [
        Announce(call="c0", position=1, expected_wait_s=100, offer_callback=False)
    ]


def test_no_time_is_told_where_nobody_is_at_their_desk() -> None:
    world = World()
    world.do(SeatSignedIn(seat="wang"))  # on break
    world.queue("c0")
    world.queue("withheld", number="")

    assert only(Announce, world.later(15)) == [
        Announce(call="c0", position=1, expected_wait_s=None, offer_callback=True)
    ]


# Nobody will come


@pytest.mark.parametrize("number", ["13800138000", ""])
def test_where_nobody_is_there_the_caller_is_rung_back_if_they_can_be(number: str) -> None:
    world = World()
    world.queue("c0", number=number)
    assert only(GiveUp, world.later(19)) == []
    said = world.later(2)

    callback = "cb-c0" if number else None
    assert said[0] == GiveUp(call="c0", reason="nobody_there", callback=callback)
    assert len(only(CallbackNoted, said)) == (1 if number else 0)


def test_when_the_last_one_goes_home_the_callers_are_not_left_waiting() -> None:
    world = busy("wang")
    world.queue("c0")
    world.later(60)
    world.do(SeatSignedOff(seat="wang"))
    world.finish("wang")

    assert only(GiveUp, world.later(21)) == [GiveUp(call="c0", reason="nobody_there", callback="cb-c0")]


def test_who_has_waited_too_long_is_rung_back_in_their_place() -> None:
    world = busy("wang")
    world.queue("c0")
    queued_at_ms = world.floor.waiting["c0"].queued_at_ms

    assert only(GiveUp, world.later(601)) == [GiveUp(call="c0", reason="too_long", callback="cb-c0")]
    assert world.floor.callbacks["cb-c0"].queued_at_ms == queued_at_ms


def test_who_cannot_be_rung_back_may_wait_longer() -> None:
    world = busy("wang")
    world.queue("c0", number="")

    assert only(GiveUp, world.later(3000, each_s=5)) == []


def test_a_closed_queue_takes_no_new_calls_and_rings_back_after_it_opens() -> None:
    world = busy("wang")
    world.queue("c0")
    opens_at_ms = world.now_ms + 12 * 3_600_000
    world.do(SkillClosed(skill="service", opens_at_ms=opens_at_ms))
    said = world.queue("c1")

    assert said[0] == GiveUp(call="c1", reason="closed", callback="cb-c1")
    assert only(CallbackNoted, said)[0].due_ms == opens_at_ms + 30 * 60_000
    assert "c0" in world.floor.waiting
    world.do(SkillOpened(skill="service"))
    assert only(GiveUp, world.queue("c2")) == []


def test_one_caller_too_many_is_rung_back() -> None:
    world = busy("wang")
    for n in range(POLICY.queue.max_waiting):
        world.queue(f"c{n}")

    assert world.queue("more")[0] == GiveUp(call="more", reason="queue_full", callback="cb-more")


def test_a_skill_that_does_not_exist_drops_no_call() -> None:
    world = World()
    world.staff("wang")

    assert world.queue("c0", "gardening") == (
        Overflow(call="c0", from_skill="gardening", to_skill="service"),
        Offer(seat="wang", call="c0"),
    )


# Callbacks


def test_a_callback_keeps_its_place_among_those_who_wait() -> None:
    world = busy("wang")
    world.queue("c0")
    world.later(5)
    world.queue("c1")
    world.do(CallbackChosen(call="c0"))
    world.later(30)

    place = place_of(world.floor, world.policy, "c1")
    assert place is not None and place.position == 2
    said = world.finish("wang")
    assert only(PlaceCallback, said) == [PlaceCallback(callback="cb-c0", seat="wang", number="13800138000", attempt=1)]
    assert world.do(CallbackOutcome(callback="cb-c0", outcome="reached", call="out-1")) == (
        Connect(seat="wang", call="out-1"),
    )
    assert world.floor.callbacks["cb-c0"].state == "done"


def test_the_caller_can_hang_up_before_they_are_rung_back() -> None:
    world = World()
    world.staff("wang")
    world.queue("c0")

    assert only(PlaceCallback, world.do(CallbackChosen(call="c0"))) == []
    assert only(PlaceCallback, world.later(19)) == []
    assert len(only(PlaceCallback, world.later(2))) == 1


@pytest.mark.parametrize("number", ["", "110", "anonymous"])
def test_who_has_no_number_goes_on_waiting(number: str) -> None:
    world = busy("wang")
    world.queue("c0", number=number)

    assert world.do(CallbackChosen(call="c0")) == (CallbackRefused(call="c0", number=number),)
    assert "c0" in world.floor.waiting


def test_a_callback_that_is_not_reached_is_tried_again_and_then_left_to_a_person() -> None:
    world = World()
    world.staff("wang")
    world.do(CallbackRequested(call="c0", number="13800138000", skill="service"))
    for outcome in ("no_answer", "busy"):
        assert world.state("wang") == "ringing"
        world.do(CallbackOutcome.model_validate({"callback": "cb-c0", "outcome": outcome}))
        assert world.state("wang") == "ready"
        assert only(PlaceCallback, world.later(599, each_s=10)) == []
        assert len(only(PlaceCallback, world.later(2))) == 1

    assert CallbackFailed(callback="cb-c0", call="c0", attempts=3) in world.do(
        CallbackOutcome(callback="cb-c0", outcome="failed")
    )


def test_a_callback_of_which_nothing_is_heard_does_not_block_the_seat() -> None:
    world = World()
    world.staff("wang")
    world.do(CallbackRequested(call="c0", number="13800138000", skill="service"))

    assert Withdraw(seat="wang", call="cb-c0", reason="no_answer") in world.later(46)
    assert world.state("wang") == "ready"


def test_a_callback_is_not_placed_before_the_time_that_was_asked_for() -> None:
    world = World()
    world.staff("wang")
    at_ms = world.now_ms + 3_600_000
    world.do(CallbackRequested(call="c0", number="13800138000", skill="service", not_before_ms=at_ms))

    assert only(PlaceCallback, world.later(3590, each_s=10)) == []
    assert len(only(PlaceCallback, world.later(20))) == 1


def test_whom_nobody_is_left_for_when_they_pick_up_is_first_in_line() -> None:
    world = World()
    world.staff("wang")
    world.do(CallbackRequested(call="c0", number="13800138000", skill="service"))
    said = world.do(SeatVanished(seat="wang"))
    assert Withdraw(seat="wang", call="cb-c0", reason="seat_gone") in said
    world.queue("c1", priority=90)

    assert world.do(CallbackOutcome(callback="cb-c0", outcome="reached", call="out-1")) == (Requeued(call="out-1"),)
    assert list(world.floor.waiting) == ["out-1", "c1"]


def test_who_calls_again_need_not_be_rung_back() -> None:
    world = World()
    world.staff("wang")
    world.do(CallbackRequested(call="c0", number="13800138000", skill="service"))

    assert world.do(CallbackCancelled(callback="cb-c0")) == (Withdraw(seat="wang", call="cb-c0", reason="cancelled"),)


def test_asking_twice_to_be_rung_back_keeps_the_better_place() -> None:
    world = World()
    world.do(CallbackRequested(call="c0", number="13800138000", skill="service"))
    world.later(60)
    world.do(CallbackRequested(call="c0", number="13900139000", skill="complaint", priority=50))

    (callback,) = world.floor.callbacks.values()
    assert (callback.number, callback.skill, callback.priority) == ("13900139000", "complaint", 50)
    assert callback.queued_at_ms == NOW_MS


def test_an_overdue_callback_may_be_placed_by_those_who_help_out() -> None:
    world = World()
    world.staff("sun")
    world.do(CallbackRequested(call="c0", number="13800138000", skill="service"))

    assert only(PlaceCallback, world.later(1799, each_s=10)) == []
    assert only(PlaceCallback, world.later(2))[0].seat == "sun"


# Alerts


def test_an_alert_moves_a_waiting_call_to_the_front_and_to_the_specialist() -> None:
    world = busy("wang", "li")
    world.queue("c0")
    world.queue("c1")

    assert world.do(Raised(call="c1", priority=50)) == (Moved(call="c1", skill="service", priority=50),)
    assert list(world.floor.waiting) == ["c1", "c0"]
    world.do(Raised(call="c1", priority=90, skill="complaint"))
    assert Offer(seat="li", call="c1") in world.finish("li")


def test_an_alert_takes_the_call_from_a_telephone_where_it_does_not_belong() -> None:
    world = World()
    world.staff("li", "wang")
    world.queue("c0")

    assert world.do(Raised(call="c0", priority=50, skill="complaint")) == (
        Withdraw(seat="wang", call="c0", reason="alert"),
        Moved(call="c0", skill="complaint", priority=50),
        Offer(seat="li", call="c0"),
    )


def test_an_alert_never_lowers_anything_and_says_nothing_twice() -> None:
    world = busy("wang")
    world.queue("c0", priority=90)

    assert world.do(Raised(call="c0", priority=50)) == ()


def test_an_alert_raises_a_callback_too() -> None:
    world = World()
    world.do(CallbackRequested(call="c0", number="13800138000", skill="service"))

    assert world.do(Raised(call="c0", priority=90, skill="complaint")) == (
        Moved(call="cb-c0", skill="complaint", priority=90),
    )


def test_a_thousand_alerts_in_a_second_are_decided_within_it() -> None:
    policy = POLICY.model_copy(update={"queue": POLICY.queue.model_copy(update={"max_waiting": 1000})})
    world = World(policy)
    for n in range(1000):
        world.queue(f"c{n}", "complaint")
    began = time.thread_time()
    for n in range(1000):
        world.do(Raised(call=f"c{(n * 7) % 1000}", priority=50 + n % 40))

    assert time.thread_time() - began < 1
    assert len(world.floor.waiting) == 1000


# Passing on


def test_a_cold_transfer_keeps_the_place() -> None:
    world = busy("wang", "li")
    queued_at_ms = world.floor.talking["talk-wang"].queued_at_ms
    world.do(TransferAsked(seat="wang", call="talk-wang", to_skill="complaint"))

    assert world.state("wang") == "wrap_up"
    waiting = world.floor.waiting["talk-wang"]
    assert (waiting.skill, waiting.queued_at_ms, waiting.transfers) == ("complaint", queued_at_ms, 1)


def test_a_warm_transfer_leaves_nobody_alone() -> None:
    world = busy("wang")
    world.staff("li")

    assert world.do(TransferAsked(seat="wang", call="talk-wang", to_skill="complaint", warm=True)) == (
        Offer(seat="li", call="talk-wang"),
    )
    assert world.state("wang") == "talking"
    assert world.do(SeatAnswered(seat="li", call="talk-wang")) == (
        Connect(seat="li", call="talk-wang", warm_from="wang"),
    )
    assert (world.state("wang"), world.state("li")) == ("talking", "talking")
    world.do(CallFinished(seat="wang", call="talk-wang"))
    assert world.floor.talking["talk-wang"].seat_id == "li"
    assert world.state("wang") == "wrap_up"


def test_in_a_warm_transfer_the_first_has_the_caller_again_when_the_second_leaves() -> None:
    world = busy("wang")
    world.staff("li")
    world.do(TransferAsked(seat="wang", call="talk-wang", to_skill="complaint", warm=True))
    world.answer("li")
    world.do(CallFinished(seat="li", call="talk-wang"))

    assert world.floor.talking["talk-wang"].seat_id == "wang"


def test_a_warm_transfer_can_be_taken_back() -> None:
    world = busy("wang")
    world.staff("li")
    world.do(TransferAsked(seat="wang", call="talk-wang", to_skill="complaint", warm=True))

    assert world.do(TransferCancelled(seat="wang", call="talk-wang")) == (
        Withdraw(seat="li", call="talk-wang", reason="cancelled"),
    )
    assert world.floor.talking["talk-wang"].seat_id == "wang"


def test_who_hangs_up_in_a_warm_transfer_leaves_the_caller_waiting_not_lost() -> None:
    world = busy("wang", "li")
    world.do(TransferAsked(seat="wang", call="talk-wang", to_skill="complaint", warm=True))
    world.do(CallFinished(seat="wang", call="talk-wang"))

    assert world.floor.waiting["talk-wang"].held_by is None
    assert only(Announce, world.later(15)) != []


def test_a_call_can_be_passed_to_a_person_who_is_busy_and_waits_for_them() -> None:
    world = busy("wang", "li")
    world.staff("chen")
    world.do(TransferAsked(seat="wang", call="talk-wang", to_seat="li"))

    assert world.state("chen") == "ready"
    assert Offer(seat="li", call="talk-wang") in world.finish("li")


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ({"to_skill": "gardening"}, "unknown_target"),
        ({"to_seat": "nobody"}, "unknown_target"),
        ({}, "unknown_target"),
        ({"to_skill": "repair"}, "nobody_there"),
        ({"to_seat": "sun"}, "nobody_there"),
        ({"to_seat": "wang"}, "nobody_there"),
    ],
)
def test_a_transfer_to_nobody_leaves_the_call_where_it_is(to: dict[str, str], reason: str) -> None:
    world = busy("wang")
    given = TransferAsked.model_validate({"seat": "wang", "call": "talk-wang", **to})

    assert world.do(given) == (TransferRefused.model_validate({"seat": "wang", "call": "talk-wang", "reason": reason}),)
    assert world.state("wang") == "talking"


def passed_on_too_often() -> World:
    """Wang passed a call to Li, who passed it back: as often as may be."""
    world = busy("wang")
    world.staff("li")
    for seat, to in (("wang", "li"), ("li", "wang")):
        world.do(TransferAsked(seat=seat, call="talk-wang", to_seat=to, to_skill="service"))
        assert world.answer(to) == "talk-wang"
        world.later(31)
    assert world.floor.talking["talk-wang"].transfers == POLICY.queue.max_transfers
    return world


def test_a_call_that_was_passed_on_too_often_goes_to_whoever_is_free() -> None:
    world = passed_on_too_often()
    world.do(SeatOnBreak(seat="li"))
    world.staff("sun")

    assert world.do(TransferAsked(seat="wang", call="talk-wang", to_skill="complaint")) == (
        Overflow(call="talk-wang", from_skill="service", to_skill="repair"),
        Offer(seat="sun", call="talk-wang"),
    )


def test_a_call_that_was_passed_on_too_often_is_rung_back_where_nobody_is_free() -> None:
    world = passed_on_too_often()
    world.do(SeatOnBreak(seat="li"))
    said = world.do(TransferAsked(seat="wang", call="talk-wang", to_skill="complaint"))

    assert said[0] == GiveUp(call="talk-wang", reason="transfers", callback="cb-talk-wang")


# What does not fit


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (SeatReady(seat="nobody"), "unknown_seat"),
        (SeatReady(seat="sun"), "not_now"),
        (SeatSignedIn(seat="nobody"), "unknown_seat"),
        (CallerGone(call="c9"), "unknown_call"),
        (CallFinished(seat="wang", call="c9"), "not_now"),
        (CallbackOutcome(callback="cb-c9", outcome="busy"), "unknown_callback"),
        (Raised(call="c9", priority=1), "unknown_call"),
    ],
)
def test_what_does_not_fit_changes_nothing(given: SeatReady, why: str) -> None:
    world = busy("wang")
    before = world.floor
    (said,) = world.do(given)

    assert isinstance(said, Ignored) and said.why == why
    assert world.floor is before


def test_a_clock_that_is_set_back_makes_nobody_wait_again() -> None:
    world = busy("wang")
    world.queue("c0")
    world.later(14)
    world.now_ms -= 3_600_000
    world.queue("c1")
    world.do(Tick())

    assert list(world.floor.waiting) == ["c0", "c1"]
    world.now_ms += 3_600_000
    assert [one.call for one in only(Announce, world.later(1))] == ["c0", "c1"]
    assert only(Announce, world.later(44)) == []


def test_a_policy_needs_a_skill() -> None:
    with pytest.raises(ValueError, match="skills"):
        FloorPolicy.model_validate({"skills": {}})
