"""What the tests of the desk ask of the demo back end: one tool that reads, and one that changes."""

from itertools import count

import pytest

from agent.tools.answer import ToolResult
from agent.tools.desk import OpenDesk

BOTH = pytest.mark.parametrize("protocol", ["http", "mcp"])
_keys = count()


def new_key() -> str:
    return f"call-{next(_keys)}"


async def read(desk: OpenDesk) -> ToolResult:
    return await desk.call("get_device", {"phone": "13658249356"})


async def change(desk: OpenDesk, key: str | None) -> ToolResult:
    return await desk.call("create_ticket", {"kind": "callback", "about": "查订单", "phone": "13812345678"}, key=key)
