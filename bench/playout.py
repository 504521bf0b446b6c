"""What a caller hears of the audio that a bot sends: when each voiced stretch begins and ends at the caller's ear.

Pure. Sound is mono at 8 kHz, 16-bit. It is looked at in windows of 10 ms; a stretch's ends are exact to the sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
WINDOW_SAMPLES = 80
BOT_VOICED_RMS = 200.0
"""Of 32767: quieter sound from the bot is not yet an answer."""
CALLER_VOICED_DB = 30.0
"""A caller's window that lies further below the loudest one is background: the fixtures' noise is, their last syllables
are not."""
PAUSE_IN_WORDS_S = 0.2
"""A shorter silence is a stop consonant, not a pause."""

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Sound:
    """One voiced stretch, in s."""

    start_s: float
    end_s: float


def voiced_spans(samples: Samples, threshold_rms: float) -> list[tuple[int, int]]:
    """Where the sound is, as sample numbers [first, last], windows that touch taken together."""
    spans: list[tuple[int, int]] = []
    windows = [samples[at : at + WINDOW_SAMPLES] for at in range(0, len(samples), WINDOW_SAMPLES)]
    touching = False
    for number, window in enumerate(windows):
        loud = np.flatnonzero(np.abs(window.astype(np.int32)) >= threshold_rms)
        voiced = len(loud) > 0 and _rms(window) >= threshold_rms
        if voiced:
            first, last = (number * WINDOW_SAMPLES + int(loud[at]) for at in (0, -1))
            spans.append((spans.pop()[0] if touching else first, last))
        touching = voiced
    return spans


def _rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64)))))


def last_voiced_sample(clip: Samples) -> int:
    """Where the caller's last sound is in a clip, as a sample number; its threshold follows the clip's loudness."""
    loudest = max((_rms(clip[at : at + WINDOW_SAMPLES]) for at in range(0, len(clip), WINDOW_SAMPLES)), default=0.0)
    spans = voiced_spans(clip, max(1.0, loudest * 10 ** (-CALLER_VOICED_DB / 20)))
    if not spans:
        raise ValueError("nothing is said in this clip")
    return spans[-1][1]


class Playout:
    """The queue between the line and the caller's ear. Frames may come early, late or in bursts: each is played when it
    has come and all before it are played. ``clear`` drops what is not played yet.
    """

    def __init__(self) -> None:
        self._queued_until_s = 0.0
        self._sounds: list[Sound] = []

    def add(self, samples: Samples, arrived_s: float) -> None:
        """A frame has come."""
        start_s = max(arrived_s, self._queued_until_s)
        for first, last in voiced_spans(samples, BOT_VOICED_RMS):
            self._sounds.append(Sound(start_s + first / RATE_HZ, start_s + (last + 1) / RATE_HZ))
        self._queued_until_s = start_s + len(samples) / RATE_HZ

    def clear(self, at_s: float) -> None:
        """The bot has taken back what it sent and the caller has not heard yet."""
        self._sounds = [Sound(s.start_s, min(s.end_s, at_s)) for s in self._sounds if s.start_s < at_s]
        self._queued_until_s = min(self._queued_until_s, at_s)

    def sounds(self) -> list[Sound]:
        """What was heard, or will be of what is queued, oldest first."""
        return joined(self._sounds)

    def last_sound(self) -> Sound | None:
        """The newest stretch, or None while nothing was heard."""
        return self._sounds[-1] if self._sounds else None


def joined(sounds: Sequence[Sound]) -> list[Sound]:
    """With the pauses inside words closed."""
    whole: list[Sound] = []
    for sound in sounds:
        if whole and sound.start_s - whole[-1].end_s < PAUSE_IN_WORDS_S:
            whole[-1] = Sound(whole[-1].start_s, sound.end_s)
        else:
            whole.append(sound)
    return whole
