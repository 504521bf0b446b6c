"""The Twilio Media Streams protocol: JSON text messages over a WebSocket, 8 kHz μ-law audio in base64. Pure.

Messages in, in the order of a call: ``connected``, ``start``, then ``media``, ``dtmf`` and ``mark`` in any order, at
last ``stop``. Messages out: ``media``, ``mark`` and ``clear``, which drops what was sent and not yet played.
"""

import audioop
import base64
import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from agent.errors import ProtocolError

SAMPLE_RATE_HZ = 8000
_QUOTED = 80
"""Characters of a bad message that an error repeats."""


class _Message(BaseModel):
    # Carriers add fields of their own; what we do not know we do not need.
    model_config = ConfigDict(frozen=True, extra="ignore")


class Connected(_Message):
    event: Literal["connected"]


class StartBody(_Message):
    call_sid: str = Field(alias="callSid", min_length=1, max_length=64)
    custom_parameters: dict[str, str] = Field(default={}, alias="customParameters")


class Start(_Message):
    """A call begins. Its custom parameters may name ``caller`` and ``called``."""

    event: Literal["start"]
    stream_sid: str = Field(alias="streamSid", min_length=1, max_length=64)
    start: StartBody


class MediaBody(_Message):
    payload: str
    chunk: int | None = Field(default=None, ge=0)
    track: str = "inbound"


class Media(_Message):
    """Some 20 ms of the caller; ``chunk`` counts them from 1."""

    event: Literal["media"]
    media: MediaBody


class DtmfBody(_Message):
    digit: str = Field(pattern=r"^[0-9*#A-D]$")


class Dtmf(_Message):
    event: Literal["dtmf"]
    dtmf: DtmfBody


class Mark(_Message):
    event: Literal["mark"]


class Stop(_Message):
    event: Literal["stop"]


Message = Connected | Start | Media | Dtmf | Mark | Stop
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="event")])
EVENTS = ("connected", "start", "media", "dtmf", "mark", "stop")


def parse(text: str) -> Message:
    """One message. Raises ProtocolError saying what came and what would be right."""
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        # Beside JSONDecodeError: a number too long for Python to read is a plain ValueError.
        raise ProtocolError(f"not JSON: {_quote(text)} ({error})") from error
    if not isinstance(value, dict) or value.get("event") not in EVENTS:
        raise ProtocolError(f"no known event in {_quote(text)}; one of {', '.join(EVENTS)} is right")
    try:
        return _MESSAGE.validate_python(value)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"][1:])
        raise ProtocolError(f"bad {value['event']} message: {where}: {problem['msg']}") from error


def decode_audio(media: Media) -> bytes:
    """The caller's audio as 16-bit PCM. Raises ProtocolError for broken base64."""
    try:
        return audioop.ulaw2lin(base64.b64decode(media.media.payload, validate=True), 2)
    except ValueError as error:
        # binascii.Error is one; characters beyond ASCII raise the plain kind.
        raise ProtocolError(f"media payload is not base64: {_quote(media.media.payload)} ({error})") from error


def media(stream_sid: str, pcm: bytes) -> str:
    """The bot's audio: 16-bit PCM at 8 kHz."""
    payload = base64.b64encode(audioop.lin2ulaw(pcm, 2)).decode()
    return json.dumps({"event": "media", "streamSid": stream_sid, "media": {"payload": payload}})


def clear(stream_sid: str) -> str:
    """Drop what was sent and not yet played."""
    return json.dumps({"event": "clear", "streamSid": stream_sid})


def _quote(text: str) -> str:
    return repr(text if len(text) <= _QUOTED else text[:_QUOTED] + "…")


class ChunkOrder:
    """Puts media messages back in order by their chunk number.

    A message that comes early waits for those before it, up to ``window`` messages long; one that comes after its place
    was given up is dropped, as is one that comes twice.
    """

    def __init__(self, window: int = 10) -> None:
        self._window = window
        self._next: int | None = None
        self._waiting: dict[int, Media] = {}
        self.dropped = 0

    def push(self, message: Media) -> list[Media]:
        """The messages that are now in order, oldest first. Messages without a number pass as they come."""
        chunk = message.media.chunk
        if chunk is None:
            return [message]
        if self._next is None:
            self._next = chunk
        if chunk < self._next or chunk in self._waiting:
            self.dropped += 1
            return []
        self._waiting[chunk] = message
        ready = self._take()
        if not ready and len(self._waiting) > self._window:
            self._next = min(self._waiting)
            ready = self._take()
        return ready

    def _take(self) -> list[Media]:
        ready = []
        while self._next in self._waiting:
            ready.append(self._waiting.pop(self._next))
            self._next += 1
        return ready
