"""An office for tests: the demo company's seats, whose people are scripts, beside whole calls without weights."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from agent.api.spam import no_live_calls
from agent.bridge import BridgeLeg
from agent.event_base import Language
from agent.hotline_events import LegRole
from agent.ingress.fixture import Fixture
from agent.ingress.replay import ReplayLeg
from agent.ingress.virtual_time import run_in_virtual_time
from agent.postcall.prompts import PostcallPrompts
from agent.seats.to_page import ToPage
from agent.switchboard import SeatsAtSwitchboard, Switchboard, load_words
from agent.timeline import Timeline
from tests import dummy_calls

MessageT = TypeVar("MessageT", bound=ToPage)
RATE_HZ = 16_000
TICK_SAMPLES = RATE_HZ // 50
BEGAN_MS = 1_773_655_200_000
"""2026-03-16 18:00 in Shanghai."""


def tone(hz: float, samples: int = TICK_SAMPLES, at: int = 0, level: float = 8000.0) -> bytes:
    times = (np.arange(samples) + at) / RATE_HZ
    return bytes((level * np.sin(2 * np.pi * hz * times)).astype("<i2").tobytes())


class ScriptedLeg:
    """A seat's leg in one call: says a tone, and keeps what it hears."""

    sample_rate_hz = RATE_HZ

    def __init__(self, name: str, role: LegRole, hz: float) -> None:
        self.name = name
        self.role = role
        self.closed = False
        self._hz = hz
        self._at = 0
        self._heard = list[bytes]()

    def pull(self) -> bytes | None:
        self._at += TICK_SAMPLES
        return tone(self._hz, at=self._at)

    def play(self, pcm: bytes) -> None:
        self._heard.append(pcm)

    def close(self) -> None:
        self.closed = True

    @property
    def heard(self) -> NDArray[np.int16]:
        return np.frombuffer(b"".join(self._heard), "<i2")


@dataclass
class ScriptedLine:
    """In the place of a browser's line."""

    seat: str
    hz: float
    is_open: bool = True
    legs: list[ScriptedLeg] = field(default_factory=list)

    def join(self, role: Literal["seat", "supervisor"]) -> BridgeLeg:
        self.legs.append(ScriptedLeg(self.seat, role, self.hz))
        return self.legs[-1]


class Person:
    """Somebody at a seat. ``told``: everything their page was told."""

    def __init__(self, desk: SeatsAtSwitchboard, login: str, hz: float) -> None:
        self.desk = desk
        self.login = login
        self.hz = hz
        self.seat = ""
        self.told = list[ToPage]()
        self.line: ScriptedLine | None = None
        self._came = asyncio.Event()

    async def sit_down(self, *, ready: bool = True) -> None:
        self.seat = (await self.desk.sign_in(self.login)).seat
        await self.desk.subscribe(self.seat, self._hear)
        self.line = ScriptedLine(self.seat, self.hz)
        await self.desk.attach_line(self.seat, self.line)  # type: ignore[arg-type]
        if ready:
            await self.desk.set_state(self.seat, "ready")

    def _hear(self, message: ToPage) -> None:
        self.told.append(message)
        self._came.set()

    def all(self, kind: type[MessageT]) -> list[MessageT]:
        return [one for one in self.told if isinstance(one, kind)]

    async def next(self, kind: type[MessageT], within_s: float = 60.0) -> MessageT:
        """The next message of this kind that has not been waited for, of those that came or will come."""
        seen = len(self.all(kind)) if getattr(self, f"_seen_{kind.__name__}", None) is None else 0
        del seen
        taken: int = getattr(self, f"_taken_{kind.__name__}", 0)
        async with asyncio.timeout(within_s):
            while len(self.all(kind)) <= taken:
                self._came.clear()
                await self._came.wait()
        setattr(self, f"_taken_{kind.__name__}", taken + 1)
        return self.all(kind)[taken]

    @property
    def ear(self) -> NDArray[np.int16]:
        assert self.line is not None
        return np.concatenate([leg.heard for leg in self.line.legs]) if self.line.legs else np.zeros(0, np.int16)


class Office:
    """The switchboard with a store that keeps nothing, and people by login."""

    def __init__(self, label: Callable[[str, Language], str] = lambda cause, _: cause) -> None:
        receptions = dummy_calls.jinghe()
        (company,) = receptions.companies
        assert company.floor is not None and company.queue_words is not None
        self.receptions = receptions
        self.written = list[tuple[str, Any]]()
        self.board = Switchboard(
            company.floor, company.queue_words, load_words(), None, label=label, now_ms=self.now_ms
        )
        self.let_in: Callable[[str, str], None] = no_live_calls
        self.desk = SeatsAtSwitchboard(
            self.board, lambda by, done: self.written.append((by, done)), lambda call_id, by: self.let_in(call_id, by)
        )

    @staticmethod
    def now_ms() -> int:
        return BEGAN_MS + round(asyncio.get_running_loop().time() * 1000)

    def person(self, login: str, hz: float = 700.0) -> Person:
        return Person(self.desk, login, hz)


@dataclass(frozen=True)
class Shift:
    """What came of `work`."""

    timeline: Timeline
    leg: ReplayLeg
    recording: Path
    office: Office


def work(
    folder: Path,
    fixture: Fixture,
    people: Callable[[Office], Awaitable[None]],
    *,
    heard: list[str],
) -> Shift:
    """One call in virtual time, beside what people do meanwhile."""

    async def shift() -> Shift:
        office = Office()
        using = dummy_calls.engines(heard=heard)
        settings = dummy_calls.Settings()
        hotline = dummy_calls.Hotline(
            settings,
            using,
            dummy_calls.load_prompts(settings),
            PostcallPrompts(settings.prompts_dir),
            dummy_calls.Rulebook.load(),
            dummy_calls.MemoryCalls(folder),
            receptions=office.receptions,
            writing=dummy_calls.load_writing_prompts(settings.prompts_dir),
            switchboard=office.board,
        )
        leg = ReplayLeg(fixture)
        leg.info = replace(leg.info, channel="media-stream")
        working = asyncio.ensure_future(people(office))
        await asyncio.sleep(0)
        timeline = await hotline.run_call(leg)
        await asyncio.wait_for(working, 600)
        await office.board.close()
        return Shift(timeline, leg, folder / f"{leg.info.call_id}.wav", office)

    return run_in_virtual_time(shift())


def level(audio: NDArray[np.int16], hz: float, rate_hz: int) -> float:
    """How loud a tone is in it: its amplitude by correlation, 0 where it is not."""
    if len(audio) == 0:
        return 0.0
    times = np.arange(len(audio)) / rate_hz
    samples = audio.astype(np.float64)
    return float(2 * abs(np.mean(samples * np.exp(-2j * np.pi * hz * times))))
