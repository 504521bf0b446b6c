"""What the switchboard has outside the house, where telephones can be rung: seats, customers, other numbers."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from loguru import logger

from agent.dialling import Trunk
from agent.routing.floor import inputs
from agent.switchboard import pages
from agent.switchboard.callback_calls import CallbackCalls
from agent.switchboard.live import LiveCall
from agent.switchboard.outside_seats import OutsideSeats
from agent.switchboard.outside_transfers import OutsideTransfers
from agent.switchboard.switchboard import Switchboard
from agent.switchboard.voice import Speak

DUTY_CHECK_S = 20.0
"""How often it is looked whether seats outside are on duty."""


class Outdoors:
    """All of it.

    Args:
        speak: how people at telephones are spoken to.
        is_open: whether the company's people work then: a seat with a number and no login is on duty as long.
        own: the company's own numbers.
    """

    def __init__(
        self,
        board: Switchboard,
        trunk: Trunk,
        speak: Speak,
        *,
        is_open: Callable[[datetime], bool],
        own: frozenset[str] = frozenset(),
    ) -> None:
        self._board = board
        self._is_open = is_open
        self.seats = OutsideSeats(board, trunk, speak)
        self.callbacks = CallbackCalls(board, trunk, self.seats)
        self.transfers = OutsideTransfers(board, trunk, own)
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._look_at_duty()
        self._watching = asyncio.ensure_future(self._watch())

    def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()

    def withdraw(self, seat: str, call_id: str) -> None:
        """The floor wants this call, or callback, no longer at this seat."""
        if not self.callbacks.stop(call_id, seat):
            self.seats.stop(seat)

    def admit(self, live: LiveCall) -> None:
        self.callbacks.admit(live)

    def leave(self, live: LiveCall) -> None:
        self.transfers.leave(live)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(DUTY_CHECK_S)
            try:
                await self._look_at_duty()
            except Exception:
                logger.exception("it is not known who is on duty outside")

    async def _look_at_duty(self) -> None:
        """Who has no page cannot sign in."""
        board = self._board
        on_duty = self._is_open(pages.at(board.now_ms()))
        for one in board.policy.seats:
            if not one.number or one.login:
                continue
            offline = board.keeper.floor.seats[one.id].state == "offline"
            if on_duty and offline:
                await board.tell(inputs.SeatSignedIn(seat=one.id))
                await board.tell(inputs.SeatReady(seat=one.id))
            elif not on_duty and not offline:
                await board.tell(inputs.SeatSignedOff(seat=one.id))
