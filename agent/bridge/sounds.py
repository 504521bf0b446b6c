"""The sounds of a bridge that are nobody's voice, 20 ms at a time: music for those on hold, and a briefing. Pure."""

import numpy as np

from agent.clock import TICK_MS, samples_per_tick

PERIOD_S = 4.0
NOTES_HZ = (523.25, 659.25)
NOTE_S, SECOND_AFTER_S = 0.6, 0.35
LEVEL = 0.12
"""Of full scale: plainly there, and nothing that makes anybody hold their ear away."""


class Music:
    """A piece that goes round and round.

    Args:
        pcm: 16-bit mono at this rate; None or empty for two soft notes every four seconds.
    """

    def __init__(self, pcm: bytes | None, sample_rate_hz: int) -> None:
        self._tick_bytes = samples_per_tick(sample_rate_hz) * 2
        self._pcm = pcm or two_notes(sample_rate_hz)
        self._at = 0

    def tick(self) -> bytes:
        """The next 20 ms."""
        piece = self._pcm[self._at : self._at + self._tick_bytes]
        while len(piece) < self._tick_bytes:
            piece += self._pcm[: self._tick_bytes - len(piece)]
        self._at = (self._at + self._tick_bytes) % len(self._pcm)
        return piece


class Speech:
    """Something that is said once."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._tick_bytes = samples_per_tick(sample_rate_hz) * 2
        self._pcm = b""
        self._at = 0

    @property
    def remaining_ms(self) -> int:
        return -(-(len(self._pcm) - self._at) // self._tick_bytes) * TICK_MS

    def say(self, pcm: bytes) -> None:
        """Instead of what is still to be said."""
        self._pcm, self._at = pcm, 0

    def tick(self) -> bytes | None:
        """The next 20 ms; None once all is said."""
        piece = self._pcm[self._at : self._at + self._tick_bytes]
        self._at += len(piece)
        return piece.ljust(self._tick_bytes, b"\0") if piece else None


def two_notes(sample_rate_hz: int) -> bytes:
    """One round, 16-bit mono."""
    sound = np.zeros(int(PERIOD_S * sample_rate_hz))
    at_s = np.arange(int(NOTE_S * sample_rate_hz)) / sample_rate_hz
    swell = np.minimum(1.0, at_s / 0.02) * np.exp(-at_s / 0.2) * np.minimum(1.0, (NOTE_S - at_s) / 0.05)
    for number, hz in enumerate(NOTES_HZ):
        begin = int(number * SECOND_AFTER_S * sample_rate_hz)
        sound[begin : begin + len(at_s)] += np.sin(2 * np.pi * hz * at_s) * swell * LEVEL
    return bytes((sound * 32767).astype("<i2").tobytes())
