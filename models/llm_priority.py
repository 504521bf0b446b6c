"""Who goes first at the language model: a caller who waits for an answer, before a summary that nobody waits for.

On two cores two answers at once each take twice as long. So what runs in the background waits while a live answer is
being written, and is cut off and begun again when one comes in between.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import Any

from models.llm import ChatModel, Message

MAX_WAIT_S = 10.0
"""So long a background question waits for a quiet moment; then it goes on regardless, for a summary that never comes
helps nobody.
"""
MAX_RESTARTS = 3


class Gate:
    """Counts the live answers under way."""

    def __init__(self) -> None:
        self._live = 0
        self._changed = Condition()

    @property
    def is_busy(self) -> bool:
        return self._live > 0

    @contextmanager
    def live(self) -> Iterator[None]:
        with self._changed:
            self._live += 1
        try:
            yield
        finally:
            with self._changed:
                self._live -= 1
                self._changed.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Until no live answer is under way. False if one still is after this time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._live == 0, timeout_s)


class LiveChatModel:
    """A chat model for callers: goes first."""

    def __init__(self, inner: ChatModel, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[str]:
        with self._gate.live():
            yield from self._inner.stream(
                messages, max_tokens=max_tokens, temperature=temperature, stop=stop, schema=schema
            )

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
    ) -> str:
        with self._gate.live():
            return self._inner.complete(
                messages, max_tokens=max_tokens, schema=schema, temperature=temperature, stop=stop
            )

    def warm(self, messages: Sequence[Message], *, fresh: bool = False) -> None:
        with self._gate.live():
            self._inner.warm(messages, fresh=fresh)


class BackgroundChatModel:
    """The same model for work that can wait."""

    def __init__(self, inner: ChatModel, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
    ) -> str:
        return "".join(self.stream(messages, max_tokens=max_tokens, temperature=temperature, stop=stop, schema=schema))

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[str]:
        """The pieces come together when the answer is whole: one that was cut off is begun again."""
        for attempt in range(MAX_RESTARTS + 1):
            self._gate.wait(MAX_WAIT_S)
            pieces: list[str] = []
            stream = self._inner.stream(
                messages, max_tokens=max_tokens, temperature=temperature, stop=stop, schema=schema
            )
            for piece in stream:
                pieces.append(piece)
                if self._gate.is_busy and attempt < MAX_RESTARTS:
                    _close(stream)
                    break
            else:
                yield from pieces
                return

    def warm(self, messages: Sequence[Message], *, fresh: bool = False) -> None:
        """Nothing waits for the first background answer."""


def _close(stream: Iterator[str]) -> None:
    close = getattr(stream, "close", None)
    if close is not None:
        close()
