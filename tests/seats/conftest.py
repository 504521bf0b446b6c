"""A hotline that is nothing but seats, on a port of its own."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from fastapi import APIRouter, FastAPI

from agent.api import errors
from agent.api.seats import seats_router
from tests.seats.fake_desk import FakeDesk

TOKEN = "right-token"
GRACE_S = 0.3


@dataclass
class Served:
    desk: FakeDesk
    url: str

    @property
    def socket_url(self) -> str:
        return self.url.replace("http:", "ws:") + "/ws/seat"


def serve_app(app: FastAPI) -> Iterator[str]:
    """Its URL, while it is served from a thread."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10.0)


def router_for(desk: FakeDesk, *, open_on_loopback: bool = True, grace_s: float = GRACE_S) -> APIRouter:
    return seats_router(desk, lambda login, token: token == TOKEN, open_on_loopback=open_on_loopback, grace_s=grace_s)


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    desk = FakeDesk()
    app = FastAPI()
    errors.install(app)
    app.include_router(router_for(desk, open_on_loopback=getattr(request, "param", True)))
    for url in serve_app(app):
        yield Served(desk, url)


def wait_until(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
