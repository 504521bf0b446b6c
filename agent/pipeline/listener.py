"""The listener: the caller's audio in, whole turns of speech out.

At every pause it asks two models at once what was heard so far (Whisper) and whether it sounded finished (Smart Turn),
and then waits as long as the two answers together call for (`turn.required_silence_ms`). Speech over the bot interrupts
it; a cough does not.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray
from pipecat.audio.vad.vad_analyzer import VADState
from pipecat.frames.frames import Frame, InputAudioRawFrame, InterruptionFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.clock import TICK_MS
from agent.events import AsrFinal, Dtmf, Event, Language, VadSpeechEnded, VadSpeechStarted
from agent.pipeline.asr import is_believable
from agent.pipeline.call import Call
from agent.pipeline.frames import GreetFrame, SilenceFrame, UnintelligibleFrame, UtteranceFrame
from agent.pipeline.nlu import understand
from agent.pipeline.turn import UnfinishedWords, required_silence_ms, settle_language
from agent.pipeline.vad import WebRtcVad
from models.asr import SAMPLE_RATE_HZ, Transcript

PREROLL_MS = 800
"""Audio kept from before speech was noticed. Soft first consonants lie there, and Whisper hears better what silence
leads up to: with 300 ms it wrote 要39123456700 where it writes 13912345678 with 800."""
KEYS_PAUSE_MS = 2500
"""After so long without another key the number is taken as whole; # ends it at once."""
MUMBLE_MS = 1000
"""So much speech without an understood word is worth asking about; less is a cough."""


@dataclass(frozen=True)
class _Examined:
    """What the models made of a turn at one of its pauses."""

    transcript: Transcript
    believable: bool
    required_ms: int
    asr_ms: int
    smart_turn_ms: int


@dataclass
class _Turn:
    """Speech that is under way. Times in ms of audio."""

    audio: bytearray
    start_ms: int
    speech_start_ms: int
    voiced_ms: int = 0
    last_voiced_ms: int = 0
    examined: _Examined | None = None
    examination: "asyncio.Task[None] | None" = None


class Listener(FrameProcessor):
    """The stage."""

    def __init__(self, call: Call, words: UnfinishedWords) -> None:
        super().__init__()
        self._call = call
        self._words = words
        self._settings = call.settings.turn
        self._vad = WebRtcVad(
            call.leg.sample_rate_hz,
            aggressiveness=self._settings.vad_aggressiveness,
            start_ms=self._settings.speech_start_ms,
            pause_ms=self._settings.pause_ms,
        )
        self._now_ms = 0
        self._speaking = False
        self._voiced = False
        kept_ms = PREROLL_MS + self._settings.speech_start_ms
        self._preroll: deque[bytes] = deque(maxlen=kept_ms // TICK_MS)
        self._turn: _Turn | None = None
        self._keys = ""
        self._keys_at_ms = 0
        self._idle_ms = 0
        self._silences = 0
        call.timeline.subscribe(self._on_event)
        call.hear_last_words = self._hear_last_words

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, InputAudioRawFrame):
            await self.push_frame(frame, direction)
            return
        if self._now_ms == 0:
            await self.push_frame(GreetFrame())
        self._now_ms += TICK_MS
        await self._hear(frame.audio)
        await self._check_barge_in()
        await self._check_turn()
        await self._check_keys()
        await self._check_silence()

    def _on_event(self, event: Event) -> None:
        if isinstance(event.body, Dtmf):
            self._keys += event.body.digit
            self._keys_at_ms = self._now_ms

    async def _hear(self, pcm: bytes) -> None:
        state = await self._vad.analyze_audio(pcm)
        was_speaking, self._speaking = self._speaking, state in (VADState.SPEAKING, VADState.STOPPING)
        # STOPPING is quiet already: what holds on through it is the patience that bridges a breath, not a voice.
        self._voiced = state is VADState.SPEAKING
        self._preroll.append(pcm)
        if self._turn is not None:
            self._turn.audio += pcm
        if self._speaking and not was_speaking:
            self._speech_started()
        elif was_speaking and not self._speaking:
            self._speech_ended()

    def _speech_started(self) -> None:
        start_ms = max(0, self._now_ms - self._settings.speech_start_ms)
        self._call.timeline.append(VadSpeechStarted(start_ms=start_ms))
        if self._turn is None:
            audio = bytearray(b"".join(self._preroll))
            self._turn = _Turn(audio, start_ms, start_ms)
        else:
            # The caller goes on: what was made of the turn so far no longer holds.
            self._turn.speech_start_ms = start_ms
            self._turn.examined = None
            self._turn.examination = None

    def _speech_ended(self) -> None:
        turn = self._turn
        if turn is None:
            return
        end_ms = max(turn.speech_start_ms, self._now_ms - self._settings.pause_ms)
        self._call.timeline.append(VadSpeechEnded(start_ms=turn.speech_start_ms, end_ms=end_ms))
        turn.voiced_ms += end_ms - turn.speech_start_ms
        turn.last_voiced_ms = end_ms
        if self._call.playout.speaking and turn.voiced_ms < self._settings.barge_in_ms:
            self._turn = None
            return
        turn.examination = self.create_task(self._examine(turn))

    async def _check_barge_in(self) -> None:
        turn = self._turn
        if turn is None or not self._voiced or not self._call.playout.busy:
            return
        if self._now_ms - turn.speech_start_ms >= self._settings.barge_in_ms:
            await self._interrupt(turn.speech_start_ms)

    async def _interrupt(self, speech_start_ms: int) -> None:
        self._call.interrupt(speech_start_ms)
        await self.push_frame(InterruptionFrame())
        await self._call.leg.clear()

    async def _check_turn(self) -> None:
        turn = self._turn
        if turn is None:
            return
        if self._speaking:
            too_long = self._now_ms - turn.start_ms >= self._settings.max_turn_s * 1000
            if too_long and turn.examination is None:
                turn.voiced_ms += self._now_ms - turn.speech_start_ms
                turn.last_voiced_ms = self._now_ms
                turn.examination = self.create_task(self._examine(turn))
            if not (too_long and turn.examined):
                return
        if (turn.examined is not None and self._now_ms - turn.last_voiced_ms >= turn.examined.required_ms) or (
            turn.examined is not None and self._speaking
        ):
            await self._end_turn(turn, turn.examined)

    async def _examine(self, turn: _Turn) -> None:
        """Ask the models about the turn so far; what they say is void if the caller went on meanwhile."""
        mine = turn.examination
        audio = _to_model_audio(bytes(turn.audio), self._call.leg.sample_rate_hz)
        engines, call = self._call.engines, self._call
        try:
            probability, smart_turn_ms = await call.compute(lambda: engines.end_of_turn.probability(audio))
            transcript, asr_ms = await call.compute(lambda: self._transcribe(audio, turn.voiced_ms))
        except Exception as error:
            # Not ModelError alone: a turn that nobody decides about would hold the line open for ever.
            if self._turn is turn and turn.examination is mine:
                self._turn = None
                call.fail("asr", error, spoken="trouble")
                await self.push_frame(UnintelligibleFrame(failed=True))
            return
        if turn.examination is not mine and mine is not None:
            return
        believable = is_believable(transcript, turn.voiced_ms, call.prompts.phantoms(transcript.language))
        text = transcript.text if believable else ""
        required = required_silence_ms(text, transcript.language, probability, self._words, self._settings)
        turn.examined = _Examined(transcript, believable, required, asr_ms, smart_turn_ms)

    def _transcribe(self, audio: NDArray[np.float32], speech_ms: int) -> Transcript:
        """In the language that is spoken, which may change in mid-call."""
        recognizer, current = self._call.engines.recognizer, self._call.language
        transcript = recognizer.transcribe(audio)
        first = self._call.timeline.last(AsrFinal) is None
        language: Language = settle_language(
            current, transcript.language, transcript.language_probability, speech_ms, first
        )
        return transcript if language == transcript.language else recognizer.transcribe(audio, language=language)

    async def _end_turn(self, turn: _Turn, examined: _Examined) -> None:
        self._turn = None
        # What was said is not what the next turn begins with.
        self._preroll.clear()
        call, transcript = self._call, examined.transcript
        if not examined.believable:
            if turn.voiced_ms >= MUMBLE_MS:
                await self.push_frame(UnintelligibleFrame())
            return
        self._silences = 0
        self._write_down(turn, transcript, examined.asr_ms, examined.smart_turn_ms)
        await self.push_frame(UtteranceFrame(call.turn, transcript.text, transcript.language))

    def _write_down(self, turn: _Turn, transcript: Transcript, asr_ms: int, smart_turn_ms: int | None) -> None:
        """What was said, on the timeline."""
        call = self._call
        call.turn += 1
        call.language = transcript.language
        call.timeline.append(
            AsrFinal(
                turn=call.turn,
                text=transcript.text,
                language=transcript.language,
                start_ms=turn.start_ms,
                end_ms=turn.last_voiced_ms,
                average_log_probability=round(transcript.average_log_probability, 4),
                no_speech_probability=round(transcript.no_speech_probability, 4),
                endpoint_ms=self._now_ms - turn.last_voiced_ms,
                took_ms=asr_ms,
                smart_turn_ms=smart_turn_ms,
            )
        )

    async def _hear_last_words(self) -> None:
        """The line is dead in the middle of a turn: nobody will answer it, but what was said counts all the same."""
        turn, self._turn = self._turn, None
        if turn is None:
            return
        if self._speaking:
            turn.voiced_ms += self._now_ms - turn.speech_start_ms
            turn.last_voiced_ms = self._now_ms
        call = self._call
        audio = _to_model_audio(bytes(turn.audio), call.leg.sample_rate_hz)
        try:
            transcript, asr_ms = await call.compute(lambda: self._transcribe(audio, turn.voiced_ms))
        except Exception as error:
            call.fail("asr", error)
            return
        if is_believable(transcript, turn.voiced_ms, call.prompts.phantoms(transcript.language)):
            self._write_down(turn, transcript, asr_ms, None)
            await understand(call, call.turn, transcript.text)

    async def _check_keys(self) -> None:
        if not self._keys:
            return
        if self._keys_at_ms == self._now_ms - TICK_MS and self._call.playout.busy:
            # Whoever presses a key has heard enough.
            await self._interrupt(self._now_ms)
        if self._keys.endswith("#") or self._now_ms - self._keys_at_ms >= KEYS_PAUSE_MS:
            digits, self._keys = self._keys.rstrip("#"), ""
            if digits:
                self._call.turn += 1
                self._silences = 0
                await self.push_frame(UtteranceFrame(self._call.turn, digits, self._call.language, keys=True))

    async def _check_silence(self) -> None:
        if self._turn is not None or self._call.playout.busy or self._keys:
            self._idle_ms = 0
            return
        self._idle_ms += TICK_MS
        if self._idle_ms >= self._settings.silence_prompt_s * 1000:
            self._idle_ms = 0
            self._silences += 1
            await self.push_frame(SilenceFrame(self._silences))


def _to_model_audio(pcm: bytes, sample_rate_hz: int) -> NDArray[np.float32]:
    """16-bit PCM at the line's rate as the models want it: 16 kHz, -1..1."""
    audio = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
    if sample_rate_hz == SAMPLE_RATE_HZ:
        return audio
    resampled: NDArray[np.float32] = soxr.resample(audio, sample_rate_hz, SAMPLE_RATE_HZ, quality="HQ")
    return resampled
