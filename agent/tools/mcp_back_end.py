"""Tools behind the Model Context Protocol, over streamable HTTP.

A result's structured content is the answer, else its text if that is JSON. Of an error, the text says what it is:
``{"reason": "not_found"}`` that there is no such thing, any other reason that it was rejected, anything else that it
is out of order; the words that the protocol's Python servers put before it may stand there. What changes something is given the argument ``idempotency_key``.

Every call is a session of its own: one that is kept would have to be noticed dead, and shared between calls.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent
from pydantic import ValidationError

from agent.tools.answer import BadAnswer, NotFound, Rejected, Unreachable
from agent.tools.json_text import MAX_BYTES, read_json, reason_in

KEY_ARGUMENT = "idempotency_key"
CONNECT_TIMEOUT_S = 1.0
MAX_REPLY_BYTES = 4 * MAX_BYTES
"""Of one HTTP reply: a result comes as structured content and as text, and the list of tools is longer than either."""


class McpBackEnd:
    def __init__(self, url: str) -> None:
        self._url = url

    async def ask(self, operation: str, arguments: Mapping[str, Any], key: str | None) -> Any:
        given = {**arguments, **({KEY_ARGUMENT: key} if key is not None else {})}
        try:
            result = await self._call(operation, given)
        except BaseExceptionGroup as group:
            # A session's tasks fail in groups.
            raise _translated(group) from group
        except Exception as error:
            raise _translated(error) from error
        return _answer(result, operation)

    async def aclose(self) -> None:
        """Nothing is held."""

    async def _call(self, operation: str, arguments: dict[str, Any]) -> CallToolResult:
        timeout = httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S)
        transport = _Capped(httpx2.AsyncHTTPTransport(trust_env=False))
        headers = {"Accept-Encoding": "identity"}
        async with httpx2.AsyncClient(transport=transport, timeout=timeout, headers=headers, trust_env=False) as http:
            link = streamable_http_client(self._url, http_client=http, max_sse_event_size=MAX_REPLY_BYTES)
            async with Client(link, cache=None) as client:
                return await client.call_tool(operation, arguments)


class _TooLong(Exception):
    """Of a reply."""


class _Capped(httpx2.AsyncBaseTransport):
    """Reads no reply further than `MAX_REPLY_BYTES`, which the protocol's client would."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _CappedStream(response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _CappedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        length = 0
        async for piece in self._inner:
            length += len(piece)
            if length > MAX_REPLY_BYTES:
                raise _TooLong
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


def _answer(result: CallToolResult, operation: str) -> Any:
    texts = [part.text for part in result.content if isinstance(part, TextContent)]
    if not result.is_error:
        return (
            result.structured_content if result.structured_content is not None else read_json("".join(texts).encode())
        )
    try:
        reason = reason_in(read_json("".join(texts).encode()))
    except BadAnswer:
        reason = ""
    if not reason:
        raise Unreachable("the tool failed")
    raise NotFound if reason == "not_found" else Rejected(reason)


def _translated(error: BaseException) -> Exception:
    """What it comes to. The protocol's client tells in many ways of a reply that is none; all are bad answers."""
    causes = list(_leaves(error))
    if any(isinstance(cause, httpx2.HTTPError) for cause in causes):
        return Unreachable(type(causes[0]).__name__)
    if any(isinstance(cause, _TooLong) for cause in causes):
        return BadAnswer(f"more than {MAX_REPLY_BYTES:,} bytes")
    if any(isinstance(cause, MCPError | ValidationError | RuntimeError | ValueError) for cause in causes):
        return BadAnswer(", ".join(type(cause).__name__ for cause in causes))
    return Unreachable(", ".join(type(cause).__name__ for cause in causes))


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
