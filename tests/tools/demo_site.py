"""The demo company's back end, really listening, and desks for it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select

from agent.tools.spec import Server, ToolSet, load_tools
from companies.jinghe.backend import Faults, make_app
from companies.jinghe.backend.tables import Base

TODAY = date(2026, 3, 5)  # a Thursday
JINGHE = load_tools(Path(__file__).resolve().parents[2] / "companies" / "jinghe" / "tools.yaml")


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


@dataclass(frozen=True)
class Site:
    """A back end at a URL of its own."""

    url: str
    app: FastAPI

    def fail(self, **faults: Any) -> None:
        self.app.state.faults.set(Faults(**faults))

    def count(self, table: type[Base]) -> int:
        """How many rows there are now, past all faults."""
        return int(self.app.state.service.read(lambda session: session.scalar(select(func.count()).select_from(table))))

    def over(self, protocol: str, *, timeout_s: float = 1.0) -> ToolSet:
        """The demo company's tools that the protocol serves, with their patience."""
        path = "/mcp" if protocol == "mcp" else ""
        names = {"get_device", "list_slots", "book_visit", "create_ticket"} if protocol == "mcp" else set(JINGHE.tools)
        server = Server.model_validate({protocol: self.url + path})
        tools = {
            name: tool.model_copy(update={"served": "it", "timeout_s": timeout_s})
            for name, tool in JINGHE.tools.items()
            if name in names
        }
        return ToolSet(servers={"it": server}, tools=tools)


@contextmanager
def listening(app: FastAPI, port: int = 0) -> Iterator[str]:
    """Serves it on a port of this machine; 0: a free one."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@contextmanager
def open_site(port: int = 0) -> Iterator[Site]:
    app = make_app("sqlite://", TODAY)
    with listening(app, port) as url:
        yield Site(url, app)
