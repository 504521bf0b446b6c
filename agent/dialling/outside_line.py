"""A telephone outside that we rang and that answered: heard and spoken to by itself first, then a leg of a call.

It takes the place of a seat's browser (`agent.seats.webrtc_leg.SeatLine`) for a person who sits at a telephone.
"""

import asyncio
from collections.abc import Callable
from typing import Literal

from fastapi import WebSocket
from loguru import logger

from agent.bridge import BufferedLeg
from agent.clock import samples_per_tick
from agent.config import ServerSettings
from agent.errors import HotlineError
from agent.ingress import twilio
from agent.ingress.media_socket import MediaSocket

SAMPLE_RATE_HZ = twilio.SAMPLE_RATE_HZ
TICK_BYTES = samples_per_tick(SAMPLE_RATE_HZ) * 2
MAX_UNSENT_TICKS = 10
"""Of a call's sound, what waits to be sent; more means that the network is gone, and the oldest is dropped."""

Gone = Literal["hung_up", "broke"]


class OutsideLine:
    """One telephone on one media stream. ``number``: whose.

    ``on_gone`` is called once, when the other end hung up or the connection broke, and not for our own `hang_up`. To be
    used on one event loop.
    """

    def __init__(self, socket: WebSocket, start: twilio.Start, settings: ServerSettings, number: str) -> None:
        self.number = number
        self.on_gone: Callable[[Gone], None] = lambda _: None
        self._media = MediaSocket(socket, start.stream_sid, settings)
        self._leg: BufferedLeg | None = None
        self._keys: asyncio.Queue[str | None] = asyncio.Queue()
        self._ticks: asyncio.Queue[bytes] = asyncio.Queue()
        self._over = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether sound goes through now."""
        return not self._over.is_set()

    # Before it is in a call

    async def say(self, pcm: bytes) -> None:
        """16-bit mono at 8 kHz, to this telephone alone. All of it goes out at once; the provider plays it in time."""
        for at in range(0, len(pcm), TICK_BYTES):
            await self._media.send_audio(pcm[at : at + TICK_BYTES])

    async def key(self, within_s: float) -> str | None:
        """The next key that is pressed. None where none is in time, or the telephone is gone."""
        if not self.is_open:
            return None
        try:
            return await asyncio.wait_for(self._keys.get(), within_s)
        except TimeoutError:
            return None

    async def hush(self) -> None:
        """What is still being said is not said."""
        await self._media.clear()

    # In a call

    def join(self, name: str) -> BufferedLeg:
        """Its leg for a bridge. Once the bridge is done with that, the telephone is hung up."""
        if self._leg is not None:
            self._leg.close()
        leg = BufferedLeg(name, "outside", SAMPLE_RATE_HZ, self._play, on_close=lambda: self._left(leg))
        self._leg = leg
        return leg

    def hang_up(self) -> None:
        """From our side. Safe to call twice."""
        self.on_gone = lambda _: None
        self._over.set()
        self._keys.put_nowait(None)

    def _left(self, leg: BufferedLeg) -> None:
        if self._leg is leg:
            self.hang_up()

    def _play(self, pcm: bytes) -> None:
        if self._ticks.qsize() >= MAX_UNSENT_TICKS:
            self._ticks.get_nowait()
        self._ticks.put_nowait(pcm)

    # Its socket

    async def run(self) -> None:
        """Until either side hangs up."""
        reading = asyncio.ensure_future(self._media.receive(self._hear, self))
        sending = asyncio.ensure_future(self._send())
        try:
            await self._over.wait()
        finally:
            reading.cancel()
            sending.cancel()
            await self._media.close("the call is over")

    async def _send(self) -> None:
        while True:
            await self._media.send_audio(await self._ticks.get())

    async def _hear(self, pcm: bytes) -> None:
        if self._leg is not None:
            self._leg.push(pcm)

    # As `agent.ingress.leg.LegEvents` has it

    def dtmf(self, digit: str) -> None:
        self._keys.put_nowait(digit)

    def failed(self, error: HotlineError) -> None:
        logger.info("the telephone {} outside: {}", self.number, error)

    def closed(self, ended_by: Literal["caller", "operator", "error"], reason: str) -> None:
        if self._over.is_set():
            return
        on_gone = self.on_gone
        self.hang_up()
        logger.info("the telephone {} outside is gone: {}", self.number, reason)
        on_gone("broke" if self._media.is_lost else "hung_up")
