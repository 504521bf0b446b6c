"""Pages learn how the floor stands: each seat of its own state at once, everybody of the queues soon."""

import asyncio
from typing import TYPE_CHECKING

from agent.routing.floor import Floor
from agent.seats.to_page import LiveCalls
from agent.switchboard import pages
from agent.switchboard.live_list import live_calls

if TYPE_CHECKING:
    from agent.switchboard.switchboard import Switchboard

BROADCAST_S = 0.5
"""Pages learn how the queues stand this long after something changed: many changes make one message."""


class Broadcast:
    def __init__(self, board: "Switchboard") -> None:
        self._board = board
        self._shown: Floor | None = None
        self._timer: asyncio.TimerHandle | None = None

    def changes(self) -> None:
        """Every seat whose state is another is told, and soon everybody how the queues stand."""
        floor, shown = self._board.keeper.floor, self._shown
        if floor is shown:
            return
        self._shown = floor
        for seat in floor.seats.values():
            before = None if shown is None else shown.seats.get(seat.id)
            if before is None or (before.state, before.since_ms, before.then) != (seat.state, seat.since_ms, seat.then):
                self._board.pages.tell(seat.id, pages.state(seat))
        self.soon()

    def soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BROADCAST_S, self._now)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _now(self) -> None:
        self._timer = None
        self._board.do(self._board.opening.look())
        self.changes()
        for seat in self._board.pages.open():
            self.floor(seat)

    def floor(self, seat: str) -> None:
        """How the queues stand; to supervisors, which calls are going on too."""
        board = self._board
        floor = board.keeper.floor
        board.pages.tell(seat, pages.queues(floor, board.policy, board.now_ms(), board.pages.of(seat).tally))
        known = board.policy.by_id.get(seat)
        if known is not None and known.supervisor:
            calls = tuple(live_calls(board.live.values(), floor, board.name_of))
            board.pages.tell(seat, LiveCalls(calls=calls))
