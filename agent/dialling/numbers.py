"""A number as a provider is to dial it. Pure."""

from typing import Literal

from agent.errors import HotlineError
from agent.routing.lines import parse_number

NumberForm = Literal["e164", "national"]
CHINA = "+86"


class NumberError(HotlineError):
    """A text that is no telephone number; the message quotes it and says what would be right."""

    def __init__(self, text: str) -> None:
        super().__init__(
            "number_malformed", f"{text!r} is no telephone number; 13800138000, 01088881234 or +4930123456 are"
        )


def plain_number(text: str) -> str:
    """The digits by which two writings of one number are the same. Raises NumberError for what cannot be rung."""
    line = parse_number(text)
    if line.kind in ("withheld", "malformed"):
        raise NumberError(text)
    return line.digits


def dialled(text: str, form: NumberForm) -> str:
    """``e164``: ``+8613800138000``. ``national``: as it is dialled inside China; a number abroad begins with ``00``.
    Raises NumberError.
    """
    digits = plain_number(text)
    if digits.startswith("+"):
        return digits if form == "e164" else "00" + digits[1:]
    return digits if form == "national" else CHINA + digits.removeprefix("0")
