"""What a person writes after a call is in the database: by a real page's socket, the real switchboard and store."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import time
from typing import Any

import pytest
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

from agent.api import errors
from agent.api.seats import seats_router
from agent.events import CallEnded, CallStarted, SeatSaid, SummaryReady
from agent.ingress.replay import ReplayLeg
from agent.pipeline.call import Call
from agent.postcall.prompts import PostcallPrompts
from agent.postcall.summarize import summarize
from agent.routing.floor import inputs
from agent.server import _write_wrap_up
from agent.storage import CallInfo, Store
from agent.switchboard import SeatsAtSwitchboard, Switchboard, load_words
from tests import dummy_calls
from tests.postcall.calls import heard, meant
from tests.seats.conftest import serve_app, wait_until
from tests.switchboard.office import ScriptedLine


class Desk:
    """One company's hotline without models: a page at seat s01, and calls that the test makes."""

    def __init__(self, folder: Path) -> None:
        (company,) = dummy_calls.jinghe().companies
        assert company.floor is not None and company.queue_words is not None
        self.folder = folder
        self.store = Store(f"sqlite:///{folder / 'hotline.db'}", folder)
        self.store.migrate()
        self.board = Switchboard(
            company.floor, company.queue_words, load_words(), None, label=lambda cause, _: cause,
            now_ms=lambda: round(time() * 1000),
        )  # fmt: skip
        self.desk = SeatsAtSwitchboard(self.board, partial(_write_wrap_up, self.store))
        self.loop: asyncio.AbstractEventLoop | None = None
        self.prompts = PostcallPrompts(dummy_calls.Settings().prompts_dir)

    def app(self) -> FastAPI:
        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            self.loop = asyncio.get_running_loop()
            await self.board.start()
            yield
            await self.board.close()

        app = FastAPI(lifespan=lifespan)
        errors.install(app)
        app.include_router(seats_router(self.desk, self.store.seat_token_is_right, open_on_loopback=False))
        return app

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    async def ring(self, call_id: str) -> Call:
        """A call that wants a person, beginning now."""
        settings = dummy_calls.Settings()
        leg = ReplayLeg(dummy_calls.script(self.folder / call_id, {"dtmf": "1"}))
        leg.info = replace(leg.info, call_id=call_id, channel="media-stream", started_at=datetime.now(UTC))
        call = Call(leg, settings, dummy_calls.engines(), dummy_calls.load_prompts(settings), recorder=None)
        info = CallInfo(caller_number="13812345678", called_number="4008001234", channel="media-stream", language="zh")
        self.store.begin_call(call_id, info, leg.info.started_at)
        self.board.admit(call)
        call.timeline.append(CallStarted(**info.model_dump()))
        call.timeline.append(heard(1, "我家空调坏了，要修。").model_copy(update={"start_ms": 1000, "end_ms": 2000}))
        call.timeline.append(meant(1, "repair"))
        await self.board.tell(inputs.CallQueued(call=call_id, caller_number="13812345678", skill="service"))
        return call

    async def talk(self, call: Call, *words: str) -> None:
        for number, text in enumerate(words):
            at_ms = 5000 + 2000 * number
            call.timeline.append(SeatSaid(seat="s01", text=text, language="zh", start_ms=at_ms, end_ms=at_ms + 1000))

    async def sum_up(self, call: Call) -> None:
        """As the hotline does once the call is over."""
        call.timeline.append(CallEnded(ended_by="operator", reason="hung up", duration_ms=20_000))
        events, started_at = tuple(call.timeline), call.leg.info.started_at
        call.timeline.append(SummaryReady(summary=summarize(events, started_at, None, self.prompts)))
        self.store.append(tuple(call.timeline))


class Page:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def ask(self, kind: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": kind} | fields))

    def hear(self, kind: str) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = json.loads(self.socket.recv(10))
            if message["type"] == kind:
                return message
            assert message["type"] != "problem", message


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def page(desk: Desk) -> Iterator[Page]:
    token = desk.store.make_seat_token("wangli", datetime.now(UTC))
    for url in serve_app(desk.app()):
        with connect(url.replace("http:", "ws:") + "/ws/seat") as socket:
            page = Page(socket)
            page.ask("sign-in", login="wangli", token=token)
            assert page.hear("signed-in")["seat"] == "s01"
            desk.do(desk.desk.attach_line("s01", ScriptedLine("s01", 700.0)))  # type: ignore[arg-type]
            page.ask("ready")
            yield page


def talked(desk: Desk, page: Page, call_id: str, *words: str) -> Call:
    """The page took this call, said these words, and hung up."""
    call: Call = desk.do(desk.ring(call_id))
    assert page.hear("ringing")["call_id"] == call_id
    page.ask("answer", call_id=call_id)
    page.hear("connected")
    desk.do(desk.talk(call, *words))
    page.ask("hang-up", survey=False)
    page.hear("ended")
    return call


def test_the_form_comes_filled_in_from_the_summary_and_what_is_sent_back_is_written(desk: Desk, page: Page) -> None:
    call = talked(desk, page, "c1", "您好，我给您约师傅明天上午十点上门。")
    empty = page.hear("wrap-up")
    assert (empty["call_id"], empty["summary"]) == ("c1", "")
    desk.do(desk.sum_up(call))
    form = page.hear("wrap-up")
    assert "王丽答应：“您好，我给您约师傅明天上午十点上门”" in form["summary"].splitlines()
    assert form["outcome"] == "follow-up" and form["until"]
    assert form["follow_up"]["owner"] == "after_sales" and form["follow_up"]["task"].startswith("按约定办理：王丽")
    tomorrow = (call.leg.info.started_at + timedelta(days=1)).date()
    assert datetime.fromisoformat(form["follow_up"]["due"]).date() == tomorrow
    assert [task.owner for task in desk.store.tasks()] == ["after_sales"]

    due = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    page.ask(
        "wrap-up-done", call_id="c1", summary="改过的小结", outcome="follow-up",
        follow_up={"task": "带压缩机上门", "owner": "after_sales", "due": due.isoformat()},
    )  # fmt: skip
    wait_until(lambda: desk.store.wrap_ups("c1"))
    (row,) = desk.store.wrap_ups("c1")
    assert (row.by, row.summary, row.outcome) == ("王丽", "改过的小结", "follow-up")
    (task,) = desk.store.tasks()
    assert (task.task, task.due, task.state) == ("带压缩机上门", due, "open"), "the person's in place of the summary's"


def test_who_is_quicker_than_the_summary_has_the_last_word_all_the_same(desk: Desk, page: Page) -> None:
    call = talked(desk, page, "c1", "您好，我给您约师傅明天上午十点上门。")
    page.hear("wrap-up")
    left = {"task": "先寄配件", "owner": "logistics", "due": None}
    page.ask("wrap-up-done", call_id="c1", summary="寄配件", outcome="follow-up", follow_up=left)
    wait_until(lambda: desk.store.wrap_ups("c1"))
    desk.do(desk.sum_up(call))
    assert [(task.task, task.owner) for task in desk.store.tasks()] == [("先寄配件", "logistics")]


def test_a_summary_that_comes_when_the_next_call_is_on_opens_no_form_over_it(desk: Desk, page: Page) -> None:
    call = talked(desk, page, "c1", "您好。")
    page.hear("wrap-up")
    page.ask("wrap-up-done", call_id="c1", summary="", outcome="resolved")
    wait_until(lambda: desk.board.keeper.floor.seats["s01"].state == "ready")
    desk.do(desk.ring("c2"))
    page.hear("ringing")
    desk.do(desk.sum_up(call))
    page.ask("answer", call_id="c2")
    seen = []
    while (message := json.loads(page.socket.recv(10)))["type"] != "connected":
        seen.append(message["type"])
    assert "wrap-up" not in seen


def test_what_is_written_after_a_callback_that_was_dialled_elsewhere_is_kept_too(desk: Desk, page: Page) -> None:
    asked = inputs.CallbackRequested(call="gone", number="13812345678", skill="service")
    desk.do(desk.board.tell(asked))
    page.ask("answer", call_id=page.hear("ringing")["call_id"])
    wait_until(lambda: desk.board.keeper.floor.seats["s01"].state == "talking")
    page.ask("hang-up")
    form = page.hear("wrap-up")
    page.ask(
        "wrap-up-done", call_id=form["call_id"], summary="说好了", outcome="resolved",
        follow_up={"task": "再打一次", "owner": "customer_service", "due": None},
    )  # fmt: skip
    wait_until(lambda: desk.store.wrap_ups(form["call_id"]))
    assert desk.store.wrap_ups(form["call_id"])[0].summary == "说好了" and not desk.store.tasks()
