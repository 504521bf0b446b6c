"""Several voices to one ear: gains, ramps and a ceiling that no sum breaks through. Pure, on ticks of 20 ms."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.clock import samples_per_tick

Gains = Mapping[str, Mapping[str, float]]
"""For each ear, the voices that it hears and how loud: 1 is as they came."""

RAMP_MS = 5
"""A voice comes and goes over so long: a step would click."""
KNEE = 24_000.0
"""Up to here (of 32767, -2.7 dBFS) a sum is what it is."""
_ROOM = 32_767.0 - KNEE


def soften(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same, bent so that it stays below full scale.

    A curve and not a gain that is turned down: it has no memory, so nothing pumps, and what is below the knee is left
    alone.
    """
    over = np.abs(samples) - np.float32(KNEE)
    if float(over.max(initial=-1.0)) <= 0:
        return samples
    bent = np.sign(samples) * (np.float32(KNEE) + np.float32(_ROOM) * np.tanh(over / np.float32(_ROOM)))
    return np.where(over > 0, bent, samples)


class Mixer:
    """Mixes tick after tick. It remembers only how loud each voice was in the last tick, and ramps from there.

    Args:
        sample_rate_hz: of everything that is mixed.
        last: who heard whom before the first tick.
    """

    def __init__(self, sample_rate_hz: int, last: Gains) -> None:
        self._tick_samples = samples_per_tick(sample_rate_hz)
        ramp_samples = sample_rate_hz * RAMP_MS // 1000
        self._ramp = (np.arange(1, ramp_samples + 1, dtype=np.float32) / ramp_samples).astype(np.float32)
        self._last = last
        self._key: tuple[object, ...] = ()
        self._now = self._before = np.zeros((0, 0), np.float32)
        self._sums = np.zeros(0, bool)

    def is_ramping_to(self, gains: Gains) -> bool:
        """Whether the next tick by these gains would begin with a ramp."""
        return gains is not self._last and gains != self._last

    def mix(self, voices: Mapping[str, bytes], gains: Gains) -> dict[str, bytes]:
        """One tick.

        Args:
            voices: 20 ms of 16-bit mono of each that makes a sound; the others are silent.
            gains: who hears whom from this tick on.

        Returns 20 ms for each ear in ``gains``. Raises ValueError for a voice that is not one tick long.
        """
        ramping = self.is_ramping_to(gains)
        self._weigh(list(gains), list(voices), gains)
        sounds = np.empty((len(voices), self._tick_samples), np.float32)
        for row, (name, pcm) in enumerate(voices.items()):
            if len(pcm) != 2 * self._tick_samples:
                raise ValueError(f"{name}: {len(pcm)} bytes, one tick of {2 * self._tick_samples} is right")
            sounds[row] = np.frombuffer(pcm, "<i2")
        mixed = self._now @ sounds
        if ramping:
            n = len(self._ramp)
            before = self._before @ sounds[:, :n]
            mixed[:, :n] = before + (mixed[:, :n] - before) * self._ramp
            self._key = ()
        self._last = gains
        # A voice alone is heard as it came; only sums can be too loud.
        if self._sums.any():
            mixed[self._sums] = soften(mixed[self._sums])
        whole = np.clip(np.rint(mixed), -32768, 32767).astype("<i2")
        return {name: whole[row].tobytes() for row, name in enumerate(gains)}

    def _weigh(self, ears: Sequence[str], voices: Sequence[str], gains: Gains) -> None:
        """The matrices of this tick and of the one before; kept as long as nothing changes."""
        key = (id(gains), *voices)
        if key == self._key:
            return
        self._key = key
        self._now = _matrix(ears, voices, gains)
        self._before = _matrix(ears, voices, self._last)
        self._sums = ((self._now != 0) | (self._before != 0)).sum(axis=1) > 1


def _matrix(ears: Sequence[str], voices: Sequence[str], gains: Gains) -> NDArray[np.float32]:
    rows = [[gains.get(ear, {}).get(voice, 0.0) for voice in voices] for ear in ears]
    return np.array(rows, np.float32).reshape(len(ears), len(voices))
