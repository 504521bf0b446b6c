"""Is this speech? webrtcvad asks whether it sounds like a voice, a noise floor whether it is louder than the room."""

import math
from collections import deque

import numpy as np
import webrtcvad
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams, VADState

from agent.clock import TICK_MS, samples_per_tick

FLOOR_WINDOW_MS = 2000
"""The floor is the quietest moment of this long: speech pauses between syllables at least as often, steady noise never
does.
"""
ABOVE_FLOOR_DB = 7.0
"""How much louder than the floor speech must be. Telephone speech over noise at 10 dB still passes; steady noise does
not.
"""
SILENCE_DBFS = -52.0
"""Quieter than this is no speech on any line. G.711's own idle noise lies near -65 dBFS."""


class NoiseFloor:
    """The level of the room, followed by its quietest recent tick."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=FLOOR_WINDOW_MS // TICK_MS)

    def is_above(self, level_db: float) -> bool:
        """Take in one tick's level in dBFS; whether it stands out from the floor and from silence."""
        self._recent.append(level_db)
        return level_db > max(SILENCE_DBFS, min(self._recent) + ABOVE_FLOOR_DB)


def level_dbfs(pcm: bytes) -> float:
    """RMS level of 16-bit audio in dB relative to full scale; -100 for digital silence."""
    samples = np.frombuffer(pcm, np.int16).astype(np.float32)
    power = float(np.dot(samples, samples)) / max(1, len(samples))
    return 10 * math.log10(power / 32768.0**2) if power > 1e-2 else -100.0


class WebRtcVad(VADAnalyzer):
    """webrtcvad behind pipecat's VAD interface, with a noise floor. One per call: it remembers.

    Args:
        aggressiveness: webrtcvad's mode, 0..3.
        start_ms: voiced sound before the state turns SPEAKING.
        pause_ms: silence before it turns QUIET.
    """

    def __init__(self, sample_rate_hz: int, *, aggressiveness: int, start_ms: int, pause_ms: int) -> None:
        params = VADParams(confidence=0.5, start_secs=start_ms / 1000, stop_secs=pause_ms / 1000, min_volume=0.0)
        super().__init__(sample_rate=sample_rate_hz, params=params)
        self._vad = webrtcvad.Vad(aggressiveness)
        self._floor = NoiseFloor()
        self.set_sample_rate(sample_rate_hz)

    def num_frames_required(self) -> int:
        return samples_per_tick(self.sample_rate)

    def voice_confidence(self, buffer: bytes) -> float:
        above = self._floor.is_above(level_dbfs(buffer))
        return 1.0 if above and self._vad.is_speech(buffer, self.sample_rate) else 0.0

    def _get_smoothed_volume(self, audio: bytes) -> float:
        # The noise floor does this job; pipecat's loudness meter would cost more than everything else here.
        return 1.0

    def analyze(self, buffer: bytes) -> VADState:
        """Take in one tick; whether the caller is speaking."""
        return self._run_analyzer(buffer)

    async def analyze_audio(self, buffer: bytes) -> VADState:
        # Microseconds of work: a hop to a thread and back for each 20 ms would cost more than the analysis.
        return self.analyze(buffer)
