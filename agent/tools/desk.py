"""The desk that asks a company's back end: checked before it is sent, limited in time, tried once more where that is
safe, and checked again before anything of it is believed.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Self

import anyio
import httpx
from loguru import logger

from agent.tools.answer import BackEnd, BadAnswer, Desk, NotFound, Rejected, ToolCode, ToolResult, Unreachable
from agent.tools.http_back_end import HttpBackEnd
from agent.tools.python_back_end import PythonBackEnd
from agent.tools.spec import Server, Tool, ToolSet
from agent.tools.values import read_result, wrong_arguments

__all__ = ["Desk", "OpenDesk", "ToolCode", "ToolResult", "open_desk", "rehearsed_desk"]

ATTEMPTS = 2
PAUSE_S = 0.1
"""Before the second try: a back end that is just restarting, or a connection that it has closed, is back by then."""


class OpenDesk:
    """A desk for all calls of a company. Used with ``async with``, or closed with `aclose`."""

    def __init__(self, tools: ToolSet, back_ends: Mapping[str, BackEnd]) -> None:
        self._tools = tools
        self._back_ends = back_ends

    async def call(self, tool: str, arguments: Mapping[str, Any], *, key: str | None = None) -> ToolResult:
        """As `Desk` has it. Raises KeyError for a tool that is not declared."""
        declared = self._tools.tools[tool]
        if problem := wrong_arguments(declared, arguments):
            logger.error("tool {} was not called: {}", tool, problem)
            return ToolResult("bad_result", attempts=0)
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        tries = _Tries(ATTEMPTS if key is not None or not declared.changes else 1)
        try:
            # One limit for everything, another try included: the caller waits no longer for having been unlucky.
            with anyio.fail_after(declared.timeout_s):
                code, value, reason = await self._ask(declared, self._tools.operation(tool), arguments, key, tries)
        except TimeoutError:
            logger.warning("tool {}: no answer within {} s", tool, declared.timeout_s)
            code, value, reason = "down", {}, ""
        took_ms = round((loop.time() - began_s) * 1000)
        return ToolResult(code, value, reason, tries.made, took_ms)

    async def _ask(
        self, tool: Tool, operation: str, arguments: Mapping[str, Any], key: str | None, tries: "_Tries"
    ) -> tuple[ToolCode, dict[str, Any], str]:
        back_end = self._back_ends[tool.served]
        sent_key = key if tool.changes else None
        while True:
            tries.made += 1
            try:
                answer = await back_end.ask(operation, arguments, sent_key)
                return "ok", read_result(tool, answer), ""
            except NotFound:
                return "not_found", {}, ""
            except Rejected as rejected:
                # A reason that is not declared is a word from outside; that nothing was done is all it tells.
                return "rejected", {}, rejected.reason if rejected.reason in tool.rejected else ""
            except BadAnswer as bad:
                logger.warning("{}: bad answer: {}", operation, bad)
                return "bad_result", {}, ""
            except Unreachable as unreachable:
                logger.warning("{}: try {} of {}: {}", operation, tries.made, tries.allowed, unreachable)
                if tries.made >= tries.allowed:
                    return "down", {}, ""
            await anyio.sleep(PAUSE_S)

    async def aclose(self) -> None:
        for back_end in self._back_ends.values():
            await back_end.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class _Tries:
    """How often a call was sent; counted outside of what a time limit cuts off."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self.made = 0


def open_desk(tools: ToolSet) -> OpenDesk:
    """A desk for a company's tools; nobody is asked anything yet. Raises CompanyError where a Python module is not
    there.
    """
    return OpenDesk(tools, {name: _back_end(server) for name, server in tools.servers.items()})


def rehearsed_desk(tools: ToolSet, app: Any) -> OpenDesk:
    """A desk over a back end in this process, an ASGI application with all the tools in its OpenAPI document, wherever
    they are served in earnest. For tests and replays.
    """
    # What the application raises is an answer with HTTP 500, as it is over a network.
    back_end = HttpBackEnd("http://back-end", httpx.ASGITransport(app=app, raise_app_exceptions=False))
    return OpenDesk(tools, dict.fromkeys(tools.servers, back_end))


def _back_end(server: Server) -> BackEnd:
    if server.http is not None:
        return HttpBackEnd(server.http)
    if server.mcp is not None:
        # Its package takes a second to import; most companies have no use for it.
        from agent.tools.mcp_back_end import McpBackEnd

        return McpBackEnd(server.mcp)
    assert server.python is not None, "a server has exactly one"
    return PythonBackEnd(server.python)
