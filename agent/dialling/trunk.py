"""Telephones that we are ringing: each is an order to the provider, and a token by which its sound is known when it
comes back.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import WebSocket
from loguru import logger

from agent.config import ServerSettings
from agent.dialling.http_dialler import LEG_TOKEN, HttpDialler
from agent.dialling.numbers import NumberError, plain_number
from agent.dialling.outside_line import OutsideLine
from agent.dialling.port import Dialler, DiallingError, NotReached, Order, Outcome
from agent.dialling.tokens import LegTokens, TokenRefused
from agent.dialling_settings import DiallingSettings
from agent.errors import ConfigError
from agent.ingress import twilio
from agent.ingress.leg import CallInfo, CallLeg
from agent.ingress.media_stream import MediaStreamLeg

SET_UP_S = 10.0
"""What the provider may take beside the ringing: to reach the network, to be answered, to open the stream."""
TOKEN_REFUSED = 1008
"""Close code (policy violation) of a stream whose leg token is not good."""
ENDED: dict[str, Outcome] = {
    "busy": "busy", "no-answer": "no_answer", "failed": "failed", "canceled": "cancelled", "completed": "failed",
}  # fmt: skip
"""Of what the provider calls the states of a call, those after which nothing more comes."""


@dataclass(eq=False)
class Ringing:
    """One telephone under way. ``info``: the call that it becomes, where it is a customer's; None for a line."""

    number: str
    info: CallInfo | None
    answer: "asyncio.Future[OutsideLine | None]"
    token: str = ""
    status_key: str = ""
    provider_call: str = ""
    timer: asyncio.TimerHandle | None = None
    cancelled: bool = False

    async def answered(self) -> OutsideLine | None:
        """Wait until it is answered: the line, or None for a customer's, whose call has begun. Raises NotReached."""
        return await asyncio.shield(self.answer)


class Trunk:
    """One per process.

    Args:
        dialler: the provider.
        now_s: a clock that only goes forward.
    """

    def __init__(self, dialler: Dialler, settings: DiallingSettings, now_s: Callable[[], float]) -> None:
        self.caller_number = plain_number(settings.caller_number)
        self._dialler = dialler
        self._legs: LegTokens[Ringing] = LegTokens(now_s)
        self._by_key: dict[str, Ringing] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    # Out

    def ring(self, number: str, ring_s: int, info: CallInfo | None = None) -> Ringing:
        """Ring this telephone. Raises NumberError for what is no number; whatever goes wrong later is told by
        `Ringing.answered`.
        """
        ringing = Ringing(plain_number(number), info, asyncio.get_running_loop().create_future())
        # Not everybody who rings waits for what becomes of it.
        ringing.answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        good_for_s = ring_s + SET_UP_S
        ringing.token = self._legs.issue(ringing, good_for_s)
        ringing.status_key = secrets.token_urlsafe(24)
        self._by_key[ringing.status_key] = ringing
        ringing.timer = asyncio.get_running_loop().call_later(
            good_for_s, self._fail, ringing, "no_answer", f"nothing came of it in {good_for_s:g} s"
        )
        self._do(self._order(ringing, Order(ringing.number, ringing.token, ringing.status_key, ring_s)))
        return ringing

    def cancel(self, ringing: Ringing) -> None:
        """Nobody needs it any more. One that is answered is not hung up by this."""
        ringing.cancelled = True
        self._fail(ringing, "cancelled", "it is not needed any more")

    async def close(self) -> None:
        """No more telephones are rung, and those that ring fall silent."""
        for ringing in tuple(self._by_key.values()):
            self.cancel(ringing)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)
        await self._dialler.close()

    async def _order(self, ringing: Ringing, order: Order) -> None:
        try:
            ringing.provider_call = await self._dialler.ring(order)
        except DiallingError as error:
            logger.error("{} cannot be rung: {}", ringing.number, error)
            self._fail(ringing, "failed", str(error))
            return
        if ringing.answer.done() and ringing.answer.exception() is not None:
            await self._hang_up(ringing)

    def _fail(self, ringing: Ringing, outcome: Outcome, why: str, *, over: bool = False) -> None:
        if ringing.answer.done():
            return
        ringing.answer.set_exception(NotReached(outcome, why))
        self._settle(ringing)
        if ringing.provider_call and not over:
            self._do(self._hang_up(ringing))

    def _settle(self, ringing: Ringing) -> None:
        self._legs.revoke(ringing.token)
        self._by_key.pop(ringing.status_key, None)
        if ringing.timer is not None:
            ringing.timer.cancel()

    async def _hang_up(self, ringing: Ringing) -> None:
        call, ringing.provider_call = ringing.provider_call, ""
        if not call:
            return
        try:
            await self._dialler.hang_up(call)
        except DiallingError as error:
            logger.warning("call {} at the provider was not ended properly: {}", call, error)

    # What comes back

    def told(self, status_key: str, status: str) -> bool:
        """The provider says how an order stands, in its own word. False for an order that is not under way."""
        ringing = self._by_key.get(status_key)
        if ringing is None:
            return False
        outcome = ENDED.get(status)
        if outcome is not None:
            self._fail(ringing, outcome, f"the provider says: {status}", over=True)
        return True

    async def connect(
        self,
        socket: WebSocket,
        start: twilio.Start,
        settings: ServerSettings,
        now: Callable[[], datetime],
        run_call: Callable[[CallLeg], Awaitable[object]],
    ) -> None:
        """A stream with a leg token, until it is over. A token that is not good is refused with `TOKEN_REFUSED`: such a
        stream is never answered as a caller.
        """
        try:
            ringing = self._legs.take(start.start.custom_parameters[LEG_TOKEN])
        except TokenRefused as refused:
            await refuse(socket, str(refused))
            return
        if ringing.answer.done():
            await refuse(socket, "the leg token is expired")
            return
        self._settle(ringing)
        try:
            if ringing.info is None:
                line = OutsideLine(socket, start, settings, ringing.number)
                ringing.answer.set_result(line)
                await line.run()
            else:
                leg = MediaStreamLeg(socket, start, settings, now(), ringing.info)
                ringing.answer.set_result(None)
                await run_call(leg)
        finally:
            await self._hang_up(ringing)

    def _do(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def refuse(socket: WebSocket, why: str) -> None:
    """This stream is nobody's."""
    logger.warning("media stream refused: {}", why)
    await socket.close(code=TOKEN_REFUSED, reason=why[:100])


def open_trunk(settings: DiallingSettings, now_s: Callable[[], float]) -> Trunk | None:
    """None where nobody rings out. Raises ConfigError for a number to be shown that is none."""
    if not settings.is_on:
        return None
    try:
        return Trunk(HttpDialler(settings), settings, now_s)
    except NumberError as error:
        raise ConfigError(f"setting dialling.caller_number: {error}") from error
