"""From timelines to the store, off the event loop: no slow or broken database is ever heard in a call.

A record goes queue → database. Where the database refuses, it goes queue → spool file, and from there into
the database when that works again, also after a restart. Where the disk refuses too, it stays in memory. The
order of a call's records is kept throughout.
"""

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from loguru import logger

from agent.errors import StorageError
from agent.events import Event
from agent.storage.database import DatabaseLockedError
from agent.storage.rows import CallBegun, CallInfo, Record, UnknownCallError, require_aware
from agent.storage.spool import Spool, to_line
from agent.storage.store import Store, check_call_id

BATCH_S = 0.05
"""How long records are collected before they are committed together; a supervisor does not notice it."""
PROBE_S = 2.0
"""How often the database is tried again while it is out of order."""
_FIRST_WAIT_S = 0.02
_LONGEST_WAIT_S = 0.5
_REMEMBERED_CALLS = 1000

OnError = Callable[[StorageError], None]


class _Stop:
    pass


class TimelineWriter:
    """A reader of any number of timelines. ``reader`` and ``begin_call`` only enqueue.

    on_error: called once per outage, on the writer's thread, with what the operator should know.
    patience_s: how long a locked database is tried again before the records go to the spool.
    Live: ``start()``, then ``close()``. In virtual time: no thread, and ``drain()`` whenever all should be
    stored.
    """

    def __init__(
        self,
        store: Store,
        *,
        on_error: OnError | None = None,
        patience_s: float = 5.0,
        probe_s: float = PROBE_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._spool = Spool(store.data_dir / "spool")
        self._on_error = on_error
        self._patience_s = patience_s
        self._probe_s = probe_s
        self._sleep = sleep
        self._queue: queue.SimpleQueue[Record | threading.Event | _Stop] = queue.SimpleQueue()
        self._held: dict[str, list[Record]] = {}
        self._begun: OrderedDict[str, CallBegun] = OrderedDict()
        self._early: dict[str, list[Event]] = {}
        self._unstarted: set[str] = set()
        self._outage: StorageError | None = None
        self._told_of_spool = False
        self._thread: threading.Thread | None = None
        self._storing = threading.Lock()

    # What timelines call

    def begin_call(self, call_id: str, info: CallInfo, started_at: datetime) -> None:
        """As ``Store.begin_call``, without waiting. Raises NotFoundError at once for an impossible id."""
        check_call_id(call_id)
        self._queue.put(CallBegun(call_id=call_id, info=info, started_at=require_aware(started_at, "started_at")))

    def reader(self, event: Event) -> None:
        """Subscribe this to a timeline. Never waits."""
        self._queue.put(event)

    # Life

    @property
    def healthy(self) -> bool:
        """Whether the database takes what it is given."""
        return self._outage is None

    def start(self) -> None:
        """Begin to write in a thread; first what an earlier run left in the spool."""
        if self._thread is not None:
            raise RuntimeError("this writer was started before")
        self._thread = threading.Thread(target=self._run, name="timeline-writer", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 10.0) -> None:
        """Write what is left, to the database or the spool, and end the thread."""
        if self._thread is None:
            self.drain()
            return
        self._queue.put(_Stop())
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            logger.error("storage: not everything was written within {:.0f} s of shutting down", timeout_s)
        self._thread = None

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was enqueued so far is in the database.

        False if it is not after this time, or waits in the spool.
        """
        if self._thread is None:
            return self.drain()
        done = threading.Event()
        self._queue.put(done)
        return done.wait(timeout_s) and self._all_stored()

    def drain(self) -> bool:
        """Store everything now, in the calling thread. False if some of it had to go to the spool."""
        with self._storing:
            self._recover()
            self._store_all(self._take_all())
            self._reject_early()
        return self._all_stored()

    # The thread

    def _run(self) -> None:
        with self._storing:
            self._recover()
        next_probe = time.monotonic() + self._probe_s
        stopping = False
        while not stopping:
            try:
                first = [self._queue.get(timeout=self._probe_s if self._all_stored() else min(self._probe_s, 0.5))]
                self._sleep(BATCH_S)
            except queue.Empty:
                first = []
            taken = first + self._take_all()
            stopping = any(isinstance(item, _Stop) for item in taken)
            with self._storing:
                if not self._all_stored() and (stopping or time.monotonic() >= next_probe):
                    self._recover()
                    next_probe = time.monotonic() + self._probe_s
                self._store_all(taken)
                if stopping:
                    self._reject_early()
            for item in taken:
                if isinstance(item, threading.Event):
                    item.set()

    def _take_all(self) -> list[Record | threading.Event | _Stop]:
        taken: list[Record | threading.Event | _Stop] = []
        while True:
            try:
                taken.append(self._queue.get_nowait())
            except queue.Empty:
                return taken

    # Storing; always one thread at a time

    def _store_all(self, items: Iterable[Record | threading.Event | _Stop]) -> None:
        for call_id, arrived in _by_call(item for item in items if isinstance(item, CallBegun | Event)).items():
            records = self._in_order(call_id, arrived)
            if not records:
                continue
            if self._outage is None and call_id not in self._held:
                try:
                    self._write(call_id, records, self._patience_s)
                    continue
                except StorageError as error:
                    if not error.retryable:
                        self._reject(call_id, records, error)
                        continue
                    self._begin_outage(error)
            self._keep(call_id, records)

    def _in_order(self, call_id: str, arrived: Iterable[Record]) -> list[Record]:
        """The records with a run's first event behind its beginning, also where it was announced a moment too late."""
        records: list[Record] = []
        for record in arrived:
            if isinstance(record, CallBegun):
                self._remember(record)
                early = self._early.pop(call_id, [])
                records += [record, *early]
                if not early:
                    self._unstarted.add(call_id)
            elif record.seq == 0 and call_id not in self._unstarted:
                self._early[call_id] = [record]
            elif call_id in self._early:
                self._early[call_id].append(record)
            else:
                if record.seq == 0:
                    self._unstarted.discard(call_id)
                records.append(record)
        return records

    def _reject_early(self) -> None:
        """Nothing more comes: what still waits for a beginning will never be taken."""
        for call_id, events in self._early.items():
            self._reject(call_id, events, UnknownCallError(call_id))
        self._early.clear()

    def _remember(self, begun: CallBegun) -> None:
        self._begun[begun.call_id] = begun
        while len(self._begun) > _REMEMBERED_CALLS:
            forgotten, _ = self._begun.popitem(last=False)
            self._unstarted.discard(forgotten)

    def _write(self, call_id: str, records: Sequence[Record], patience_s: float) -> None:
        """Into the database. A lock is waited for; all else is raised at once."""
        waited_s, wait_s = 0.0, _FIRST_WAIT_S
        while True:
            try:
                self._write_once(call_id, records)
                return
            except DatabaseLockedError:
                if waited_s >= patience_s:
                    raise
            self._sleep(wait_s)
            waited_s, wait_s = waited_s + wait_s, min(wait_s * 2, _LONGEST_WAIT_S)

    def _write_once(self, call_id: str, records: Sequence[Record]) -> None:
        events: list[Event] = []
        for record in records:
            if isinstance(record, CallBegun):
                # Events that stand before a second beginning belong to the earlier run, which this one
                # replaces.
                events.clear()
                self._store.begin_call(call_id, record.info, record.started_at, replace=record.replace)
            else:
                events.append(record)
        try:
            self._store.append(events)
        except UnknownCallError:
            begun = self._begun.get(call_id)
            if begun is None:
                raise
            # The database was replaced by an empty one while the call went on.
            self._store.begin_call(call_id, begun.info, begun.started_at, replace=False)
            self._store.append(events)

    def _keep(self, call_id: str, records: Sequence[Record]) -> None:
        """Onto the disk beside the database, or else in memory."""
        waiting = [*self._held.pop(call_id, []), *records]
        begun = self._begun.get(call_id)
        if (
            begun is not None
            and not self._spool.has(call_id)
            and not any(isinstance(record, CallBegun) for record in waiting)
        ):
            waiting.insert(0, begun.model_copy(update={"replace": False}))
        try:
            self._spool.append(call_id, waiting)
        except OSError as error:
            self._held[call_id] = waiting
            if not self._told_of_spool:
                self._told_of_spool = True
                self._tell(
                    StorageError(
                        f"neither the database nor {self._spool.folder} takes events ({error.strerror}):"
                        " they wait in memory and are lost"
                        " if the process ends; free some space or make the folder writable"
                    )
                )

    def _recover(self) -> None:
        """Try to bring what waits into the database. The first refusal ends the attempt."""
        stored = 0
        for call_id in self._spool.waiting():
            try:
                records, damaged = self._spool.read(call_id)
                if damaged:
                    place = self._spool.set_aside(call_id, damaged)
                    logger.error(
                        "storage: {} unreadable lines of call {} were set aside in {}",
                        len(damaged),
                        call_id,
                        place,
                    )
                self._write(call_id, records, 0.0)
                self._spool.remove(call_id)
                stored += len(records)
            except StorageError as error:
                if error.retryable:
                    self._begin_outage(error)
                    return
                self._reject(call_id, records, error)
                self._spool.remove(call_id)
            except OSError as error:
                self._begin_outage(StorageError(f"the spool {self._spool.folder} cannot be read: {error.strerror}"))
                return
        for call_id in list(self._held):
            try:
                self._write(call_id, self._held[call_id], 0.0)
            except StorageError as error:
                if error.retryable:
                    self._begin_outage(error)
                    return
                self._reject(call_id, self._held[call_id], error)
            stored += len(self._held.pop(call_id))
        if self._outage is not None or stored:
            logger.warning("storage: the database works; {} records that had waited are stored", stored)
        self._outage = None
        self._told_of_spool = False

    def _reject(self, call_id: str, records: Sequence[Record], error: StorageError) -> None:
        """The database will never take these, and nobody else should wait behind them."""
        try:
            place = str(self._spool.set_aside(call_id, [to_line(record) for record in records]))
        except OSError as refused:
            place = f"nowhere ({refused.strerror})"
        self._tell(
            StorageError(f"call {call_id}: {len(records)} records set aside in {place}: {error}", retryable=False)
        )

    def _begin_outage(self, error: StorageError) -> None:
        if self._outage is None:
            self._outage = error
            self._tell(StorageError(f"{error}; events are kept in {self._spool.folder} until the database works again"))

    def _tell(self, error: StorageError) -> None:
        logger.error("storage: {}", error)
        if self._on_error is not None:
            try:
                self._on_error(error)
            except Exception:  # a listener's fault must not end the writer: everything behind it would be lost
                logger.exception("storage: the error listener failed")

    def _all_stored(self) -> bool:
        return self._outage is None and not self._held


def _by_call(records: Iterable[Record]) -> dict[str, list[Record]]:
    calls: dict[str, list[Record]] = {}
    for record in records:
        calls.setdefault(record.call_id, []).append(record)
    return calls
