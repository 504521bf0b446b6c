"""The line of a seat: sound from and to its browser over WebRTC, 16 kHz mono, 20 ms a tick.

It is made when the person signs in, and lies still until a call needs it: the page sends nothing while no call is on,
and neither does this side, so that an idle seat costs next to no processor time and no microphone is sent anywhere.
For each call a leg of it joins the call's bridge.
"""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import Literal

import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler
from loguru import logger

from agent.bridge.jitter import JitterBuffer
from agent.clock import samples_per_tick
from agent.errors import ProtocolError
from agent.hotline_events import LegRole

SAMPLE_RATE_HZ = 16_000
TICK_MS = 20
TICK_SAMPLES = samples_per_tick(SAMPLE_RATE_HZ)
PREBUFFER_TICKS = 2
"""Ticks that must have come before the first is given out: Wi-Fi delivers 20 ms frames in pairs."""
MAX_DELAY_TICKS = 6
"""Above this backlog, 120 ms, quiet ticks are left out: two people who talk notice more delay than that."""
MAX_UNSENT_TICKS = 10
"""What waits to be sent; more means that the network is gone, and the oldest is dropped."""
SILENT_TICKS = 150
"""A browser in a call sends 50 packets a second, muted or not. After 3 s without one it is gone; WebRTC's own check
takes 30 s.
"""
FIRST_TICKS = 500
"""So long the first packet may take: a page sends nothing while its person is still being briefed."""


class SeatLine:
    """One browser's line. ``on_lost`` is called once, when the line is gone without `close` having been called.

    To be used on one event loop.
    """

    def __init__(self, seat: str, on_lost: Callable[["SeatLine"], None]) -> None:
        self.seat = seat
        self._on_lost = on_lost
        self._pc = RTCPeerConnection()
        self._speaker = _Speaker()
        self._leg: SeatLeg | None = None
        self._ears: asyncio.Task[None] | None = None
        self._closed = False
        self._pc.on("track", self._track)
        self._pc.on("connectionstatechange", self._changed)

    @property
    def is_open(self) -> bool:
        """Whether sound goes through now."""
        return not self._closed and self._pc.connectionState == "connected"

    async def accept(self, sdp: str) -> str:
        """Our answer to the browser's SDP offer. Raises ProtocolError where it cannot be answered."""
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            if [one.kind for one in self._pc.getTransceivers()] != ["audio"]:
                raise ValueError("it must have one audio line and nothing else")
            self._pc.addTrack(self._speaker)
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        except Exception as error:  # aiortc's parser raises whatever it stumbles over
            await self.close()
            raise ProtocolError(f"the offer of a line cannot be answered: {error or type(error).__name__}") from error
        return str(self._pc.localDescription.sdp)

    def join(self, role: Literal["seat", "supervisor"]) -> "SeatLeg":
        """The leg of this line for one call. A leg that was there before is closed."""
        if self._leg is not None:
            self._leg.close()
        self._leg = SeatLeg(self.seat, role, self._speaker.play, self._silent)
        return self._leg

    async def close(self) -> None:
        """Safe to call twice."""
        self._closed = True
        if self._leg is not None:
            self._leg.close()
        if self._ears is not None:
            self._ears.cancel()
        await self._pc.close()

    def _track(self, track: MediaStreamTrack) -> None:
        self._ears = asyncio.ensure_future(self._listen(track))

    async def _listen(self, track: MediaStreamTrack) -> None:
        resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
        try:
            while True:
                came = await track.recv()
                assert isinstance(came, AudioFrame)  # what aiortc decodes of an audio track
                for frame in resampler.resample(came):
                    if self._leg is not None:
                        self._leg.push(frame.to_ndarray().tobytes())
        except MediaStreamError:
            self._lost("the browser closed the line")

    def _changed(self) -> None:
        if self._pc.connectionState in ("failed", "closed"):
            self._lost(f"the connection {self._pc.connectionState}")

    def _silent(self) -> None:
        self._lost("nothing came from the browser")

    def _lost(self, why: str) -> None:
        if self._closed:
            return
        self._closed = True
        logger.info("the line of seat {} is gone: {}", self.seat, why)
        self._on_lost(self)


class SeatLeg:
    """A `BridgeLeg`: this seat in one call. ``name`` is the seat's id."""

    sample_rate_hz = SAMPLE_RATE_HZ

    def __init__(
        self,
        seat: str,
        role: Literal["seat", "supervisor"],
        sink: Callable[[bytes], None],
        on_silent: Callable[[], None],
    ) -> None:
        self.name = seat
        self.role: LegRole = role
        self.closed = False
        self._sink = sink
        self._on_silent = on_silent
        self._heard = JitterBuffer(TICK_SAMPLES * 2, prebuffer_ticks=PREBUFFER_TICKS, max_delay_ticks=MAX_DELAY_TICKS)
        self._silent_ticks = 0
        self._has_begun = False

    def push(self, pcm: bytes) -> None:
        """What came from the browser, of any length."""
        if not self.closed:
            self._has_begun, self._silent_ticks = True, 0
            self._heard.push(pcm)

    def pull(self) -> bytes | None:
        """The next 640 bytes that the person says; None where they have not come."""
        self._silent_ticks += 1
        if self._silent_ticks == (SILENT_TICKS if self._has_begun else FIRST_TICKS):
            self._on_silent()
        return self._heard.take()

    def play(self, pcm: bytes) -> None:
        """The next 640 bytes that the person hears."""
        if not self.closed:
            self._sink(pcm)

    def close(self) -> None:
        """The call is over for this seat. The line stays."""
        self.closed = True


class _Speaker(MediaStreamTrack):
    """What the browser is sent: a tick when there is one. Its timestamps follow the clock, so that after a pause the
    browser takes what comes for new sound and not for sound that is late.
    """

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._ticks: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._began: float | None = None
        self._next_pts = 0

    def play(self, pcm: bytes) -> None:
        if self._ticks.qsize() >= MAX_UNSENT_TICKS:
            self._ticks.get_nowait()
        self._ticks.put_nowait((asyncio.get_running_loop().time(), pcm))

    async def recv(self) -> AudioFrame:
        at_s, pcm = await self._ticks.get()
        if self._began is None:
            self._began = at_s
        due = round((at_s - self._began) * SAMPLE_RATE_HZ)
        if due > self._next_pts + SAMPLE_RATE_HZ // 5:
            self._next_pts = due // TICK_SAMPLES * TICK_SAMPLES
        # Both ears alike: aiortc's encoder makes stereo of mono itself, and 3 dB fainter.
        both = np.repeat(np.frombuffer(pcm, np.int16), 2).reshape(1, -1)
        frame = AudioFrame.from_ndarray(both, format="s16", layout="stereo")
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.time_base = Fraction(1, SAMPLE_RATE_HZ)
        frame.pts = self._next_pts
        self._next_pts += TICK_SAMPLES
        return frame
