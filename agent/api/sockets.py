"""``/ws/events``:
what happens in calls, as it happens. One JSON text message an event, in the timeline's own form.
"""

from urllib.parse import urlsplit

import anyio
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from agent.api.live import Lagged, LiveEvents, Subscription

GOING_AWAY = 1001
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013


def events_router(live: LiveEvents) -> APIRouter:
    """The socket of live events; ``?call_id=`` for one call, from its beginning."""
    router = APIRouter()

    @router.websocket("/ws/events")
    async def events(socket: WebSocket, call_id: str | None = None) -> None:
        if not same_origin(socket.headers.get("origin"), socket.headers.get("host", "")):
            # Browsers let any page open a socket to any host: without this, any site could listen to the
            # calls.
            await socket.close(POLICY_VIOLATION, "other origin")
            return
        await socket.accept()
        with live.subscribe(call_id) as subscription:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_send, socket, subscription, tasks.cancel_scope)
                tasks.start_soon(_until_gone, socket, tasks.cancel_scope)

    return router


def same_origin(origin: str | None, host: str) -> bool:
    """Whether a page of this very server asks. No ``Origin`` at all: not a browser."""
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


async def _send(socket: WebSocket, subscription: Subscription, both: anyio.CancelScope) -> None:
    try:
        async for line in subscription:
            await socket.send_text(line)
        await socket.close(GOING_AWAY, "server is going down")
    except Lagged:
        await socket.close(TRY_AGAIN_LATER, "too slow")
    except (WebSocketDisconnect, RuntimeError):
        pass  # it left while something was being sent
    both.cancel()


async def _until_gone(socket: WebSocket, both: anyio.CancelScope) -> None:
    """Nothing is expected from the watcher; reading is how one learns that it left."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
    both.cancel()
