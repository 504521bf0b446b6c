"""Calls over a WebSocket that speaks Twilio Media Streams."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import WebSocket, WebSocketDisconnect
from loguru import logger

from agent.config import ServerSettings
from agent.errors import ProtocolError
from agent.ingress import twilio
from agent.ingress.leg import CallInfo, CallLeg
from agent.ingress.transport import LegTransport

MAX_COMPLAINTS = 20
"""A peer that sends more bad messages than this is not a telephone; it is hung up."""
CLOSED_PROPERLY = (1000, 1001)
"""Close codes of a peer that meant to go. A lost connection has 1006, or 1005 (no code) as uvicorn tells it."""


class MediaStreamLeg(CallLeg):
    """One media stream, from its ``start`` message on."""

    sample_rate_hz = twilio.SAMPLE_RATE_HZ

    def __init__(self, socket: WebSocket, start: twilio.Start, settings: ServerSettings, started_at: datetime) -> None:
        self._socket = socket
        self._stream_sid = start.stream_sid
        self._settings = settings
        named = start.start.custom_parameters
        self.info = CallInfo(
            call_id=f"ms-{uuid.uuid4().hex[:16]}",
            caller_number=named.get("caller", "")[:32],
            called_number=named.get("called", "")[:32],
            channel="media-stream",
            started_at=started_at,
            language="en" if named.get("language") == "en" else "zh",
        )
        self.transport = self._audio = LegTransport(self.sample_rate_hz, on_ready=self._start, sink=self._send_audio)
        self._order = twilio.ChunkOrder()
        self._receiving: asyncio.Task[None] | None = None
        self._complaints = 0
        self._open = True

    async def clear(self) -> None:
        await self._send(twilio.clear(self._stream_sid))

    async def transfer(self, destination: str) -> bool:
        """Media Streams cannot; the carrier's own call control would have to."""
        return False

    async def hang_up(self, reason: str) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
        if self._open:
            self._open = False
            try:
                await self._socket.close(code=1000, reason=reason[:100])
            except (RuntimeError, WebSocketDisconnect):
                # Both of us hung up at the same moment.
                logger.debug("media stream {} was closed already", self._stream_sid)

    def _start(self) -> None:
        self._receiving = asyncio.ensure_future(self._receive())

    async def _receive(self) -> None:
        """Read until the peer hangs up, dies or falls silent."""
        timeout_s = self._settings.media_timeout_s
        try:
            # One deadline that each message puts off: a timer made anew for each would cost as much as reading it.
            async with asyncio.timeout(timeout_s) as deadline:
                while not await self._take_next():
                    deadline.reschedule(asyncio.get_running_loop().time() + timeout_s)
            self.events.closed("caller", "hung up")
        except TimeoutError:
            self._break(f"the media socket sent nothing for {timeout_s:g} s")
        except WebSocketDisconnect as gone:
            self._open = False
            reason = f"the media socket was closed (code {gone.code})"
            if gone.code not in CLOSED_PROPERLY:
                self.events.failed(ProtocolError(f"{reason}; a stop message is right"))
            self.events.closed("caller", reason)
        except Exception as error:
            # Whatever it is, the caller is not left on a line that nobody reads.
            self._break(f"the media socket broke: {error or type(error).__name__}")

    async def _take_next(self) -> bool:
        """The next message, good or bad. Returns whether it ends the call."""
        try:
            return await self._take(await _receive_text(self._socket))
        except ProtocolError as error:
            self._complain(error)
            return False

    def _break(self, reason: str) -> None:
        self.events.failed(ProtocolError(reason))
        self.events.closed("error", reason)

    async def _take(self, text: str) -> bool:
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
                    await self._audio.feed(twilio.decode_audio(ordered))
            case twilio.Dtmf():
                self.events.dtmf(message.dtmf.digit)
            case twilio.Stop():
                return True
            case twilio.Start():
                raise ProtocolError("a second start; a stream has one call")
        return False

    def _complain(self, error: ProtocolError) -> None:
        self._complaints += 1
        if self._complaints <= MAX_COMPLAINTS:
            self.events.failed(error)
        else:
            self.events.closed("error", f"more than {MAX_COMPLAINTS} bad messages")

    async def _send_audio(self, pcm: bytes) -> None:
        await self._send(twilio.media(self._stream_sid, pcm))

    async def _send(self, text: str) -> None:
        if not self._open:
            return
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            # The receiving side meets the same end and reports it.
            self._open = False


async def serve_media_stream(
    socket: WebSocket,
    settings: ServerSettings,
    now: Callable[[], datetime],
    answer: Callable[[CallLeg], Awaitable[None]],
) -> None:
    """Accept a socket, wait for its ``start``, and hand the leg to ``answer``, which returns when the call is over."""
    await socket.accept()
    try:
        start = await asyncio.wait_for(_await_start(socket), settings.media_timeout_s)
    except TimeoutError:
        await socket.close(code=1002, reason=f"no start message within {settings.media_timeout_s:g} s")
        return
    except ProtocolError as error:
        logger.warning("media stream refused: {}", error)
        await socket.close(code=1002, reason=str(error)[:100])
        return
    except WebSocketDisconnect:
        return
    await answer(MediaStreamLeg(socket, start, settings, now()))


async def _await_start(socket: WebSocket) -> twilio.Start:
    """What comes before the start is ``connected``; anything else is not this protocol."""
    while True:
        message = twilio.parse(await _receive_text(socket))
        if isinstance(message, twilio.Start):
            return message
        if not isinstance(message, twilio.Connected):
            raise ProtocolError(f"{message.event} before start")


async def _receive_text(socket: WebSocket) -> str:
    """The next message. Raises WebSocketDisconnect, and ProtocolError for a binary one."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))
    text = message.get("text")
    if not isinstance(text, str):
        raise ProtocolError("a binary message came; Media Streams are JSON text")
    return text
