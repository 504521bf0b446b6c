"""Legs of other rates: no word is lost or delayed, and nothing is heard that was not there."""

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.bridge.resample import DELAY_MS, Resampler

PAIRS = [(8000, 16000), (16000, 8000), (8000, 48000), (48000, 8000), (16000, 48000), (48000, 16000), (16000, 24000)]


def through(from_hz: int, to_hz: int, samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """A second, tick by tick."""
    resampler, tick = Resampler(from_hz, to_hz), from_hz // 50
    ticks = [samples[at : at + tick].astype("<i2").tobytes() for at in range(0, len(samples), tick)]
    return np.frombuffer(b"".join(resampler.resample(pcm) for pcm in ticks), "<i2").astype(np.float64)


def tone(hz: float, rate_hz: int, seconds: float = 1.0) -> NDArray[np.float64]:
    return 10_000 * np.sin(2 * np.pi * hz * np.arange(int(rate_hz * seconds)) / rate_hz)


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_a_second_is_a_second_and_comes_at_once(from_hz: int, to_hz: int) -> None:
    resampler = Resampler(from_hz, to_hz)
    assert [len(resampler.resample(bytes(from_hz // 25))) for _ in range(3)] == [to_hz // 25] * 3


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
@pytest.mark.parametrize("hz", [150, 440, 1000, 2500, 3300])
def test_a_tone_within_the_line_is_the_same_tone_two_and_a_half_milliseconds_later(
    from_hz: int, to_hz: int, hz: float
) -> None:
    heard = through(from_hz, to_hz, tone(hz, from_hz))
    at_s = np.arange(len(heard)) / to_hz - DELAY_MS / 1000
    ought = 10_000 * np.sin(2 * np.pi * hz * at_s)
    settled = slice(to_hz // 50, None)
    error = heard[settled] - ought[settled]
    assert 10 * np.log10(np.square(ought[settled]).mean() / np.square(error).mean()) > 30


@pytest.mark.parametrize(
    ("from_hz", "hz"), [(16000, 4600), (16000, 6000), (16000, 7900), (48000, 5000), (48000, 20000)]
)
def test_what_a_telephone_line_cannot_carry_does_not_come_back_as_something_else(from_hz: int, hz: float) -> None:
    heard = through(from_hz, 8000, tone(hz, from_hz))[160:]
    assert 20 * np.log10(np.sqrt(np.square(heard).mean()) / 7071 + 1e-9) < -50


def test_ticks_join_without_a_seam() -> None:
    heard = through(8000, 16000, tone(300, 8000))[320:]
    second_difference = np.abs(np.diff(heard, 2))
    at_seams = second_difference[319::320]
    assert at_seams.max() <= np.percentile(second_difference, 99.9) + 2


def test_the_same_rate_is_passed_through() -> None:
    tick = np.arange(160, dtype="<i2").tobytes()
    assert Resampler(8000, 8000).resample(tick) is tick


def test_rates_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="from 22050 to 8000 Hz; 8000, 16000, 24000 or 48000 are right"):
        Resampler(22050, 8000)
    with pytest.raises(ValueError, match="one tick of 320 is right"):
        Resampler(8000, 16000).resample(bytes(100))
