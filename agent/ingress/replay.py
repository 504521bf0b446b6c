"""A recorded call as a leg: the fixture's caller at one end, our pipeline at the other, on the loop's clock."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.clock import TICK_MS
from agent.errors import AudioError
from agent.events import Event
from agent.ingress.audio_file import read_caller_audio
from agent.ingress.fixture import Caller, CallerTurn, Fixture, load_fixture
from agent.ingress.leg import CallInfo, CallLeg
from agent.ingress.scripted_caller import ScriptedCaller
from agent.ingress.transport import LegTransport

_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""When a bare audio file was recorded is not known; a replay needs some fixed time."""


class ReplayLeg(CallLeg):
    """Plays a fixture's caller into a call and listens to the answers. Raises AudioError for unusable audio."""

    def __init__(self, fixture: Fixture) -> None:
        audio, self.sample_rate_hz = _load(fixture)
        self.info = CallInfo(
            call_id=f"replay-{fixture.name}",
            caller_number=fixture.caller.number,
            called_number=fixture.callee,
            channel="replay",
            started_at=fixture.started_at,
            language=fixture.language,
        )
        self._caller = ScriptedCaller(fixture, audio, self.sample_rate_hz)
        self.transport = self._audio = LegTransport(self.sample_rate_hz, on_ready=self._start, sink=self._hear)
        self._feeding: asyncio.Task[None] | None = None

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where each spoken turn of the caller stood in the call: start and end in ms."""
        return self._caller.spans

    def observe(self, event: Event) -> None:
        self._caller.observe(event)

    async def clear(self) -> None:
        """Nothing is buffered on this side."""

    async def transfer(self, destination: str) -> bool:
        return True

    async def hang_up(self, reason: str) -> None:
        if self._feeding is not None:
            self._feeding.cancel()

    def _start(self) -> None:
        self._feeding = asyncio.ensure_future(self._feed())

    async def _hear(self, pcm: bytes) -> None:
        """The recording has it already."""

    async def _feed(self) -> None:
        """A tick of the caller every 20 ms, half a tick ahead of the line's own, so that which comes first is never in
        doubt.
        """
        loop = asyncio.get_running_loop()
        start_s, fed = loop.time() + TICK_MS / 2000, 0
        while True:
            await asyncio.sleep(max(0.0, start_s + fed * TICK_MS / 1000 - loop.time()))
            fed += 1
            tick = self._caller.tick()
            if tick.hang_up:
                self.events.closed("caller", "hung up")
                return
            if tick.key is not None:
                self.events.dtmf(tick.key)
            await self._audio.feed(tick.pcm)


def _load(fixture: Fixture) -> tuple[dict[str, NDArray[np.int16]], int]:
    """All audio of a fixture; its files share one rate."""
    audio, rates = {}, {}
    for path in fixture.audio_files:
        audio[path.name], rates[path.name] = read_caller_audio(path)
    if len(set(rates.values())) > 1:
        raise AudioError(f"{fixture.folder}: one rate for all audio is right, got {rates}")
    return audio, next(iter(rates.values()), 8000)


def check_fixture(path: Path) -> None:
    """Raise HotlineError or AudioError if this call cannot be replayed, before anything is loaded for it."""
    _load(open_fixture(path))


def open_fixture(path: Path) -> Fixture:
    """A fixture folder, its call.yaml, or a bare audio file: a caller who says just that, once greeted."""
    if path.is_dir() or path.suffix in (".yaml", ".yml"):
        return load_fixture(path)
    read_caller_audio(path)
    return Fixture(
        name="".join(c if c.isalnum() and c.isascii() else "-" for c in path.stem.lower()) or "audio",
        description=f"the audio file {path.name}",
        caller=Caller(number="00000000000"),
        callee="4000000000",
        started_at=_NO_DATE,
        language="zh",
        # Unchecked: in a fixture names are plain, a file of the user's may have any.
        turns=(CallerTurn.model_construct(audio=path.name),),
        folder=path.parent,
    )
