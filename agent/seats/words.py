"""The words that seat and desk share: a seat's states, and the base of every message."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

SeatState = Literal["offline", "ready", "ringing", "talking", "wrap_up", "on_break"]
Mode = Literal["cold", "warm"]
Supervision = Literal["listen", "whisper", "barge"]
Outcome = Literal["resolved", "follow-up", "passed-on", "unresolved", "no-matter"]
"""What came of a call: settled, to be followed up, given to somebody else, not settled, nothing was wanted."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=128)]
ShortText = Annotated[str, StringConstraints(max_length=500)]
LongText = Annotated[str, StringConstraints(max_length=4000)]


class Message(BaseModel):
    """Base of all messages, both ways: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
