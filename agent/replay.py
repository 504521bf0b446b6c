"""Recorded calls through the real pipeline, in virtual or real time."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.application import Application
from agent.errors import HotlineError
from agent.events import Event
from agent.ingress.fixture import Fixture
from agent.ingress.replay import ReplayLeg, open_fixture
from agent.ingress.virtual_time import run_in_virtual_time


@dataclass(frozen=True)
class Replay:
    """One call replayed. ``spans``: where each spoken turn of the caller stood, in ms; ``took_s``: real time."""

    fixture: Fixture
    events: tuple[Event, ...]
    spans: tuple[tuple[int, int], ...]
    took_s: float

    @property
    def audio_s(self) -> float:
        """Length of the call."""
        return self.events[-1].audio_ms / 1000


def find_fixtures(paths: Sequence[Path]) -> list[Path]:
    """The calls that these paths name: a fixture, its call.yaml, an audio file, or a folder of fixtures.

    Raises HotlineError, also for a fixture or audio that cannot be used: now, rather than after the models are loaded.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir() and not (path / "call.yaml").exists():
            inside = sorted(file.parent for file in path.glob("*/call.yaml"))
            if not inside:
                raise HotlineError("fixture_missing", f"no call.yaml in {path} or its folders")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise HotlineError("fixture_missing", f"{path} does not exist")
    for path in found:
        ReplayLeg(open_fixture(path))
    return found


def replay(app: Application, path: Path, *, realtime: bool = False) -> Replay:
    """Run one call. Raises HotlineError for a fixture or audio that cannot be used."""
    fixture = open_fixture(path)
    leg = ReplayLeg(fixture)
    start = time.perf_counter()
    call = app.hotline.run_call(leg)
    timeline = asyncio.run(call) if realtime else run_in_virtual_time(call)
    took_s = time.perf_counter() - start
    app.writer.drain()
    return Replay(fixture, tuple(timeline), tuple(leg.spans), took_s)


def json_lines(events: Sequence[Event], *, timings: bool) -> Iterator[str]:
    """The timeline's JSON form, one event a line."""
    for event in events:
        yield event.to_json(timings=timings)
