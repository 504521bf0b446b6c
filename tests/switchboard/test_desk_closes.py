"""Outside its hours the desk promises no more than it can keep, and who is there all the same takes calls."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.api.spam import no_live_calls
from agent.company.hours import Hours
from agent.events import LlmReply, RouteChanged
from agent.ingress.virtual_time import run_in_virtual_time
from agent.routing.floor import inputs
from agent.routing.floor.words import callback_promise
from agent.switchboard import SeatsAtSwitchboard, Switchboard, load_words
from agent.switchboard.opening import LOOK_S
from tests import dummy_calls
from tests.dummy_calls import script
from tests.switchboard.office import BEGAN_MS, Office, Person, work

HOURS = Hours.model_validate({"week": {"mon-sun": "09:00-17:00"}})
"""The test begins at 18:00 by Shanghai's clock."""


def at_night(work: Callable[[Switchboard], Awaitable[Any]]) -> None:
    (company,) = dummy_calls.jinghe().companies

    async def run() -> None:
        assert company.floor is not None and company.queue_words is not None
        board = Switchboard(
            company.floor,
            company.queue_words,
            load_words(),
            None,
            label=lambda cause, _: cause,
            now_ms=Office.now_ms,
            hours=HOURS,
        )
        await board.start()
        await work(board)
        await board.close()

    run_in_virtual_time(run())


def opening_ms(board: Switchboard) -> int:
    opens = HOURS.next_opening(board.at())
    assert opens is not None
    return round(opens.timestamp() * 1000)


def test_a_callback_of_the_night_is_due_after_the_opening_and_the_caller_is_told_so() -> None:
    async def work(board: Switchboard) -> None:
        assert set(board.keeper.floor.closed) == set(board.policy.skills)
        await board.tell(inputs.CallbackRequested(call="c", number="13800138000", skill="service"))
        (callback,) = board.keeper.floor.callbacks.values()
        assert callback.due_ms == opening_ms(board) + 30 * 60_000 > BEGAN_MS + 12 * 3_600_000
        told = callback_promise(board.queue_words, "zh", board.at(callback.due_ms), board.at())
        assert told.startswith("我们会在明天上午9点半前给您回电")
        later = board.rung_back_by()
        assert later is not None and later > board.at(callback.due_ms), "who calls next is told a later time"

    at_night(work)


def test_who_sits_there_at_night_takes_calls() -> None:
    async def work(board: Switchboard) -> None:
        wang = Person(SeatsAtSwitchboard(board, lambda *_: None, no_live_calls), "wangli", 700.0)
        await wang.sit_down()
        await asyncio.sleep(LOOK_S + 1)
        assert "service" not in board.keeper.floor.closed and "english" in board.keeper.floor.closed
        await board.tell(inputs.CallQueued(call="c", caller_number="13800138000", skill="service"))
        assert board.keeper.floor.waiting["c"].offered == wang.seat
        await wang.desk.sign_out(wang.seat)
        await asyncio.sleep(LOOK_S + 1)
        assert "service" in board.keeper.floor.closed

    at_night(work)


def test_in_the_morning_it_is_open() -> None:
    async def work(board: Switchboard) -> None:
        opens_ms = opening_ms(board)
        await asyncio.sleep((opens_ms - Office.now_ms()) / 1000 - 1)
        assert board.keeper.floor.closed
        await asyncio.sleep(LOOK_S + 1)
        assert not board.keeper.floor.closed and board.rung_back_by() is None
        assert datetime.fromtimestamp(opens_ms / 1000, HOURS.timezone).hour == 9

    at_night(work)


def test_what_the_bot_says_at_night_is_when_the_callback_is_due(tmp_path: Path) -> None:
    """The whole call: the caller asks for a person, nobody is there, and the sentence is what the floor is held to."""

    async def nobody(office: Office) -> None:
        return None

    fixture = script(
        tmp_path / "call", {"speech_s": 1.2}, end={"when": "at", "at_ms": 40_000},
        started_at=datetime(2026, 3, 16, 15, 30, tzinfo=UTC),
    )  # fmt: skip
    shift = work(tmp_path, fixture, nobody, heard=["我要转人工"])
    said = "".join(reply.text for reply in shift.timeline.bodies(LlmReply))
    assert "明天上午9点半前会有同事打13812345678给您回电" in said and "30分钟" not in said
    route = shift.timeline.last(RouteChanged)
    due = fixture.started_at + timedelta(minutes=route.callback_due_minutes or 0)
    assert due == datetime(2026, 3, 17, 1, 30, tzinfo=UTC)
