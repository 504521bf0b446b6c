"""A telephone, seen from outside: plays recorded speech over a media-stream WebSocket in real time and listens. Imports
nothing of ours.
"""

import asyncio
import audioop
import base64
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import soundfile
import websockets

FRAME_S = 0.02
FRAME_BYTES = 320
VOICED_RMS = 200
"""Of 32767: quieter sound from the bot is not yet an answer."""


@dataclass
class Heard:
    """What came back, and when, in s since the call was dialled."""

    answered_s: float | None = None
    voiced_s: list[float] = field(default_factory=list)
    spoke_until_s: list[float] = field(default_factory=list)

    def reply_s(self, turn: int) -> float | None:
        """From the caller's last sample of this turn to the first voiced sample after it."""
        said = self.spoke_until_s[turn]
        return next((at - said for at in self.voiced_s if at > said), None)


async def call(url: str, clips: list[Path], *, timeout_s: float = 60.0) -> Heard:
    """One call: waits for the greeting to end, says a clip, waits for its answer to end, and so on; then hangs up."""
    heard = Heard()
    start = time.perf_counter()
    async with websockets.connect(url) as socket:
        await socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        named = {"caller": "13800000000", "called": "4008001234"}
        await socket.send(
            json.dumps({"event": "start", "streamSid": "MZ1", "start": {"callSid": "CA1", "customParameters": named}})
        )
        listening = asyncio.create_task(_listen(socket, heard, start))
        try:
            await asyncio.wait_for(_speak(socket, clips, heard, start), timeout_s)
            await socket.send(json.dumps({"event": "stop", "streamSid": "MZ1"}))
        finally:
            listening.cancel()
    return heard


async def _listen(socket: websockets.ClientConnection, heard: Heard, start: float) -> None:
    async for message in socket:
        body = json.loads(message)
        if body["event"] == "media":
            pcm = audioop.ulaw2lin(base64.b64decode(body["media"]["payload"]), 2)
            if audioop.rms(pcm, 2) >= VOICED_RMS:
                now = time.perf_counter() - start
                heard.answered_s = heard.answered_s if heard.answered_s is not None else now
                heard.voiced_s.append(now)


async def _speak(socket: websockets.ClientConnection, clips: list[Path], heard: Heard, start: float) -> None:
    """A frame every 20 ms from answer to hang-up, silence included, as a telephone sends it."""
    chunk = 0

    async def send(pcm: bytes) -> None:
        nonlocal chunk
        chunk += 1
        payload = base64.b64encode(audioop.lin2ulaw(pcm, 2)).decode()
        await socket.send(
            json.dumps({"event": "media", "media": {"payload": payload, "chunk": chunk, "track": "inbound"}})
        )
        await asyncio.sleep(max(0.0, start + chunk * FRAME_S - time.perf_counter()))

    async def wait_for_bot(since_s: float) -> None:
        while not (
            heard.voiced_s and heard.voiced_s[-1] > since_s and time.perf_counter() - start - heard.voiced_s[-1] > 1.0
        ):
            await send(bytes(FRAME_BYTES))

    await wait_for_bot(0.0)
    for clip in clips:
        samples, rate = soundfile.read(clip, dtype="int16")
        assert rate == 8000, f"{clip}: {rate} Hz"
        pcm = samples.tobytes()
        for at in range(0, len(pcm), FRAME_BYTES):
            await send(pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0"))
        heard.spoke_until_s.append(time.perf_counter() - start)
        await wait_for_bot(heard.spoke_until_s[-1])
