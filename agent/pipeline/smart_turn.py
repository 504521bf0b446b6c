"""Does it sound finished? Smart Turn v3 from the pipecat wheel, one for all calls."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3


class EndOfTurnModel(Protocol):
    """Blocks; safe to call from several threads."""

    def probability(self, audio: NDArray[np.float32]) -> float:
        """That the turn is complete. ``audio``: mono, 16 kHz, -1..1; the last 8 s count."""
        ...


class SmartTurn(LocalSmartTurnAnalyzerV3):
    """pipecat's analyzer, asked directly: its own buffering goes by the wall clock, ours by the audio's."""

    def __init__(self, *, threads: int = 1) -> None:
        super().__init__(cpu_count=threads, sample_rate=16000)

    def probability(self, audio: NDArray[np.float32]) -> float:
        return float(self._predict_endpoint(audio)["probability"])


class DummySmartTurn:
    """Takes every pause as the end of the turn."""

    def probability(self, audio: NDArray[np.float32]) -> float:
        return 1.0
