"""The line of a seat: what goes in at one end comes out at the other, in time and as loud."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fractions import Fraction

import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler
from numpy.typing import NDArray

from agent.bridge.jitter import JitterBuffer
from agent.errors import ProtocolError
from agent.seats.webrtc_leg import FIRST_TICKS, SAMPLE_RATE_HZ, SILENT_TICKS, TICK_SAMPLES, SeatLeg, SeatLine
from tests.seats.fake_desk import level_dbfs

MAX_DELAY_MS = 300
"""Of which 80 ms are in aiortc's receiver, 40 in ours, 60 in the codec's frames and filters on the way."""


class Browser:
    """The other end: speaks what is put into `microphone`, 20 ms a tick, and keeps what it hears."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection()
        self.microphone = Microphone()
        self.heard = JitterBuffer(TICK_SAMPLES * 2, prebuffer_ticks=2)
        self.pc.addTrack(self.microphone)
        self.pc.on("track", self._arrived)
        self._tasks: list[asyncio.Task[None]] = []

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return str(self.pc.localDescription.sdp)

    async def answered(self, sdp: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        while self.pc.connectionState != "connected":
            await asyncio.sleep(0.01)

    def _arrived(self, track: MediaStreamTrack) -> None:
        async def listen() -> None:
            resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
            try:
                while True:
                    for frame in resampler.resample(await track.recv()):
                        self.heard.push(frame.to_ndarray().tobytes())
            except MediaStreamError:
                pass

        self._tasks.append(asyncio.ensure_future(listen()))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.pc.close()


class Microphone(MediaStreamTrack):
    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.ticks: asyncio.Queue[bytes] = asyncio.Queue()
        self._pts = 0

    async def recv(self) -> AudioFrame:
        tick = np.frombuffer(await self.ticks.get(), np.int16)
        frame = AudioFrame.from_ndarray(np.repeat(tick, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE_HZ, Fraction(1, SAMPLE_RATE_HZ), self._pts
        self._pts += TICK_SAMPLES
        return frame


@asynccontextmanager
async def connected(lost: list[SeatLine] | None = None) -> AsyncIterator[tuple[SeatLine, Browser]]:
    browser = Browser()
    line = SeatLine("S1", (lost if lost is not None else []).append)
    await browser.answered(await line.accept(await browser.offer()))
    yield line, browser
    await line.close()
    await browser.close()


def babble(seconds: float, seed: int = 7) -> NDArray[np.int16]:
    """Sound with the rhythm of speech: noise in the band of a voice, in syllables of changing loudness."""
    random = np.random.default_rng(seed)
    samples = int(seconds * SAMPLE_RATE_HZ)
    spectrum = np.fft.rfft(random.standard_normal(samples))
    hz = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE_HZ)
    spectrum[(hz < 200) | (hz > 3000)] = 0
    sound = np.fft.irfft(spectrum, samples)
    syllables = np.repeat(random.uniform(0.2, 1.0, samples // 3200 + 1), 3200)[:samples]
    return np.asarray(sound / np.abs(sound).max() * syllables * 12_000, np.int16)


def delay_and_likeness(sent: NDArray[np.int16], heard: NDArray[np.int16]) -> tuple[float, float]:
    """By how many ms what was heard is later than what was sent, and their correlation there. Each is the median over
    half seconds: where this machine is busy a tick may come late, and what follows it is heard later.
    """
    half = SAMPLE_RATE_HZ // 2
    found = [_best(sent[at : at + half], heard[at : at + 2 * half]) for at in range(0, len(sent) - half + 1, half)]
    return float(np.median([late for late, _ in found])), float(np.median([like for _, like in found]))


def _best(sent: NDArray[np.int16], heard: NDArray[np.int16]) -> tuple[float, float]:
    a, b = sent.astype(np.float64), heard.astype(np.float64)
    across = np.correlate(b, a, "valid") if len(b) > len(a) else np.zeros(1)
    late = int(np.argmax(across))
    there = b[late : late + len(a)]
    return late * 1000 / SAMPLE_RATE_HZ, float(np.dot(a, there) / (np.linalg.norm(a) * np.linalg.norm(there) + 1e-9))


async def talk(leg: SeatLeg, browser: Browser, sound: NDArray[np.int16]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Both ends say the sound at the same time, in real time. Returns what the hotline and what the browser heard from
    then on, to half a second after the end.
    """
    ticks = [sound[at : at + TICK_SAMPLES].tobytes() for at in range(0, len(sound), TICK_SAMPLES)]
    silence = bytes(TICK_SAMPLES * 2)
    pulled: list[bytes] = []
    heard: list[bytes] = []
    loop = asyncio.get_running_loop()
    due = loop.time()
    for tick in [*ticks, *[silence] * 25]:
        leg.play(tick)
        browser.microphone.ticks.put_nowait(tick)
        pulled.append(leg.pull() or silence)
        heard.append(browser.heard.pop())
        due += 0.02
        await asyncio.sleep(max(0.0, due - loop.time()))
    return np.frombuffer(b"".join(pulled), np.int16), np.frombuffer(b"".join(heard), np.int16)


async def test_both_ends_hear_each_other_as_it_was_said() -> None:
    async with connected() as (line, browser):
        leg = line.join("seat")
        sound = babble(3.0)
        at_hotline, at_browser = await talk(leg, browser, sound)

    for heard in (at_hotline, at_browser):
        delay_ms, likeness = delay_and_likeness(sound, heard)
        assert likeness > 0.9
        assert delay_ms < MAX_DELAY_MS
        assert abs(level_dbfs(heard[: len(sound)].tobytes()) - level_dbfs(sound.tobytes())) < 1.5


async def test_after_a_pause_in_which_nothing_was_sent_the_line_goes_on_as_before() -> None:
    async with connected() as (line, browser):
        leg = line.join("seat")
        await talk(leg, browser, babble(0.6))
        leg.close()
        await asyncio.sleep(1.0)
        again = line.join("supervisor")
        sound = babble(2.0, seed=8)
        at_hotline, at_browser = await talk(again, browser, sound)

    assert (again.name, again.role, again.sample_rate_hz) == ("S1", "supervisor", 16_000)
    for heard in (at_hotline, at_browser):
        delay_ms, likeness = delay_and_likeness(sound, heard)
        assert likeness > 0.9 and delay_ms < MAX_DELAY_MS


async def test_between_calls_nothing_is_kept_and_nothing_is_sent() -> None:
    async with connected() as (line, browser):
        for _ in range(10):
            browser.microphone.ticks.put_nowait(babble(0.02).tobytes())
        await asyncio.sleep(0.3)
        leg = line.join("seat")
        leg.close()
        leg.play(babble(0.02).tobytes())

        assert leg.pull() is None and browser.heard.take() is None


async def test_a_browser_that_goes_away_is_noticed_at_once_and_told_once() -> None:
    lost: list[SeatLine] = []
    async with connected(lost) as (line, browser):
        await browser.close()
        for _ in range(100):
            if lost:
                break
            await asyncio.sleep(0.02)
        assert not line.is_open
    assert lost == [line]


@pytest.mark.parametrize(("begun", "ticks"), [(True, SILENT_TICKS), (False, FIRST_TICKS)])
async def test_a_browser_that_sends_nothing_in_a_call_is_taken_as_gone(begun: bool, ticks: int) -> None:
    """After three seconds; but one whose person is briefed first may take longer to begin."""
    lost: list[SeatLine] = []
    async with connected(lost) as (line, _):
        leg = line.join("seat")
        if begun:
            leg.push(bytes(TICK_SAMPLES * 2))
        for _ in range(ticks - 1):
            leg.pull()
        assert not lost
        leg.pull()
    assert lost == [line]


@pytest.mark.parametrize("sdp", ["", "v=0", "nonsense\r\n" * 50, "video"])
async def test_an_offer_that_is_none_is_refused_with_words(sdp: str) -> None:
    if sdp == "video":
        pc = RTCPeerConnection()
        pc.addTransceiver("video")
        await pc.setLocalDescription(await pc.createOffer())
        sdp = pc.localDescription.sdp
        await pc.close()
    with pytest.raises(ProtocolError, match="the offer of a line cannot be answered"):
        await SeatLine("S1", lambda line: None).accept(sdp)
