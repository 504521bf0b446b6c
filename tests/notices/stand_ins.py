"""What stands in for the outer services on loopback: the robots of messengers over HTTP, and a mail server."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Answer = tuple[int, Any] | float
"""Status and JSON body; a float: hang for so many seconds instead."""


@dataclass(frozen=True)
class Posted:
    """One request as it came. ``query``: decoded once, as a web server does."""

    method: str
    path: str
    query: dict[str, str]
    content_type: str
    body: Any
    at_s: float


@dataclass
class Messenger:
    """A robot's web server. ``answer``: for the n-th request, from 0."""

    answer: Callable[[int], Answer]
    posted: list[Posted] = field(default_factory=list)
    url: str = ""

    @property
    def texts(self) -> list[str]:
        """What was said, of each request, wherever its messenger has it."""
        return [
            str((one.body.get("text") or one.body["content"]).get("content") or one.body["content"]["text"])
            for one in self.posted
        ]


@contextmanager
def messenger(answer: Callable[[int], Answer]) -> Iterator[Messenger]:
    """While it is served."""
    robot = Messenger(answer)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._take()

        def do_GET(self) -> None:
            self._take()

        def _take(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length", "0")))
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            with lock:
                told = robot.answer(len(robot.posted))
                kind = self.headers.get("content-type", "")
                robot.posted.append(Posted(self.command, url.path, query, kind, json.loads(data), time.monotonic()))
            if isinstance(told, float):
                time.sleep(told)
                return
            status, body = told
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    robot.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield robot
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class MailServer:
    """``refuse``: what to answer to the n-th message, from 0; empty: it is taken."""

    refuse: Callable[[int], str] = lambda number: ""
    login: tuple[str, str] = ("alarm", "secret")
    tried: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        number, self.tried = self.tried, self.tried + 1
        if refused := self.refuse(number):
            return refused
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == self.login
        return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(server: MailServer) -> Iterator[MailServer]:
    """While it is served. Whoever sends mail must log in."""
    loop, ready = asyncio.new_event_loop(), threading.Event()

    def talk() -> SMTP:
        return SMTP(
            server,
            authenticator=server.authenticate,
            auth_required=True,
            auth_require_tls=False,
            hostname="mail",
            loop=loop,
        )

    async def serve() -> None:
        listening = await loop.create_server(talk, "127.0.0.1", 0)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(5), "the mail server does not start"
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
