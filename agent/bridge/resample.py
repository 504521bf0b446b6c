"""Another sample rate, tick by tick, with a delay of 2.5 ms.

soxr's own stream would do, but hands its audio out in blocks of 60 to 170 ms between telephone rates (measured), which
a conversation cannot wait for. Its quick mode has no delay and no filter against aliases either.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from agent.clock import samples_per_tick

DELAY_MS = 2.5
"""Half the filter's length. Longer is steeper."""
EDGE = 0.92
"""Where the filter has fallen to half, of the lower rate's upper limit: 3.7 kHz where a telephone line has 4."""
BLOCK_MS = 5
"""What is multiplied at a time; every rate has whole samples in it."""
_BETA = 6.0
"""Kaiser window: aliases at -60 dB."""


class Resampler:
    """One direction of one leg. Raises ValueError for rates that it does not know what to do with."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        per_s = 1000 // BLOCK_MS
        if from_hz % per_s or to_hz % per_s or min(from_hz, to_hz) < 8000:
            raise ValueError(f"from {from_hz} to {to_hz} Hz; 8000, 16000, 24000 or 48000 are right")
        self._tick_samples = samples_per_tick(from_hz)
        self._taps = _taps(from_hz, to_hz) if from_hz != to_hz else None
        self._past = np.zeros(_past_samples(from_hz), np.float32)
        block_samples = from_hz // per_s
        begins = np.arange(0, self._tick_samples, block_samples)
        self._blocks = begins[:, None] + np.arange(len(self._past) + block_samples)

    def resample(self, pcm: bytes) -> bytes:
        """One tick of 16-bit mono in, one tick out. Raises ValueError for another length."""
        if len(pcm) != 2 * self._tick_samples:
            raise ValueError(f"{len(pcm)} bytes, one tick of {2 * self._tick_samples} is right")
        if self._taps is None:
            return pcm
        samples = np.concatenate([self._past, np.frombuffer(pcm, "<i2").astype(np.float32)])
        self._past = samples[self._tick_samples :]
        return bytes(np.clip(np.rint(samples[self._blocks] @ self._taps), -32768, 32767).astype("<i2").tobytes())


def _past_samples(from_hz: int) -> int:
    return 2 * round(DELAY_MS / 1000 * from_hz)


@lru_cache
def _taps(from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """A windowed sinc as one matrix: (samples of a block and what came before it, samples that it becomes). All legs of
    these rates share it.
    """
    past, block_s = _past_samples(from_hz), BLOCK_MS / 1000
    in_s = np.arange(-past, round(from_hz * block_s))[:, None] / from_hz
    out_s = np.arange(round(to_hz * block_s))[None, :] / to_hz - DELAY_MS / 1000
    apart_s = out_s - in_s
    inside = np.clip(1 - (apart_s / (DELAY_MS / 1000)) ** 2, 0, None)
    window = np.where(inside > 0, np.i0(_BETA * np.sqrt(inside)), 0.0)
    taps = np.sinc(EDGE * min(from_hz, to_hz) * apart_s) * window
    return np.ascontiguousarray(taps / taps.sum(axis=0), np.float32)
