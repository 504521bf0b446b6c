"""How many calls this machine can answer in time, and whether it takes one more. Pure.

Nobody can tell beforehand what a core carries, so it is measured: first at the start, by what one turn of a call
costs; then by every answer that is given, in the way a congestion window is: while answers are prompt with all places
taken there may be one place more, and when they come late, or fall silent in the middle, there are fewer than there
were callers then.
"""

from dataclasses import dataclass
from math import ceil
from statistics import median

WINDOW = 20
"""Answers that are looked at together: enough that one slow answer is no pattern, few enough to react within a
minute of a busy hour."""
TURN_EVERY_MS = 9000
"""A caller's turn comes about so often: 63 turns in the 580 s of the recorded calls."""
EASY_ANSWERS = 6
"""So many answers with every place taken, none of which took half of what is allowed, are enough for one place more: a
first measurement beside other work must not turn callers away for long."""
LATE_SHARE = 0.1
"""So many of them may be late: two of twenty is bad luck, three a trend."""


@dataclass(frozen=True)
class Limits:
    """What the operator allows. ``response_target_ms``: a longer wait, before or inside an answer, is too long."""

    max_calls: int
    response_target_ms: int


@dataclass(frozen=True)
class Answered:
    """One answer: how many calls were live, how long its caller had waited, and the longest silence inside it."""

    live_calls: int
    wait_ms: int
    silence_ms: int = 0

    @property
    def longest_ms(self) -> int:
        """A silence inside an answer is waited through just like the one before it."""
        return max(self.wait_ms, self.silence_ms)

    def is_late(self, limits: Limits) -> bool:
        return self.longest_ms > limits.response_target_ms

    def is_easy(self, limits: Limits) -> bool:
        return 2 * self.longest_ms <= limits.response_target_ms


@dataclass(frozen=True)
class Capacity:
    """How many calls may be live at once, and the answers since that was last decided."""

    calls: int
    window: tuple[Answered, ...] = ()


def unmeasured(cores: int, limits: Limits) -> Capacity:
    """Until anything has been measured: a call a core."""
    return Capacity(_within(cores, limits))


def at_start(turn_ms: float, limits: Limits) -> Capacity:
    """Before any call: as many as keep the whole machine busy, and no more.

    Args:
        turn_ms: compute of one turn (hearing, understanding, writing and speaking the answer) with the whole machine,
            measured once all models are warm. Under load the answer that was decided takes the place of one that is
            written, which makes up for a part of a place: so it is rounded up.
    """
    return Capacity(_within(ceil(TURN_EVERY_MS / max(turn_ms, 1.0)), limits))


def observe(capacity: Capacity, answered: Answered, limits: Limits) -> Capacity:
    """What one more answer teaches."""
    window = (*capacity.window, answered)
    late = [one for one in window if one.is_late(limits)]
    if len(late) > LATE_SHARE * WINDOW:
        fewer = int(median(one.live_calls for one in late)) - 1
        return Capacity(_within(min(capacity.calls, fewer), limits))
    when_full = [one for one in window if one.live_calls >= capacity.calls]
    easy = len(when_full) >= EASY_ANSWERS and all(one.is_easy(limits) for one in window)
    if len(window) < WINDOW and not easy:
        return Capacity(capacity.calls, window)
    return Capacity(_within(capacity.calls + bool(when_full and not late), limits))


def admits(capacity: Capacity, live_calls: int) -> bool:
    """Whether one more call would not spoil those that are going on."""
    return live_calls < capacity.calls


def _within(calls: int, limits: Limits) -> int:
    return max(1, min(calls, limits.max_calls))
