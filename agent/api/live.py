"""Live events fanned out to whoever watches.

Publishing never waits: a watcher that is too slow is dropped, not the call.
"""

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from types import TracebackType

from agent.events import CallStarted, Event

QUEUE_EVENTS = 1000
"""Events a watcher may lag behind. Ten busy calls make some 30 events a second, so this is half a minute."""
RECENT_CALLS = 32
RECENT_EVENTS = 500


class Lagged(Exception):
    """The watcher was dropped because it did not keep up; it should read the store and subscribe again."""


class Subscription:
    """What one watcher gets: JSON lines, oldest first. Use as a context manager, and iterate."""

    def __init__(self, hub: "LiveEvents", call_id: str | None) -> None:
        self.call_id = call_id
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._lines: deque[str] = deque()
        self._wake = asyncio.Event()
        self._lagged = False
        self._closed = False

    def __enter__(self) -> "Subscription":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hub.remove(self)

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            while self._lines:
                yield self._lines.popleft()
            if self._lagged:
                raise Lagged
            if self._closed:
                return
            self._wake.clear()
            await self._wake.wait()

    def offer(self, line: str, call_id: str) -> None:
        """Called from the publisher's thread."""
        if self.call_id is not None and self.call_id != call_id:
            return
        if len(self._lines) >= QUEUE_EVENTS:
            self._lagged = True
            self._hub.remove(self)
        else:
            self._lines.append(line)
        self._wake_up()

    def close(self) -> None:
        """The server goes down: the iteration ends."""
        self._closed = True
        self._wake_up()

    def _wake_up(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._wake.set)
        except RuntimeError:  # its loop is closed already: nobody listens
            self._hub.remove(self)


class LiveEvents:
    """The hub. ``publish`` may be subscribed to timelines; it is thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a watcher dropped while it subscribes removes itself
        self._subscriptions: tuple[Subscription, ...] = ()
        self._recent: OrderedDict[str, deque[str]] = OrderedDict()

    def publish(self, event: Event) -> None:
        """Give the event to all who watch. Never waits for any of them."""
        line = event.to_json()
        with self._lock:
            self._remember(event, line)
            watchers = self._subscriptions
        for watcher in watchers:
            watcher.offer(line, event.call_id)

    def subscribe(self, call_id: str | None = None) -> Subscription:
        """Watch all calls from now on; or one call, from its beginning as far as it is remembered.

        To be called on the event loop on which the subscription will be read.
        """
        subscription = Subscription(self, call_id)
        with self._lock:
            if call_id is not None:
                for line in self._recent.get(call_id, ()):
                    subscription.offer(line, call_id)
            self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def remove(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions = tuple(other for other in self._subscriptions if other is not subscription)

    def close(self) -> None:
        """End all subscriptions: for the shutdown of the server."""
        for subscription in self._subscriptions:
            subscription.close()

    @property
    def watchers(self) -> int:
        return len(self._subscriptions)

    def _remember(self, event: Event, line: str) -> None:
        # A browser learns its call's id with the answer, when the greeting has already begun; the store may
        # lag behind.
        if isinstance(event.body, CallStarted):
            self._recent.pop(event.call_id, None)
        lines = self._recent.setdefault(event.call_id, deque(maxlen=RECENT_EVENTS))
        lines.append(line)
        while len(self._recent) > RECENT_CALLS:
            self._recent.popitem(last=False)
