"""How many calls this machine carries: measured before the first, and again with every answer."""

import os
from collections.abc import Callable

from loguru import logger

from agent.admission import Answered, Capacity, Limits, admits, at_start, observe, unmeasured
from agent.events import Event, TtsEnded, TtsStarted
from agent.timeline import Reader, Timeline


class CapacityMeter:
    """One per process. ``live``: how many calls there are now."""

    def __init__(self, limits: Limits, live: Callable[[], int]) -> None:
        self._limits = limits
        self._live = live
        self._capacity = unmeasured(os.cpu_count() or 1, limits)

    @property
    def calls(self) -> int:
        """Calls that this machine carries at once, as far as it has been measured."""
        return self._capacity.calls

    @property
    def is_full(self) -> bool:
        """Whether one more call would be one too many."""
        return not admits(self._capacity, self._live())

    def calibrate(self, turn_ms: float) -> None:
        """The first measurement, before any call: what one turn takes, in ms."""
        self._set(at_start(turn_ms, self._limits))

    def follow(self, timeline: Timeline) -> Reader:
        """Every answer of a call is another measurement."""

        def read(event: Event) -> None:
            started = timeline.last(TtsStarted)
            if not isinstance(event.body, TtsEnded) or started is None or started.waterfall is None:
                return
            answered = Answered(self._live(), started.waterfall.wire_ms, event.body.longest_gap_ms or 0)
            self._set(observe(self._capacity, answered, self._limits))

        return read

    def _set(self, capacity: Capacity) -> None:
        if capacity.calls != self._capacity.calls:
            logger.info("this machine carries {} calls at once", capacity.calls)
        self._capacity = capacity
