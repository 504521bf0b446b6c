"""Speech is told from silence and from steady noise, on synthetic sound."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pipecat.audio.vad.vad_analyzer import VADState

from agent.clock import samples_per_tick
from agent.pipeline.vad import ABOVE_FLOOR_DB, SILENCE_DBFS, NoiseFloor, WebRtcVad, level_dbfs
from tests.synthetic_speech import syllables

RATE_HZ = 8000


def states(audio: NDArray[np.int16], rate_hz: int = RATE_HZ) -> list[VADState]:
    vad = WebRtcVad(rate_hz, aggressiveness=2, start_ms=100, pause_ms=240)
    tick = samples_per_tick(rate_hz)

    async def listen() -> list[VADState]:
        return [
            await vad.analyze_audio(audio[at : at + tick].tobytes()) for at in range(0, len(audio) - tick + 1, tick)
        ]

    return asyncio.run(listen())


def noise(seconds: float, level_db: float, seed: int = 1) -> NDArray[np.int16]:
    samples = np.random.default_rng(seed).normal(0, 32768 * 10 ** (level_db / 20), int(seconds * RATE_HZ))
    return np.clip(samples, -32768, 32767).astype(np.int16)


def ticks_spoken(found: list[VADState]) -> list[int]:
    return [n for n, state in enumerate(found) if state in (VADState.SPEAKING, VADState.STOPPING)]


@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_speech_between_two_silences_is_found_where_it_is(rate_hz: int) -> None:
    quiet = np.zeros(rate_hz, np.int16)
    audio = np.concatenate([quiet, syllables(1.5, rate_hz), quiet])
    found = ticks_spoken(states(audio, rate_hz))
    assert found, "no speech found"
    assert 50 <= found[0] <= 62, "speech began at 1.0 s"
    assert 120 <= found[-1] <= 142, "and ended at 2.5 s, plus the pause that confirms it"


def test_digital_silence_and_the_idle_noise_of_a_line_are_no_speech() -> None:
    assert not ticks_spoken(states(np.zeros(2 * RATE_HZ, np.int16)))
    assert not ticks_spoken(states(noise(2, -65)))


@pytest.mark.parametrize("level_db", [-50, -40, -30, -20])
def test_steady_noise_is_no_speech_however_loud(level_db: float) -> None:
    spoken = ticks_spoken(states(noise(6, level_db)))
    assert not [tick for tick in spoken if tick > 100]


def test_speech_over_noise_is_still_found() -> None:
    audio = np.concatenate([noise(2, -45), syllables(1.5, RATE_HZ)[: int(1.5 * RATE_HZ)] + noise(1.5, -45, 2)])
    assert [tick for tick in ticks_spoken(states(audio)) if tick >= 100]


@given(levels=st.lists(st.floats(-100, 0), min_size=1, max_size=300))
def test_the_floor_is_the_quietest_of_the_last_two_seconds(levels: list[float]) -> None:
    floor = NoiseFloor()
    for n, level in enumerate(levels):
        quietest = min(levels[max(0, n - 99) : n + 1])
        assert floor.is_above(level) == (level > max(SILENCE_DBFS, quietest + ABOVE_FLOOR_DB))


def test_levels_are_in_decibels_below_full_scale() -> None:
    assert level_dbfs(bytes(320)) == -100.0
    assert level_dbfs(np.full(160, 32767, np.int16).tobytes()) == pytest.approx(0, abs=0.01)
    assert level_dbfs(np.full(160, 3277, np.int16).tobytes()) == pytest.approx(-20, abs=0.01)
    assert level_dbfs(b"") == -100.0
