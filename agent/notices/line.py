"""The way to one target: many notices at once, those of one subject in order. What happens on one line is felt on no
other.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from loguru import logger

from agent.notices.delivery import Target
from agent.notices.office import LEASE_S
from agent.storage import NoticeRow
from agent.storage.outbox import Attempt

MOST_HELD = 5000
"""More are left in the database, from where they come when there is room."""
CLAIMS_PER_PLACE = 4
"""Of what waits in the database, so many are taken for each that can be under way."""
GIVE_BACK_S = 5.0
"""A notice that is not tried until so long before its lease is over is left to whoever claims it next."""

Report = Callable[[NoticeRow, Attempt], None]


@dataclass(frozen=True)
class _Held:
    notice: NoticeRow
    until: datetime


class Line:
    """One target's. All on one event loop. ``report``: is told what came of every try."""

    def __init__(self, target: Target, report: Report, now: Callable[[], datetime]) -> None:
        self.target = target
        self._report = report
        self._now = now
        self._places = asyncio.Semaphore(target.delivery.at_once)
        self._chains: dict[str, deque[_Held]] = {}
        self._held: set[str] = set()
        self._behind: set[str] = set()
        self._runs: set[asyncio.Task[None]] = set()

    @property
    def room(self) -> int:
        """How many more may be claimed for it now."""
        return max(0, CLAIMS_PER_PLACE * self.target.delivery.at_once - len(self._held))

    def offer(self, notice: NoticeRow) -> None:
        """One that may not be in the database yet. Where an earlier one of its subject waits there, it does so too."""
        if notice.subject not in self._behind and len(self._held) < MOST_HELD:
            self.take(notice)

    def take(self, notice: NoticeRow) -> None:
        """One that is ours for the time of a lease."""
        if notice.id in self._held:
            return
        self._held.add(notice.id)
        chain = self._chains.setdefault(notice.subject, deque())
        chain.append(_Held(notice, self._now() + timedelta(seconds=LEASE_S)))
        if len(chain) == 1:
            run = asyncio.create_task(self._run(notice.subject, chain))
            self._runs.add(run)
            run.add_done_callback(self._runs.discard)

    def in_order_again(self, subject: str) -> None:
        """Nothing of this subject waits in the database any more."""
        self._behind.discard(subject)

    async def drain(self, timeout_s: float) -> None:
        """Let what is under way come to its end; what is not by then is left to the database."""
        if self._runs:
            await asyncio.wait(self._runs, timeout=timeout_s)
        for run in list(self._runs):
            run.cancel()

    async def _run(self, subject: str, chain: deque[_Held]) -> None:
        """Deliver what hangs on one chain, one after the other; the first that fails sends the rest back."""
        try:
            while chain:
                async with self._places:
                    if self._now() + timedelta(seconds=GIVE_BACK_S) >= chain[0].until:
                        self._behind.add(subject)
                        return
                    notice = chain[0].notice
                    attempt = await self._try(notice)
                if attempt.state == "pending":
                    self._behind.add(subject)
                self._report(notice, attempt)
                if attempt.state == "pending":
                    return
                self._held.discard(chain.popleft().notice.id)
        finally:
            self._held.difference_update(one.notice.id for one in chain)
            self._chains.pop(subject, None)

    async def _try(self, notice: NoticeRow) -> Attempt:
        try:
            await self.target.deliver(notice)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            return self._failed(notice, f"{error}")
        return Attempt(notice.id, "delivered", self._now())

    def _failed(self, notice: NoticeRow, error: str) -> Attempt:
        pauses = self.target.delivery.retry_after_s
        now = self._now()
        if notice.attempts >= len(pauses):
            logger.error("notice {} to {} failed for good: {}", notice.id, self.target.name, error)
            return Attempt(notice.id, "failed", now, error)
        pause_s = pauses[notice.attempts]
        logger.warning("notice {} to {}: {}; again in {:g} s", notice.id, self.target.name, error, pause_s)
        return Attempt(notice.id, "pending", now, error, now + timedelta(seconds=pause_s))


def utc_now() -> datetime:
    return datetime.now(UTC)
