"""The line: one tick every 20 ms, in both directions. It is the call's clock.

Each tick takes 20 ms of the caller out of the jitter buffer and 20 ms of the bot out of the playout, hands both to the
recorder, and sends the one down to the listener and the other out to the leg. So the recording is in true time by
construction, and audio time, loop time and what the caller hears cannot drift apart.

The processors that every tick passes are in pipecat's direct mode: they are called, not queued for.
"""

import asyncio

from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame, StartFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.bridge.jitter import JitterBuffer
from agent.clock import TICK_MS
from agent.errors import HotlineError
from agent.events import TtsStarted
from agent.pipeline.call import Call


class LineOut(FrameProcessor):
    """The far end of the line, before the leg's output."""

    def __init__(self, call: Call) -> None:
        super().__init__(enable_direct_mode=True)
        self._rate = call.leg.sample_rate_hz

    async def play(self, pcm: bytes) -> None:
        await self.push_frame(OutputAudioRawFrame(audio=pcm, sample_rate=self._rate, num_channels=1))

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)


class LineIn(FrameProcessor):
    """The near end, after the leg's input: it ticks.

    Args:
        prebuffer_ticks: caller audio to wait for before the first tick of it; 0 where the network has no jitter.
    """

    def __init__(self, call: Call, out: LineOut, *, prebuffer_ticks: int) -> None:
        super().__init__(enable_direct_mode=True)
        self._call = call
        self._out = out
        self._jitter = JitterBuffer(call.tick_bytes, prebuffer_ticks=prebuffer_ticks)
        self._ticker: asyncio.Task[None] | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            self._jitter.push(frame.audio)
            return
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame) and self._ticker is None:
            self._ticker = self.create_task(self._tick_on())

    async def cleanup(self) -> None:
        await super().cleanup()
        if self._ticker is not None:
            await self.cancel_task(self._ticker)
            self._ticker = None

    async def _tick_on(self) -> None:
        """Tick at the pace of the loop's clock; where the loop was held up, the missed ticks follow at once."""
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        while not self._call.ended.is_set():
            due_s = start_s + (self._call.clock.now_ms + TICK_MS) / 1000
            if due_s > loop.time():
                await asyncio.sleep(due_s - loop.time())
            await self._tick()

    async def _tick(self) -> None:
        call = self._call
        caller = self._jitter.pop()
        bot = call.playout.tick()
        if bot.started is not None:
            call.timeline.append(
                TtsStarted(
                    turn=bot.started.turn,
                    synthesis_ms=bot.started.took_ms,
                    waterfall=call.answered(bot.started.turn),
                )
            )
        call.clock.tick()
        if bot.ended is not None:
            call.fell_silent(bot.ended)
        if call.recorder is not None and call.recorder.add(caller, bot.pcm):
            await self._flush_recording()
        if bot.pcm is not None:
            await self._out.play(bot.pcm)
        await self.push_frame(InputAudioRawFrame(audio=caller, sample_rate=call.leg.sample_rate_hz, num_channels=1))

    async def _flush_recording(self) -> None:
        assert self._call.recorder is not None
        try:
            await self._call.compute(self._call.recorder.flush)
        except HotlineError as error:
            # The call is worth more than its recording: go on without, and say so once.
            self._call.recorder = None
            self._call.fail("storage", error)
