"""The desk that stands between calls and whoever is told of their alerts. It has a thread and an event loop of its own:
nothing that hangs out there, and no thousand alerts at a time, is heard in a call.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from loguru import logger

from agent.errors import StorageError
from agent.events import AlertEscalated, AlertRaised, AlertWithdrawn, Event, KeptWithSpecialist
from agent.ingress.leg import CallInfo
from agent.notices.books import AlertBooks
from agent.notices.delivery import Target
from agent.notices.line import utc_now
from agent.notices.office import NoticeOffice
from agent.notices.outbox import DRAIN_S, Outbox
from agent.notices.targets import open_targets
from agent.notices.watch import AlertWatch
from agent.routing import can_call_back
from agent.routing.alerts import Due, PastAlert, keeps
from agent.storage import AlertRow, CallRow, Store
from agent.storage import CallInfo as StoredCallInfo
from agent.storage.alert_life import milliseconds
from agent.storage.database import DatabaseLockedError
from agent.storage.projection import new_call
from agent.storage.rows import CallBegun
from agent.timeline import Reader

TICK_S = 5.0
"""How often the clocks of alerts are looked at; they are counted in minutes."""


class AlertDesk:
    """One per process. ``connect`` before the server starts, ``start`` when it does, ``close`` before the store is
    closed. Without the first it keeps the clocks and tells nobody, as a replay does.

    tick_s: how often clocks are looked at.
    """

    def __init__(
        self,
        store: Store,
        books: AlertBooks,
        office: NoticeOffice,
        *,
        tick_s: float = TICK_S,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._books = books
        self._office = office
        self._targets: Sequence[Target] = ()
        self._watch = AlertWatch(store, books, office)
        self._tick_s = tick_s
        self._now = now
        self._loop: asyncio.AbstractEventLoop | None = None
        self._outbox: Outbox | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None

    # What calls and pages use

    def follow(self, info: CallInfo) -> Reader:
        """A reader for one call: its alerts go out at once. Never waits."""
        stored = StoredCallInfo(
            caller_number=info.caller_number,
            called_number=info.called_number,
            channel=info.channel,
            language=info.language,
        )
        call = new_call(CallBegun(call_id=info.call_id, info=stored, started_at=info.started_at))

        def read(event: Event) -> None:
            loop = self._loop
            if loop is not None and isinstance(event.body, AlertRaised | AlertEscalated | AlertWithdrawn):
                # Where it has just been closed, the row in the database is left for the next start.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._tell, event, call)

        return read

    def due(self, alerts: Sequence[AlertRow]) -> list[Due]:
        """By when each of these must be seen and settled. Raises StorageError."""
        return self._watch.due(alerts)

    def kept(self, info: CallInfo) -> KeptWithSpecialist | None:
        """Whether this caller goes to a complaint specialist at once, for an alert on an earlier call; a number that is
        withheld is anybody's. Blocks. Raises StorageError.
        """
        policy = self._books.of(info.called_number).policy
        if not policy.keep_with_specialist_days or not can_call_back(info.caller_number):
            return None
        since = info.started_at - timedelta(days=policy.keep_with_specialist_days)
        alerts = self._store.alerts_of_caller(info.caller_number, since=since, before=info.started_at)
        past = (
            PastAlert(one.id, milliseconds(one.raised_at), one.state, one.call_id)
            for one in alerts
            if one.call_id != info.call_id
        )

        def last_seat(call_id: str) -> str:
            return self._store.last_seat_of_caller(info.caller_number, from_call=call_id, before=info.started_at)

        return keeps(policy, past, milliseconds(info.started_at), last_seat)

    # Life

    def connect(self, environ: Mapping[str, str]) -> None:
        """Get ready to reach all targets. ``environ``: where secrets are that the policies name. Raises CompanyError
        where a target cannot be used.
        """
        self._targets = open_targets(self._books, environ)

    def start(self) -> None:
        """Begin, in a thread of its own; first with what an earlier run left."""
        if self._thread is not None:
            raise RuntimeError("this desk was started before")
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main(ready)), name="alert-desk", daemon=True)
        self._thread.start()
        ready.wait()

    def close(self) -> None:
        """Let what is being delivered end, for a few seconds; what is left is delivered after the next start."""
        loop, stop, thread = self._loop, self._stop, self._thread
        if loop is None or stop is None or thread is None:
            return
        self._loop = None
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)
        thread.join(DRAIN_S + 10.0)
        if thread.is_alive():
            logger.error("notices: the desk did not close in time")

    async def _main(self, ready: threading.Event) -> None:
        self._stop = asyncio.Event()
        self._outbox = Outbox(self._store, self._targets, self._now)
        self._loop = asyncio.get_running_loop()
        ready.set()
        work = [asyncio.create_task(self._outbox.run()), asyncio.create_task(self._tick())]
        await self._stop.wait()
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await self._outbox.close()

    async def _tick(self) -> None:
        down = False
        while True:
            try:
                await asyncio.to_thread(self._watch.tick, self._now())
                down = False
            except DatabaseLockedError as error:
                logger.debug("alerts: {}; looked at again", error)
            except StorageError as error:
                if not down:
                    logger.error("alerts: clocks stand still while the database is out of order: {}", error)
                down = True
            except Exception:
                logger.exception("alerts: the clocks could not be looked at")
            await asyncio.sleep(self._tick_s)

    def _tell(self, event: Event, call: CallRow) -> None:
        assert self._outbox is not None
        try:
            self._outbox.offer(self._office.of_event(event, call))
        except Exception:
            logger.exception("notices: alert of call {} could not be told at once", call.id)
