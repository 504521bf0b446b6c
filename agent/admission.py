"""How many calls this machine can answer in time, and whether it takes one more. Pure.

Nobody can tell beforehand what a core carries, so it is measured: first at the start, by what hearing one sentence
costs; then by every answer that goes out, in the way a congestion window is: while answers are prompt with all places
taken there may be one place more, and when they come late there are fewer than there were callers then.
"""

from dataclasses import dataclass
from statistics import median

WINDOW = 20
"""Answers that are looked at together: enough that one slow answer is no pattern, few enough to react within a
minute of a busy hour."""
LATE_SHARE = 0.1
"""So many of them may be late: two of twenty is bad luck, three a trend."""


@dataclass(frozen=True)
class Limits:
    """What the operator allows. ``response_target_ms``: an answer later than this is late."""

    max_calls: int
    response_target_ms: int


@dataclass(frozen=True)
class Answered:
    """One answer on the wire: how many calls were live, and how long its caller had waited."""

    live_calls: int
    wait_ms: int

    def is_late(self, limits: Limits) -> bool:
        return self.wait_ms > limits.response_target_ms


@dataclass(frozen=True)
class Capacity:
    """How many calls may be live at once, and the answers since that was last decided."""

    calls: int
    window: tuple[Answered, ...] = ()


def at_start(hearing_ms: float, silence_ms: int, limits: Limits) -> Capacity:
    """Before any call: even if all callers fall silent at the same moment, the last is answered in time.

    Args:
        hearing_ms: compute to understand one sentence with the whole machine, measured at warm-up.
        silence_ms: the silence that ends a turn, which is waited for in any case.
    """
    in_time = (limits.response_target_ms - silence_ms) / max(hearing_ms, 1.0)
    return Capacity(_within(int(in_time), limits))


def observe(capacity: Capacity, answered: Answered, limits: Limits) -> Capacity:
    """What one more answer teaches."""
    window = (*capacity.window, answered)
    late = [one for one in window if one.is_late(limits)]
    if len(late) > LATE_SHARE * WINDOW:
        fewer = int(median(one.live_calls for one in late)) - 1
        return Capacity(_within(min(capacity.calls, fewer), limits))
    if len(window) < WINDOW:
        return Capacity(capacity.calls, window)
    was_full = not late and max(one.live_calls for one in window) >= capacity.calls
    return Capacity(_within(capacity.calls + was_full, limits))


def admits(capacity: Capacity, live_calls: int) -> bool:
    """Whether one more call would not spoil those that are going on."""
    return live_calls < capacity.calls


def _within(calls: int, limits: Limits) -> int:
    return max(1, min(calls, limits.max_calls))
