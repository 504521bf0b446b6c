"""Tokens of legs that we are waiting for: each is good once, and not for long.

They are kept in memory: a process that died waits for nobody.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

KEPT_S = 600.0
"""So long after its end a token is still known, so that who comes with it is told what was wrong."""

T = TypeVar("T")
Wrong = Literal["unknown", "used", "expired"]


class TokenRefused(Exception):
    """``wrong``: what is the matter with it."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(f"the leg token is {wrong}; one that was given out with an order, in time and once, is right")
        self.wrong: Wrong = wrong


@dataclass
class _Issued(Generic[T]):
    for_what: T
    until_s: float
    ended: Wrong | None = None


class LegTokens(Generic[T]):
    """``now_s``: a clock that only goes forward."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._issued: dict[str, _Issued[T]] = {}

    def issue(self, for_what: T, good_for_s: float) -> str:
        """256 random bits, for URLs and XML alike."""
        self._tidy()
        token = secrets.token_urlsafe(32)
        self._issued[token] = _Issued(for_what, self._now_s() + good_for_s)
        return token

    def take(self, token: str) -> T:
        """What it was issued for; from now on it is used. Raises TokenRefused."""
        issued = self._issued.get(token)
        if issued is None:
            raise TokenRefused("unknown")
        if issued.ended is not None:
            raise TokenRefused(issued.ended)
        issued.ended = "used"
        if self._now_s() >= issued.until_s:
            issued.ended = "expired"
            raise TokenRefused("expired")
        return issued.for_what

    def revoke(self, token: str) -> None:
        """Nobody is waited for any more."""
        issued = self._issued.get(token)
        if issued is not None and issued.ended is None:
            issued.ended = "expired"

    def _tidy(self) -> None:
        gone_s = self._now_s() - KEPT_S
        for token in [token for token, issued in self._issued.items() if issued.until_s < gone_s]:
            del self._issued[token]
