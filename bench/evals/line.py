"""A call as a caller has it, at the level of text: what is said goes in, the bot's sentences come out."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from agent.events import Event


@dataclass(frozen=True)
class Setup:
    """What is so before the phone rings.

    at: when the call comes in, with its time zone; the back end's days and the opening hours follow from it.
    faults: what is wrong with the company's back end, as its ``PUT /faults`` takes it; empty: nothing.
    """

    caller_number: str
    called_number: str
    at: datetime
    faults: Mapping[str, str | int | float] = field(default_factory=dict)


class Line(Protocol):
    """One call. Every method returns the sentences that the bot then says, in order, until it waits for the caller;
    none where the call has ended.
    """

    async def begin(self) -> list[str]:
        """The bot answers the phone."""
        ...

    async def say(self, text: str) -> list[str]:
        """The caller has said this, as Whisper writes it."""
        ...

    async def press(self, keys: str) -> list[str]:
        """The caller has pressed these keys (0-9, * and #), one after the other."""
        ...

    async def wait(self) -> list[str]:
        """The caller says nothing for as long as the bot waits."""
        ...

    async def hang_up(self) -> None:
        """The caller ends the call."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the call is over, whoever ended it: then nothing more is heard."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """The call's timeline so far, oldest first; only ever grows."""
        ...


class Exchange(Protocol):
    """Opens calls. Each has a back end of its own, seeded anew: no call changes another's world."""

    def open(self, setup: Setup) -> AbstractAsyncContextManager[Line]:
        """A call that rings and has not been answered; freed on leaving, ended or not."""
        ...
