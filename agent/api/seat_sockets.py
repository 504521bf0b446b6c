"""The seats' sockets: who sits where, what their pages ask, and what they are told."""

import asyncio
import hmac
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from fastapi import WebSocket
from loguru import logger
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from agent.api.sockets import TRY_AGAIN_LATER
from agent.errors import HotlineError, ProtocolError
from agent.seats.desk import SeatDesk, SeatError
from agent.seats.from_page import (
    AnswerCall,
    CallBack,
    CancelTransfer,
    CompleteTransfer,
    DeclineCall,
    FromPage,
    HangUp,
    Hold,
    LetIn,
    OnBreak,
    Ready,
    Resume,
    SignIn,
    SignOut,
    StopSupervising,
    Supervise,
    TransferCall,
    WrapUpDone,
)
from agent.seats.messages import kind_of, read_from_page, write
from agent.seats.signing_in import Asker, refusal
from agent.seats.to_page import Problem, TakenOver, ToPage
from agent.seats.webrtc_leg import SeatLine

QUEUE_MESSAGES = 500
"""What a page may lag behind before it is dropped; a busy call makes some 3 messages a second."""
GRACE_S = 5.0
"""A page that is loaded anew is back within a second or two; only after this is its seat given up."""
REFUSED_WAIT_S = 1.0
"""Until a wrong token is told so: guessing is slow."""
CHECKS_AT_ONCE = 2
"""Tokens looked at at the same time: each takes a core for 50 ms, and calls need them too."""

SIGNED_OUT = 4000
TAKEN_OVER = 4001

_REFUSALS = {
    "insecure_origin": "a token must not travel in the clear: open the page by https, or on the hotline's own machine",
    "token_missing": "a token is needed: `hotline seat token LOGIN` makes one",
}


class _Page:
    """One browser. ``seat`` is empty until it has signed in."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.seat = ""
        self.line_key = secrets.token_urlsafe(24)
        self.line: SeatLine | None = None
        self.is_leaving = False
        self._waiting: asyncio.Queue[ToPage | None] = asyncio.Queue(QUEUE_MESSAGES)
        self._close_code = TRY_AGAIN_LATER

    def tell(self, message: ToPage) -> None:
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            self.end(TRY_AGAIN_LATER)

    def end(self, code: int) -> None:
        """What is waiting is still told, unless it is too much."""
        self._close_code = code
        if self._waiting.full():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    async def send(self) -> None:
        """Until the end, or until the browser is gone."""
        with suppress(WebSocketDisconnect, RuntimeError):
            while (message := await self._waiting.get()) is not None:
                await self.socket.send_text(write(message))
            await self.socket.close(self._close_code)


class SeatSockets:
    """All pages of all seats. One page a seat: a second one takes over."""

    def __init__(
        self,
        desk: SeatDesk,
        token_is_right: Callable[[str, str], bool],
        *,
        open_on_loopback: bool,
        grace_s: float = GRACE_S,
    ) -> None:
        self._desk = desk
        self._token_is_right = token_is_right
        self._open_on_loopback = open_on_loopback
        self._grace_s = grace_s
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._pages: dict[str, _Page] = {}
        self._missing: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, socket: WebSocket) -> None:
        """One browser, until it leaves."""
        await socket.accept()
        page = _Page(socket)
        sending = asyncio.ensure_future(page.send())
        reading = asyncio.ensure_future(self._read(page))
        try:
            await asyncio.wait((sending, reading), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            reading.cancel()
            await self._left(page)

    async def offer(self, seat: str, sdp: str, line_key: str) -> str:
        """The answer to a browser's offer of a line. Raises ProtocolError; SeatError where it is not its seat."""
        page = self._pages.get(seat)
        if page is None or not hmac.compare_digest(page.line_key.encode(), line_key.encode()):
            raise ProtocolError(f"seat {seat[:80]!r} is not signed in with this line_key; sign in at /ws/seat first")
        line = SeatLine(seat, self._line_lost)
        answer = await line.accept(sdp)
        if self._pages.get(seat) is not page:
            await line.close()
            raise ProtocolError(f"seat {seat!r} was left while its line was made; sign in again")
        before, page.line = page.line, line
        await self._desk.attach_line(seat, line)
        if before is not None:
            await before.close()
        return answer

    async def _read(self, page: _Page) -> None:
        while True:
            received = await page.socket.receive()
            if received["type"] == "websocket.disconnect":
                return
            text = received.get("text")
            try:
                if text is None:
                    raise ProtocolError("binary data; a JSON object as text is right")
                message = read_from_page(text)
                await self._do(page, message)
            except HotlineError as error:
                page.tell(Problem(code=error.code, message=str(error), about=kind_of(text or "")))
            except Exception:
                logger.exception("what seat {} asked for failed", page.seat)
                words = "something went wrong inside; the log of the hotline says what"
                page.tell(Problem(code="internal_error", message=words, about=kind_of(text or "")))

    async def _do(self, page: _Page, message: FromPage) -> None:
        desk, seat = self._desk, page.seat
        if isinstance(message, SignIn):
            await self._sign_in(page, message)
            return
        if not seat:
            raise SeatError("not_signed_in", f"sign-in comes before {message.type}")
        match message:
            case SignOut():
                page.is_leaving = True
                page.end(SIGNED_OUT)
            case Ready():
                await desk.set_state(seat, "ready")
            case OnBreak():
                await desk.set_state(seat, "on_break")
            case AnswerCall():
                await desk.answer(seat, message.call_id)
            case DeclineCall():
                await desk.decline(seat, message.call_id)
            case Hold():
                await desk.hold(seat)
            case Resume():
                await desk.resume(seat)
            case TransferCall():
                await desk.transfer(seat, message)
            case CompleteTransfer():
                await desk.complete_transfer(seat)
            case CancelTransfer():
                await desk.cancel_transfer(seat)
            case HangUp():
                await desk.hang_up(seat, message.survey)
            case WrapUpDone():
                await desk.wrap_up(seat, message)
            case CallBack():
                await desk.call_back(seat, message.callback_id)
            case Supervise():
                await desk.supervise(seat, message.call_id, message.mode)
            case StopSupervising():
                await desk.stop_supervising(seat)
            case LetIn():
                await desk.let_in(seat, message.call_id)

    async def _sign_in(self, page: _Page, message: SignIn) -> None:
        if page.seat:
            raise SeatError("signed_in_already", f"this page is signed in as seat {page.seat}; sign out first")
        refused = refusal(_asker(page.socket), has_token=bool(message.token), open_on_loopback=self._open_on_loopback)
        if refused is not None:
            raise SeatError(refused, _REFUSALS[refused])
        if message.token:
            async with self._checks:
                right = await run_in_threadpool(self._token_is_right, message.login, message.token)
            if not right:
                await asyncio.sleep(REFUSED_WAIT_S)
                raise SeatError("wrong_token", "login or token is wrong; `hotline seat token LOGIN` makes a new one")
        welcome = await self._desk.sign_in(message.login)
        seat = welcome.seat
        before = self._pages.get(seat)
        self._pages[seat] = page
        page.seat = seat
        if (timer := self._missing.pop(seat, None)) is not None:
            timer.cancel()
        if before is not None:
            if before.line is not None:
                await self._desk.line_lost(seat, before.line)
            before.tell(TakenOver())
            before.end(TAKEN_OVER)
        page.tell(welcome.model_copy(update={"line_key": page.line_key, "now": datetime.now(UTC)}))
        await self._desk.subscribe(seat, page.tell)

    async def _left(self, page: _Page) -> None:
        seat, line = page.seat, page.line
        page.line = None
        if line is not None:
            await line.close()
        if not seat or self._pages.get(seat) is not page:
            return
        del self._pages[seat]
        if page.is_leaving:
            await self._desk.sign_out(seat)
            return
        if line is not None:
            await self._desk.line_lost(seat, line)
        loop = asyncio.get_running_loop()
        self._missing[seat] = loop.call_later(self._grace_s, lambda: self._give_up(seat))

    def _give_up(self, seat: str) -> None:
        del self._missing[seat]
        self._later(self._desk.vanished(seat))

    def _line_lost(self, line: SeatLine) -> None:
        page = self._pages.get(line.seat)
        if page is not None and page.line is line:
            page.line = None
            self._later(self._desk.line_lost(line.seat, line))
        self._later(line.close())

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _asker(socket: WebSocket) -> Asker:
    headers = socket.headers
    return Asker(
        client=socket.client.host if socket.client is not None else "",
        host=headers.get("host", ""),
        origin=headers.get("origin"),
        proxied="x-forwarded-for" in headers or "forwarded" in headers,
    )
