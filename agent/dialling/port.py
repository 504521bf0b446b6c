"""What is needed of whoever rings telephones for us. `agent.dialling.http_dialler` is one."""

from dataclasses import dataclass
from typing import Literal, Protocol

from agent.errors import HotlineError

Outcome = Literal["no_answer", "busy", "failed", "cancelled"]
"""Why a telephone that was rung is not on the line."""


class DiallingError(HotlineError):
    """The provider did not take an order; the message says what it answered."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__("dialling_failed", message, retryable=retryable)


class NotReached(Exception):
    """The telephone that was rung did not come to the line. ``why``: in words, for the log."""

    def __init__(self, outcome: Outcome, why: str) -> None:
        super().__init__(f"{outcome}: {why}")
        self.outcome: Outcome = outcome
        self.why = why


@dataclass(frozen=True)
class Order:
    """One telephone to be rung.

    number: digits as `agent.routing.lines.parse_number` gives them. leg_token: what the media stream must bring along
    in its ``customParameters``. status_key: names this order in what the provider tells of it. ring_s: how long it
    rings at most.
    """

    number: str
    leg_token: str
    status_key: str
    ring_s: int


class Dialler(Protocol):
    """Rings a telephone, and when it answers connects its sound to our ``/ws/media-stream``."""

    async def ring(self, order: Order) -> str:
        """Begin to ring. Returns the provider's name of the call. Raises DiallingError."""
        ...

    async def hang_up(self, call: str) -> None:
        """End it, ringing or answered. One that is over already is no mistake. Raises DiallingError."""
        ...

    async def close(self) -> None:
        """No more orders."""
        ...
