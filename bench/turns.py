"""How well a bot took its turns, from what was said and heard on the wire. Pure; times in s."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.playout import Sound

MISSED_AFTER_S = 15.0
"""An answer that takes longer has been missed."""
CUT_OFF_AFTER_S = 0.3
"""A bot that begins with the caller, this much after them at most, has not cut anybody off: both began at once."""
ANSWER_ENDED_S = 1.0
"""Sound after a shorter silence still belongs to the answer before."""


@dataclass(frozen=True)
class TurnFigures:
    """One turn of a caller.

    response_s: from the caller's last voiced sample to the first voiced sample of the answer; None if missed or cut
    off, where what came after was no answer to the whole. silence_s: the longest silence inside the answer.
    """

    response_s: float | None
    missed: bool
    cut_off: bool
    silence_s: float

    @property
    def verdict(self) -> str:
        """In a word or a number of seconds."""
        if self.response_s is not None:
            return f"{self.response_s:.2f}"
        return "missed" if self.missed else "cut off"


def judge(start_s: float, voiced_until_s: float, next_start_s: float, sounds: Sequence[Sound]) -> TurnFigures:
    """One turn.

    start_s, voiced_until_s: the clip's begin and its last voiced sample. next_start_s: where the caller's next clip
    begins, or the call's end. sounds: of the bot, in the whole call, oldest first.
    """
    cut_off = was_cut_off(start_s, voiced_until_s, sounds)
    answer = [sound for sound in sounds if voiced_until_s < sound.start_s < next_start_s]
    response_s = answer[0].start_s - voiced_until_s if answer else None
    missed = not cut_off and (response_s is None or response_s > MISSED_AFTER_S)
    return TurnFigures(
        response_s=None if missed or cut_off else response_s,
        missed=missed,
        cut_off=cut_off,
        silence_s=longest_silence(answer),
    )


def was_cut_off(start_s: float, voiced_until_s: float, sounds: Sequence[Sound]) -> bool:
    """Whether the bot began to speak while the caller did, its previous answer being over."""
    before_s = float("-inf")
    for sound in sounds:
        inside = start_s + CUT_OFF_AFTER_S <= sound.start_s <= voiced_until_s
        if inside and sound.start_s - before_s >= ANSWER_ENDED_S:
            return True
        before_s = sound.end_s
    return False


def longest_silence(answer: Sequence[Sound]) -> float:
    """Between the voiced stretches of one answer."""
    return max((later.start_s - sooner.end_s for sooner, later in itertools.pairwise(answer)), default=0.0)


@dataclass(frozen=True)
class Summary:
    """All turns of a bot. Times are of the turns that were answered; None where none was."""

    turns: int
    median_s: float | None
    p95_s: float | None
    worst_s: float | None
    misses: int
    cut_offs: int
    silence_s: float


def summarise(turns: Sequence[TurnFigures]) -> Summary:
    """The figures of the table."""
    times = [turn.response_s for turn in turns if turn.response_s is not None]
    median_s, p95_s, worst_s = (float(value) for value in np.percentile(times, [50, 95, 100])) if times else [None] * 3
    return Summary(
        turns=len(turns),
        median_s=median_s,
        p95_s=p95_s,
        worst_s=worst_s,
        misses=sum(turn.missed for turn in turns),
        cut_offs=sum(turn.cut_off for turn in turns),
        silence_s=max((turn.silence_s for turn in turns), default=0.0),
    )
