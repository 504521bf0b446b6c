"""Who hears whom: what a hand-over, a hold, a listening supervisor and a whisper mean, and what never happens."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from agent.bridge import BOT, BRIEFING, CALLER, MUSIC, BridgeError, Hearing

Change = Callable[[Hearing], object]


def after(*changes: Change, legs: str = "") -> Hearing:
    """The state after these, with legs ``seat-a outside-b supervisor-s`` joined first (role before the dash)."""
    hearing = Hearing()
    for leg in legs.split():
        hearing = hearing.join(leg, leg.split("-")[0]).hearing
    for change in changes:
        hearing = change(hearing).hearing
    return hearing


def connect(leg: str) -> Change:
    return lambda hearing: hearing.connect(leg)


A, B, S = "seat-a", "seat-b", "supervisor-s"

MATRICES: dict[str, tuple[Hearing, dict[str, set[str]]]] = {
    "a call begins with its caller and the bot": (after(), {CALLER: {BOT}, BOT: {CALLER}}),
    "who has joined is not yet connected": (after(legs=A), {CALLER: {BOT}, BOT: {CALLER}, A: set()}),
    "a briefing is heard by the person alone, and the bot goes on talking to the caller": (
        after(lambda h: h.bot_whispers(A), legs=A),
        {CALLER: {BOT}, BOT: {CALLER}, A: {BRIEFING}},
    ),
    "a hand-over ends the briefing; the bot stays on and hears both": (
        after(lambda h: h.bot_whispers(A), connect(A), legs=A),
        {CALLER: {A}, A: {CALLER}, BOT: {CALLER, A}},
    ),
    "a caller on hold hears music; only the bot hears them, and not what is said meanwhile at the seat": (
        after(connect(A), lambda h: h.hold(CALLER), legs=A),
        {CALLER: {MUSIC}, A: set(), BOT: {CALLER}},
    ),
    "a caller who waits before any person came hears music and the bot's announcements": (
        after(lambda h: h.hold(CALLER)),
        {CALLER: {BOT, MUSIC}, BOT: {CALLER}},
    ),
    "who is taken off hold talks again": (
        after(connect(A), lambda h: h.hold(CALLER), lambda h: h.resume(CALLER), legs=A),
        {CALLER: {A}, A: {CALLER}, BOT: {CALLER, A}},
    ),
    "two people consult without the caller, and without being written down": (
        after(connect(A), lambda h: h.consult(A, B), legs=f"{A} {B}"),
        {CALLER: {MUSIC}, A: {B}, B: {A}, BOT: {CALLER}},
    ),
    "then all come together": (
        after(connect(A), lambda h: h.consult(A, B), lambda h: h.merge(), legs=f"{A} {B}"),
        {CALLER: {A, B}, A: {CALLER, B}, B: {CALLER, A}, BOT: {CALLER, A, B}},
    ),
    "or the first leaves, and the second has the caller": (
        after(connect(A), lambda h: h.consult(A, B), lambda h: h.leave(A), legs=f"{A} {B}"),
        {CALLER: {B}, B: {CALLER}, BOT: {CALLER, B}},
    ),
    "or the second leaves, and the first has the caller back": (
        after(connect(A), lambda h: h.consult(A, B), lambda h: h.leave(B), legs=f"{A} {B}"),
        {CALLER: {A}, A: {CALLER}, BOT: {CALLER, A}},
    ),
    "a supervisor listens to the bot's call": (
        after(lambda h: h.listen(S), legs=S),
        {CALLER: {BOT}, BOT: {CALLER}, S: {CALLER, BOT}},
    ),
    "a supervisor listens to a person's call": (
        after(connect(A), lambda h: h.listen(S), legs=f"{A} {S}"),
        {CALLER: {A}, A: {CALLER}, BOT: {CALLER, A}, S: {CALLER, A}},
    ),
    "a whisper reaches the one person": (
        after(connect(A), connect(B), lambda h: h.whisper(S, A), legs=f"{A} {B} {S}"),
        {CALLER: {A, B}, A: {CALLER, B, S}, B: {CALLER, A}, BOT: {CALLER, A, B}, S: {CALLER, A, B}},
    ),
    "a whisper reaches a person on hold, and before the connect": (
        after(connect(A), lambda h: h.hold(A), lambda h: h.whisper(S, A), legs=f"{A} {S}"),
        {CALLER: set(), A: {S, MUSIC}, BOT: {CALLER}, S: {CALLER, A}},
    ),
    "who barges in talks with everybody, also with a caller who was on hold": (
        after(connect(A), lambda h: h.hold(CALLER), lambda h: h.barge_in(S), legs=f"{A} {S}"),
        {CALLER: {A, S}, A: {CALLER, S}, BOT: {CALLER, A, S}, S: {CALLER, A}},
    ),
    "who barges in on the bot takes the call over": (
        after(lambda h: h.barge_in(S), legs=S),
        {CALLER: {S}, BOT: {CALLER, S}, S: {CALLER}},
    ),
    "and who goes back to listening leaves it to the bot": (
        after(lambda h: h.barge_in(S), lambda h: h.listen(S), legs=S),
        {CALLER: {BOT}, BOT: {CALLER}, S: {CALLER, BOT}},
    ),
    "once the last person is gone the bot goes on": (
        after(connect(A), lambda h: h.hold(CALLER), lambda h: h.leave(A), legs=A),
        {CALLER: {BOT}, BOT: {CALLER}},
    ),
    "who is left alone on hold is taken off it": (
        after(connect(A), connect(B), lambda h: h.hold(B), lambda h: h.leave(A), legs=f"{A} {B}"),
        {CALLER: {B}, B: {CALLER}, BOT: {CALLER, B}},
    ),
    "an outside number is a person like any other": (
        after(connect("outside-x"), legs="outside-x"),
        {CALLER: {"outside-x"}, "outside-x": {CALLER}, BOT: {CALLER, "outside-x"}},
    ),
    "a bot that only listens is not heard": (after(lambda h: h.bot_listens()), {CALLER: set(), BOT: {CALLER}}),
    "until it talks again": (after(lambda h: h.bot_listens(), lambda h: h.bot_talks()), {CALLER: {BOT}, BOT: {CALLER}}),
}


@pytest.mark.parametrize("statement", MATRICES)
def test_who_hears_whom(statement: str) -> None:
    hearing, expected = MATRICES[statement]
    assert {leg: set(heard) for leg, heard in hearing.hears.items()} == expected


def test_the_event_says_what_was_asked_for_and_who_hears_whom_then() -> None:
    changed = after(legs=A).connect(A)
    assert changed.event.cause == "connect seat-a"
    assert changed.event.hears == changed.hearing.hears == {CALLER: (A,), BOT: (CALLER, A), A: (CALLER,)}


@pytest.mark.parametrize(
    ("state", "change", "words"),
    [
        (after(), connect("seat-x"), "leg 'seat-x' is not on the bridge; one of caller, bot is right"),
        (after(legs=S), connect(S), "leg 'supervisor-s' is the supervisor and cannot be connected; a outside or seat"),
        (after(legs=A), lambda h: h.join(A, "seat"), "leg 'seat-a' is on the bridge already"),
        (after(), lambda h: h.join(MUSIC, "seat"), "leg 'music' is on the bridge already"),
        (after(), lambda h: h.join("two", "caller"), "leg 'two' cannot be a second caller"),
        (after(), lambda h: h.leave(CALLER), "leg 'caller' is the caller and cannot leave"),
        (after(), lambda h: h.hold(BOT), "leg 'bot' is the bot and cannot be put on hold"),
        (after(legs=A), lambda h: h.hold(A), "leg 'seat-a' is not in the conversation but apart; connect it"),
        (after(legs=f"{A} {B}"), lambda h: h.consult(A, B), "leg 'seat-a' is not connected and cannot consult"),
        (after(connect(A), legs=A), lambda h: h.consult(A, A), "leg 'seat-a' cannot consult itself"),
        (after(connect(A), legs=A), lambda h: h.bot_talks(), "cannot talk while a person is on the line"),
        (after(connect(A), legs=A), lambda h: h.bot_whispers(A), "a briefing comes before the connect"),
        (after(legs=f"{A} {S}"), lambda h: h.whisper(A, S), "leg 'seat-a' is the seat and cannot whisper"),
    ],
)
def test_what_does_not_fit_is_refused_and_says_what_would(state: Hearing, change: Change, words: str) -> None:
    with pytest.raises(BridgeError) as raised:
        change(state)
    assert words in str(raised.value)
    assert raised.value.code == "bridge_refused"


def test_two_seats_that_answer_at_once_are_both_with_the_caller_and_one_may_leave() -> None:
    both = after(connect(A), connect(B), legs=f"{A} {B}")
    assert set(both.hears[CALLER]) == {A, B}
    assert both.leave(A).hearing.hears[CALLER] == (B,)


LEGS = ("seat-a", "seat-b", "outside-c", "supervisor-s", "supervisor-t", CALLER, BOT, "nobody")
ONE_LEG = ("leave", "hold", "resume", "listen", "barge_in", "bot_whispers", "connect")
TWO_LEGS = ("whisper", "consult")
NO_LEG = ("merge", "bot_listens", "bot_talks")


class AnyCourse(RuleBasedStateMachine):
    """Anything, in any order, refused or not."""

    def __init__(self) -> None:
        super().__init__()
        self.hearing = Hearing()

    def _do(self, change: Change) -> None:
        try:
            self.hearing, event = change(self.hearing)
        except BridgeError:
            return
        assert event.hears == self.hearing.hears

    @rule(leg=st.sampled_from(LEGS))
    def join(self, leg: str) -> None:
        role = leg.split("-")[0]
        self._do(lambda h: h.join(leg, role))

    @rule(name=st.sampled_from(ONE_LEG), leg=st.sampled_from(LEGS))
    def one(self, name: str, leg: str) -> None:
        self._do(lambda h: getattr(h, name)(leg))

    @rule(name=st.sampled_from(TWO_LEGS), leg=st.sampled_from(LEGS), other=st.sampled_from(LEGS))
    def two(self, name: str, leg: str, other: str) -> None:
        self._do(lambda h: getattr(h, name)(leg, other))

    @rule(name=st.sampled_from(NO_LEG))
    def none(self, name: str) -> None:
        self._do(lambda h: getattr(h, name)())

    @invariant()
    def nobody_hears_themselves_or_what_is_not_there(self) -> None:
        for leg, heard in self.hearing.hears.items():
            assert leg not in heard
            assert len(set(heard)) == len(heard)
            assert set(heard) <= {*self.hearing.parts, MUSIC, BRIEFING}

    @invariant()
    def who_only_listens_is_heard_by_nobody_and_a_whisper_by_one_person(self) -> None:
        for leg, part in self.hearing.parts.items():
            ears = [ear for ear, heard in self.hearing.hears.items() if leg in heard]
            if part.place in ("listening", "apart"):
                assert ears == []
            if part.place == "whispering":
                assert ears == [part.to] and self.hearing.parts[part.to].role in ("seat", "outside")

    @invariant()
    def the_caller_never_hears_a_briefing_a_whisper_or_what_is_said_aside(self) -> None:
        for voice in self.hearing.hears[CALLER]:
            assert voice == MUSIC or self.hearing.parts[voice].place == "line"

    @invariant()
    def the_bot_never_talks_over_a_person(self) -> None:
        assert not (self.hearing.person_on_line and self.hearing.bot_speaks)

    @invariant()
    def the_bot_always_hears_the_caller(self) -> None:
        assert CALLER in self.hearing.hears[BOT]

    @invariant()
    def the_caller_is_left_with_nothing_to_hear_only_where_somebody_asked_for_it(self) -> None:
        people = [part for leg, part in self.hearing.parts.items() if part.role in ("seat", "outside")]
        if not self.hearing.hears[CALLER] and self.hearing.person_on_line:
            assert any(part.place == "hold" for part in people)

    @invariant()
    def nobody_is_aside_alone(self) -> None:
        assert [part.place for part in self.hearing.parts.values()].count("aside") != 1

    @invariant()
    def who_talks_with_the_caller_hears_whoever_hears_them(self) -> None:
        in_it = [leg for leg, part in self.hearing.parts.items() if part.place == "line"]
        for one in in_it:
            assert set(in_it) - {one} <= set(self.hearing.hears[one])


TestAnyCourse = AnyCourse.TestCase


@given(order=st.permutations(["seat-a", "seat-b", "outside-c"]), held=st.booleans())
def test_however_people_leave_the_caller_is_with_the_bot_in_the_end(order: list[str], held: bool) -> None:
    hearing = after(connect("seat-a"), lambda h: h.consult("seat-a", "seat-b"), legs="seat-a seat-b outside-c")
    if held:
        hearing = hearing.merge().hearing.hold(CALLER).hearing
    for leg in order:
        hearing = hearing.leave(leg).hearing
    assert hearing.is_plain and not hearing.person_on_line
