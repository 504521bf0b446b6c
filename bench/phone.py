"""A telephone, seen from outside: plays recorded speech over a media-stream WebSocket in real time and listens. Imports
nothing of ours.

All times are in s since the call was dialled. A frame is sent when its 20 ms are full, as a telephone does, so its last
sample is taken as spoken at that moment; what comes back is heard as ``bench.playout`` says.
"""

import asyncio
import audioop
import base64
import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
import websockets

from bench.playout import RATE_HZ, Playout, Samples, last_voiced_sample

FRAME_S = 0.02
FRAME_SAMPLES = 160
LONGEST_ANSWER_S = 60.0
"""A bot that talks on for longer is talked over."""


@dataclass(frozen=True)
class Said:
    """One clip that the caller said: when its first frame went out, and when its last voiced sample was spoken."""

    clip: Path
    start_s: float
    voiced_until_s: float


@dataclass
class Heard:
    """A call, as its caller saw it.

    dialled_epoch_s: Unix time of dialling. media_s: when the first frame was sent. hung_up_s: when the bot ended the
    call, if it did; close_code: how the socket was closed then. arrivals_s: of every frame of the bot.
    """

    caller: str
    dialled_epoch_s: float
    media_s: float = 0.0
    said: list[Said] = field(default_factory=list)
    playout: Playout = field(default_factory=Playout)
    arrivals_s: list[float] = field(default_factory=list)
    hung_up_s: float | None = None
    close_code: int | None = None

    @property
    def answered_s(self) -> float | None:
        """When the bot was first heard."""
        return next((sound.start_s for sound in self.playout.sounds()), None)

    def reply_s(self, turn: int) -> float | None:
        """From the caller's last voiced sample of this turn to the first voiced sample that came back after it."""
        until_s = self.said[turn].voiced_until_s
        return next((s.start_s - until_s for s in self.playout.sounds() if s.start_s > until_s), None)


async def call(
    url: str,
    clips: Sequence[Path],
    *,
    caller: str = "13800000000",
    patience_s: float = 1.0,
    give_up_s: float = 30.0,
    hang_up: asyncio.Event | None = None,
) -> Heard:
    """One call: waits for the greeting to end, says a clip, waits for its answer to end, and so on; then hangs up.

    patience_s: an answer has ended once the bot has been silent for so long. give_up_s: without an answer for so long,
    the caller goes on. hang_up: once it is set, the caller hangs up without waiting any longer.
    Raises OSError or websockets.InvalidHandshake if nobody answers at the URL.
    """
    start = time.perf_counter()
    heard = Heard(caller, time.time())
    async with websockets.connect(url) as socket:
        about = {
            "streamSid": "MZ1",
            "callSid": f"CA{caller}",
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE_HZ, "channels": 1},
            "customParameters": {"caller": caller, "called": "4008001234"},
        }
        listening = asyncio.create_task(_listen(socket, heard, start))
        try:
            await socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            await socket.send(json.dumps({"event": "start", "streamSid": "MZ1", "start": about}))
            await _Mouth(socket, heard, start, hang_up).talk(clips, patience_s, give_up_s)
            await socket.send(json.dumps({"event": "stop", "streamSid": "MZ1"}))
        except websockets.ConnectionClosed:
            heard.hung_up_s = time.perf_counter() - start
            heard.close_code = socket.close_code
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, websockets.ConnectionClosed):
                await listening
    return heard


async def _listen(socket: websockets.ClientConnection, heard: Heard, start: float) -> None:
    async for message in socket:
        now_s = time.perf_counter() - start
        body = json.loads(message)
        if body["event"] == "media":
            pcm = audioop.ulaw2lin(base64.b64decode(body["media"]["payload"]), 2)
            heard.arrivals_s.append(now_s)
            heard.playout.add(np.frombuffer(pcm, np.int16), now_s)
        elif body["event"] == "clear":
            heard.playout.clear(now_s)


class _Mouth:
    """A frame every 20 ms from answer to hang-up, silence included, as a telephone sends it. Raises ConnectionClosed
    when the bot hangs up.
    """

    def __init__(
        self, socket: websockets.ClientConnection, heard: Heard, start: float, hang_up: asyncio.Event | None = None
    ) -> None:
        self._socket = socket
        self._hang_up = hang_up or asyncio.Event()
        self._heard = heard
        self._start = start
        self._chunk = 0
        heard.media_s = self._now_s()

    def _now_s(self) -> float:
        return time.perf_counter() - self._start

    async def talk(self, clips: Sequence[Path], patience_s: float, give_up_s: float) -> None:
        """Say all of it, each clip when the bot has ended."""
        await self._wait_for_bot(0.0, patience_s, give_up_s)
        for clip in clips:
            if self._hang_up.is_set():
                return
            samples, rate_hz = soundfile.read(clip, dtype="int16")
            assert rate_hz == RATE_HZ, f"{clip}: {rate_hz} Hz"
            said = await self._say(clip, samples)
            await self._wait_for_bot(said.voiced_until_s, patience_s, give_up_s)

    async def _say(self, clip: Path, samples: Samples) -> Said:
        last = last_voiced_sample(samples)
        start_s = voiced_until_s = self._now_s()
        for at in range(0, len(samples), FRAME_SAMPLES):
            sent_s = await self._send(samples[at : at + FRAME_SAMPLES])
            if at <= last < at + FRAME_SAMPLES:
                voiced_until_s = sent_s - (at + FRAME_SAMPLES - 1 - last) / RATE_HZ
        said = Said(clip, start_s, voiced_until_s)
        self._heard.said.append(said)
        return said

    async def _send(self, samples: Samples) -> float:
        """One frame, when it is time. Returns when it went out."""
        self._chunk += 1
        await asyncio.sleep(max(0.0, self._heard.media_s + self._chunk * FRAME_S - self._now_s()))
        pcm = samples.tobytes().ljust(2 * FRAME_SAMPLES, b"\0")
        payload = base64.b64encode(audioop.lin2ulaw(pcm, 2)).decode()
        media = {"payload": payload, "chunk": str(self._chunk), "track": "inbound"}
        await self._socket.send(json.dumps({"event": "media", "streamSid": "MZ1", "media": media}))
        return self._now_s()

    async def _wait_for_bot(self, since_s: float, patience_s: float, give_up_s: float) -> None:
        """Send silence until the bot has spoken and ended, or nothing is to be expected any more."""
        silence = np.zeros(FRAME_SAMPLES, np.int16)
        while not self._hang_up.is_set():
            now_s, sound = self._now_s(), self._heard.playout.last_sound()
            if sound is not None and sound.end_s > since_s:
                if now_s - sound.end_s >= patience_s or now_s - since_s > LONGEST_ANSWER_S:
                    return
            elif now_s - since_s > give_up_s:
                return
            await self._send(silence)
