"""The level that a rule asks for: only such people are rung, but nobody waits for them for ever."""

from agent.routing.floor import Floor, FloorPolicy, place_of
from agent.routing.floor.decisions import GiveUp, Offer, PlaceCallback, Requeued, Withdraw
from agent.routing.floor.inputs import (
    CallbackRequested,
    CallFinished,
    Raised,
    SeatDeclined,
    SeatOnBreak,
    SeatReady,
    SeatSignedIn,
    SeatSignedOff,
    SeatVanished,
    TransferAsked,
    WrapUpDone,
)
from agent.routing.floor.recover import recover
from tests.routing.floor_world import World, only

POLICY = FloorPolicy.model_validate(
    {
        "skills": {
            "service": {"handling_s": 200},
            "complaint": {"handling_s": 400, "overflow": [{"to": "service", "after_s": 10}]},
        },
        "seats": [
            {"id": "li", "name": "李静", "skills": {"complaint": 5}},
            {"id": "he", "name": "何伟", "skills": {"complaint": 3, "service": 1}},
            {"id": "wu", "name": "吴敏", "skills": {"complaint": 1, "service": 4}},
            {"id": "xu", "name": "徐佳", "skills": {"service": 2}},
        ],
        "queue": {"level_s": 30, "sticky_s": 20},
    }
)


def office(*seats: str) -> World:
    world = World(POLICY)
    world.staff(*seats)
    return world


def with_li_busy(*others: str) -> World:
    """Li, the only one of level 5, has a call; these others are free."""
    world = office("li", *others)
    world.queue("talk-li", "complaint", sticky="li", number="13900000000")
    assert world.answer("li") == "talk-li"
    world.said.clear()
    return world


def test_only_people_of_the_level_are_rung() -> None:
    assert office("wu", "he", "li").queue("c0", "complaint", level=3) == (Offer(seat="li", call="c0"),)
    assert office("wu", "he").queue("c0", "complaint", level=3) == (Offer(seat="he", call="c0"),)


def test_who_is_not_good_enough_stays_free_for_others() -> None:
    world = with_li_busy("he")

    assert world.queue("c0", "complaint", level=4) == ()
    assert world.queue("c1", "complaint") == (Offer(seat="he", call="c1"),)


def test_the_level_falls_away_after_the_time_that_the_policy_names() -> None:
    world = with_li_busy("he")
    world.queue("c0", "complaint", level=4)

    assert only(Offer, world.later(29)) == []
    assert only(Offer, world.later(2)) == [Offer(seat="he", call="c0")]


def test_who_becomes_free_within_that_time_and_has_the_level_is_rung() -> None:
    world = with_li_busy("he")
    world.queue("c0", "complaint", level=4)
    world.later(10)

    assert Offer(seat="li", call="c0") in world.finish("li")
    assert world.state("he") == "ready"


def test_where_nobody_of_the_level_is_signed_in_anybody_is_rung_at_once() -> None:
    assert office("wu").queue("c0", "complaint", level=5) == (Offer(seat="wu", call="c0"),)


def test_when_the_last_of_the_level_goes_home_the_call_is_offered_to_others() -> None:
    world = with_li_busy("he")
    world.queue("c0", "complaint", level=4)
    world.do(SeatSignedOff(seat="li"))
    world.do(CallFinished(seat="li", call="talk-li"))
    assert not only(Offer, world.said)

    world.do(WrapUpDone(seat="li"))
    assert world.state("li") == "offline" and Offer(seat="he", call="c0") in world.said


def test_a_person_on_a_break_is_signed_in_and_is_waited_for_no_longer_than_others() -> None:
    world = office("he", "li")
    world.do(SeatOnBreak(seat="li"))

    assert world.queue("c0", "complaint", level=4) == ()
    assert Offer(seat="li", call="c0") in world.do(SeatReady(seat="li"))
    world.do(SeatDeclined(seat="li", call="c0"))
    assert Offer(seat="he", call="c0") in world.later(31)


def test_people_who_help_out_need_the_level_too_as_long_as_it_is_asked_for() -> None:
    world = with_li_busy("xu")
    world.queue("c0", "complaint", level=3)
    assert only(Offer, world.later(12)) == [], "overflowed to service, where Xu has level 2"

    world.staff("wu")
    assert Offer(seat="wu", call="c0") in world.said, "Wu has level 4 in service"


def test_overflow_ends_no_later_than_the_level_does() -> None:
    world = with_li_busy("xu")
    world.queue("c0", "complaint", level=3)

    assert Offer(seat="xu", call="c0") in world.later(31)


def test_the_person_who_knows_the_caller_must_have_the_level_too() -> None:
    world = office("wu", "he")

    assert world.queue("c0", "complaint", sticky="wu", level=3) == (Offer(seat="he", call="c0"),)


def test_an_alert_in_the_queue_takes_the_call_from_who_rings_without_the_level() -> None:
    world = with_li_busy("he")
    assert world.queue("c0", "complaint") == (Offer(seat="he", call="c0"),)

    said = world.do(Raised(call="c0", priority=90, skill="complaint", skill_level=5))
    assert Withdraw(seat="he", call="c0", reason="alert") in said and not only(Offer, said)
    assert Offer(seat="li", call="c0") in world.finish("li")


def test_the_level_that_has_fallen_away_is_asked_again_where_an_alert_asks_for_it() -> None:
    world = with_li_busy()
    world.queue("c0", "complaint", level=5)
    world.later(31)
    world.do(Raised(call="c0", priority=90, skill="complaint", skill_level=5))
    world.staff("he")

    assert not only(Offer, world.said)
    assert Offer(seat="he", call="c0") in world.later(31)


def test_whom_a_person_passes_the_call_on_to_they_choose_themselves() -> None:
    world = office("li")
    world.queue("c0", "complaint", level=5)
    world.answer("li")
    world.staff("xu")

    said = world.do(TransferAsked(seat="li", call="c0", to_skill="service"))
    assert Offer(seat="xu", call="c0") in said


def test_a_caller_whose_person_is_lost_is_kept_for_the_level_again() -> None:
    world = office("li")
    world.queue("c0", "complaint", level=4)
    world.answer("li")
    world.staff("wu")
    world.do(SeatSignedIn(seat="he"))
    world.do(SeatVanished(seat="li"))
    said = world.later(16)
    assert Requeued(call="c0") in said
    assert world.floor.waiting["c0"].skill_level == 4
    assert Offer(seat="wu", call="c0") in said, "nobody of level 4 is signed in any more"


def test_a_callback_is_placed_for_people_of_the_level_until_it_is_due() -> None:
    world = with_li_busy("he")
    world.do(CallbackRequested(call="c9", number="13800138000", skill="complaint", skill_level=5))

    assert only(PlaceCallback, world.later(29 * 60, each_s=10)) == []
    assert [one.seat for one in only(PlaceCallback, world.later(70))] == ["he"]


def test_the_expected_wait_is_that_for_the_level_or_for_anybody_once_it_falls_away() -> None:
    world = with_li_busy("he")
    world.queue("c0", "complaint", level=4)

    place = place_of(world.floor, POLICY, "c0")
    assert place is not None and place.expected_wait_s == 30, "He is free then; Li takes 400 s"


def test_a_floor_that_died_asks_for_the_level_again() -> None:
    world = with_li_busy("he")
    world.queue("c0", "complaint", level=4)
    world.floor = Floor.from_json(world.floor.to_json())
    world.floor, _ = recover(world.floor, POLICY, world.now_ms + 1000)
    world.now_ms += 1000

    assert world.floor.callbacks["cb-c0"].skill_level == 4
    world.do(SeatSignedIn(seat="li"))
    world.staff("he")
    placed = only(PlaceCallback, world.said)
    assert [one.callback for one in placed] == ["cb-talk-li"], "He may have the one that asks for no level"
    assert PlaceCallback(callback="cb-c0", seat="li", number="13800138000", attempt=1) in world.do(SeatReady(seat="li"))


def test_who_calls_without_a_number_and_is_lost_is_rung_where_they_were_promised_to_be_and_by_the_level() -> None:
    world = office()
    world.do(CallbackRequested(call="c0", number="13800138000", skill="complaint"))
    world.queue("c0", "complaint", number="", level=4)
    world.floor, decisions = recover(world.floor, POLICY, world.now_ms + 1000)

    kept = world.floor.callbacks["cb-c0"]
    assert (kept.number, kept.skill_level, kept.state) == ("13800138000", 4, "waiting")
    assert not only(GiveUp, decisions)
