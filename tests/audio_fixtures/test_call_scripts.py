"""The calls to replay: complete, readable, small, and what they expect is something the house knows."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import soundfile
import yaml

import agent.risk
import audio_fixtures
from agent.errors import HotlineError
from agent.ingress.fixture import find_fixtures, load_fixture
from audio_fixtures.make_fixtures import BOT_VOICES

ROOT = Path(audio_fixtures.__file__).parent
RULES = Path(agent.risk.__file__).parent / "rules.toml"
FIXTURES = [load_fixture(folder) for folder in find_fixtures(ROOT)]

MINIMAL: dict[str, Any] = {
    "name": "minimal",
    "description": "One turn.",
    "caller": {"number": "13812345678"},
    "callee": "4008001234",
    "started_at": "2026-03-16T10:05:00+08:00",
    "language": "zh",
    "turns": [{"say": "你好", "audio": "01.wav"}],
}


def _written(folder: Path, **changes: object) -> Path:
    (folder / "call.yaml").write_text(yaml.safe_dump({**MINIMAL, **changes}, allow_unicode=True), encoding="utf-8")
    return folder


def test_there_are_enough_calls_of_every_kind() -> None:
    assert len(FIXTURES) >= 16
    assert sum(fixture.expect.alert == "high" for fixture in FIXTURES) >= 3
    assert {fixture.language for fixture in FIXTURES} == {"zh", "en"}
    assert any(fixture.expect.barge_in for fixture in FIXTURES)
    assert any(fixture.expect.dtmf for fixture in FIXTURES)
    assert any(turn.hang_up_after_ms for fixture in FIXTURES for turn in fixture.turns)
    assert any(not fixture.turns for fixture in FIXTURES)


def test_names_are_the_folders_and_numbers_are_not_shared() -> None:
    assert [fixture.name for fixture in FIXTURES] == [fixture.folder.name for fixture in FIXTURES]
    assert len({fixture.started_at for fixture in FIXTURES}) == len(FIXTURES)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_audio_is_telephone_audio_and_nothing_lies_about_unused(fixture: Any) -> None:
    for path in fixture.audio_files:
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (8000, 1, "PCM_16"), path
        assert 0.5 < info.duration < 29, path
    assert {path.name for path in fixture.folder.glob("*.wav")} == {path.name for path in fixture.audio_files}


def test_all_calls_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in ROOT.rglob("*.wav")) < 6_000_000


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)
def test_no_caller_has_the_bots_voice(fixture: Any) -> None:
    voices = {fixture.caller.voice, *(turn.recipe.voice for turn in fixture.turns)}
    assert not voices & BOT_VOICES


def test_expected_evidence_are_signals_of_the_risk_rules() -> None:
    known = {signal["name"] for signal in tomllib.loads(RULES.read_text(encoding="utf-8"))["signal"]}
    expected = {name for fixture in FIXTURES for name in fixture.expect.evidence}
    assert expected <= known
    assert {"regulator", "lawyer", "safety"} <= expected


def test_a_high_alert_changes_the_route_in_every_call_that_expects_one() -> None:
    for fixture in FIXTURES:
        if fixture.expect.alert == "high":
            assert fixture.expect.evidence and fixture.expect.route, fixture.name
            assert fixture.expect.summary.risk == ("high",), fixture.name


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"turns": [{"say": "你好"}]}, "audio or dtmf"),
        ({"turns": [{"audio": "01.wav", "dtmf": "1"}]}, "audio or dtmf"),
        ({"turns": [{"audio": "../01.wav"}]}, "audio"),
        ({"turns": [{"audio": "01.wav", "when": "at"}]}, "at_ms"),
        ({"turns": [{"audio": "01.wav", "whne": "at"}]}, "whne"),
        ({"turns": [{"dtmf": "12x"}]}, "dtmf"),
        ({"started_at": "2026-03-16T10:05:00"}, "offset"),
        ({"expect": {"intents": ["repair", "repair"]}}, "2 entries for 1"),
        ({"expect": {"intents": ["reparation"]}}, "intents"),
        ({"language": "fr"}, "language"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    with pytest.raises(HotlineError, match=says) as caught:
        load_fixture(_written(tmp_path, **changes))
    assert caught.value.code == "fixture_invalid"
    assert "call.yaml" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"- a list", b"\xff\xfe\x00", b"name: [unclosed"])
def test_what_is_no_fixture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "call.yaml").write_bytes(content)
    with pytest.raises(HotlineError) as caught:
        load_fixture(tmp_path)
    assert caught.value.code == "fixture_invalid"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HotlineError, match=r"call\.yaml"):
        load_fixture(tmp_path)


def test_one_value_stands_for_a_list_of_one(tmp_path: Path) -> None:
    fixture = load_fixture(_written(tmp_path, expect={"intents": ["repair"], "ended_by": "bot"}))
    assert fixture.expect.intents == (("repair",),)
    assert fixture.expect.ended_by == ("bot",)
    assert fixture.audio_files == (tmp_path / "01.wav",)
