"""A program that is told of alerts: a real HTTP server that checks signatures and answers as it is told to."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_c3VwZXJzZWNyZXQtMzItYnl0ZXMtZm9yLXRlc3Rz"

Answer = Callable[[int], int | float]
"""For the n-th request, from 0: the status to answer with; a float: hang for so many seconds instead."""


@dataclass(frozen=True)
class Received:
    """One request whose signature was right. at_s: when it had come, by the monotonic clock; epoch_s: by Unix time."""

    id: str
    body: Any
    at_s: float
    epoch_s: float


@dataclass
class Receiver:
    """Use as a context manager. taken: those answered with 200, in the order in which they came."""

    answer: Answer = lambda number: 200
    tried: list[Received] = field(default_factory=list)
    taken: list[Received] = field(default_factory=list)
    forged: int = 0

    def __enter__(self) -> "Receiver":
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver._take(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    @property
    def types(self) -> list[str]:
        return [one.body["type"] for one in self.taken]

    def wait_for(self, count: int, timeout_s: float = 10.0) -> None:
        """Until so many were taken. Raises AssertionError."""
        until = time.monotonic() + timeout_s
        while len(self.taken) < count:
            assert time.monotonic() < until, f"{len(self.taken)} of {count} arrived"
            time.sleep(0.01)

    def _take(self, request: BaseHTTPRequestHandler) -> None:
        data = request.rfile.read(int(request.headers["content-length"]))
        at_s, epoch_s = time.monotonic(), time.time()
        try:
            body = Webhook(SECRET).verify(data, dict(request.headers))
        except Exception:
            self.forged += 1
            request.send_error(401)
            return
        with self._lock:
            received = Received(request.headers["webhook-id"], body, at_s, epoch_s)
            told = self.answer(len(self.tried))
            self.tried.append(received)
            if told == 200:
                self.taken.append(received)
        if isinstance(told, float):
            time.sleep(told)
            return
        request.send_response(told)
        request.send_header("content-length", "0")
        request.end_headers()
