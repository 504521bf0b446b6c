"""Another sample rate, tick by tick, with a delay of 2.5 ms.

soxr's own stream would do, but hands its audio out in blocks of 60 to 170 ms between telephone rates (measured), which
a conversation cannot wait for. Its quick mode has no delay and no filter against aliases either.
"""

from math import gcd

import numpy as np
from numpy.typing import NDArray

from agent.clock import samples_per_tick

DELAY_MS = 2.5
"""Half the filter's length. Longer is steeper."""
EDGE = 0.92
"""Where the filter has fallen to half, of the lower rate's upper limit: 3.7 kHz where a telephone line has 4."""
_BETA = 6.0
"""Kaiser window: aliases at -60 dB."""


class Resampler:
    """One direction of one leg. Raises ValueError for rates without a whole number of samples in 20 ms."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        if from_hz % 50 or to_hz % 50 or min(from_hz, to_hz) < 8000:
            raise ValueError(f"{from_hz} to {to_hz} Hz: rates of 8000 and more with whole samples in 20 ms are right")
        common = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        self._is_same = from_hz == to_hz
        self._tick_samples = samples_per_tick(from_hz)
        self._filter = _filter(from_hz, to_hz, self._up)
        self._past = np.zeros(len(self._filter) - 1, np.float32)

    def resample(self, pcm: bytes) -> bytes:
        """One tick of 16-bit mono in, one tick out."""
        if self._is_same:
            return pcm
        samples = np.concatenate([self._past, np.frombuffer(pcm, "<i2").astype(np.float32)])
        self._past = samples[self._tick_samples :]
        windows = np.lib.stride_tricks.sliding_window_view(samples, len(self._filter))
        if self._up == 1:
            out = windows[:: self._down] @ self._filter[:, 0]
        else:
            out = (windows @ self._filter).reshape(-1)[:: self._down]
        return bytes(np.clip(np.rint(out), -32768, 32767).astype("<i2").tobytes())


def _filter(from_hz: int, to_hz: int, up: int) -> NDArray[np.float32]:
    """A windowed sinc as (input samples that it spans, oldest first; phases between two of them)."""
    rate_hz = from_hz * up
    half = round(DELAY_MS / 1000 * rate_hz)
    at = np.arange(-half, half + 1)
    cutoff = EDGE * min(from_hz, to_hz) / rate_hz
    taps = cutoff * np.sinc(cutoff * at) * np.kaiser(len(at), _BETA) * up
    taps *= up / taps.sum()
    spans = -(-len(taps) // up)
    phases = np.concatenate([taps, np.zeros(spans * up - len(taps))]).reshape(spans, up)
    return np.ascontiguousarray(phases[::-1], np.float32)
