"""What comes of a call to a tool."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

KEY_ARGUMENT = "idempotency_key"
"""What a tool that changes something is given beside its arguments, where no header can hold it."""

BUSY = frozenset({408, 425, 429})
"""HTTP statuses below 500 that say the same as those: not now."""

ToolCode = Literal["ok", "not_found", "rejected", "down", "bad_result"]
"""down: nothing came, or that it is out of order. bad_result: something came that is not what the tool declares, or the
call itself was not as declared.
"""


@dataclass(frozen=True)
class ToolResult:
    """``value``: the declared fields, or ``{"items": [...]}`` of a tool that gives many; empty unless ``ok``.
    ``reason``: why it was rejected, as the tool declares reasons; never spoken. ``attempts``: how often it was sent; 0
    where it was not, as the arguments were wrong. ``took_ms``: measured.
    """

    code: ToolCode
    value: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    attempts: int = 1
    took_ms: int | None = None


class Desk(Protocol):
    """Who asks a company's back end."""

    async def call(self, tool: str, arguments: Mapping[str, Any], *, key: str | None = None) -> ToolResult:
        """Call a declared tool. What the far side does is never raised, but told by the code.

        ``key``: of a call that changes something. However often it is sent with the same key, it happens once.
        """
        ...


class BackEnd(Protocol):
    """One server of tools. What it gives is not believed yet."""

    async def ask(self, operation: str, arguments: Mapping[str, Any], key: str | None) -> Any:
        """The answer as JSON has it. Raises the errors below, and waits for ever: whoever asks sets the limit."""
        ...

    async def aclose(self) -> None: ...


class NotFound(Exception):
    """There is no such thing at the back end."""


class Rejected(Exception):
    """The back end did not do it, for a reason that is one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreachable(Exception):
    """Nothing came, or that it is out of order: worth another try."""


class BadAnswer(Exception):
    """Something came that cannot be an answer."""
