"""Replay: the same call twice is the same timeline, and what cannot be replayed is refused in one line."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

import agent.cli
from agent.application import Application, build
from agent.config import ModelsSettings, Settings, StorageSettings
from agent.errors import HotlineError
from agent.events import CallEnded, SummaryReady, parse_event
from agent.replay import find_fixtures, json_lines, replay
from agent.replay_check import check
from tests.dummy_calls import script
from tests.synthetic_speech import syllables

TONE = (3000 * np.sin(np.arange(8000) / 5)).astype(np.int16)


@pytest.fixture
def app(tmp_path: Path) -> Application:
    """The whole application with stand-in engines and a database of its own."""
    return build(Settings(models=ModelsSettings(engines="dummy"), storage=StorageSettings(data_dir=tmp_path / "data")))


@pytest.fixture
def call(tmp_path: Path) -> Path:
    """An audio file of somebody who says one thing."""
    file = tmp_path / "a call.wav"
    quiet = np.zeros(800, np.int16)
    soundfile.write(file, np.concatenate([quiet, syllables(1.2, 8000), quiet]), 8000)
    return file


def test_a_bare_audio_file_is_a_call(app: Application, call: Path) -> None:
    done = replay(app, call)
    assert isinstance(done.events[-1].body, SummaryReady)
    assert len(done.spans) == 1 and done.audio_s > 5
    assert app.store.events(done.events[0].call_id) == list(done.events), "stored as it happened"
    info = soundfile.info(app.store.recording_path(done.events[0].call_id))
    (end,) = [event.body for event in done.events if isinstance(event.body, CallEnded)]
    assert info.channels == 2 and abs(info.duration - end.duration_ms / 1000) <= 0.1


def test_two_replays_are_the_same_to_the_byte(app: Application, call: Path) -> None:
    first, second = ("\n".join(json_lines(replay(app, call).events, timings=False)) for _ in range(2))
    assert first == second
    assert all(parse_event(line) for line in first.splitlines())


def test_a_replay_is_faster_than_the_call(app: Application, tmp_path: Path) -> None:
    fixture = script(tmp_path / "f", end={"when": "at", "at_ms": 60_000})
    (tmp_path / "f" / "call.yaml").write_text(
        json.dumps(fixture.model_dump(mode="json", exclude_defaults=True)), encoding="utf-8"
    )
    done = replay(app, tmp_path / "f")
    assert done.audio_s > 20 and done.took_s < done.audio_s


def test_what_was_to_come_of_a_call_is_checked(app: Application, tmp_path: Path) -> None:
    fixture = script(
        tmp_path / "f", {"speech_s": 1.2}, expect={"intents": ["order_status"], "min_turns": 1, "alert": "high"}
    )
    (tmp_path / "f" / "call.yaml").write_text(
        json.dumps(fixture.model_dump(mode="json", exclude_defaults=True)), encoding="utf-8"
    )
    done = replay(app, tmp_path / "f")
    results = {one.what: one.passed for one in check(done.fixture, done.events, done.spans)}
    assert results["turns"] and results["intent 1"] and results["ended by"]
    assert not results["alert"], "the fixture expects an alert that nothing called for"


def test_the_folders_of_fixtures_are_found(tmp_path: Path) -> None:
    for name in ("b", "a"):
        fixture = script(tmp_path / name, {"speech_s": 0.5})
        (tmp_path / name / "call.yaml").write_text(
            json.dumps(fixture.model_dump(mode="json", exclude_defaults=True)), encoding="utf-8"
        )
    assert find_fixtures([tmp_path]) == [tmp_path / "a", tmp_path / "b"]
    assert find_fixtures([tmp_path / "b", tmp_path / "a" / "call.yaml"]) == [
        tmp_path / "b",
        tmp_path / "a" / "call.yaml",
    ]


def test_a_fixture_that_cannot_be_used_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(HotlineError, match="does not exist"):
        find_fixtures([tmp_path / "nothing"])
    with pytest.raises(HotlineError, match=r"no call\.yaml in"):
        find_fixtures([tmp_path])
    (tmp_path / "call.yaml").write_text("name: x")
    with pytest.raises(HotlineError, match=r"call\.yaml"):
        find_fixtures([tmp_path])


def truncated(path: Path) -> None:
    soundfile.write(path, TONE, 8000)
    path.write_bytes(path.read_bytes()[:5000])


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty.wav": (lambda path: path.write_bytes(b""), "audio_unreadable: "),
    "truncated.wav": (truncated, "is truncated"),
    "stereo.wav": (lambda path: soundfile.write(path, np.stack([TONE, TONE], 1), 8000), "has 2 channels"),
    "music.wav": (lambda path: soundfile.write(path, TONE, 44100), "has 44100 Hz"),
    "notes.txt": (lambda path: path.write_text("no audio"), "is not audio that can be read"),
    "missing": (lambda path: None, "fixture_missing: "),
    "folder": (lambda path: path.mkdir(), "fixture_missing: no call.yaml in"),
    "bad.yaml": (lambda path: path.write_text("name: [x"), "fixture_invalid: "),
}


def hotline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *arguments: str) -> int:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOTLINE_MODELS__ENGINES", "dummy")
    monkeypatch.setattr(sys, "argv", ["hotline", *arguments])
    with pytest.raises(SystemExit) as ended:
        agent.cli.main()
    code = ended.value.code
    assert isinstance(code, int)
    return code


@pytest.mark.parametrize("name", BAD)
def test_the_command_refuses_bad_input_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    make, says = BAD[name]
    make(tmp_path / name)
    assert hotline(monkeypatch, tmp_path, "replay", str(tmp_path / name)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1 and says in printed.err and name in printed.err


def test_the_command_names_a_wrong_setting_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], call: Path
) -> None:
    monkeypatch.setenv("HOTLINE_SERVER__PORT", "0")
    assert hotline(monkeypatch, tmp_path, "replay", str(call)) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and error.startswith("config_invalid: setting server.port in environment variable")


def test_the_command_writes_the_timeline_and_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Path
) -> None:
    arguments = ["replay", str(call), "--json", "out.jsonl", "--audio", "out.wav", "--runs", "2"]
    assert hotline(monkeypatch, tmp_path, *arguments) == 0
    events = [parse_event(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert events[0].body.type == "call-started" and events[-1].body.type == "summary-ready"
    assert "took_ms" not in (tmp_path / "out.jsonl").read_text()
    assert soundfile.info(tmp_path / "out.wav").channels == 2
