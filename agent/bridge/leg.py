"""The shape of every leg that joins a call beside its caller: a seat's browser, a supervisor's, an outside number."""

from collections.abc import Callable
from typing import Protocol

from agent.bridge.jitter import JitterBuffer
from agent.clock import samples_per_tick
from agent.hotline_events import LegRole


class BridgeLeg(Protocol):
    """One leg. The bridge calls it from the call's tick every 20 ms, so nothing here may block or wait.

    A leg that raises is taken off the bridge, and the call goes on.
    """

    @property
    def name(self) -> str:
        """Of its own among the legs of the call: the seat's id."""
        ...

    @property
    def role(self) -> LegRole:
        """``seat``, ``supervisor`` or ``outside``."""
        ...

    @property
    def sample_rate_hz(self) -> int:
        """Of both directions: 8000, 16000, 24000 or 48000. The bridge resamples."""
        ...

    def pull(self) -> bytes | None:
        """The next 20 ms that this leg says: 16-bit little-endian mono. None where it has not come."""
        ...

    def play(self, pcm: bytes) -> None:
        """The next 20 ms that it hears, in the same form; comes every tick, silence too."""
        ...

    def close(self) -> None:
        """The bridge is done with this leg: it left, broke, or the call is over. May be called twice."""
        ...


class BufferedLeg:
    """A leg whose audio comes when it comes: it waits in a jitter buffer of its own.

    Args:
        sink: takes what the leg hears, 20 ms at a time; must not block.
        prebuffer_ticks: audio to wait for before the first of it is given out.
        on_close: told once, when the bridge is done with the leg.
    """

    def __init__(
        self,
        name: str,
        role: LegRole,
        sample_rate_hz: int,
        sink: Callable[[bytes], None],
        *,
        prebuffer_ticks: int = 2,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self.role: LegRole = role
        self.sample_rate_hz = sample_rate_hz
        self._sink = sink
        self._on_close = on_close
        self._buffer = JitterBuffer(samples_per_tick(sample_rate_hz) * 2, prebuffer_ticks=prebuffer_ticks)
        self.closed = False

    def push(self, pcm: bytes) -> None:
        """Audio from the network, of any length: 16-bit little-endian mono at the leg's rate."""
        if not self.closed:
            self._buffer.push(pcm)

    def pull(self) -> bytes | None:
        return self._buffer.take()

    def play(self, pcm: bytes) -> None:
        self._sink(pcm)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            if self._on_close is not None:
                self._on_close()
