"""Whatever happens on the floor, in whatever order: no caller is lost, nobody has two, everybody keeps their place."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agent.routing.floor import Floor, Input, next_due_ms, opened, parse_decision, parse_input, places, step
from agent.routing.floor.decisions import CallbackNoted, GiveUp, Offer, PlaceCallback
from agent.routing.floor.inputs import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackChosen,
    CallbackOutcome,
    CallbackRequested,
    CallerGone,
    CallFinished,
    CallQueued,
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
    WrapUpDone,
)
from agent.routing.floor.match import is_there, kept_for, least_level, level_for
from agent.routing.floor.recover import recover
from agent.routing.floor.state import Callback, Seat, Waiting
from tests.routing.floor_world import NOW_MS
from tests.routing.floor_world import POLICY as PAGES

_RUNG = {"number": "13911112222"}
POLICY = PAGES.model_copy(update={"seats": (PAGES.seats[0].model_copy(update=_RUNG), *PAGES.seats[1:])})
SEATS = st.sampled_from([*POLICY.by_id, "nobody"])
SKILLS = st.sampled_from([*POLICY.skills, "gardening"])
CALLS = st.integers(0, 11).map("c{}".format)
NUMBERS = st.sampled_from(["13800138000", "01062345678", "", "ANONYMOUS"])
LEVELS = st.sampled_from([0, 0, 2, 4, 5])
PRIORITIES = st.sampled_from([0, 0, 10, 50, 90])


class FloorMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.floor = opened(POLICY)
        self.now_ms = NOW_MS
        self.places_kept: dict[str, int] = {}
        for seat in POLICY.by_id:
            self.do(SeatSignedIn(seat=seat))
            self.do(SeatReady(seat=seat))

    def do(self, given: Input) -> None:
        before = self.floor
        assert parse_input(given.model_dump_json()) == given
        self.floor, decisions = step(before, POLICY, given, self.now_ms)
        assert self.floor.now_ms >= before.now_ms
        for decision in decisions:
            assert parse_decision(decision.model_dump_json()) == decision
            if isinstance(decision, Offer):
                # It may have been taken back within the step, by nothing that this input can do.
                call, seat = self.floor.waiting[decision.call], self.floor.seats[decision.seat]
                assert call.skill in seat.skills or set(call.also) & set(seat.skills)
                self.has_the_level(seat, call)
            if isinstance(decision, PlaceCallback):
                callback, seat = self.floor.callbacks[decision.callback], self.floor.seats[decision.seat]
                assert callback.skill in seat.skills or set(callback.also) & set(seat.skills)
                self.has_the_level(seat, callback)
        self.nobody_is_lost(before, given, decisions)

    def has_the_level(self, seat: Seat, item: Waiting | Callback) -> None:
        """Whom the rule asked for, for as long as the policy says and somebody of that level is signed in."""

        def able(one: Seat) -> bool:
            return any(one.skills.get(skill, 0) >= item.skill_level for skill in (item.skill, *item.also))

        signed_in = any(able(one) for one in self.floor.seats.values() if one.state != "offline")
        assert able(seat) or not signed_in or self.floor.now_ms >= item.level_until_ms

    def nobody_is_lost(self, before: Floor, given: Input, decisions: tuple[object, ...]) -> None:
        """Who is gone from the floor hung up, was done, is to be rung back, or was told that nobody will come."""
        gone = (before.waiting.keys() | before.talking.keys()) - (self.floor.waiting.keys() | self.floor.talking.keys())
        explained = {one.call for one in decisions if isinstance(one, CallbackNoted)}
        explained |= {one.call for one in decisions if isinstance(one, GiveUp) and one.callback is None}
        if isinstance(given, CallerGone | CallFinished):
            explained.add(given.call)
        assert gone <= explained
        if isinstance(given, CallQueued) and given.call not in before.waiting | before.talking:
            assert given.call in self.floor.waiting or given.call in explained

    # People

    @rule(seat=SEATS)
    def comes(self, seat: str) -> None:
        self.do(SeatSignedIn(seat=seat))

    @rule(seat=SEATS)
    def is_ready(self, seat: str) -> None:
        self.do(SeatReady(seat=seat))

    @rule(seat=SEATS, how=st.sampled_from([SeatOnBreak, SeatSignedOff, SeatVanished]))
    def leaves(self, seat: str, how: type[SeatOnBreak | SeatSignedOff | SeatVanished]) -> None:
        self.do(how(seat=seat))

    @rule(seat=SEATS)
    def takes_what_rings(self, seat: str) -> None:
        call = self.floor.seats[seat].call_id if seat in self.floor.seats else None
        self.do(SeatAnswered(seat=seat, call=call or "c0"))

    @rule(seat=SEATS, call=CALLS)
    def answers_anything(self, seat: str, call: str) -> None:
        self.do(SeatAnswered(seat=seat, call=call))

    @rule(seat=SEATS)
    def declines(self, seat: str) -> None:
        call = self.floor.seats[seat].call_id if seat in self.floor.seats else None
        self.do(SeatDeclined(seat=seat, call=call or "c0"))

    @rule(seat=SEATS)
    def ends_its_call(self, seat: str) -> None:
        call = self.floor.seats[seat].call_id if seat in self.floor.seats else None
        self.do(CallFinished(seat=seat, call=call or "c0"))

    @rule(seat=SEATS)
    def has_written_it_down(self, seat: str) -> None:
        self.do(WrapUpDone(seat=seat))

    @rule(seat=SEATS, skill=st.none() | SKILLS, to=st.none() | SEATS, warm=st.booleans())
    def passes_on(self, seat: str, skill: str | None, to: str | None, warm: bool) -> None:
        call = self.floor.seats[seat].call_id if seat in self.floor.seats else None
        self.do(TransferAsked(seat=seat, call=call or "c0", to_skill=skill, to_seat=to, warm=warm))

    @rule(seat=SEATS)
    def keeps_it_after_all(self, seat: str) -> None:
        call = self.floor.seats[seat].call_id if seat in self.floor.seats else None
        self.do(TransferCancelled(seat=seat, call=call or "c0"))

    # Callers

    @rule(call=CALLS, skill=SKILLS, number=NUMBERS, priority=PRIORITIES, sticky=st.none() | SEATS, level=LEVELS)
    def is_queued(self, call: str, skill: str, number: str, priority: int, sticky: str | None, level: int) -> None:
        self.do(
            CallQueued(
                call=call, caller_number=number, skill=skill, priority=priority, sticky=sticky, skill_level=level
            )
        )

    @rule(call=CALLS)
    def hangs_up(self, call: str) -> None:
        self.do(CallerGone(call=call))

    @rule(call=CALLS, priority=PRIORITIES, skill=st.none() | SKILLS, level=st.none() | LEVELS)
    def is_raised(self, call: str, priority: int, skill: str | None, level: int | None) -> None:
        self.do(Raised(call=call, priority=priority, skill=skill, skill_level=level))

    @rule(call=CALLS, number=NUMBERS)
    def wants_to_be_rung_back(self, call: str, number: str) -> None:
        self.do(CallbackChosen(call=call, number=number))

    @rule(call=CALLS, number=NUMBERS, skill=SKILLS, in_s=st.sampled_from([0, 0, 60]), level=LEVELS)
    def was_promised_a_callback(self, call: str, number: str, skill: str, in_s: int, level: int) -> None:
        not_before_ms = self.now_ms + in_s * 1000 if in_s else 0
        self.do(
            CallbackRequested(call=call, number=number, skill=skill, skill_level=level, not_before_ms=not_before_ms)
        )

    @rule(seat=SEATS)
    def is_there_for_the_callback(self, seat: str) -> None:
        call = self.floor.seats[seat].call_id if seat in self.floor.seats else None
        self.do(CallbackAccepted(seat=seat, callback=call or "cb-c0"))

    @rule(data=st.data(), outcome=st.sampled_from(["reached", "no_answer", "busy", "failed"]), new=st.none() | CALLS)
    def was_rung(self, data: st.DataObject, outcome: str, new: str | None) -> None:
        ids = [*self.floor.callbacks, "cb-nobody"]
        given = {"callback": data.draw(st.sampled_from(ids)), "outcome": outcome, "call": new}
        self.do(CallbackOutcome.model_validate(given))

    @rule(data=st.data())
    def need_not_be_rung(self, data: st.DataObject) -> None:
        self.do(CallbackCancelled(callback=data.draw(st.sampled_from([*self.floor.callbacks, "cb-nobody"]))))

    # The world

    @rule(skill=SKILLS, opens_in_h=st.none() | st.integers(1, 12))
    def closes(self, skill: str, opens_in_h: int | None) -> None:
        opens_at_ms = self.now_ms + opens_in_h * 3_600_000 if opens_in_h is not None else None
        self.do(SkillClosed(skill=skill, opens_at_ms=opens_at_ms))

    @rule(skill=SKILLS)
    def opens(self, skill: str) -> None:
        self.do(SkillOpened(skill=skill))

    @rule(seconds=st.sampled_from([1, 5, 10, 16, 31, 60, 100, 700, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.now_ms += seconds * 1000
        self.do(Tick())

    @rule(seconds=st.integers(1, 100_000))
    def the_clock_is_set_back(self, seconds: int) -> None:
        self.now_ms -= seconds * 1000
        self.do(Tick())

    @rule()
    def dies_and_comes_back(self) -> None:
        before = self.floor
        self.floor, decisions = recover(before, POLICY, self.now_ms)
        told = {one.call for one in decisions if isinstance(one, CallbackNoted | GiveUp)}
        assert before.waiting.keys() | before.talking.keys() <= told
        assert not self.floor.waiting and not self.floor.talking
        assert {seat.state for seat in self.floor.seats.values()} == {"offline"}
        for call in (*before.waiting.values(), *before.talking.values()):
            kept = [
                one
                for one in self.floor.callbacks.values()
                if one.call_id == call.call_id and one.state not in ("done", "failed")
            ]
            assert not kept or min(one.queued_at_ms for one in kept) <= call.queued_at_ms
            assert not kept or max(one.skill_level for one in kept) >= call.skill_level

    # What is always so

    @invariant()
    def a_seat_has_one_call_and_a_call_one_seat(self) -> None:
        rings = {call.offered: call.call_id for call in self.floor.waiting.values() if call.offered is not None}
        places_for = {one.seat_id: one.id for one in self.floor.callbacks.values() if one.state == "placing"}
        talks = {call.seat_id: call.call_id for call in self.floor.talking.values()}
        # In a warm transfer, and only there, two people are on the line.
        leaves = {call.leaving: call.call_id for call in self.floor.talking.values() if call.leaving is not None}
        expected = {**rings, **places_for, **talks, **leaves}
        assert len(expected) == len(rings) + len(places_for) + len(talks) + len(leaves)
        assert expected == {seat.id: seat.call_id for seat in self.floor.seats.values() if seat.call_id is not None}
        for seat in self.floor.seats.values():
            busy = {"ringing": rings | places_for, "talking": talks | leaves}.get(seat.state, {})
            assert (seat.id in busy) == (seat.state in ("ringing", "talking"))
            assert not seat.vanished or seat.state == "talking"

    @invariant()
    def who_both_waits_and_talks_is_being_passed_on_warm(self) -> None:
        both = self.floor.waiting.keys() & self.floor.talking.keys()
        held = {call.call_id for call in self.floor.waiting.values() if call.held_by is not None}
        assert both == held
        for call in held:
            assert self.floor.talking[call].seat_id == self.floor.waiting[call].held_by

    @invariant()
    def nobody_waits_while_somebody_free_could_help(self) -> None:
        free = [seat for seat in self.floor.seats.values() if seat.state == "ready"]
        for call in self.floor.waiting.values():
            if call.offered is None:
                least = least_level(self.floor.seats, call, self.floor.now_ms)
                could = [seat for seat in free if level_for(seat, call, least) and seat.id not in call.tried]
                assert not could or kept_for(self.floor.seats, call, self.floor.now_ms) is not None
        for one in self.floor.callbacks.values():
            if one.state == "waiting" and one.not_before_ms <= self.floor.now_ms and one.next_ms > self.floor.now_ms:
                least = least_level(self.floor.seats, one, self.floor.now_ms)
                assert not any(level_for(seat, one, least) for seat in free)

    @invariant()
    def nobody_is_kept_for_a_level_for_ever(self) -> None:
        for call in self.floor.waiting.values():
            if call.skill_level:
                assert call.level_until_ms <= self.floor.now_ms + POLICY.queue.level_s * 1000
                # While a seat rings for it, that seat's time is what counts.
                assert call.offered is not None or call.next_ms <= call.level_until_ms

    @invariant()
    def places_are_kept(self) -> None:
        for line in (self.floor.waiting, self.floor.callbacks):
            ranks = [one.rank for one in line.values()]
            assert ranks == sorted(ranks)
        for one in self.floor.callbacks.values():
            assert one.queued_at_ms <= self.places_kept.get(one.id, one.queued_at_ms)
            self.places_kept[one.id] = one.queued_at_ms
        self.places_kept = {key: at for key, at in self.places_kept.items() if key in self.floor.callbacks}

    @invariant()
    def positions_count_from_one_and_waits_are_never_negative(self) -> None:
        standing = places(self.floor, POLICY)
        assert self.floor.waiting.keys() <= standing.keys()
        for skill in POLICY.skills:
            of_skill = [
                standing[key].position
                for line in (self.floor.waiting, self.floor.callbacks)
                for key, one in line.items()
                if key in standing and one.skill == skill
            ]
            assert sorted(of_skill) == list(range(1, len(of_skill) + 1))
        for call in self.floor.waiting.values():
            wait_s = standing[call.call_id].expected_wait_s
            there = any(is_there(seat) and level_for(seat, call) for seat in self.floor.seats.values())
            assert (wait_s is not None) == (there or call.offered is not None)
            assert wait_s is None or wait_s >= 0

    @invariant()
    def it_is_read_back_as_it_was(self) -> None:
        again = Floor.from_json(self.floor.to_json())
        assert again == self.floor
        assert [*again.waiting] == [*self.floor.waiting] and [*again.callbacks] == [*self.floor.callbacks]

    @invariant()
    def a_tick_too_early_changes_nothing(self) -> None:
        due_ms = next_due_ms(self.floor)
        early_ms = self.floor.now_ms if due_ms is None else min(due_ms - 1, self.floor.now_ms)
        if due_ms is None or due_ms > self.floor.now_ms:
            floor, decisions = step(self.floor, POLICY, Tick(), early_ms)
            assert floor is self.floor and decisions == ()

    def teardown(self) -> None:
        """At the end of the day everybody goes home and every caller has been told something."""
        if not hasattr(self, "floor"):
            return
        for seat in POLICY.by_id:
            if seat in self.floor.seats:
                self.do(SeatVanished(seat=seat))
        for _ in range(200):
            due_ms = next_due_ms(self.floor)
            if due_ms is None:
                break
            self.now_ms = max(self.floor.now_ms, due_ms)
            self.do(Tick())
        assert not self.floor.waiting and not self.floor.talking


FloorMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestFloorMachine = FloorMachine.TestCase
