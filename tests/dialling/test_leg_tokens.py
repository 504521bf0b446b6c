"""A leg token is good once, in time, and for what it was given out for."""

import pytest

from agent.dialling import LegTokens, TokenRefused


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def wrong(tokens: LegTokens[str], token: str) -> str:
    with pytest.raises(TokenRefused) as refused:
        tokens.take(token)
    return refused.value.wrong


def test_it_is_good_once() -> None:
    tokens: LegTokens[str] = LegTokens(Clock())
    first, second = tokens.issue("a", 30), tokens.issue("b", 30)
    assert (tokens.take(second), tokens.take(first)) == ("b", "a")
    assert wrong(tokens, first) == "used" and wrong(tokens, second) == "used"


def test_it_is_good_in_time() -> None:
    clock = Clock()
    tokens: LegTokens[str] = LegTokens(clock)
    token = tokens.issue("a", 30)
    clock.now_s = 29.9
    assert tokens.take(token) == "a"
    late = tokens.issue("a", 30)
    clock.now_s += 30
    assert wrong(tokens, late) == "expired"
    clock.now_s += 10_000
    tokens.issue("a", 30)
    assert wrong(tokens, late) == "unknown", "it is not kept for ever"


def test_nobody_guesses_it() -> None:
    tokens: LegTokens[str] = LegTokens(Clock())
    given = {tokens.issue("a", 30) for _ in range(50)}
    assert len(given) == 50 and min(map(len, given)) >= 43
    assert wrong(tokens, "") == wrong(tokens, next(iter(given))[:-1]) == "unknown"


def test_one_that_is_not_waited_for_any_more_is_refused() -> None:
    tokens: LegTokens[str] = LegTokens(Clock())
    token = tokens.issue("a", 30)
    tokens.revoke(token)
    assert wrong(tokens, token) == "expired"
