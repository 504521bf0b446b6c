"""The socket of one media stream after its ``start``: what comes in is read until somebody hangs up, what goes out is
sent. Who is at the other end, a caller or a telephone that we have rung, is another's matter.
"""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import WebSocket, WebSocketDisconnect
from loguru import logger

from agent.config import ServerSettings
from agent.errors import ProtocolError
from agent.ingress import twilio
from agent.ingress.leg import LegEvents

MAX_COMPLAINTS = 20
"""A peer that sends more bad messages than this is not a telephone; it is hung up."""
CLOSED_PROPERLY = (1000, 1001)
"""Close codes of a peer that meant to go. A lost connection has 1006, or 1005 (no code) as uvicorn tells it."""

Heard = Callable[[bytes], Awaitable[None]]
"""Takes audio from the other end: 16-bit little-endian mono at 8 kHz."""


class MediaSocket:
    """One stream."""

    def __init__(self, socket: WebSocket, stream_sid: str, settings: ServerSettings) -> None:
        self._socket = socket
        self._stream_sid = stream_sid
        self._settings = settings
        self._order = twilio.ChunkOrder()
        self._complaints = 0
        self.is_open = True
        self.is_lost = False
        """Whether the connection broke, rather than that somebody hung up."""

    # Out

    async def send_audio(self, pcm: bytes) -> None:
        """16-bit mono at 8 kHz."""
        await self._send(twilio.media(self._stream_sid, pcm))

    async def clear(self) -> None:
        """Drop what was sent and not yet played."""
        await self._send(twilio.clear(self._stream_sid))

    async def close(self, reason: str) -> None:
        """Hang up. Safe to call twice."""
        if not self.is_open:
            return
        self.is_open = False
        try:
            await self._socket.close(code=1000, reason=reason[:100])
        except (RuntimeError, WebSocketDisconnect):
            # Both of us hung up at the same moment.
            logger.debug("media stream {} was closed already", self._stream_sid)

    async def _send(self, text: str) -> None:
        if not self.is_open:
            return
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            # The receiving side meets the same end and reports it.
            self.is_open = False

    # In

    async def receive(self, heard: Heard, events: LegEvents) -> None:
        """Read until the peer hangs up, dies or falls silent. Never raises: ``events`` is told."""
        timeout_s = self._settings.media_timeout_s
        try:
            # One deadline that each message puts off: a timer made anew for each would cost as much as reading it.
            async with asyncio.timeout(timeout_s) as deadline:
                while not await self._take_next(heard, events):
                    deadline.reschedule(asyncio.get_running_loop().time() + timeout_s)
            events.closed("caller", "hung up")
        except TimeoutError:
            self._break(events, f"the media socket sent nothing for {timeout_s:g} s")
        except WebSocketDisconnect as gone:
            self.is_open = False
            reason = f"the media socket was closed (code {gone.code})"
            self.is_lost = gone.code not in CLOSED_PROPERLY
            if self.is_lost:
                events.failed(ProtocolError(f"{reason}; a stop message is right"))
            events.closed("caller", reason)
        except Exception as error:
            # Whatever it is, nobody is left on a line that nobody reads.
            self._break(events, f"the media socket broke: {error or type(error).__name__}")

    async def _take_next(self, heard: Heard, events: LegEvents) -> bool:
        """The next message, good or bad. Returns whether it ends the call."""
        try:
            return await self._take(await receive_text(self._socket), heard, events)
        except ProtocolError as error:
            self._complain(error, events)
            return False

    async def _take(self, text: str, heard: Heard, events: LegEvents) -> bool:
        """One message. Returns whether it ends the call. Raises ProtocolError."""
        if len(text) > self._settings.max_message_bytes:
            raise ProtocolError(
                f"a message of {len(text)} bytes; at most {self._settings.max_message_bytes} are right"
                " (server.max_message_bytes)"
            )
        message = twilio.parse(text)
        match message:
            case twilio.Media():
                for ordered in self._order.push(message):
                    await heard(twilio.decode_audio(ordered))
            case twilio.Dtmf():
                events.dtmf(message.dtmf.digit)
            case twilio.Stop():
                return True
            case twilio.Start():
                raise ProtocolError("a second start; a stream has one call")
        return False

    def _complain(self, error: ProtocolError, events: LegEvents) -> None:
        self._complaints += 1
        if self._complaints <= MAX_COMPLAINTS:
            events.failed(error)
        else:
            events.closed("error", f"more than {MAX_COMPLAINTS} bad messages")

    def _break(self, events: LegEvents, reason: str) -> None:
        self.is_lost = True
        events.failed(ProtocolError(reason))
        events.closed("error", reason)


async def receive_text(socket: WebSocket) -> str:
    """The next message. Raises WebSocketDisconnect, and ProtocolError for a binary one."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))
    text = message.get("text")
    if not isinstance(text, str):
        raise ProtocolError("a binary message came; Media Streams are JSON text")
    return text
