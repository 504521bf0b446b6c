"""The floor under way: what happens is written down, decided on and handed out, one thing after another."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from loguru import logger

from agent.errors import StorageError
from agent.routing.floor import Decision, Floor, FloorPolicy, Input, next_due_ms, opened, step
from agent.routing.floor.inputs import Tick

LONGEST_SLEEP_S = 60.0
"""The clock may be set; who sleeps longer than this would not notice."""


class Journal(Protocol):
    """What the keeper needs of storage. Both methods block and may raise StorageError."""

    def append(self, given: Input, now_ms: int, after: Floor) -> int: ...

    def resume(self, policy: FloorPolicy, now_ms: int) -> tuple[Floor, tuple[Decision, ...]]: ...


class FloorKeeper:
    """One per process.

    Args:
        journal: None to remember nothing, as in a test.
        act: carries out one decision. Is called in order and must neither wait nor raise.
        now_ms: the wall clock, ms since the epoch.
    """

    def __init__(
        self, policy: FloorPolicy, journal: Journal | None, act: Callable[[Decision], None], now_ms: Callable[[], int]
    ) -> None:
        self.policy = policy
        self.floor = opened(policy)
        self._journal = journal
        self._act = act
        self._now_ms = now_ms
        self._lock = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._closed = False

    async def start(self) -> None:
        """Go on where the last process ended: whoever it lost is rung back. A database that cannot be read is no reason
        not to answer the telephone; the floor begins empty then.
        """
        if self._journal is None:
            return
        try:
            self.floor, decisions = await asyncio.to_thread(self._journal.resume, self.policy, self._now_ms())
        except StorageError as error:
            logger.error("the floor begins empty: {}", error)
            return
        for decision in decisions:
            self._act(decision)
        self._wind()

    async def tell(self, given: Input) -> tuple[Decision, ...]:
        """What happened. Returns what was decided, which has been handed out by then. Once closed, nothing is."""
        async with self._lock:
            if self._closed:
                return ()
            now_ms = self._now_ms()
            after, decisions = step(self.floor, self.policy, given, now_ms)
            if after is not self.floor:
                await self._write(given, now_ms, after)
                self.floor = after
            for decision in decisions:
                self._act(decision)
            self._wind()
        return decisions

    def close(self) -> None:
        """Nothing happens by itself any more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    async def _write(self, given: Input, now_ms: int, after: Floor) -> None:
        if self._journal is None:
            return
        try:
            await asyncio.to_thread(self._journal.append, given, now_ms, after)
        except StorageError as error:
            # It is kept and written with the next one. Callers are not to wait for a database.
            logger.error("the floor is not written down: {}", error)

    def _wind(self) -> None:
        """Wake up when the next thing is due."""
        if self._timer is not None:
            self._timer.cancel()
        due_ms = next_due_ms(self.floor)
        if due_ms is None or self._closed:
            self._timer = None
            return
        wait_s = min(LONGEST_SLEEP_S, max(0, due_ms - self._now_ms()) / 1000)
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._tick)

    def _tick(self) -> None:
        self._ticking = asyncio.ensure_future(self._ticked())

    async def _ticked(self) -> None:
        await self.tell(Tick())
