"""The listener: the caller's audio in, whole turns of speech out.

At every pause it asks the models what was heard so far and whether it sounded finished (`examination`), while the
caller may still go on, and then waits as long as the answers call for (`turn.required_silence_ms`). What a sound over
the bot does to its answer is decided in `barge_in`.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from pipecat.audio.vad.vad_analyzer import VADState
from pipecat.frames.frames import Frame, InputAudioRawFrame, InterruptionFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.clock import TICK_MS
from agent.events import AsrFinal, Dtmf, Event, VadSpeechEnded, VadSpeechStarted
from agent.pipeline import barge_in
from agent.pipeline.barge_in import Backchannels
from agent.pipeline.call import Call
from agent.pipeline.classification import Classified, classify
from agent.pipeline.examination import Examined, Examiner, to_model_audio
from agent.pipeline.frames import GreetFrame, KeyFrame, SilenceFrame, UnintelligibleFrame, UtteranceFrame
from agent.pipeline.milestones import Milestones, measured_ms
from agent.pipeline.nlu import note
from agent.pipeline.turn import UnfinishedWords
from agent.pipeline.vad import WebRtcVad
from models.asr import Transcript

PREROLL_MS = 800
"""Audio kept from before speech was noticed. Soft first consonants lie there, and Whisper hears better what silence
leads up to: with 300 ms it wrote 要39123456700 where it writes 13912345678 with 800."""
KEYS_PAUSE_MS = 2500
"""After so long without another key the number is taken as whole; # ends it at once."""
MUMBLE_MS = 1000
"""So much speech without an understood word is worth asking about; less is a cough."""


@dataclass
class _Turn:
    """Speech that is under way. Times in ms of audio; ``speech_ended_ms`` on the measured clock."""

    audio: bytearray
    start_ms: int
    speech_start_ms: int
    voiced_ms: int = 0
    last_voiced_ms: int = 0
    speech_ended_ms: float = 0.0
    examined: Examined | None = None
    examination: "asyncio.Task[None] | None" = None


@dataclass(frozen=True)
class ListenerWords:
    """What the listener knows words by. Read once a process."""

    unfinished: UnfinishedWords
    backchannels: Backchannels

    @classmethod
    def load(cls) -> "ListenerWords":
        """The lists that the package carries."""
        return cls(UnfinishedWords.load(), Backchannels.load())


class Listener(FrameProcessor):
    """The stage."""

    def __init__(self, call: Call, words: ListenerWords) -> None:
        super().__init__(enable_direct_mode=True)
        self._call = call
        self._examiner = Examiner(call, words.unfinished)
        self._backchannels = words.backchannels
        self._settings = call.settings.turn
        self._vad = WebRtcVad(
            call.leg.sample_rate_hz,
            aggressiveness=self._settings.vad_aggressiveness,
            start_ms=self._settings.speech_start_ms,
            pause_ms=self._settings.pause_ms,
        )
        self._now_ms = 0
        self._state = VADState.QUIET
        self._speaking = False
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
        self._state = await self._vad.analyze_audio(pcm)
        was_speaking, self._speaking = self._speaking, self._state in (VADState.SPEAKING, VADState.STOPPING)
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
        self._note_speech(turn, end_ms)
        if self._call.playout.busy and not barge_in.is_worth_a_look(turn.voiced_ms):
            self._turn = None
            self._call.playout.resume()
            return
        self._examine(turn)

    def _note_speech(self, turn: _Turn, end_ms: int) -> None:
        """Voiced sound until ``end_ms`` belongs to the turn."""
        turn.voiced_ms += end_ms - turn.speech_start_ms
        turn.last_voiced_ms = end_ms
        turn.speech_ended_ms = measured_ms() - (self._now_ms - end_ms)

    async def _check_barge_in(self) -> None:
        turn, playout = self._turn, self._call.playout
        # STOPPING is quiet already: what holds on through it is the patience that bridges a breath, not a voice.
        if turn is None or not playout.busy or self._state is not VADState.SPEAKING or self._call.finishes_sentence:
            return
        over_ms = self._now_ms - turn.speech_start_ms
        match barge_in.while_heard(over_ms, audible=playout.speaking, settings=self._settings):
            case "hold" if not playout.held:
                playout.hold()
                await self._call.leg.clear()
            case "give_up":
                await self._interrupt(turn.speech_start_ms)
            case _:
                pass

    async def _interrupt(self, speech_start_ms: int) -> None:
        self._call.interrupt(speech_start_ms)
        await self.push_frame(InterruptionFrame())
        await self._call.leg.clear()

    async def _check_turn(self) -> None:
        turn = self._turn
        if turn is None:
            return
        if self._speaking and self._now_ms - turn.start_ms >= self._settings.max_turn_s * 1000:
            # Whisper hears no more than this at once: the turn is taken as it is.
            if turn.examined is not None:
                await self._end_turn(turn, turn.examined)
            elif turn.examination is None:
                self._note_speech(turn, self._now_ms)
                self._examine(turn)
            return
        # A turn does not end while the caller makes a sound, even before the VAD is sure that it is speech.
        if turn.examined is None or self._state is not VADState.QUIET:
            return
        if self._call.playout.held:
            heard = turn.examined
            if barge_in.when_understood(heard.text, heard.transcript.language, self._backchannels) == "resume":
                self._turn = None
                self._call.playout.resume()
                return
            await self._interrupt(turn.speech_start_ms)
        if self._now_ms - turn.last_voiced_ms >= turn.examined.required_ms:
            await self._end_turn(turn, turn.examined)

    def _examine(self, turn: _Turn) -> None:
        turn.examination = self.create_task(self._ask_models(turn))

    async def _ask_models(self, turn: _Turn) -> None:
        """Ask about the turn so far; what the models say is void if the caller goes on meanwhile."""
        mine = turn.examination

        def is_void() -> bool:
            return self._turn is not turn or turn.examination is not mine

        try:
            examined = await self._examiner.examine(bytes(turn.audio), turn.voiced_ms, is_void)
        except Exception as error:
            # Not ModelError alone: a turn that nobody decides about would hold the line open for ever.
            if not is_void():
                self._turn = None
                if self._call.playout.held:
                    await self._interrupt(turn.speech_start_ms)
                self._call.fail("asr", error, spoken="trouble")
                await self.push_frame(UnintelligibleFrame(failed=True))
            return
        if not is_void():
            turn.examined = examined

    async def _end_turn(self, turn: _Turn, examined: Examined) -> None:
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
        asr_ms = round(examined.transcribed_ms - turn.speech_ended_ms)
        call.milestones = Milestones(call.turn, turn.speech_ended_ms, asr_ms)
        call.milestones.endpoint_ms = call.milestones.since_ms
        await self.push_frame(
            UtteranceFrame(call.turn, transcript.text, transcript.language, classified=examined.classified)
        )

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
            self._note_speech(turn, self._now_ms)
        call = self._call
        audio = to_model_audio(bytes(turn.audio), call.leg.sample_rate_hz)
        try:
            transcript, asr_ms = await call.compute(lambda: self._examiner.transcribe(audio, turn.voiced_ms))
        except Exception as error:
            call.fail("asr", error)
            return
        if not self._examiner.believes(transcript, turn.voiced_ms):
            return
        classified = await classify(call, transcript.text)
        self._write_down(turn, transcript, asr_ms, None)
        if isinstance(classified, Classified):
            note(call, call.turn, classified)
        else:
            call.fail("nlu", classified)

    async def _check_keys(self) -> None:
        if not self._keys:
            return
        if self._keys_at_ms == self._now_ms - TICK_MS and self._call.playout.busy:
            # Whoever presses a key has heard enough.
            await self._interrupt(self._now_ms)
        if self._call.menu_timeout_ms is not None:
            keys, self._keys = self._keys, ""
            for key in keys:
                self._call.turn += 1
                await self.push_frame(KeyFrame(self._call.turn, key))
            return
        if self._keys.endswith("#") or self._now_ms - self._keys_at_ms >= KEYS_PAUSE_MS:
            digits, self._keys = self._keys.rstrip("#"), ""
            if digits:
                self._call.turn += 1
                self._silences = 0
                await self.push_frame(UtteranceFrame(self._call.turn, digits, self._call.language, keys=True))

    async def _check_silence(self) -> None:
        if self._turn is not None or self._call.playout.busy or self._keys or self._call.others_have_the_word:
            self._idle_ms = 0
            return
        self._idle_ms += TICK_MS
        menu_ms = self._call.menu_timeout_ms
        if self._idle_ms >= (menu_ms or self._settings.silence_prompt_s * 1000):
            self._idle_ms = 0
            # The menu counts for itself; whom the bot takes over from it has not been silent to the bot.
            self._silences += menu_ms is None
            await self.push_frame(SilenceFrame(self._silences))
