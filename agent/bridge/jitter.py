"""A leg's audio between the network and the line: taken in as it comes, given out 20 ms a tick. Pure."""

from array import array
from collections import deque

QUIET_PEAK = 400
"""A tick whose loudest sample is below this (of 32767, -38 dBFS) carries no word and may be left out to catch up."""


class JitterBuffer:
    """First in, first out, with silence where nothing came and catching up where too much did.

    A stalled network delivers late what it could not deliver in time; meanwhile the line went on with silence. What is
    late is kept, word for word; the delay is made up by leaving out quiet ticks once the buffer holds more than
    ``max_delay_ticks``.

    Args:
        tick_bytes: bytes of one tick of 16-bit mono audio.
        prebuffer_ticks: how many ticks must have come before the first is given out.
        max_delay_ticks: backlog above which quiet ticks are left out.
    """

    def __init__(self, tick_bytes: int, *, prebuffer_ticks: int = 1, max_delay_ticks: int = 5) -> None:
        self._tick_bytes = tick_bytes
        self._prebuffer = prebuffer_ticks
        self._max_delay = max_delay_ticks
        self._ticks: deque[bytes] = deque()
        self._rest = bytearray()
        self._running = False
        self.missing_ticks = 0
        self.skipped_ticks = 0

    def push(self, pcm: bytes) -> None:
        """Audio of any length; an odd last byte waits for its other half."""
        self._rest += pcm
        while len(self._rest) >= self._tick_bytes:
            self._ticks.append(bytes(self._rest[: self._tick_bytes]))
            del self._rest[: self._tick_bytes]

    def pop(self) -> bytes:
        """Exactly one tick; silence where none has come."""
        tick = self.take()
        return bytes(self._tick_bytes) if tick is None else tick

    def take(self) -> bytes | None:
        """The next tick; None where none has come."""
        if not self._running:
            self._running = len(self._ticks) >= self._prebuffer
        if not self._running or not self._ticks:
            self.missing_ticks += 1
            return None
        while len(self._ticks) > self._max_delay and _is_quiet(self._ticks[0]):
            self._ticks.popleft()
            self.skipped_ticks += 1
        return self._ticks.popleft()


def _is_quiet(pcm: bytes) -> bool:
    samples = array("h", pcm)
    return max(samples) < QUIET_PEAK and min(samples) > -QUIET_PEAK
