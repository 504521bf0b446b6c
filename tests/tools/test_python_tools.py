"""A company's tools may be functions of a Python module."""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from agent.tools import NotFound, Rejected, Tool, ToolResult, ToolSet
from agent.tools.desk import open_desk
from agent.tools.spec import Argument, ResultField, Server

CALLED: list[dict[str, Any]] = []


async def find(what: str) -> dict[str, Any]:
    return {"place": f"货架{what}", "secret": "x"}


def count(what: str) -> dict[str, Any]:
    return {"place": "主线程" if threading.current_thread() is threading.main_thread() else "别处"}


def take(what: str, idempotency_key: str | None = None) -> dict[str, Any]:
    CALLED.append({"what": what, "key": idempotency_key})
    match what:
        case "none":
            raise NotFound
        case "last":
            raise Rejected("sold_out")
        case "secret":
            raise Rejected("owner_is_ill")
        case "broken":
            raise RuntimeError("disk is full")
        case "number":
            return {"place": 7}
    return {"place": "柜台"}


def hang(what: str) -> dict[str, Any]:
    time.sleep(0.6)
    return {"place": "晚了"}


async def hang_politely(what: str) -> dict[str, Any]:
    await asyncio.sleep(60)
    return {}


def _hidden(what: str) -> dict[str, Any]:
    return {"place": "里间"}


NAMES = ("find", "count", "take", "hang", "hang_politely", "_hidden", "missing")


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[ToolSet]:
    """The functions above as a module, and their declarations."""
    module = ModuleType("corner_shop")
    for name in NAMES:
        if name in globals():
            setattr(module, name, globals()[name])
    monkeypatch.setitem(sys.modules, "corner_shop", module)
    CALLED.clear()

    def tool(name: str) -> Tool:
        return Tool(
            description="",
            served="shop",
            operation=name,
            arguments={"what": Argument()},
            result={"place": ResultField(type="name")},
            changes=name == "take",
            rejected=("sold_out",),
            timeout_s=0.3 if name.startswith("hang") else 2,
        )

    yield ToolSet(servers={"shop": Server(python="corner_shop")}, tools={name: tool(name) for name in NAMES})


async def call(shop: ToolSet, tool: str, what: str = "米", key: str | None = None) -> ToolResult:
    async with open_desk(shop) as desk:
        return await desk.call(tool, {"what": what}, key=key)


async def test_a_function_answers_and_what_is_not_declared_is_dropped(shop: ToolSet) -> None:
    assert (await call(shop, "find")).value == {"place": "货架米"}


async def test_a_function_that_waits_does_not_hold_up_the_calls(shop: ToolSet) -> None:
    assert (await call(shop, "count")).value == {"place": "别处"}


async def test_a_function_that_changes_something_gets_the_key(shop: ToolSet) -> None:
    assert (await call(shop, "take", key="call-1:3")).code == "ok"
    assert CALLED == [{"what": "米", "key": "call-1:3"}]


@pytest.mark.parametrize(
    ("what", "code", "reason"),
    [
        ("none", "not_found", ""),
        ("last", "rejected", "sold_out"),
        ("secret", "rejected", ""),
        ("number", "bad_result", ""),
    ],
)
async def test_what_it_raises_is_a_code(shop: ToolSet, what: str, code: str, reason: str) -> None:
    result = await call(shop, "take", what)
    assert (result.code, result.reason, result.value, len(CALLED)) == (code, reason, {}, 1)


async def test_one_that_breaks_is_tried_again_only_with_a_key(shop: ToolSet) -> None:
    assert (await call(shop, "take", "broken")).attempts == len(CALLED) == 1
    CALLED.clear()
    again = await call(shop, "take", "broken", key="call-1:4")
    assert (again.code, again.attempts, len(CALLED)) == ("down", 2, 2)


@pytest.mark.parametrize("name", ["hang", "hang_politely"])
async def test_one_that_hangs_is_left_behind(shop: ToolSet, name: str) -> None:
    result = await call(shop, name)
    assert result.code == "down"
    assert result.took_ms is not None and 250 <= result.took_ms < 1500


@pytest.mark.parametrize("name", ["missing", "_hidden"])
async def test_a_function_that_is_not_there_is_no_answer(shop: ToolSet, name: str) -> None:
    assert (await call(shop, name)).code == "bad_result"
