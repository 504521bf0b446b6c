"""Tools behind HTTP, as an OpenAPI document describes them.

    2xx                 the answer, JSON
    404 with JSON       there is no such thing
    409                 rejected; {"reason": "already_shipped"} says why
    408, 425, 429, 5xx  out of order
    anything else       no answer at all

Whatever changes something is sent with the header ``Idempotency-Key``.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from agent.tools.answer import BUSY, BadAnswer, NotFound, Rejected, Unreachable
from agent.tools.json_text import MAX_BYTES, read_json, reason_in
from agent.tools.openapi import Operation, operations

DOCUMENT = "/openapi.json"
MAX_DOCUMENT_BYTES = 2_000_000
KEY_HEADER = "Idempotency-Key"
CONNECT_TIMEOUT_S = 1.0
"""A connection that takes longer is tried anew: its first packet was lost, or nobody is there."""


class HttpBackEnd:
    """``transport``: in place of the network, for an application in this process."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        # No proxy of the environment: a company's back end is asked directly. No limit here beside connecting: whoever
        # asks sets one for everything together, so a slow drip does not start it anew with each byte.
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT_S),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            follow_redirects=False,
            trust_env=False,
        )
        self._operations: Mapping[str, Operation] | None = None
        self._reading = asyncio.Lock()

    async def ask(self, operation: str, arguments: Mapping[str, Any], key: str | None) -> Any:
        known = await self._known()
        if operation not in known:
            raise BadAnswer(f"{self._url}{DOCUMENT} has no operation {operation}")
        path, query, body = known[operation].request(arguments)
        # A header is ASCII; a key that is stays as it is.
        headers = {KEY_HEADER: quote(key, safe=":")} if key is not None else {}
        status, content = await self._send(
            known[operation].method, path, MAX_BYTES, params=query, json=body or None, headers=headers
        )
        return _answer(status, content)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _known(self) -> Mapping[str, Operation]:
        """Read at the first call, and again until it could be read: a back end may start after the hotline."""
        async with self._reading:
            if self._operations is None:
                status, content = await self._send("GET", DOCUMENT, MAX_DOCUMENT_BYTES)
                if status != 200:
                    raise Unreachable(f"{self._url}{DOCUMENT}: HTTP {status}")
                self._operations = operations(read_json(content))
            return self._operations

    async def _send(self, method: str, path: str, max_bytes: int, **more: Any) -> tuple[int, bytes]:
        """Status and body. A body that is too long is not read to its end."""
        content = bytearray()
        try:
            async with self._client.stream(method, self._url + path, **more) as response:
                if response.headers.get("Content-Encoding", "identity").lower() != "identity":
                    raise BadAnswer("packed, which was not asked for")
                async for piece in response.aiter_raw():
                    content += piece
                    if len(content) > max_bytes:
                        raise BadAnswer(f"more than {max_bytes:,} bytes")
                return response.status_code, bytes(content)
        except httpx.InvalidURL as error:
            raise BadAnswer("the arguments make no URL") from error
        except httpx.HTTPError as error:
            raise Unreachable(f"{type(error).__name__} at {self._url}") from error


def _answer(status: int, content: bytes) -> Any:
    if 200 <= status < 300:
        return read_json(content)
    if status >= 500 or status in BUSY:
        raise Unreachable(f"HTTP {status}")
    if status == 404 and isinstance(read_json(content), dict):
        # A page that says 404 comes from a proxy or a wrong address, and tells nothing of orders.
        raise NotFound
    if status == 409:
        raise Rejected(reason_in(read_json(content)))
    raise BadAnswer(f"HTTP {status}")
