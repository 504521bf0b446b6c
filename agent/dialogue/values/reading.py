"""The vocabulary of values: what kinds there are, and what was understood of a caller's words for one."""

from dataclasses import dataclass
from typing import Literal

SlotKind = Literal[
    "order_number", "order_tail", "phone", "date", "slot", "choice", "text", "address", "email", "tax_number",
    "yes_no", "person_name", "product",
]  # fmt: skip

LONGEST_TEXT = 1_000
"""Characters that are looked at, the last ones said. A turn is cut at 26 s, in which nobody says half of this."""


@dataclass(frozen=True)
class Reading:
    """A value for a slot.

    ``value`` is canonical: digits only for numbers and phones, ISO 8601 for dates, ``morning | afternoon | evening``
    for slots, ``yes | no``, the key of the choice, lower case for e-mail. ``said``: the words it was taken from.
    ``doubtful``: the words may mean something else as well, so it is to be repeated to the caller before it is used.
    """

    value: str
    said: str
    doubtful: bool = False
