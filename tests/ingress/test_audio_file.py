"""Audio to replay is read whole or refused with a sentence that says what would be right."""

import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from agent.errors import AudioError, HotlineError
from agent.ingress.audio_file import read_caller_audio
from agent.ingress.fixture import load_fixture
from agent.ingress.replay import ReplayLeg, open_fixture

TONE = (3000 * np.sin(np.arange(8000) / 5)).astype(np.int16)


@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_telephone_and_wide_band_audio_is_read(tmp_path: Path, rate_hz: int) -> None:
    soundfile.write(tmp_path / "a.wav", TONE, rate_hz)
    samples, rate = read_caller_audio(tmp_path / "a.wav")
    assert rate == rate_hz and samples.dtype == np.int16 and (samples == TONE).all()


def test_compressed_telephone_audio_is_read_too(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", TONE, 8000, subtype="ALAW")
    soundfile.write(tmp_path / "a.flac", TONE, 8000)
    assert len(read_caller_audio(tmp_path / "a.wav")[0]) == len(read_caller_audio(tmp_path / "a.flac")[0]) == 8000


def truncated(path: Path) -> None:
    soundfile.write(path, TONE, 8000)
    path.write_bytes(path.read_bytes()[:5000])


def two_hours(path: Path) -> None:
    """Sparse: it takes no room on the disk."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"")
    size = 2 * 3600 * 8000 * 2
    with path.open("r+b") as raw:
        raw.seek(4)
        raw.write((36 + size).to_bytes(4, "little"))
        raw.seek(40)
        raw.write(size.to_bytes(4, "little"))
        raw.truncate(44 + size)


BAD = {
    "empty.wav": (lambda path: path.write_bytes(b""), "is not audio that can be read"),
    "no-samples.wav": (lambda path: soundfile.write(path, TONE[:0], 8000), "holds no samples"),
    "truncated.wav": (truncated, "is truncated: its header promises 16000 bytes of audio, it holds 4956"),
    "stereo.wav": (lambda path: soundfile.write(path, np.stack([TONE, TONE], 1), 8000), "has 2 channels"),
    "music.wav": (lambda path: soundfile.write(path, TONE, 44100), "has 44100 Hz; 8000 or 16000 Hz is right"),
    "text.wav": (lambda path: path.write_text("I am no audio"), "is not audio that can be read"),
    "notes.txt": (lambda path: path.write_text("I am no audio"), "is not audio that can be read"),
    "bare.raw": (lambda path: path.write_bytes(bytes(1000)), "is not audio that can be read"),
    "zip.wav": (lambda path: path.write_bytes(b"PK\3\4" + bytes(500)), "is not audio that can be read"),
    "header.wav": (lambda path: path.write_bytes(b"RIFF\0\0\0\0WAVEfmt "), "is not audio that can be read"),
    "hours.wav": (two_hours, "lasts 120 minutes; a call of at most 30 is right"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_audio_is_refused_by_name(tmp_path: Path, name: str) -> None:
    make, says = BAD[name]
    make(tmp_path / name)
    with pytest.raises(AudioError) as raised:
        open_fixture(tmp_path / name)
    assert says in str(raised.value) and str(tmp_path / name) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"nothing\.wav does not exist"):
        open_fixture(tmp_path / "nothing.wav")


@pytest.mark.parametrize("name", ["my call.wav", "来电（一）.wav", "CALL.WAV", "call.flac", "a.b.wav"])
def test_any_audio_file_is_a_caller_who_says_just_that(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, TONE, 8000)
    fixture = open_fixture(tmp_path / name)
    leg = ReplayLeg(fixture)
    assert [turn.audio for turn in fixture.turns] == [name]
    assert leg.info.call_id.startswith("replay-") and leg.info.call_id.isascii()


YAML = """
name: x
description: x
caller: {number: "13812345678"}
callee: "4008001234"
started_at: 2026-03-16T10:05:00+08:00
language: zh
turns:
  - audio: 01.wav
"""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("name: x\n", "name: X Y\n"), "call.yaml: name"),
        (("language: zh", "language: fr"), "call.yaml: language"),
        (("audio: 01.wav", "audio: ../../etc/passwd"), "call.yaml: turns.0.audio"),
        (("audio: 01.wav", "say: x"), "a turn has either audio or dtmf"),
        (("audio: 01.wav", "audio: 01.wav\n    delay: 5"), "call.yaml: turns.0.delay"),
        (("+08:00", ""), "started_at needs an offset"),
        (("turns:", "turns: ["), "not a readable fixture"),
        ((YAML, "just text"), "a fixture is a mapping"),
        ((YAML, ""), "a fixture is a mapping"),
    ],
)
def test_a_bad_fixture_names_its_file_and_field(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    (tmp_path / "call.yaml").write_text(YAML.replace(*change))
    with pytest.raises(HotlineError) as raised:
        load_fixture(tmp_path)
    assert raised.value.code == "fixture_invalid" and says in str(raised.value)


def test_a_fixture_whose_audio_is_missing_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "call.yaml").write_text(YAML)
    with pytest.raises(AudioError, match=r"01\.wav does not exist"):
        ReplayLeg(open_fixture(tmp_path))


def test_the_audio_of_one_call_has_one_rate(tmp_path: Path) -> None:
    (tmp_path / "call.yaml").write_text(YAML + "  - audio: 02.wav\n")
    soundfile.write(tmp_path / "01.wav", TONE, 8000)
    soundfile.write(tmp_path / "02.wav", TONE, 16000)
    with pytest.raises(AudioError, match="one rate for all audio is right"):
        ReplayLeg(open_fixture(tmp_path))
