"""People who sit at a telephone instead of a page: they are rung, hear what it is about, and press a key to take it.

Without the key a mailbox would be taken for a person.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from loguru import logger

from agent.bridge import BridgeLeg
from agent.dialling import NotReached, NumberError, OutsideLine, Ringing, Trunk
from agent.dialling.outside_line import SAMPLE_RATE_HZ, Gone
from agent.routing.floor import inputs
from agent.switchboard.hanging_up import hang_up
from agent.switchboard.switchboard import Switchboard
from agent.switchboard.voice import Speak

SPEECH_AT_MOST_S = 5.0
"""Speech that has not been made by then is left out: the person is on the line, and knows what the telephone is for."""


class Telephone:
    """A seat's line that is a telephone (`agent.switchboard.pages.Line`)."""

    def __init__(self, seat: str, line: OutsideLine) -> None:
        self._seat = seat
        self.line = line

    @property
    def is_open(self) -> bool:
        return self.line.is_open

    def join(self, role: Literal["seat", "supervisor"]) -> BridgeLeg:
        return self.line.join(self._seat)


@dataclass(eq=False)
class _Attempt:
    """One call that rings at one telephone."""

    ringing: Ringing
    line: OutsideLine | None = None
    stopped: bool = False


class OutsideSeats:
    """All of them."""

    def __init__(self, board: Switchboard, trunk: Trunk, speak: Speak) -> None:
        self._board = board
        self._trunk = trunk
        self._speak = speak
        self._attempts: dict[str, _Attempt] = {}

    def ring(self, seat: str, call_id: str, briefing: str, accepted: Callable[[], Awaitable[object]]) -> None:
        """Ring for this call, or callback. ``accepted`` is called when the person has pressed a key; else the floor is
        told that they did not take it.
        """
        self._board.do(self._ring(seat, call_id, briefing, accepted))

    def stop(self, seat: str) -> None:
        """It is not to ring any more. Who has taken the call already is not hung up by this."""
        attempt = self._attempts.pop(seat, None)
        if attempt is None:
            return
        attempt.stopped = True
        self._trunk.cancel(attempt.ringing)
        if attempt.line is not None:
            attempt.line.hang_up()

    async def tell(self, seat: str, text: str) -> None:
        """Say this to a person who waits on the line and is in no call."""
        telephone = self._board.pages.of(seat).line
        if isinstance(telephone, Telephone) and telephone.is_open:
            await telephone.line.say(await self._spoken(asyncio.ensure_future(self._speak(text))))

    async def let_go(self, seat: str, text: str) -> None:
        """Tell them why there is nothing for them to do, and hang up."""
        desk = self._board.pages.of(seat)
        telephone, desk.line = desk.line, None
        if not isinstance(telephone, Telephone) or not telephone.is_open:
            return
        line = telephone.line
        line.on_gone = lambda _: None
        pcm = await self._spoken(asyncio.ensure_future(self._speak(text)))
        await line.say(pcm)
        await asyncio.sleep(len(pcm) / 2 / SAMPLE_RATE_HZ)
        line.hang_up()

    async def _ring(self, seat: str, call_id: str, briefing: str, accepted: Callable[[], Awaitable[object]]) -> None:
        board, policy = self._board, self._board.policy.ringing
        speech = asyncio.ensure_future(self._speak(briefing + board.words.outside.accept.zh))
        self.stop(seat)
        try:
            ringing = self._trunk.ring(board.policy.by_id[seat].number, policy.outside_ring_s)
        except NumberError as error:
            logger.error("seat {}: {}", seat, error)
            await self._not_taken(seat, call_id)
            return
        attempt = self._attempts[seat] = _Attempt(ringing)
        try:
            line = attempt.line = await ringing.answered()
        except NotReached as why:
            logger.info("seat {} was not reached: {}", seat, why)
            if not attempt.stopped:
                del self._attempts[seat]
                await self._not_taken(seat, call_id)
            return
        assert line is not None, "a seat's telephone is a line and no call of its own"
        if attempt.stopped:
            line.hang_up()
            return
        await line.say(await self._spoken(speech))
        key = await line.key(policy.outside_accept_s)
        if attempt.stopped:
            return
        del self._attempts[seat]
        if key is None:
            line.hang_up()
            await self._not_taken(seat, call_id)
            return
        await line.hush()
        line.on_gone = lambda how: board.do(self._gone(seat, line, how))
        board.pages.of(seat).line = Telephone(seat, line)
        await accepted()

    async def _not_taken(self, seat: str, call_id: str) -> None:
        await self._board.tell(inputs.SeatDeclined(seat=seat, call=call_id, reason="no_answer"))

    async def _spoken(self, speech: "asyncio.Task[bytes]") -> bytes:
        try:
            return await asyncio.wait_for(speech, SPEECH_AT_MOST_S)
        except Exception as error:
            logger.warning("a telephone outside is told nothing: {}", error or type(error).__name__)
            return b""

    async def _gone(self, seat: str, line: OutsideLine, how: Gone) -> None:
        """The person hung up, or their line broke."""
        board = self._board
        desk, state = board.pages.of(seat), board.keeper.floor.seats[seat]
        if not isinstance(desk.line, Telephone) or desk.line.line is not line:
            return
        desk.line = None
        call_id = state.call_id or ""
        live = board.live.get(call_id)
        if state.state == "ringing":
            await board.tell(inputs.SeatDeclined(seat=seat, call=call_id))
        elif state.state != "talking" or live is None:
            return
        elif how == "hung_up":
            await hang_up(board, seat, live, survey=False)
        else:
            live.disconnect(seat, "vanished")
            await board.vanish(seat)
