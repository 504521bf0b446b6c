"""A desk over the demo company's back end, which lives in this process for one test and is new to each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from agent.tools import ToolResult, load_tools
from agent.tools.desk import rehearsed_desk
from companies.jinghe.backend import make_app

TODAY = date(2026, 3, 5)  # a Thursday
JINGHE = load_tools(Path(__file__).resolve().parents[2] / "companies" / "jinghe" / "tools.yaml")


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


class Shop:
    """The company as its tools show it. ``today`` may be moved on."""

    def __init__(self, database: str) -> None:
        self.today = TODAY
        self.app = make_app(database, lambda: self.today)
        self.desk = rehearsed_desk(JINGHE, self.app)

    async def ask(self, tool: str, key: str | None = None, **arguments: Any) -> ToolResult:
        return await self.desk.call(tool, arguments, key=key)

    async def get(self, tool: str, key: str | None = None, **arguments: Any) -> dict[str, Any]:
        """What a tool gives when all is well."""
        result = await self.ask(tool, key, **arguments)
        assert result.code == "ok", f"{tool}: {result}"
        return dict(result.value)

    async def refused(self, tool: str, **arguments: Any) -> str:
        """Why a tool does not do it."""
        result = await self.ask(tool, **arguments)
        assert result.code == "rejected", f"{tool}: {result}"
        return result.reason

    async def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Past the desk, as anybody could."""
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://back-end") as client:
            return await client.request(method, path, **more)


@asynccontextmanager
async def open_shop(database: str = "sqlite://") -> AsyncIterator[Shop]:
    shop = Shop(database)
    async with shop.desk:
        yield shop
