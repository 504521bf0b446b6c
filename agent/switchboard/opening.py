"""The floor is told when nobody is to be had: outside the company's hours, where nobody sits there all the same."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from agent.company.hours import Hours
from agent.routing.floor import Input, inputs

if TYPE_CHECKING:
    from agent.switchboard.switchboard import Switchboard

LOOK_S = 20.0
"""How often it is looked at the clock, which may be set."""


class Opening:
    """One a switchboard. ``hours``: None for a desk that never closes."""

    def __init__(self, board: "Switchboard", hours: Hours | None) -> None:
        self._board = board
        self._hours = hours
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.look()
        if self._hours is not None:
            self._looking = asyncio.ensure_future(self._look_again())

    def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    async def look(self) -> None:
        """Tell the floor what has changed."""
        if self._hours is not None:
            for given in list(self._changes(self._hours, self._board.at())):
                await self._board.keeper.tell(given)

    def _changes(self, hours: Hours, now: datetime) -> Iterator[Input]:
        closed = self._board.keeper.floor.closed
        is_open = hours.is_open(now)
        opens = None if is_open else hours.next_opening(now)
        opens_at_ms = None if opens is None else round(opens.timestamp() * 1000)
        for skill in self._board.policy.skills:
            if is_open or self._board.takes(skill):
                if skill in closed:
                    yield inputs.SkillOpened(skill=skill)
            elif skill not in closed or closed[skill] != opens_at_ms:
                yield inputs.SkillClosed(skill=skill, opens_at_ms=opens_at_ms)

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()
