"""What a seat's socket needs of the hotline behind it. The switchboard is one; tests have a small one of their own."""

from collections.abc import Callable
from typing import Literal, Protocol

from agent.errors import HotlineError
from agent.seats.from_page import TransferCall, WrapUpDone
from agent.seats.to_page import SignedIn, ToPage
from agent.seats.webrtc_leg import SeatLine
from agent.seats.words import Supervision

Send = Callable[[ToPage], None]
"""Tells a seat's page something. Never waits and never raises; to be called on the event loop."""


class SeatError(HotlineError):
    """What a person at a seat asked for is not possible now. ``code``: ``unknown_login``, ``not_your_call``, …"""


class SeatDesk(Protocol):
    """The desk behind the seats' pages.

    ``seat``: the id that `sign_in` gave. Every method but `sign_in` is only called for a seat that is signed in. All
    may raise HotlineError: the page is told, and nothing has changed. What comes of a request is told to the seat by
    its `Send`, also to the one who asked.
    """

    async def sign_in(self, login: str) -> SignedIn:
        """Who that is. The token was checked already. Changes nothing. Raises SeatError ``unknown_login``."""

    async def subscribe(self, seat: str, send: Send) -> None:
        """The seat's page is there: tell it from now on, first of all how it stands (state, a call that is going on, a
        wrap-up that is open, queues). Called again where the page was loaded anew: the new ``send`` takes the place.
        """

    async def sign_out(self, seat: str) -> None:
        """The person leaves: offline. ``send`` is not to be called after this."""

    async def vanished(self, seat: str) -> None:
        """The page is gone without a word, and did not come back in time. ``send`` is not to be called after this."""

    async def attach_line(self, seat: str, line: SeatLine) -> None:
        """The seat's line is there: ``line.join(role)`` is its leg for a bridge. Where there was a line before, this
        takes its place, in the middle of a call too.
        """

    async def line_lost(self, seat: str, line: SeatLine) -> None:
        """The line broke, or its page is gone. A page that is still there makes a new one. Not told of a line whose
        place another has taken.
        """

    async def set_state(self, seat: str, state: Literal["ready", "on_break"]) -> None:
        """In a call, ``on_break`` is kept until after it."""

    async def answer(self, seat: str, call_id: str) -> None:
        """Of two who answer at once the second is told ``withdrawn``."""

    async def decline(self, seat: str, call_id: str) -> None: ...

    async def hold(self, seat: str) -> None: ...

    async def resume(self, seat: str) -> None: ...

    async def transfer(self, seat: str, transfer: TransferCall) -> None: ...

    async def complete_transfer(self, seat: str) -> None: ...

    async def cancel_transfer(self, seat: str) -> None: ...

    async def hang_up(self, seat: str, survey: bool) -> None: ...

    async def wrap_up(self, seat: str, done: WrapUpDone) -> None: ...

    async def call_back(self, seat: str, callback_id: str) -> None: ...

    async def supervise(self, seat: str, call_id: str, mode: Supervision) -> None:
        """Raises SeatError ``not_a_supervisor``."""

    async def stop_supervising(self, seat: str) -> None: ...

    async def let_in(self, seat: str, call_id: str) -> None:
        """Raises SeatError ``not_a_supervisor``; ``not_in_doubt`` where the filter does nothing to this call now."""
