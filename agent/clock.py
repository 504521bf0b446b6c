"""Time as the house counts it: in audio samples, never read from the wall.

A call's clock is moved on by the line (``agent/pipeline/line.py``), one tick for every 20 ms of audio that passed. All
else reads it.
"""

TICK_MS = 20
"""One tick of the line. 20 ms is what telephony packs into a packet and what webrtcvad accepts."""


def samples_per_tick(sample_rate_hz: int) -> int:
    """Samples of one channel in one tick at this rate."""
    return sample_rate_hz * TICK_MS // 1000


class AudioClock:
    """How much audio of this call has passed, in ticks of 20 ms. Starts at 0 when the call is answered."""

    def __init__(self) -> None:
        self._ticks = 0

    @property
    def now_ms(self) -> int:
        return self._ticks * TICK_MS

    def tick(self) -> int:
        """One more tick of audio has passed. Returns the new time in ms."""
        self._ticks += 1
        return self.now_ms
