"""Tools behind the Model Context Protocol, over streamable HTTP.

A result's structured content is the answer, else its text if that is JSON. Of an error, the text says what it is:
``{"reason": "not_found"}`` that there is no such thing, any other reason that it was rejected, anything else that it
is out of order; words may stand before it, as the protocol's Python servers put them there. What changes something is
given the argument ``idempotency_key``.

Every call is a session of its own: one that is kept would have to be noticed dead, and shared between calls.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CONNECTION_CLOSED, CallToolResult, TextContent

from agent.tools.answer import BUSY, KEY_ARGUMENT, BadAnswer, NotFound, Rejected, Unreachable
from agent.tools.json_text import MAX_BYTES, read_json, reason_in

CONNECT_TIMEOUT_S = 1.0
MAX_REPLY_BYTES = 4 * MAX_BYTES
"""Of one HTTP reply: a result comes as structured content and as text, and the list of tools is longer than either."""


class McpBackEnd:
    """``url``: of the endpoint, such as https://devices.example/mcp."""

    def __init__(self, url: str) -> None:
        self._url = url
        # To read the certificates takes longer than a call.
        self._certificates = httpx2.create_ssl_context(trust_env=False)

    async def ask(self, operation: str, arguments: Mapping[str, Any], key: str | None) -> Any:
        given = {**arguments, **({KEY_ARGUMENT: key} if key is not None else {})}
        try:
            result = await self._call(operation, given)
        except Exception as error:
            raise _translated(error) from error
        return _answer(result)

    async def aclose(self) -> None:
        """Nothing is held."""

    async def _call(self, operation: str, arguments: dict[str, Any]) -> CallToolResult:
        timeout = httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S)
        transport = _Guarded(httpx2.AsyncHTTPTransport(verify=self._certificates, trust_env=False))
        headers = {"Accept-Encoding": "identity"}
        async with httpx2.AsyncClient(transport=transport, timeout=timeout, headers=headers, trust_env=False) as http:
            link = streamable_http_client(self._url, http_client=http, max_sse_event_size=MAX_REPLY_BYTES)
            async with Client(link, cache=None) as client:
                return await client.call_tool(operation, arguments)


class _Guarded(httpx2.AsyncBaseTransport):
    """Tells what is out of order from what is not the protocol, and reads no reply further than `MAX_REPLY_BYTES`.
    The protocol's client does neither.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        problem: Exception | None = None
        if response.status_code >= 500 or response.status_code in BUSY:
            problem = Unreachable(f"HTTP {response.status_code}")
        elif response.headers.get("Content-Encoding", "identity").lower() != "identity":
            problem = BadAnswer("packed, which was not asked for")
        if problem is not None:
            await response.aclose()
            raise problem
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
                raise BadAnswer(f"more than {MAX_REPLY_BYTES:,} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


def _answer(result: CallToolResult) -> Any:
    text = "".join(part.text for part in result.content if isinstance(part, TextContent))
    if not result.is_error:
        return read_json(text.encode()) if result.structured_content is None else result.structured_content
    try:
        reason = reason_in(read_json(text[max(text.find("{"), 0) :].encode()))
    except BadAnswer:
        reason = ""
    if not reason:
        raise Unreachable("the tool failed")
    raise NotFound if reason == "not_found" else Rejected(reason)


def _translated(error: Exception) -> Exception:
    """What it comes to. A session's tasks fail in groups, and its client has many words for a reply that is none."""
    causes = list(_leaves(error))
    for cause in causes:
        if isinstance(cause, Unreachable | BadAnswer):
            return cause
    names = ", ".join(type(cause).__name__ for cause in causes)
    return Unreachable(names) if any(_is_nothing(cause) for cause in causes) else BadAnswer(names)


def _is_nothing(cause: BaseException) -> bool:
    """Whether it says that no reply came."""
    closed = isinstance(cause, MCPError) and cause.code == CONNECTION_CLOSED
    return closed or isinstance(cause, httpx2.HTTPError | OSError)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
