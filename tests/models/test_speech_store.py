"""Speech that was made once is there after a restart, the same to the last bit; a bad file costs time, never a call."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from agent.application import Application
from agent.config import Settings
from agent.model_settings import model_settings
from models.catalog import require
from models.speech_store import SpeechStore, from_pcm, to_pcm
from models.tts import KokoroSynthesizer

KEY = ("kokoro", "zf_xiaoyi", "1.100", "ni↘xau↓")
SPEECH = from_pcm((8000 * np.sin(np.arange(2400) / 9)).astype(np.int16))


def test_speech_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    store = SpeechStore(tmp_path / "speech")
    assert store.get(KEY, 24_000) is None
    store.put(KEY, SPEECH, 24_000)
    kept = SpeechStore(tmp_path / "speech").get(KEY, 24_000)
    assert kept is not None and np.array_equal(kept, SPEECH)
    assert [path.suffix for path in (tmp_path / "speech").iterdir()] == [".flac"], "and nothing half-written beside it"


@pytest.mark.parametrize("part", range(len(KEY)))
def test_another_voice_pace_or_reading_is_another_speech(tmp_path: Path, part: int) -> None:
    store = SpeechStore(tmp_path)
    store.put(KEY, SPEECH, 24_000)
    other = tuple(text + "x" if number == part else text for number, text in enumerate(KEY))
    assert store.get(other, 24_000) is None
    assert store.get(KEY, 16_000) is None, "nor is another rate the same"


@pytest.mark.parametrize("content", [b"", b"no audio at all", b"fLaC\0\0\0"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    store = SpeechStore(tmp_path)
    store.put(KEY, SPEECH, 24_000)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert store.get(KEY, 24_000) is None
    store.put(KEY, SPEECH, 24_000)
    assert store.get(KEY, 24_000) is not None


def test_a_folder_that_cannot_be_written_does_not_silence_the_voice(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = SpeechStore(tmp_path / "file" / "speech")
    store.put(KEY, SPEECH, 24_000)
    assert store.get(KEY, 24_000) is None


@given(arrays.arrays(np.int16, st.integers(0, 50), elements=st.integers(-32767, 32767)))
def test_sixteen_bits_lose_nothing_of_sixteen_bits(pcm: np.ndarray) -> None:
    assert np.array_equal(to_pcm(from_pcm(pcm)), pcm)


@pytest.mark.models
def test_the_real_voice_from_disk_is_the_real_voice(real_app: Application, tmp_path: Path) -> None:
    folder = require("kokoro-82m", model_settings(Settings()))

    def spoken() -> np.ndarray:
        voice = KokoroSynthesizer(folder, threads=2, kept=tmp_path)
        return voice.synthesize("好的，您稍等，", language="zh", keep=True).samples

    made, kept = spoken(), spoken()
    assert len(list(tmp_path.glob("*.flac"))) == 1
    assert np.array_equal(made, kept)
