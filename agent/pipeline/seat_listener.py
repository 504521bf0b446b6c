"""What people on our side say, written down: each person's audio in, `SeatSaid` on the timeline out.

Whom the bot hears is written down, and nobody else (`agent.bridge.hearing`): not what is whispered, not what is said
aside. A person's words are not waited for by anybody, so they are transcribed one after the other in a thread of their
own, and callers go first.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pipecat.audio.vad.vad_analyzer import VADState

from agent.bridge import BOT
from agent.clock import TICK_MS
from agent.events import Event, HearingChanged, Language, SeatSaid
from agent.pipeline.asr import is_believable
from agent.pipeline.call import Call, timed
from agent.pipeline.examination import to_model_audio
from agent.pipeline.turn import settle_language
from agent.pipeline.vad import WebRtcVad
from models.asr import Transcript

PAUSE_MS = 600
"""A silence that ends what is written down in one piece: longer than a breath, for nobody waits for it."""
PREROLL_MS = 800
"""As for callers: Whisper hears better what silence leads up to."""
MAX_WAIT_S = 10.0
"""So long a person's words wait for a moment in which no caller is being transcribed."""
LAST_WORDS_S = 5.0
"""So long the end of a call waits for what is still being transcribed."""

_IN_TURN = ThreadPoolExecutor(max_workers=1, thread_name_prefix="seat-asr")
"""All seats of the process take turns."""


class _Utterance:
    """Speech that is under way. Times in ms of the call's audio."""

    def __init__(self, audio: bytes, start_ms: int) -> None:
        self.audio = bytearray(audio)
        self.start_ms = start_ms
        self.end_ms = start_ms
        self.voiced_ms = 0


class SeatListener:
    """Listens to one leg."""

    def __init__(self, call: Call, leg: str) -> None:
        self._call = call
        self._leg = leg
        self._turn = call.settings.turn
        self._vad = WebRtcVad(
            call.leg.sample_rate_hz,
            aggressiveness=self._turn.vad_aggressiveness,
            start_ms=self._turn.speech_start_ms,
            pause_ms=PAUSE_MS,
        )
        kept_ms = PREROLL_MS + self._turn.speech_start_ms
        self._preroll: deque[bytes] = deque(maxlen=kept_ms // TICK_MS)
        self._utterance: _Utterance | None = None
        self._language: Language = call.language
        self._heard_before = False
        self._waiting: deque[_Utterance] = deque()
        self._working: asyncio.Task[None] | None = None

    def hear(self, pcm: bytes) -> None:
        """The next 20 ms: 16-bit mono at the line's rate. Takes microseconds."""
        now_ms = self._call.clock.now_ms
        state = self._vad.analyze(pcm)
        self._preroll.append(pcm)
        utterance = self._utterance
        if utterance is not None:
            utterance.audio += pcm
        if state in (VADState.SPEAKING, VADState.STOPPING):
            if utterance is None:
                start_ms = max(0, now_ms - self._turn.speech_start_ms)
                utterance = self._utterance = _Utterance(b"".join(self._preroll), start_ms)
                utterance.voiced_ms = self._turn.speech_start_ms
            if state is VADState.SPEAKING:
                utterance.end_ms = now_ms
                utterance.voiced_ms += TICK_MS
            if now_ms - utterance.start_ms >= self._turn.max_turn_s * 1000:
                self.finish()
        elif state is VADState.QUIET:
            self.finish()

    def finish(self) -> None:
        """What was said so far is whole: nothing more of it will come."""
        utterance, self._utterance = self._utterance, None
        if utterance is None:
            return
        self._preroll.clear()
        self._waiting.append(utterance)
        if self._working is None:
            self._working = asyncio.ensure_future(self._write_down())

    async def settled(self) -> None:
        """Returns once all that was said is on the timeline."""
        while self._working is not None:
            await asyncio.wait({self._working})

    async def _write_down(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            utterance = self._waiting.popleft()
            try:
                heard, _ = await loop.run_in_executor(_IN_TURN, timed(partial(self._transcribe, utterance)))
            except Exception as error:
                self._call.fail("seats", error)
                continue
            if heard is not None:
                self._note(utterance, heard)
        self._working = None

    def _transcribe(self, utterance: _Utterance) -> Transcript | None:
        """Blocks. None where nothing was said that can be believed."""
        call = self._call
        call.engines.callers_first.wait(MAX_WAIT_S)
        recognizer = call.engines.recognizer
        audio = to_model_audio(bytes(utterance.audio), call.leg.sample_rate_hz)
        heard = recognizer.transcribe(audio)
        language: Language = settle_language(
            self._language, heard.language, heard.language_probability, utterance.voiced_ms, not self._heard_before
        )
        if language != heard.language:
            heard = recognizer.transcribe(audio, language=language)
        return heard if is_believable(heard, utterance.voiced_ms, call.prompts.phantoms(heard.language)) else None

    def _note(self, utterance: _Utterance, heard: Transcript) -> None:
        self._language, self._heard_before = heard.language, True
        self._call.timeline.append(
            SeatSaid(
                seat=self._leg,
                text=heard.text,
                language=heard.language,
                start_ms=utterance.start_ms,
                end_ms=utterance.end_ms,
            )
        )


class SeatListeners:
    """One for each person whom the bot hears in this call."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._by_leg: dict[str, SeatListener] = {}
        call.bridge.on_person = self._hear
        call.hear_last_of_seats = self._settle
        call.timeline.subscribe(self._on_event)

    def _hear(self, leg: str, pcm: bytes) -> None:
        listener = self._by_leg.get(leg)
        if listener is None:
            listener = self._by_leg[leg] = SeatListener(self._call, leg)
        listener.hear(pcm)

    def _on_event(self, event: Event) -> None:
        """Who is not heard any more, has said what they were saying."""
        if isinstance(event.body, HearingChanged):
            heard = event.body.hears.get(BOT, ())
            for leg, listener in self._by_leg.items():
                if leg not in heard:
                    listener.finish()

    async def _settle(self) -> None:
        for listener in self._by_leg.values():
            listener.finish()
        settling = [asyncio.ensure_future(listener.settled()) for listener in self._by_leg.values()]
        if settling:
            _, late = await asyncio.wait(settling, timeout=LAST_WORDS_S)
            for task in late:
                task.cancel()
