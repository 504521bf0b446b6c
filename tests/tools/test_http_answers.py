"""What an HTTP answer comes to, by its status and what is in it."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.tools import Tool, ToolResult, ToolSet
from agent.tools.desk import rehearsed_desk
from agent.tools.json_text import MAX_BYTES
from agent.tools.spec import ResultField, Server

DOCUMENT = {"paths": {"/it": {"get": {"operationId": "get_it"}}}}
TOOLS = ToolSet(
    servers={"it": Server(http="http://127.0.0.1:9")},
    tools={
        "get_it": Tool(description="", served="it", result={"n": ResultField(type="integer")}, rejected=("too_late",)),
        "get_other": Tool(description="", served="it"),
    },
)


async def ask(answer: Response | Exception, *, document: Any = DOCUMENT, tool: str = "get_it") -> ToolResult:
    async def openapi(_: Request) -> Response:
        return document if isinstance(document, Response) else JSONResponse(document)

    async def it(_: Request) -> Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    app = Starlette(routes=[Route("/openapi.json", openapi), Route("/it", it)])
    async with rehearsed_desk(TOOLS, app) as desk:
        return await desk.call(tool, {})


@pytest.mark.parametrize(
    ("answer", "code", "attempts"),
    [
        (JSONResponse({"n": 1}), "ok", 1),
        (JSONResponse({"n": 1}, 201), "ok", 1),
        (Response(status_code=204), "bad_result", 1),
        (JSONResponse({"reason": "not_found"}, 404), "not_found", 1),
        (Response("<h1>Not Found</h1>", 404), "bad_result", 1),
        (Response("", 404), "bad_result", 1),
        (JSONResponse({"detail": "wrong"}, 422), "bad_result", 1),
        (JSONResponse({}, 401), "bad_result", 1),
        (Response(status_code=302, headers={"Location": "/openapi.json"}), "bad_result", 1),
        (Response(status_code=302, headers={"Location": "http://[::x"}), "down", 2),
        (JSONResponse({}, 429), "down", 2),
        (JSONResponse({"n": 1}, 503), "down", 2),
        (RuntimeError("a mistake in the application"), "down", 2),
        (JSONResponse({"n": "1"}), "bad_result", 1),
        (Response('{"n": 1' + " " * MAX_BYTES + "}"), "bad_result", 1),
        (Response(b'{"n": 1}', headers={"Content-Encoding": "gzip"}), "bad_result", 1),
    ],
)
async def test_every_answer_has_its_code(answer: Response | Exception, code: str, attempts: int) -> None:
    result = await ask(answer)
    assert (result.code, result.attempts, result.reason) == (code, attempts, "")
    assert result.value == ({"n": 1} if code == "ok" else {})


@pytest.mark.parametrize(
    ("body", "reason"),
    [({"reason": "too_late"}, "too_late"), ({"reason": "全额退款"}, ""), ({"reason": 7}, ""), ({}, ""), ([], "")],
)
async def test_a_refusal_has_a_declared_reason_or_none(body: Any, reason: str) -> None:
    result = await ask(JSONResponse(body, 409))
    assert (result.code, result.reason) == ("rejected", reason)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (Response(status_code=404), "down"),
        (Response("<html>"), "bad_result"),
        ({"paths": {}}, "bad_result"),
        ([], "bad_result"),
        (Response(b" " * 2_000_001), "bad_result"),
    ],
)
async def test_without_a_document_nothing_can_be_asked(document: Any, code: str) -> None:
    assert (await ask(JSONResponse({"n": 1}), document=document)).code == code


async def test_an_operation_that_the_document_lacks_is_no_answer() -> None:
    assert (await ask(JSONResponse({"n": 1}), tool="get_other")).code == "bad_result"


@settings(max_examples=40)
@given(
    st.integers(200, 599), st.binary(max_size=60) | st.sampled_from([b'{"n": 1}', b'{"n": 1e999}', b"9" * 400, b"null"])
)
def test_no_answer_is_raised_into_a_call(status: int, body: bytes) -> None:
    result = asyncio.run(ask(Response(body, status)))
    assert result.value == ({"n": 1} if result.code == "ok" else {})
