"""What is played where audio was lost: the last pitch period again, fading out. Pure, on ticks of 20 ms.

The idea is that of G.711 Appendix I: a voice goes on for some hundredths of a second much as it was, so its last period
repeated is heard as voice, and silence as a click. Unlike there nothing is delayed: the repetition joins on to what has
been played already.
"""

import numpy as np
from numpy.typing import NDArray

from agent.clock import samples_per_tick

SHORTEST_MS, LONGEST_MS = 5.0, 15.0
"""Pitch periods that are looked for: 200 to 66 Hz. Of a higher voice two or three periods are repeated together."""
COMPARED_MS = 10
"""What the shifts are compared over. Of 10, 15 and 20 ms the shortest was nearest to the lost speech (fixtures)."""
HISTORY_MS = LONGEST_MS + COMPARED_MS
FULL_MS, SILENT_MS = 10, 60
"""A repetition is as loud as the voice for so long, then fades until it is silent."""
JOIN_MS = 4
"""What comes after a loss is faded into over so long."""


class Concealer:
    """One leg's. Each tick is either what came, or made up."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._per_ms = sample_rate_hz / 1000
        self._tick_samples = samples_per_tick(sample_rate_hz)
        self._history = np.zeros(round(HISTORY_MS * self._per_ms), np.float32)
        self._cycle: NDArray[np.float32] | None = None
        self._offset = np.float32(0)
        self._lost = 0
        self.concealed_ticks = 0

    def take(self, pcm: bytes | None) -> bytes:
        """One tick of 16-bit mono; None where it was lost. Returns what is to be played."""
        if pcm is not None:
            return self._came(pcm)
        self.concealed_ticks += 1
        if self._cycle is None:
            self._cycle = self._last_cycle()
        made = self._repeat(self._tick_samples)
        self._lost += self._tick_samples
        self._remember(made)
        return _to_bytes(made)

    def _came(self, pcm: bytes) -> bytes:
        samples = np.frombuffer(pcm, "<i2").astype(np.float32)
        if self._cycle is None:
            self._remember(samples)
            return pcm
        n = round(JOIN_MS * self._per_ms)
        ramp = np.arange(1, n + 1, dtype=np.float32) / (n + 1)
        samples[:n] = samples[:n] * ramp + self._repeat(n) * (1 - ramp)
        self._cycle, self._lost = None, 0
        self._remember(samples)
        return _to_bytes(samples)

    def _remember(self, samples: NDArray[np.float32]) -> None:
        self._history = np.concatenate([self._history[len(samples) :], samples])

    def _repeat(self, count: int) -> NDArray[np.float32]:
        """The next samples of the repetition."""
        assert self._cycle is not None
        at = self._lost + np.arange(count)
        made = self._cycle[at % len(self._cycle)]
        # What was played ended where the cycle does not begin: the step between them dies away.
        step = self._offset * np.exp(-at / np.float32(self._per_ms))
        gain = np.clip((SILENT_MS - at / self._per_ms) / (SILENT_MS - FULL_MS), 0, 1)
        return np.asarray((made + step) * gain, np.float32)

    def _last_cycle(self) -> NDArray[np.float32]:
        """The last pitch period of the history, its end bent towards its beginning so that it can go round."""
        period = self._period()
        join = max(1, period // 4)
        cycle = self._history[-period:].copy()
        before = self._history[-period - join : -period]
        ramp = np.arange(1, join + 1, dtype=np.float32) / (join + 1)
        cycle[-join:] = cycle[-join:] * (1 - ramp) + before * ramp
        self._offset = np.float32(self._history[-1] - self._history[-period - 1])
        return cycle

    def _period(self) -> int:
        """In samples: the shift at which the end of the history is most like itself."""
        shortest, longest = round(SHORTEST_MS * self._per_ms), round(LONGEST_MS * self._per_ms)
        compared = round(COMPARED_MS * self._per_ms)
        shifted, end = self._history[: len(self._history) - shortest], self._history[-compared:]
        power = np.cumsum(np.concatenate([[0.0], np.square(shifted, dtype=np.float64)]))
        likeness = np.correlate(shifted, end, "valid") / np.sqrt(power[compared:] - power[:-compared] + 1.0)
        return longest - int(np.argmax(likeness))


def _to_bytes(samples: NDArray[np.float32]) -> bytes:
    return bytes(np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes())
