"""The heart of the house: one call's events, in order, on its audio clock. Stages append; everybody else subscribes."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeVar

from loguru import logger
from pydantic import BaseModel

from agent.clock import AudioClock
from agent.events import Body, ErrorRaised, Event

Reader = Callable[[Event], None]
BodyT = TypeVar("BodyT", bound=BaseModel)


class Timeline:
    """The ordered events of one call.

    Readers are called at once, in the order they subscribed, on the call's event loop, so they must not block. A reader
    may append: what it appends is delivered after the event it is reading has reached every reader, so all readers see
    the same order.
    """

    def __init__(self, call_id: str, clock: AudioClock) -> None:
        self.call_id = call_id
        self.clock = clock
        self._events: list[Event] = []
        self._readers: list[Reader] = []
        self._undelivered: deque[Event] = deque()
        self._delivering = False

    def subscribe(self, reader: Reader) -> None:
        self._readers.append(reader)

    def append(self, body: Body) -> Event:
        """Stamp the body with this moment of the audio clock and tell every reader."""
        event = Event(call_id=self.call_id, seq=len(self._events), audio_ms=self.clock.now_ms, body=body)
        self._events.append(event)
        self._undelivered.append(event)
        if not self._delivering:
            self._deliver()
        return event

    def _deliver(self) -> None:
        self._delivering = True
        try:
            while self._undelivered:
                event = self._undelivered.popleft()
                for reader in self._readers:
                    self._tell(reader, event)
        finally:
            self._delivering = False

    def _tell(self, reader: Reader, event: Event) -> None:
        """A reader that fails must not take the call, or the other readers, with it."""
        try:
            reader(event)
        except Exception as error:
            logger.exception("a reader of call {} failed on event {}", self.call_id, event.seq)
            if not isinstance(event.body, ErrorRaised):
                self.append(ErrorRaised(stage="line", code="reader_failed", message=f"{type(error).__name__}: {error}"))

    def __iter__(self) -> Iterator[Event]:
        return iter(tuple(self._events))

    def __len__(self) -> int:
        return len(self._events)

    def bodies(self, kind: type[BodyT]) -> list[BodyT]:
        """All bodies of one type so far, oldest first."""
        return [event.body for event in self._events if isinstance(event.body, kind)]

    def last(self, kind: type[BodyT]) -> BodyT | None:
        """The newest body of one type, if there is one."""
        return next((event.body for event in reversed(self._events) if isinstance(event.body, kind)), None)
