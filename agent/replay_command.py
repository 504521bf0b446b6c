"""``hotline replay``: which calls, how often, and what is shown and written of them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import soundfile
from rich.console import Console

from agent.application import Application, build
from agent.config import Settings
from agent.errors import HotlineError
from agent.ingress.replay import check_fixture
from agent.reception import rehearsed_desks
from agent.replay import Replay, find_fixtures, json_lines, replay
from agent.replay_check import Check, check
from agent.show import CallPrinter, check_table
from agent.show_latency import waterfall


@dataclass(frozen=True)
class ReplayOptions:
    """The command's options, see its help."""

    realtime: bool = False
    json: Path | None = None
    with_timings: bool = False
    audio: Path | None = None
    runs: int = 1
    checked: bool = False


@dataclass
class _Tally:
    """What has been replayed so far."""

    checks: list[tuple[str, list[Check]]] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    audio_s: float = 0.0
    took_s: float = 0.0

    @property
    def is_good(self) -> bool:
        return not self.differing and all(one.passed for _, checks in self.checks for one in checks)


def run(paths: Sequence[Path], options: ReplayOptions, settings: Settings, console: Console) -> bool:
    """Replay. Returns whether all was as it must be. Raises HotlineError for what cannot be replayed, before anything
    is loaded.
    """
    fixtures = find_fixtures(paths)
    if options.audio is not None and len(fixtures) != 1:
        raise HotlineError("usage", f"--audio takes one call, got {len(fixtures)}")
    for path in fixtures:
        check_fixture(path)
    verbose = not options.checked and options.runs == 1
    if not options.realtime:
        settings = with_threads(settings, os.cpu_count() or 1)
    app = build(settings, readers=[CallPrinter(console)] if verbose else [], desks=rehearsed_desks)
    tally = _Tally()
    for path in fixtures:
        last = _replay_one(app, path, options, tally)
        recording = app.store.recording_path(last.events[0].call_id)
        if options.checked:
            tally.checks.append((last.fixture.name, check(last.fixture, last.events, last.spans)))
            console.print(f"{last.fixture.name}: {last.audio_s:.1f} s of call in {last.took_s:.1f} s", style="dim")
        elif verbose:
            console.print(waterfall(last.events))
            console.print(f"recording: {recording}", style="dim", highlight=False, soft_wrap=True)
        if options.audio is not None:
            samples, rate = soundfile.read(recording, dtype="int16")
            soundfile.write(options.audio, samples, rate, subtype="PCM_16")
    if options.json is not None:
        options.json.write_text("\n".join(tally.lines) + "\n", encoding="utf-8")
    _report(tally, options, console)
    return tally.is_good


def with_threads(settings: Settings, threads: int) -> Settings:
    """In virtual time one model computes at a time and the call stands still: each may have all cores."""
    return settings.model_copy(
        update={
            room: getattr(settings, room).model_copy(update={"threads": threads})
            for room in ("asr", "nlu", "llm", "tts")
        }
    )


def _replay_one(app: Application, path: Path, options: ReplayOptions, tally: _Tally) -> Replay:
    """All runs of one call; the last one is kept."""
    done = [replay(app, path, realtime=options.realtime) for _ in range(options.runs)]
    tally.audio_s += sum(one.audio_s for one in done)
    tally.took_s += sum(one.took_s for one in done)
    timelines = [list(json_lines(one.events, timings=False)) for one in done]
    if any(other != timelines[0] for other in timelines[1:]):
        tally.differing.append(done[0].fixture.name)
    tally.lines += json_lines(done[-1].events, timings=options.with_timings)
    return done[-1]


def _report(tally: _Tally, options: ReplayOptions, console: Console) -> None:
    if tally.checks:
        console.print(check_table(tally.checks))
    if options.runs > 1:
        console.print(f"timelines that differ among {options.runs} runs: {', '.join(tally.differing) or 'none'}")
    ratio = tally.audio_s / max(tally.took_s, 1e-9)
    console.print(f"{tally.audio_s:.1f} s of calls replayed in {tally.took_s:.1f} s: {ratio:.2f} × real time")
