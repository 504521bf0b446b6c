"""Seats over HTTP: the socket ``/ws/seat`` and the offer of a line. The talk itself: `agent.seats.messages`."""

from collections.abc import Callable

from fastapi import APIRouter, Request, WebSocket
from pydantic import BaseModel, Field

from agent.api.errors import responses
from agent.api.seat_sockets import GRACE_S, SeatSockets
from agent.api.sockets import POLICY_VIOLATION, same_origin
from agent.errors import HotlineError
from agent.seats.desk import SeatDesk


class SeatOffer(BaseModel):
    """A browser's SDP offer of one audio line, and the key from ``signed-in``."""

    sdp: str = Field(max_length=100_000)
    line_key: str = Field(max_length=200)


class SeatAnswer(BaseModel):
    """Our side of it."""

    sdp: str


def seats_router(
    desk: SeatDesk, token_is_right: Callable[[str, str], bool], *, open_on_loopback: bool, grace_s: float = GRACE_S
) -> APIRouter:
    """The routes of the seats.

    token_is_right: whether a login's token is that; may take long, as it is asked in a thread (`Store`'s
    ``seat_token_is_right``). open_on_loopback: whether a page on this machine may sign in without one, for a demo.
    """
    router = APIRouter(tags=["seats"])
    sockets = SeatSockets(desk, token_is_right, open_on_loopback=open_on_loopback, grace_s=grace_s)

    @router.websocket("/ws/seat")
    async def seat(socket: WebSocket) -> None:
        if not same_origin(socket.headers.get("origin"), socket.headers.get("host", "")):
            await socket.close(POLICY_VIOLATION, "other origin")
            return
        await sockets.serve(socket)

    @router.post(
        "/api/seats/{seat}/offer", summary="The line of a seat that is signed in, over WebRTC", responses=responses(422)
    )
    async def offer(seat: str, body: SeatOffer, request: Request) -> SeatAnswer:
        if not same_origin(request.headers.get("origin"), request.headers.get("host", "")):
            raise HotlineError("protocol_error", "the offer comes from a page of another origin")
        return SeatAnswer(sdp=await sockets.offer(seat, body.sdp, body.line_key))

    return router
