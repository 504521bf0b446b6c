"""Where the telephony provider tells what becomes of a telephone that we ring."""

from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response

from agent.dialling import Trunk

LARGEST_BODY_BYTES = 20_000


def dialling_router(trunk: Trunk) -> APIRouter:
    """``POST /api/dialling/status/KEY``, a form with ``CallStatus``. The key is a secret of that one order."""
    router = APIRouter(tags=["ingress"])

    @router.post("/api/dialling/status/{key}", status_code=204)
    async def status(key: str, request: Request) -> Response:
        """What the provider says of it. Of an order that is over, or never was, nothing is done."""
        if int(request.headers.get("content-length") or 0) > LARGEST_BODY_BYTES:
            return Response(status_code=413)
        told = parse_qs((await request.body()).decode("utf-8", "replace"))
        trunk.told(key, told.get("CallStatus", [""])[0])
        return Response(status_code=204)

    return router
