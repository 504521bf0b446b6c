"""The shape of every way of reaching us: a pipecat transport for the audio, and what a phone line can do besides."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from pipecat.transports.base_transport import BaseTransport

from agent.errors import HotlineError
from agent.events import Event, Language


@dataclass(frozen=True)
class CallInfo:
    """Who calls whom, how, and when it began. ``started_at`` carries its time zone; nothing else in a call reads the
    wall clock. ``rung_by_us``: a customer whom we rang; ``caller_number`` is theirs all the same.
    """

    call_id: str
    caller_number: str
    called_number: str
    channel: Literal["replay", "media-stream", "webrtc"]
    started_at: datetime
    language: Language = "zh"
    rung_by_us: bool = False


class LegEvents(Protocol):
    """What a leg tells the call."""

    def dtmf(self, digit: str) -> None:
        """The caller pressed a key."""

    def failed(self, error: HotlineError) -> None:
        """The peer did something wrong that does not end the call."""

    def closed(self, ended_by: Literal["caller", "operator", "error"], reason: str) -> None:
        """The caller is gone."""


class CallLeg(ABC):
    """One caller's line.

    ``sample_rate_hz``: of the audio in both directions. ``events`` is set by the call before it starts the transport.
    """

    info: CallInfo
    sample_rate_hz: int
    transport: BaseTransport
    events: LegEvents

    @abstractmethod
    async def clear(self) -> None:
        """Drop the bot's audio that was sent but not yet heard (barge-in)."""

    @abstractmethod
    async def transfer(self, destination: str) -> bool:
        """Take the caller elsewhere. False where this kind of leg cannot."""

    @abstractmethod
    async def hang_up(self, reason: str) -> None:
        """End the call from our side. Safe to call twice."""

    def observe(self, event: Event) -> None:  # noqa: B027 — optional, not forgotten
        """A reader of the call's timeline, for legs that show it or react to it. Does nothing unless overridden."""
