"""What the filter makes of a call: its signs, added up to a verdict."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from agent.event_base import Language
from agent.events import SpamSign, SpamVerdict
from agent.routing.spam.policy import SignName, SpamPolicy


@dataclass(frozen=True)
class Judgement:
    """A verdict with its reasons. ``score``: 0..1, of all signs. ``listed``: a list, or an operator, decided."""

    verdict: SpamVerdict = "pass"
    score: float = 0.0
    signs: tuple[SpamSign, ...] = ()
    listed: bool = False


def score(signs: Iterable[SpamSign]) -> float:
    """All signs together: 1 - product of (1 - weight)."""
    return round(1 - prod(1 - sign.weight for sign in signs), 4)


def make_sign(policy: SpamPolicy, name: SignName, language: Language, **values: object) -> SpamSign:
    """A sign as the company words and weighs it."""
    return SpamSign(sign=name, words=policy.words(name, language, **values), weight=policy.signs[name].weight)


def with_sign(signs: tuple[SpamSign, ...], new: SpamSign) -> tuple[SpamSign, ...]:
    """The signs with one more; of two with the same name the heavier stays, where it stood."""
    if all(sign.sign != new.sign for sign in signs):
        return (*signs, new)
    return tuple(new if sign.sign == new.sign and new.weight > sign.weight else sign for sign in signs)
