"""The application with a morning's worth of calls, for a test client and for a real browser."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from fastapi import APIRouter, FastAPI

from agent.api.app import AppDeps, create_app
from agent.api.live import LiveEvents
from agent.config import Settings
from agent.storage import Store
from tests.storage.seed import fill


@dataclass(frozen=True)
class Site:
    app: FastAPI
    store: Store
    live: LiveEvents
    url: str = ""


def make_site(folder: Path, routers: tuple[APIRouter, ...] = ()) -> Site:
    store = Store(f"sqlite:///{folder / 'hotline.db'}", folder)
    store.migrate()
    fill(store, datetime.now(UTC))
    live = LiveEvents()
    return Site(create_app(AppDeps(store, Settings(), live, routers=routers)), store, live)


def serve(site: Site) -> Iterator[Site]:
    """The site on a free port, in a thread."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(site.app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10.0
    while not server.started:
        assert time.monotonic() < deadline, "the test server did not start"
        time.sleep(0.01)
    yield Site(site.app, site.store, site.live, f"http://127.0.0.1:{listening.getsockname()[1]}")
    server.should_exit = True
    thread.join(10.0)
    site.store.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """For tests that only read."""
    site = make_site(tmp_path_factory.mktemp("site"))
    yield site
    site.store.close()
