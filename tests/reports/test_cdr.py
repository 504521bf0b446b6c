"""A call's record tells what happened in it, whenever it is made."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import (
    AlertRaised,
    AlertWithdrawn,
    Body,
    CallbackPlaced,
    CallerRegion,
    Dtmf,
    LegJoined,
    LegLeft,
    MenuChosen,
    MenuEntered,
    PersonWanted,
    RiskAssessed,
    RouteChanged,
    SeatDisconnected,
    SeatOffered,
    SpamJudged,
    SurveyAnswered,
    ToolCalled,
    ToolReturned,
    Transfer,
    VadSpeechStarted,
)
from agent.reports import RECORDED, Cdr, cdr
from tests.reports.days_of_calls import (
    STARTED,
    FlatTariff,
    connected,
    ended,
    greeted,
    left,
    meant,
    queued,
    record,
    said,
    timeline,
    told,
)

ALERT = AlertRaised(alert_id="a1", turn=1, level="high", causes=("regulator",), evidence=(), recommended="x")
CALLBACK = RouteChanged(previous="bot", destination="callback", priority=10, reason="x", callback_due_minutes=30)


def legs(of: Cdr) -> list[tuple[str, str, int, int | None, int, str]]:
    """Kind, with whom, from and to in s, wait in ms, outcome."""
    return [
        (
            leg.kind,
            leg.who,
            round((leg.start - of.start).total_seconds()),
            None if leg.end is None else round((leg.end - of.start).total_seconds()),
            leg.wait_ms,
            leg.outcome,
        )
        for leg in of.legs
    ]


def test_a_call_from_bot_through_queue_to_a_person() -> None:
    made = record(
        greeted(240),
        said(4000),
        meant(4000, "complaint", "angry"),
        queued(10_000),
        queued(15_000, position=2),
        (30_000, SeatOffered(seat="s1")),
        left(36_000, "connected", 26_000),
        connected(36_000),
        (90_000, SeatDisconnected(seat="s1", reason="hung_up")),
        (95_000, SurveyAnswered(score=2, by="key", words="2")),
        ended(99_500, "bot", "said goodbye"),
    )
    assert legs(made) == [
        ("bot", "", 0, 10, 0, ""),
        ("queue", "service", 10, 36, 26_000, "connected"),
        ("seat", "s1", 36, 90, 6_000, ""),
        ("bot", "", 90, 100, 0, ""),
    ]
    assert (made.answered_ms, made.in_time, made.queue_wait_ms, made.abandoned_in) == (240, True, 26_000, None)
    assert (made.intent, made.mood, made.destination, made.survey_score) == ("complaint", "angry", "human", 2)
    assert made.end == STARTED + timedelta(milliseconds=99_500)
    assert made.cost is not None and made.cost.company_yuan == Decimal("2.00"), "of 99.26 s, each begun second counts"
    assert made.talk_ms == 99_500 - 240 - 26_000


def test_overflow_is_a_stay_in_each_queue_and_the_wait_is_of_both() -> None:
    made = record(greeted(), queued(1000), left(21_000, "overflow"), queued(21_000, "complaint"), ended(41_000))
    stays = [("bot", "", 0, 1), ("queue", "service", 1, 21), ("queue", "complaint", 21, 41)]
    assert [leg[:4] for leg in legs(made)] == stays
    assert [leg.outcome for leg in made.queues] == ["overflow", "abandoned"]
    assert (made.queue_wait_ms, made.abandoned_in) == (40_000, "queue")


def test_another_skill_without_a_word_between_is_an_overflow_too() -> None:
    made = record(greeted(), queued(1000), queued(5000, "complaint"), left(9000, "connected"), connected(9000))
    assert [(leg.who, leg.wait_ms, leg.outcome) for leg in made.queues] == [
        ("service", 4000, "overflow"),
        ("complaint", 4000, "connected"),
    ]


def test_whoever_listens_beside_has_a_leg_and_a_transfer_outside_too() -> None:
    made = record(
        greeted(),
        (5000, LegJoined(leg="boss", role="supervisor")),
        (9000, LegLeft(leg="boss", reason="x")),
        (12_000, Transfer(destination="8000", accepted=True, reason="x")),
        ended(12_000, "transfer"),
    )
    beside = [("bot", "", 0, 12), ("supervisor", "boss", 5, 9), ("outside", "8000", 12, 12)]
    assert [leg[:4] for leg in legs(made)] == beside


def test_a_callback_is_our_own_call() -> None:
    made = record((0, CallbackPlaced(callback_id="b", earlier_call_id="c0", attempt=1)), connected(8000), ended(60_000))
    assert made.direction == "out"
    assert [leg[:4] for leg in legs(made)][1:] == [("callback", "c0", 0, 8), ("seat", "s1", 8, 60)]


@pytest.mark.parametrize(
    ("happened", "place"),
    [
        ((ended(900),), "greeting"),
        ((greeted(), ended(2000)), "bot"),
        ((greeted(), (1000, MenuEntered(node="main", level=1)), ended(3000)), "menu"),
        ((greeted(), queued(1000), left(5000, "abandoned"), ended(5000)), "queue"),
        ((greeted(), queued(1000), ended(5000)), "queue"),
        # These got what they rang for, or were not the ones who gave up.
        ((greeted(), said(3000), ended(9000)), None),
        ((greeted(), (3000, Dtmf(digit="1")), ended(9000)), None),
        ((greeted(), queued(1000), left(5000, "callback"), ended(6000)), None),
        ((greeted(), queued(1000), left(5000, "connected"), connected(5000), ended(9000)), None),
        ((greeted(), ended(9000, "bot", "silence")), None),
        ((greeted(), ended(9000, "error", "internal error")), None),
        (((0, SpamJudged(turn=0, verdict="refuse", score=1)), ended(10)), None),
        ((greeted(),), None),
    ],
)
def test_where_a_caller_gave_up(happened: tuple[tuple[int, Body], ...], place: str | None) -> None:
    assert record(*happened).abandoned_in == place


SERVED = (greeted(), said(3000), told(4000, "order_status.0.ok anything_else"))


@pytest.mark.parametrize(
    ("happened", "served"),
    [
        ((*SERVED, ended(9000, "bot", "said goodbye")), True),
        ((*SERVED, ended(9000)), True),
        ((greeted(), told(4000, "knowledge.warranty"), ended(9000)), True),
        ((greeted(), told(4000, None), ended(9000)), True),
        (
            (
                greeted(),
                (3000, ToolCalled(turn=1, tool="cancel_order", arguments={}, key="k")),
                (3500, ToolReturned(turn=1, tool="cancel_order", code="ok")),
                ended(9000),
            ),
            True,
        ),
        # Who they are was checked, nothing more.
        (
            (
                greeted(),
                (3000, ToolCalled(turn=1, tool="verify", arguments={})),
                (3500, ToolReturned(turn=1, tool="verify", code="ok")),
                ended(9000),
            ),
            False,
        ),
        ((greeted(), told(4000, "greeting"), ended(9000)), False),
        ((greeted(), told(4000, "order_status.0.not_found"), ended(9000)), False),
        ((*SERVED, (5000, PersonWanted(turn=1, reason="asked")), ended(9000)), False),
        ((*SERVED, (5000, CALLBACK), ended(9000)), False),
        ((*SERVED, (5000, ALERT), ended(9000)), False),
        ((*SERVED, (5000, ALERT), (6000, AlertWithdrawn(alert_id="a1", turn=2, words="x")), ended(9000)), True),
        ((*SERVED, queued(5000), left(8000, "returned"), ended(9000)), False),
        ((*SERVED, ended(9000, "bot", "abuse")), False),
        ((*SERVED, ended(9000, "error", "x")), False),
        (SERVED, False),
    ],
)
def test_what_the_bot_solved_alone(happened: tuple[tuple[int, Body], ...], served: bool) -> None:
    assert record(*happened).self_served is served


@pytest.mark.parametrize(("at_ms", "in_time"), [(0, True), (3000, True), (3020, False)])
def test_three_seconds_are_the_promise(at_ms: int, in_time: bool) -> None:
    assert record(greeted(at_ms), ended(9000)).in_time is in_time


def test_a_person_who_is_there_before_the_bot_speaks_is_an_answer() -> None:
    assert record(connected(2500), greeted(4000), ended(9000)).answered_ms == 2500


def test_a_call_that_broke_off_is_known_until_its_last_event() -> None:
    made = record(greeted(), queued(4000), (9000, VadSpeechStarted(start_ms=8900)))
    assert made.end is None and made.known_until == STARTED + timedelta(seconds=9)
    assert legs(made)[-1] == ("queue", "service", 4, None, 0, "")
    assert made.cost is not None and made.cost.caller_yuan == Decimal("0.09")
    assert not made.undecided
    assert record((2900, VadSpeechStarted(start_ms=0))).undecided
    assert not record((3000, VadSpeechStarted(start_ms=0))).undecided


def test_the_region_is_the_timelines_or_else_the_numbers() -> None:
    event = CallerRegion(province="广东", city="深圳", carrier="x", line="mobile")
    assert record((0, event), ended(1)).region.city == "深圳"
    assert record(ended(1), caller="02088886666").region.province == "广东"
    assert record(ended(1), caller="anonymous").region.line in ("withheld", "malformed")


def test_menu_risk_and_alerts() -> None:
    made = record(
        greeted(),
        (1000, MenuEntered(node="main", level=1)),
        (2000, MenuChosen(node="main", by="silence", choice="", target="")),
        (3000, MenuChosen(node="main", by="key", choice="2", target="after_sales")),
        (3000, MenuEntered(node="after_sales", level=2)),
        (4000, MenuChosen(node="after_sales", by="speech", choice="repair", target="flow:repair")),
        (5000, RiskAssessed(turn=1, level="high", score=0.9)),
        (5000, ALERT),
        (9000, RiskAssessed(turn=2, level="low", score=0.2)),
        ended(12_000),
    )
    assert made.menu_path == ("main:2", "after_sales:repair")
    assert (made.risk, made.alerts, made.alert_causes) == ("high", 1, ("regulator",))


def test_a_refused_call_costs_nothing_and_one_never_answered_neither() -> None:
    assert record((0, SpamJudged(turn=0, verdict="refuse", score=1)), greeted(), ended(9)).cost is None
    assert record(ended(9000)).cost is None


def test_wall_times_are_right_over_a_clock_change() -> None:
    """The clock in Berlin goes back at three on 2026-10-25: this call lasts twenty minutes, not eighty."""
    berlin = datetime(2026, 10, 25, 2, 50, tzinfo=ZoneInfo("Europe/Berlin"))
    made = cdr(timeline(greeted(), ended(20 * 60_000)), berlin, FlatTariff())
    assert made.end == datetime(2026, 10, 25, 1, 10, tzinfo=UTC)


def test_a_time_without_a_zone_and_half_a_call_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        cdr(timeline(ended(1)), datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="call-started"):
        cdr(timeline(ended(1))[1:], STARTED)


HAPPENED = st.sampled_from(
    [
        greeted(0)[1], said(0)[1], queued(0)[1], queued(0, "complaint")[1], left(0, "abandoned")[1], ALERT, CALLBACK,
        left(0, "connected")[1], left(0, "returned")[1], connected(0)[1], connected(0, "s2")[1],
        SeatDisconnected(seat="s1", reason="hung_up"), SeatDisconnected(seat="s2", reason="transferred"),
        LegJoined(leg="x", role="supervisor"), LegLeft(leg="x", reason="x"), VadSpeechStarted(start_ms=0),
        Transfer(destination="8", accepted=True, reason="x"),
    ]
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 5000), HAPPENED), max_size=25), st.booleans())
def test_in_whatever_order_things_happen_the_record_holds_together(steps: list[tuple[int, Body]], over: bool) -> None:
    now_ms, happened = 0, []
    for after_ms, body in steps:
        now_ms += after_ms
        happened.append((now_ms, body))
    made = record(*happened, *([ended(now_ms)] if over else []))

    for leg in made.legs:
        assert made.start <= leg.start and (leg.end is None or leg.start <= leg.end <= made.known_until)
    if over:
        assert all(leg.end is not None for leg in made.legs)
    assert 0 <= made.queue_wait_ms <= now_ms and made.talk_ms >= 0
    alone = sorted((leg for leg in made.legs if leg.kind in ("bot", "queue", "callback")), key=lambda leg: leg.start)
    ends = [leg.end or made.known_until for leg in alone]
    assert all(end <= after.start for end, after in zip(ends, alone[1:], strict=False)), "nobody is at two places"


@given(st.lists(st.tuples(st.integers(0, 5000), HAPPENED), max_size=25))
def test_the_events_that_are_left_out_change_nothing(steps: list[tuple[int, Body]]) -> None:
    events = timeline(*sorted(steps, key=lambda step: step[0]), ended(130_000))
    assert cdr([event for event in events if event.body.type in RECORDED], STARTED) == cdr(events, STARTED)
    assert Cdr.model_validate_json(cdr(events, STARTED).model_dump_json()) == cdr(events, STARTED)
