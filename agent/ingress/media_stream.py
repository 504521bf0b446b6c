"""Calls over a WebSocket that speaks Twilio Media Streams."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from fastapi import WebSocket, WebSocketDisconnect
from loguru import logger

from agent.config import ServerSettings
from agent.errors import ProtocolError
from agent.ingress import twilio
from agent.ingress.leg import CallInfo, CallLeg
from agent.ingress.media_socket import MediaSocket, receive_text
from agent.ingress.transport import LegTransport

Claim = Callable[[WebSocket, twilio.Start], Awaitable[bool]]
"""Takes a stream that is no caller's, until it is over. False for one that is a caller's."""


class MediaStreamLeg(CallLeg):
    """One media stream, from its ``start`` message on. ``info``: who is at the other end, where we know as we rang
    them; else the stream says so.
    """

    sample_rate_hz = twilio.SAMPLE_RATE_HZ

    def __init__(
        self,
        socket: WebSocket,
        start: twilio.Start,
        settings: ServerSettings,
        started_at: datetime,
        info: CallInfo | None = None,
    ) -> None:
        self._media = MediaSocket(socket, start.stream_sid, settings)
        self.info = _info(start, started_at) if info is None else replace(info, started_at=started_at)
        self._audio = LegTransport(self.sample_rate_hz, on_ready=self._start, sink=self._media.send_audio)
        self.transport = self._audio
        self._receiving: asyncio.Task[None] | None = None

    async def clear(self) -> None:
        await self._media.clear()

    async def transfer(self, destination: str) -> bool:
        """Media Streams cannot; the carrier's own call control would have to."""
        return False

    async def hang_up(self, reason: str) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
        await self._media.close(reason)

    def _start(self) -> None:
        self._receiving = asyncio.ensure_future(self._media.receive(self._audio.feed, self.events))


def new_call_id() -> str:
    """Of a call over a media stream."""
    return f"ms-{uuid.uuid4().hex[:16]}"


def _info(start: twilio.Start, started_at: datetime) -> CallInfo:
    named = start.start.custom_parameters
    return CallInfo(
        call_id=new_call_id(),
        caller_number=named.get("caller", "")[:32],
        called_number=named.get("called", "")[:32],
        channel="media-stream",
        started_at=started_at,
        language="en" if named.get("language") == "en" else "zh",
    )


async def serve_media_stream(
    socket: WebSocket,
    settings: ServerSettings,
    now: Callable[[], datetime],
    answer: Callable[[CallLeg], Awaitable[None]],
    claim: Claim,
) -> None:
    """Accept a socket, wait for its ``start``, and hand the leg to ``answer``, which returns when the call is over.
    ``claim`` is asked first: a telephone that we have rung is no caller.
    """
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
    if not await claim(socket, start):
        await answer(MediaStreamLeg(socket, start, settings, now()))


async def _await_start(socket: WebSocket) -> twilio.Start:
    """What comes before the start is ``connected``; anything else is not this protocol."""
    while True:
        message = twilio.parse(await receive_text(socket))
        if isinstance(message, twilio.Start):
            return message
        if not isinstance(message, twilio.Connected):
            raise ProtocolError(f"{message.event} before start")
