"""What recorded callers said, for measuring what a leg hears."""

from functools import cache
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

import audio_fixtures

ROOT = Path(audio_fixtures.__file__).parent
RATE_HZ = 8000


@cache
def speech(fixture: str, number: int = 1) -> NDArray[np.int16]:
    """One turn of a fixture, 8 kHz mono."""
    samples, rate_hz = soundfile.read(ROOT / fixture / f"{number:02}.wav", dtype="int16")
    assert rate_hz == RATE_HZ
    return np.asarray(samples, np.int16)


def ticks_of(samples: NDArray[np.int16], rate_hz: int = RATE_HZ) -> list[bytes]:
    """Whole ticks of 20 ms."""
    size = rate_hz // 50
    return [samples[at : at + size].astype("<i2").tobytes() for at in range(0, len(samples) // size * size, size)]


def share_of(heard: NDArray[np.int16], source: NDArray[np.int16], delay: int = 0) -> float:
    """How much of a source is in what was heard, as the gain that explains it best: 1 whole, 0 not at all."""
    heard = heard[delay:].astype(np.float64)
    source = source[: len(heard)].astype(np.float64)
    heard = heard[: len(source)]
    return float(heard @ source / (source @ source))
