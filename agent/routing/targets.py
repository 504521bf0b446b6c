"""Where a call can be sent, as one string: the same in every file of a company's routing."""

import re
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
