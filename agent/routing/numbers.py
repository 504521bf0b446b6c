"""Whether a number is one. Pure; which region and tariff it has is another matter."""

import re

WITHHELD = frozenset({"266696687", "464", "7378742833", "86282452253"})
"""What carriers send for a withheld number: ANONYMOUS, ANO, RESTRICTED and UNAVAILABLE on the keypad."""


def can_call_back(number: str) -> bool:
    """Whether somebody can be rung at this number: 5 to 15 digits, not all the same, and not a word for nobody."""
    digits = re.sub(r"[\s()+-]", "", number)
    is_number = re.fullmatch(r"[0-9]{5,15}", digits) is not None
    return is_number and len(set(digits)) > 1 and digits not in WITHHELD
