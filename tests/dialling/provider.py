"""A stand-in for a telephony provider: a real HTTP server on loopback that, when it is asked to ring somebody, lets a
telephone of its own open a real media stream, as telephones do.
"""

import asyncio
import base64
import json
import socket
import threading
import time
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np
import uvicorn
import websockets
from fastapi import FastAPI, Request, Response
from numpy.typing import NDArray

from tests.ingress.telephone_exchange import Telephone

ACCOUNT, SECRET = "AC1", "not-a-real-secret"
RATE_HZ = 8000


def heard_by(phone: Telephone) -> NDArray[np.int16]:
    """All that a telephone heard so far, 16-bit at 8 kHz."""
    import audioop

    return np.frombuffer(audioop.ulaw2lin(bytes(phone.heard), 2), "<i2")


def sine(hz: float, seconds: float, level: float = 8000.0) -> NDArray[np.int16]:
    return (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.int16)


class OutsideTelephone(Telephone):
    """A telephone that the provider rang and that was picked up."""

    def __init__(self, url: str, parameters: dict[str, str], number: str) -> None:
        super().__init__(_At(url), number)  # type: ignore[arg-type]
        self.parameters = parameters

    async def ring(self) -> None:
        await self.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {"callSid": "CA-out", "customParameters": self.parameters}
        await self.send({"event": "start", "streamSid": f"MZ-{self.number}", "start": start})

    async def press(self, digit: str) -> None:
        await self.send({"event": "dtmf", "dtmf": {"digit": digit}})

    async def is_put_down(self) -> None:
        """Until the line is closed; for another thread than the telephone's own."""
        await self.wait_for(self.closed.is_set, 5)

    async def put_down(self) -> None:
        await self.send({"event": "stop", "stop": {}})


@dataclass
class _At:
    url: str


Behaviour = Callable[[OutsideTelephone], Awaitable[None]]
"""What somebody does who has picked up; the provider hangs up when it returns."""


@dataclass
class Ordered:
    """One call that was asked for."""

    sid: str
    form: dict[str, list[str]]
    ended: bool = False
    phone: OutsideTelephone | None = None

    @property
    def number(self) -> str:
        return self.form["To"][0]

    def stream(self) -> tuple[str, dict[str, str]]:
        """The address and the parameters of the stream, as the TwiML has them."""
        stream = ET.fromstring(self.form["Twiml"][0]).find("Connect/Stream")
        assert stream is not None
        return stream.attrib["url"], {one.attrib["name"]: one.attrib["value"] for one in stream.findall("Parameter")}


@dataclass
class Provider:
    """``people``: who picks up, by number as it is dialled. Others: a word such as ``busy``, told by the callback; or
    nothing at all, where it rings for ever.
    """

    base_url: str = ""
    people: dict[str, Behaviour | str] = field(default_factory=dict)
    ordered: list[Ordered] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    troubles: list[BaseException] = field(default_factory=list)
    refuses: int = 0
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def orders_to(self, number: str) -> list[Ordered]:
        return [one for one in self.ordered if one.number == number]

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/2010-04-01/Accounts/{account}/Calls.json")
        async def calls(account: str, request: Request) -> Response:
            self.authorizations.append(request.headers.get("authorization", ""))
            if self.authorizations[-1] != f"Basic {base64.b64encode(f'{ACCOUNT}:{SECRET}'.encode()).decode()}":
                return Response('{"code": 20003, "message": "Authenticate"}', 401)
            if self.refuses:
                return Response('{"code": 21211, "message": "The number is not valid"}', self.refuses)
            ordered = Ordered(f"CA{len(self.ordered)}", parse_qs((await request.body()).decode()))
            self.ordered.append(ordered)
            task = asyncio.ensure_future(self._ring(ordered))
            self._tasks.add(task)
            return Response(json.dumps({"sid": ordered.sid, "status": "queued"}), 201)

        @app.post("/2010-04-01/Accounts/{account}/Calls/{sid}.json")
        async def change(account: str, sid: str, request: Request) -> Response:
            form = parse_qs((await request.body()).decode())
            found = [one for one in self.ordered if one.sid == sid]
            if not found or form.get("Status") != ["completed"]:
                return Response('{"code": 20404}', 404)
            found[0].ended = True
            return Response(json.dumps({"sid": sid, "status": "completed"}), 200)

        return app

    async def _ring(self, ordered: Ordered) -> None:
        try:
            await self._answer(ordered)
        except BaseException as error:
            self.troubles.append(error)

    async def _answer(self, ordered: Ordered) -> None:
        await asyncio.sleep(0.2)
        does = self.people.get(ordered.number)
        if does is None:
            return
        if isinstance(does, str):
            await self._tell(ordered, does)
            return
        url, parameters = ordered.stream()
        async with OutsideTelephone(url, parameters, ordered.number) as phone:
            ordered.phone = phone
            await phone.ring()
            phone.talk()
            await does(phone)
            if not phone.closed.is_set():
                await phone.put_down()
                await asyncio.wait_for(phone.closed.wait(), 5)
        await self._tell(ordered, "completed")

    async def _tell(self, ordered: Ordered, status: str) -> None:
        body = urlencode({"CallSid": ordered.sid, "CallStatus": status}).encode()
        url = ordered.form["StatusCallback"][0]
        await asyncio.to_thread(lambda: urllib.request.urlopen(url, body, timeout=5).read())


@contextmanager
def provider() -> Iterator[Provider]:
    made = Provider()
    listening = socket.create_server(("127.0.0.1", 0))
    made.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}/2010-04-01"
    running = uvicorn.Server(uvicorn.Config(made.app(), log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=lambda: running.run(sockets=[listening]), daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield made
    finally:
        running.should_exit = True
        thread.join(10)


async def stranger(url: str, parameters: dict[str, str]) -> tuple[int | None, str, bytes]:
    """Somebody who opens a stream with these parameters: the close code, the reason, and what was heard."""
    async with OutsideTelephone(url, parameters, "stranger") as phone:
        await phone.ring()
        with suppress(TimeoutError, websockets.ConnectionClosed):
            await asyncio.wait_for(phone.closed.wait(), 5)
        return phone.close_code, phone.socket.close_reason or "", bytes(phone.heard)
