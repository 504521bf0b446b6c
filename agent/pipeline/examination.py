"""What the models make of a turn at one of its pauses, while it is not yet known whether the caller goes on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from agent.events import AsrFinal, Language
from agent.pipeline.asr import is_believable
from agent.pipeline.call import Call
from agent.pipeline.classification import Classified, classify
from agent.pipeline.milestones import measured_ms
from agent.pipeline.turn import UnfinishedWords, required_silence_ms, settle_language
from models.asr import SAMPLE_RATE_HZ, Transcript


@dataclass(frozen=True)
class Examined:
    """The answers. ``required_ms``: the silence that ends the turn; ``transcribed_ms``: when the transcript stood, on
    the measured clock.
    """

    transcript: Transcript
    believable: bool
    classified: Classified | Exception | None
    required_ms: int
    transcribed_ms: float
    asr_ms: int
    smart_turn_ms: int

    @property
    def text(self) -> str:
        """What the caller said; empty where that cannot be believed."""
        return self.transcript.text if self.believable else ""


class Examiner:
    """Asks Smart Turn and Whisper side by side, then the classifier."""

    def __init__(self, call: Call, words: UnfinishedWords) -> None:
        self._call = call
        self._words = words

    async def examine(self, pcm: bytes, speech_ms: int, is_void: Callable[[], bool]) -> Examined | None:
        """Examine a turn so far.

        Args:
            pcm: 16-bit mono audio at the line's rate.
            speech_ms: voiced sound in it.
            is_void: asked before each model: whether the caller has gone on, so that the answer is no longer wanted.

        Returns None when it was void. Raises what the recogniser raises; a classifier that fails leaves its part empty.
        """
        call = self._call
        audio = to_model_audio(pcm, call.leg.sample_rate_hz)
        (sounds_complete, smart_turn_ms), (heard, asr_ms) = await asyncio.gather(
            call.compute(lambda: call.engines.end_of_turn.probability(audio)),
            call.compute(lambda: None if is_void() else self.transcribe(audio, speech_ms)),
        )
        if heard is None or is_void():
            return None
        transcribed_ms = measured_ms()
        believable = self.believes(heard, speech_ms)
        classified = await classify(self._call, heard.text) if believable else None
        required_ms = required_silence_ms(
            heard.text if believable else "",
            heard.language,
            sounds_complete,
            classified.understanding.intent_probability if isinstance(classified, Classified) else None,
            self._words,
            call.settings.turn,
        )
        return Examined(heard, believable, classified, required_ms, transcribed_ms, asr_ms, smart_turn_ms)

    def believes(self, heard: Transcript, speech_ms: int) -> bool:
        return is_believable(heard, speech_ms, self._call.prompts.phantoms(heard.language))

    def transcribe(self, audio: NDArray[np.float32], speech_ms: int) -> Transcript:
        """In the language that is spoken, which may change in mid-call. Blocks."""
        with self._call.engines.callers_first.live():
            return self._transcribe(audio, speech_ms)

    def _transcribe(self, audio: NDArray[np.float32], speech_ms: int) -> Transcript:
        recognizer, current = self._call.engines.recognizer, self._call.language
        transcript = recognizer.transcribe(audio)
        first = self._call.timeline.last(AsrFinal) is None
        language: Language = settle_language(
            current, transcript.language, transcript.language_probability, speech_ms, first
        )
        return transcript if language == transcript.language else recognizer.transcribe(audio, language=language)


def to_model_audio(pcm: bytes, sample_rate_hz: int) -> NDArray[np.float32]:
    """16-bit PCM at the line's rate as the models want it: 16 kHz, -1..1."""
    audio = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
    if sample_rate_hz == SAMPLE_RATE_HZ:
        return audio
    resampled: NDArray[np.float32] = soxr.resample(audio, sample_rate_hz, SAMPLE_RATE_HZ, quality="HQ")
    return resampled
