"""Each call its own slot of the language model, so that what the model has read of one call is not overwritten by the
next.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from models.llm import ChatModel


class ChatSlots:
    """Hands out chat models that share their weights but not what they have read.

    Args:
        slots: one chat model each. More calls than slots share them, as evenly as may be.
    """

    def __init__(self, slots: Sequence[ChatModel]) -> None:
        self._slots = tuple(slots)
        self._users = [0] * len(self._slots)
        self._lock = Lock()

    @contextmanager
    def lease(self) -> Iterator[ChatModel]:
        """The slot with the fewest users, the first of them; given back at the end."""
        with self._lock:
            slot = self._users.index(min(self._users))
            self._users[slot] += 1
        try:
            yield self._slots[slot]
        finally:
            with self._lock:
                self._users[slot] -= 1
