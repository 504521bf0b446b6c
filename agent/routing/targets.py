"""Where a call can be sent, as one string: the same in every file of a company's routing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

TARGETS = ("bot", "menu:NAME", "queue:SKILL", "callback", "number:DIGITS", "refuse")
_TARGET = re.compile(r"bot|callback|refuse|menu:[\w-]+|queue:[\w-]+|number:\d{3,15}")


def _target(text: str) -> str:
    if _TARGET.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no target; one of {', '.join(TARGETS)}")
    return text


Target = Annotated[str, AfterValidator(_target)]


def split_target(target: str) -> tuple[str, str]:
    """What kind of place it is, and which: ``queue:repair`` is queue, repair; ``bot`` is bot, and nothing."""
    kind, _, name = target.partition(":")
    return kind, name


@dataclass(frozen=True)
class KnownTargets:
    """What routing may name, as the company's other files have it. None: not read, so that nothing is said about it.

    queues: each queue (by its skill), and the targets that take what it cannot. menus: each menu, and the targets that
    its leaves lead to. skills: those that some seat has. numbers: the company's own, the digits that `parse_number`
    gives: a call that is sent to one of them begins anew.
    """

    queues: Mapping[str, tuple[str, ...]] | None = None
    menus: Mapping[str, tuple[str, ...]] | None = None
    skills: frozenset[str] | None = None
    numbers: frozenset[str] | None = None

    def missing(self, target: str) -> frozenset[str] | None:
        """What there is in place of a queue or menu that is not there; None where nothing is missing."""
        kind, name = split_target(target)
        among = {"queue": self.queues, "menu": self.menus}.get(kind)
        return frozenset(among) if among is not None and name not in among else None
