"""Calls from a browser over WebRTC, by pipecat's SmallWebRTC."""

import json
import uuid
from datetime import datetime
from typing import Any

from loguru import logger
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport

from agent.errors import ProtocolError
from agent.ingress.leg import CallInfo, CallLeg
from agent.ingress.transport import audio_params

SAMPLE_RATE_HZ = 16000
"""Wide-band: what Whisper and Smart Turn hear best, and both directions of the line share one rate."""
KEYS = frozenset("0123456789*#ABCD")


class WebRtcLeg(CallLeg):
    """One browser. Keys come as ``{"type": "dtmf", "digit": "5"}`` over the data channel."""

    sample_rate_hz = SAMPLE_RATE_HZ

    def __init__(self, connection: SmallWebRTCConnection, *, called_number: str, started_at: datetime) -> None:
        self._connection = connection
        self.info = CallInfo(
            call_id=f"web-{uuid.uuid4().hex[:16]}",
            caller_number="browser",
            called_number=called_number,
            channel="webrtc",
            started_at=started_at,
        )
        self.transport = SmallWebRTCTransport(
            webrtc_connection=connection,
            params=audio_params(SAMPLE_RATE_HZ),
        )
        self.transport.add_event_handler("on_client_disconnected", self._disconnected)
        self.transport.add_event_handler("on_app_message", self._message)

    async def clear(self) -> None:
        """Audio is sent when it is due, so next to nothing waits at the browser."""

    async def transfer(self, destination: str) -> bool:
        """A browser has nowhere to go yet."""
        return False

    async def hang_up(self, reason: str) -> None:
        await self._connection.disconnect()

    async def _disconnected(self, _transport: object, _connection: object) -> None:
        self.events.closed("caller", "hung up")

    async def _message(self, _transport: object, message: Any, _sender: object) -> None:
        digit = message.get("digit") if isinstance(message, dict) and message.get("type") == "dtmf" else None
        if isinstance(digit, str) and digit in KEYS:
            self.events.dtmf(digit)
            return
        quoted = json.dumps(message, ensure_ascii=False, default=str)[:80]
        logger.debug("unknown message from the browser: {}", quoted)
        self.events.failed(ProtocolError(f'unknown message {quoted}; {{"type": "dtmf", "digit": "5"}} is right'))
