"""A pipecat transport for legs that bring their own socket: what they receive is fed in, what the bot says is handed
back.

Both ways leave out the base classes' queues: the line makes its own 20 ms pieces and paces them by its own clock, and a
queue, a task and a timer for each of 100 pieces a second is most of what a call costs.
"""

from collections.abc import Awaitable, Callable

from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame, StartFrame
from pipecat.processors.frame_processor import FrameDirection
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import BaseTransport, TransportParams

Sink = Callable[[bytes], Awaitable[None]]


def audio_params(sample_rate_hz: int) -> TransportParams:
    """Audio both ways in 20 ms pieces, nothing else."""
    return TransportParams(
        audio_in_enabled=True,
        audio_out_enabled=True,
        audio_in_sample_rate=sample_rate_hz,
        audio_out_sample_rate=sample_rate_hz,
        audio_out_10ms_chunks=2,
        # Otherwise pipecat adds 2 s of silence to every end; speech here is never cut before its own end.
        audio_out_end_silence_secs=0,
    )


class FeedInput(BaseInputTransport):
    """The way in. ``feed`` may be called as soon as ``on_ready`` was."""

    def __init__(self, params: TransportParams, on_ready: Callable[[], None]) -> None:
        super().__init__(params)
        self._on_ready = on_ready

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)
        self._on_ready()

    async def feed(self, pcm: bytes) -> None:
        """Audio from the caller: 16-bit little-endian mono at the leg's rate."""
        await self.push_frame(InputAudioRawFrame(audio=pcm, sample_rate=self.sample_rate, num_channels=1))


class SinkOutput(BaseOutputTransport):
    """The way out: every 20 ms of the bot's audio goes to the leg's sink."""

    def __init__(self, params: TransportParams, sink: Sink) -> None:
        super().__init__(params)
        self._sink = sink

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, OutputAudioRawFrame):
            await self._sink(frame.audio)
        else:
            await super().process_frame(frame, direction)


class LegTransport(BaseTransport):
    """Both ways together.

    Args:
        sample_rate_hz: of both directions.
        on_ready: called when audio may be fed.
        sink: takes the bot's audio, 16-bit mono.
    """

    def __init__(self, sample_rate_hz: int, *, on_ready: Callable[[], None], sink: Sink) -> None:
        super().__init__()
        params = audio_params(sample_rate_hz)
        self._input = FeedInput(params, on_ready)
        self._output = SinkOutput(params, sink)

    def input(self) -> FeedInput:
        return self._input

    async def feed(self, pcm: bytes) -> None:
        """Audio from the caller: 16-bit little-endian mono at the leg's rate."""
        await self._input.feed(pcm)

    def output(self) -> SinkOutput:
        return self._output
