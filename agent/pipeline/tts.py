"""The voice: clauses in, clips of speech into the playout."""

import numpy as np
import soxr
from loguru import logger
from pipecat.frames.frames import Frame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.events import Language
from agent.pipeline.call import Call
from agent.pipeline.frames import AnswerEndFrame, AnswerStartFrame, ClauseFrame
from agent.pipeline.playout import Clip


class Tts(FrameProcessor):
    """The stage."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self._call = call

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, AnswerStartFrame):
            self._call.playout.begin(frame.turn, frame.number)
        elif isinstance(frame, AnswerEndFrame):
            self._call.playout.finish()
        elif isinstance(frame, ClauseFrame):
            await self._speak(frame)
        else:
            await self.push_frame(frame, direction)

    async def _speak(self, frame: ClauseFrame) -> None:
        call = self._call
        try:
            pcm, took_ms = await call.compute(lambda: self._synthesize(frame.text, frame.language))
        except Exception as error:
            call.fail("tts", error, spoken="trouble")
            await self._apologise(frame.language)
            return
        if call.milestones is not None:
            call.milestones.first_clip()
        call.playout.add(Clip(pcm, frame.text, took_ms))

    async def _apologise(self, language: Language) -> None:
        """The apology was spoken into the cache when the server started, so it can be heard even now."""
        text = self._call.prompts.phrase("trouble", language)
        try:
            pcm, took_ms = await self._call.compute(lambda: self._synthesize(text, language))
        except Exception as error:
            logger.error("call {} hears nothing: {}", self._call.leg.info.call_id, error)
            return
        self._call.playout.add(Clip(pcm, text, took_ms))

    def _synthesize(self, text: str, language: Language) -> bytes:
        """16-bit PCM at the line's rate."""
        briefing = self._call.briefing
        voice, speed = None, self._call.settings.tts.speed
        if briefing is not None:
            voice, speed = briefing.voices[language], briefing.pace
        speech = self._call.engines.synthesizer.synthesize(text, language=language, voice=voice, speed=speed)
        samples = speech.samples
        if speech.sample_rate_hz != self._call.leg.sample_rate_hz:
            samples = soxr.resample(samples, speech.sample_rate_hz, self._call.leg.sample_rate_hz, quality="HQ")
        return bytes((np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())
