"""Noise that does not change is taken down a little; a voice, and a line without noise, stay as they are."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.quieten import LEAST_GAIN, WINDOW, quieter

VOICE = Path(__file__).parents[2] / "audio_fixtures" / "order-query" / "01.wav"


def db(samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-12))


def voice() -> NDArray[np.float32]:
    samples, rate_hz = soundfile.read(VOICE, dtype="float32")
    return np.asarray(soxr.resample(samples, rate_hz, 16_000), np.float32)


def hiss(count: int, level_db: float) -> NDArray[np.float32]:
    return (np.random.default_rng(0).standard_normal(count) * 10 ** (level_db / 20)).astype(np.float32)


def test_noise_in_a_pause_goes_down_by_as_much_as_is_allowed() -> None:
    said = np.concatenate([np.zeros(8_000, np.float32), voice(), np.zeros(8_000, np.float32)])
    noisy = said + hiss(len(said), -40)
    before, after = db(noisy[1_000:7_000]), db(quieter(noisy)[1_000:7_000])
    assert before - after == pytest.approx(-20 * np.log10(LEAST_GAIN), abs=2.5)


def test_a_voice_comes_out_nearer_to_what_was_said() -> None:
    said = voice()
    noisy = said + hiss(len(said), db(said) - 10)
    assert db(quieter(noisy) - said) < db(noisy - said) - 3


def test_a_voice_without_noise_stays_as_it_is() -> None:
    said = voice()
    assert db(quieter(said) - said) < db(said) - 20


@given(st.integers(0, 4 * WINDOW), st.sampled_from([0.0, 1e-4, 1.0]))
@settings(deadline=None, max_examples=50)
def test_any_length_and_level_come_out_as_long_and_no_louder(count: int, level: float) -> None:
    sound = (np.random.default_rng(count).uniform(-1, 1, count) * level).astype(np.float32)
    out = quieter(sound)
    assert out.shape == sound.shape and out.dtype == np.float32
    assert np.isfinite(out).all()
    assert np.square(out).sum() <= 1.1 * np.square(sound).sum() + 1e-9
