"""Where calls come in over HTTP: the media-stream socket and the browser's WebRTC offer."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException, WebSocket
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.request_handler import (
    IceCandidate,
    SmallWebRTCPatchRequest,
    SmallWebRTCRequest,
    SmallWebRTCRequestHandler,
)
from pydantic import BaseModel

from agent.dialling import LEG_TOKEN, Trunk, refuse
from agent.hotline import Hotline
from agent.ingress import twilio
from agent.ingress.leg import CallLeg
from agent.ingress.media_stream import serve_media_stream
from agent.ingress.webrtc import WebRtcLeg


class Offer(BaseModel):
    """A browser's SDP offer."""

    sdp: str
    type: str


class Answer(BaseModel):
    """Ours, and the id under which the call can be watched."""

    sdp: str
    type: str
    pc_id: str
    call_id: str


class Candidate(BaseModel):
    candidate: str
    sdp_mid: str
    sdp_mline_index: int


class Candidates(BaseModel):
    """ICE candidates that the browser found after its offer."""

    pc_id: str
    candidates: list[Candidate]


def ingress_router(hotline: Hotline, now: Callable[[], datetime], trunk: Trunk | None = None) -> APIRouter:
    """The routes by which callers reach this hotline, and telephones that it has rung. ``trunk``: None where it rings
    none.
    """
    router = APIRouter(tags=["ingress"])
    webrtc = SmallWebRTCRequestHandler()
    calls: set[asyncio.Task[Any]] = set()

    async def answer(leg: CallLeg) -> None:
        if hotline.is_full:
            await hotline.turn_away(leg)
        else:
            await hotline.run_call(leg)

    async def claim(socket: WebSocket, start: twilio.Start) -> bool:
        if LEG_TOKEN not in start.start.custom_parameters:
            return False
        if trunk is None:
            await refuse(socket, "a leg token came, and nobody rings out from here (dialling.base_url)")
        else:
            # Whom we have rung are not turned away, however much there is to do.
            await trunk.connect(socket, start, hotline.settings.server, now, hotline.run_call)
        return True

    @router.websocket("/ws/media-stream")
    async def media_stream(socket: WebSocket) -> None:
        """One call in the Twilio Media Streams protocol."""
        await serve_media_stream(socket, hotline.settings.server, now, answer, claim)

    @router.post("/api/webrtc/offer")
    async def offer(body: Offer) -> Answer:
        """A browser rings."""
        legs: list[WebRtcLeg] = []

        async def connected(connection: SmallWebRTCConnection) -> None:
            leg = WebRtcLeg(connection, called_number="web", started_at=now())
            legs.append(leg)
            task = asyncio.ensure_future(answer(leg))
            calls.add(task)
            task.add_done_callback(calls.discard)

        try:
            sdp = await webrtc.handle_web_request(SmallWebRTCRequest(sdp=body.sdp, type=body.type), connected)
        except HTTPException:
            raise
        except Exception as error:
            raise HTTPException(400, f"the offer cannot be answered: {error}") from error
        if sdp is None or not legs:
            raise HTTPException(400, "the offer was not answered")
        return Answer(**{key: sdp[key] for key in ("sdp", "type", "pc_id")}, call_id=legs[0].info.call_id)

    @router.patch("/api/webrtc/offer")
    async def candidates(body: Candidates) -> dict[str, str]:
        """More ways to reach the browser."""
        found = [IceCandidate(c.candidate, c.sdp_mid, c.sdp_mline_index) for c in body.candidates]
        await webrtc.handle_patch_request(SmallWebRTCPatchRequest(pc_id=body.pc_id, candidates=found))
        return {"status": "ok"}

    return router
