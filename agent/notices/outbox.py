"""Delivers what the database says is to be delivered, and what a call has just caused, before it is there.

Storage is the source of truth; memory only saves the way through it. A notice that was sent before its row was written
is marked when the row appears; one whose process died is claimed by the next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from loguru import logger

from agent.errors import StorageError
from agent.notices.delivery import Target
from agent.notices.line import Line, utc_now
from agent.notices.office import LEASE_S
from agent.storage import NoticeRow, Store
from agent.storage.database import DatabaseLockedError
from agent.storage.outbox import Attempt

POLL_S = 0.5
"""How often the database is asked for what is due."""
BATCH_S = 0.05
"""What comes of tries is collected for so long and written together."""
EARLY_S = 1.0
"""How often it is looked whether the rows of notices that went out before them are there."""
PAUSE_S = 2.0
"""After something went wrong."""
MOST_EARLY = 20_000
"""Of notices that are delivered and not written down, so many are remembered; others would be sent once more."""
DRAIN_S = 3.0


class Outbox:
    """Make it and run it on one event loop."""

    def __init__(self, store: Store, targets: Sequence[Target], now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._now = now
        self._lines = {target.name: Line(target, self._tried, now) for target in targets}
        self._unwritten: dict[str, tuple[NoticeRow, Attempt]] = {}
        self._early: dict[str, tuple[NoticeRow, Attempt]] = {}
        self._due = asyncio.Event()
        self._any_unwritten = asyncio.Event()
        self._outage = False

    def offer(self, notices: Iterable[NoticeRow]) -> None:
        """Send these at once; their rows are being written."""
        for notice in notices:
            line = self._lines.get(notice.target)
            if line is not None and not self._is_done(notice.id):
                line.offer(notice)

    async def run(self) -> None:
        """Until cancelled. A database that is out of order, or a fault of ours, is logged and waited for."""
        await self._guarded(self._warn_of_strays)
        await asyncio.gather(self._sweep(), self._keep_books(), self._look_for_early())

    async def close(self) -> None:
        """Let what is under way end, and write that down. What cannot be written is sent once more after a restart."""
        await asyncio.gather(*(line.drain(DRAIN_S) for line in self._lines.values()))
        try:
            await self._write()
        except StorageError as error:
            logger.error("notices: what was delivered last is not written down: {}", error)
        await asyncio.gather(*(line.target.aclose() for line in self._lines.values()))

    async def _sweep(self) -> None:
        while True:
            self._due.clear()
            await self._guarded(self._claim)
            with suppress(TimeoutError):  # nobody woke us; look anyway
                await asyncio.wait_for(self._due.wait(), POLL_S)

    async def _keep_books(self) -> None:
        while True:
            await self._any_unwritten.wait()
            await asyncio.sleep(BATCH_S)
            self._any_unwritten.clear()
            await self._guarded(self._write)

    async def _look_for_early(self) -> None:
        while True:
            await asyncio.sleep(EARLY_S)
            if self._early:
                self._unwritten |= self._early
                self._early.clear()
                self._any_unwritten.set()

    async def _claim(self) -> None:
        if not self._lines:
            return
        for name in await asyncio.to_thread(self._store.due_targets, self._now()):
            line = self._lines.get(name)
            if line is None or not line.room:
                continue
            claimed = await asyncio.to_thread(
                self._store.claim_notices, name, self._now(), lease_s=LEASE_S, limit=line.room
            )
            for notice in claimed:
                if not self._is_done(notice.id):
                    line.take(notice)

    async def _write(self) -> None:
        batch = list(self._unwritten.values())
        if not batch:
            return
        settled = await asyncio.to_thread(self._store.settle_notices, [attempt for _, attempt in batch])
        for notice, attempt in batch:
            if self._unwritten.get(notice.id) == (notice, attempt):
                del self._unwritten[notice.id]
            if notice.id in settled.missing:
                # What is still to be tried its row will say when it comes; what is done must not be done again.
                if attempt.state != "pending" and len(self._early) < MOST_EARLY:
                    self._early[notice.id] = (notice, attempt)
            elif (notice.target, notice.subject) in settled.waiting:
                self._due.set()
            else:
                self._lines[notice.target].in_order_again(notice.subject)

    def _tried(self, notice: NoticeRow, attempt: Attempt) -> None:
        self._unwritten[notice.id] = (notice, attempt)
        self._any_unwritten.set()

    def _is_done(self, notice_id: str) -> bool:
        """Whether it was tried, and that is not written down yet."""
        return notice_id in self._unwritten or notice_id in self._early

    async def _warn_of_strays(self) -> None:
        for target, count in (await asyncio.to_thread(self._store.waiting_notices)).items():
            if target not in self._lines:
                logger.warning("notices: {} wait for {}, which no configuration names", count, target)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except DatabaseLockedError as error:
            logger.debug("notices: {}; tried again", error)
        except StorageError as error:
            if not self._outage:
                logger.error("notices: {}; they go on when the database works", error)
            self._outage = True
        except Exception:
            logger.exception("notices: something went wrong")
        else:
            if self._outage:
                logger.warning("notices: the database works again")
            self._outage = False
            return
        if self._unwritten:
            self._any_unwritten.set()
        await asyncio.sleep(PAUSE_S)
