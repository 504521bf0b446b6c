"""A hotline behind a real server on loopback, and telephones that ring it in real time over Media Streams."""

import asyncio
import audioop
import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import soundfile
import uvicorn
import websockets
from numpy.typing import NDArray

from agent.api.live import LiveEvents
from agent.api.metrics import CallMetrics
from agent.application import Application, build
from agent.config import ModelsSettings, ServerSettings, Settings, StorageSettings, TtsSettings
from agent.dialling_settings import DiallingSettings
from agent.events import Body, CallStarted, Event
from agent.reception import rehearsed_desks
from agent.server import LARGEST_FRAME_BYTES, make_app

CHUNK = 160
"""Samples of 20 ms at 8 kHz."""


class Exchange:
    """The server, and every event of every call."""

    def __init__(self, app: Application, port: int, events: list[Event]) -> None:
        self.app = app
        self.url = f"ws://127.0.0.1:{port}/ws/media-stream"
        self.http = f"http://127.0.0.1:{port}"
        self._events = events

    def bodies(self, caller: str) -> list[Body]:
        """What happened in this caller's call."""
        calls = {e.call_id for e in self._events if isinstance(e.body, CallStarted) and e.body.caller_number == caller}
        return [event.body for event in self._events if event.call_id in calls]

    def recording(self, caller: str) -> NDArray[np.int16]:
        """The caller's channel and the bot's, shape (samples, 2)."""
        (call_id,) = {
            e.call_id for e in self._events if isinstance(e.body, CallStarted) and e.body.caller_number == caller
        }
        samples, _ = soundfile.read(self.app.store.recording_path(call_id), dtype="int16")
        return samples


def connect(
    folder: Path,
    *,
    companies: Sequence[Path] = (),
    engines: Literal["dummy", "real"] = "dummy",
    dialling: Callable[[int], DiallingSettings] = lambda _: DiallingSettings(),
    **server: Any,
) -> tuple[Exchange, uvicorn.Server, socket.socket]:
    """All that `exchange` runs, and where it is to listen."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    settings = Settings(
        dialling=dialling(port),
        server=ServerSettings.model_validate({"media_timeout_s": 1.2, **server}),
        models=ModelsSettings(engines=engines),
        storage=StorageSettings(data_dir=folder),
        tts=TtsSettings(speed=2.0) if engines == "dummy" else TtsSettings(),
        companies=tuple(companies),
    )
    live, metrics, events = LiveEvents(), CallMetrics(), list[Event]()
    app = build(
        settings,
        readers=[live.publish, metrics.read, events.append],
        desks=rehearsed_desks,
        seats_now_ms=lambda: round(time.time() * 1000),
    )
    config = uvicorn.Config(
        make_app(app, live, metrics),
        log_level="warning",
        ws_max_size=LARGEST_FRAME_BYTES,
        timeout_graceful_shutdown=3,
    )
    return Exchange(app, port, events), uvicorn.Server(config), listening


@contextmanager
def exchange(
    folder: Path,
    *,
    companies: Sequence[Path] = (),
    engines: Literal["dummy", "real"] = "dummy",
    dialling: Callable[[int], DiallingSettings] = lambda _: DiallingSettings(),
    **server: Any,
) -> Iterator[Exchange]:
    """The whole application, as ``hotline serve`` runs it, with stand-in engines that speak fast unless real ones are
    asked for; the companies' back ends are in this process. ``dialling``: who rings out, from our port.
    """
    connected, running, listening = connect(folder, companies=companies, engines=engines, dialling=dialling, **server)
    thread = threading.Thread(target=lambda: running.run(sockets=[listening]), daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield connected
    finally:
        running.should_exit = True
        thread.join(15)
        assert not thread.is_alive(), "the server did not stop"


class Telephone:
    """One caller: sends 20 ms of audio every 20 ms, silence unless told otherwise, and takes down what it hears."""

    def __init__(self, exchange: Exchange, number: str) -> None:
        self.number = number
        self.heard = bytearray()
        self.events: list[str] = []
        self.closed = asyncio.Event()
        self.close_code: int | None = None
        self._url = exchange.url
        self._to_say = b""
        self._chunk = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self.socket = await websockets.connect(self._url, max_size=None)
        self._tasks.append(asyncio.ensure_future(self._listen()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.socket.close()

    async def ring(self) -> None:
        """The messages with which every call begins."""
        await self.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        named = {"caller": self.number, "called": "4008001234"}
        await self.send({"event": "start", "streamSid": "MZ1", "start": {"callSid": "CA1", "customParameters": named}})

    def talk(self) -> None:
        """From now on there is sound on the line."""
        self._tasks.append(asyncio.ensure_future(self._pace()))

    def say(self, samples: NDArray[np.int16]) -> None:
        self._to_say = samples.astype("<i2").tobytes()

    async def send(self, message: dict[str, Any] | str | bytes) -> None:
        await self.socket.send(json.dumps(message) if isinstance(message, dict) else message)

    def media(self, pcm: bytes) -> dict[str, Any]:
        self._chunk += 1
        payload = base64.b64encode(audioop.lin2ulaw(pcm, 2)).decode()
        return {"event": "media", "media": {"track": "inbound", "chunk": str(self._chunk), "payload": payload}}

    def next_media(self) -> dict[str, Any]:
        pcm, self._to_say = self._to_say[: CHUNK * 2], self._to_say[CHUNK * 2 :]
        return self.media(pcm + bytes(CHUNK * 2 - len(pcm)))

    @property
    def heard_s(self) -> float:
        """Seconds of the bot's voice so far."""
        return len(self.heard) / 8000

    async def wait_for(self, what: Any, timeout_s: float = 15.0) -> None:
        """Until ``what()`` holds."""
        async with asyncio.timeout(timeout_s):
            while not what():
                await asyncio.sleep(0.02)

    async def until_quiet(self, timeout_s: float = 15.0) -> None:
        """Until the bot has begun and stopped speaking. TimeoutError where it does not begin in time, or does not stop
        within as long again, as music does not.
        """
        before = len(self.heard)
        await self.wait_for(lambda: len(self.heard) > before, timeout_s)
        async with asyncio.timeout(timeout_s):
            while before != len(self.heard):
                before = len(self.heard)
                await asyncio.sleep(0.5)

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            await self.send(self.next_media())
            due_s += 0.02
            await asyncio.sleep(max(0.0, due_s - loop.time()))

    async def _listen(self) -> None:
        try:
            async for text in self.socket:
                message = json.loads(text)
                self.events.append(message["event"])
                if message["event"] == "media":
                    self.heard += base64.b64decode(message["media"]["payload"])
        except websockets.ConnectionClosed:
            pass
        finally:
            self.close_code = self.socket.close_code
            self.closed.set()
