"""One value for one slot, from words or from keys."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from agent.dialogue.values.answers import says_no, says_yes
from agent.dialogue.values.choices import read_choice, read_keyed_choice, read_product
from agent.dialogue.values.day_parts import SLOTS, read_slot
from agent.dialogue.values.days import read_date, read_keyed_date
from agent.dialogue.values.digits import misheard, read_order_number, read_order_tail, read_phone, read_tax_number
from agent.dialogue.values.figures import Figures, figures
from agent.dialogue.values.names import read_person_name, read_text
from agent.dialogue.values.places import read_address, read_email
from agent.dialogue.values.reading import Reading, SlotKind
from agent.dialogue.values.words import pattern, plain
from agent.events import Language

NO_CHOICES: Mapping[str, Sequence[str]] = MappingProxyType({})

_BY_DIGITS = {"order_number": read_order_number, "order_tail": read_order_tail, "phone": read_phone}
_SLOT_CHOICES: Mapping[str, Sequence[str]] = {slot: () for slot in SLOTS}


def read(
    kind: SlotKind,
    text: str,
    language: Language,
    *,
    today: date,
    keys: bool = False,
    choices: Mapping[str, Sequence[str]] = NO_CHOICES,
) -> Reading | None:
    """What the caller's words, or the keys they pressed, give for a slot that was asked for; None for nothing.

    Args:
        today: the day of the call; relative dates count from it.
        keys: ``text`` is what was keyed, with or without the # at its end.
        choices: for ``choice`` and ``product``: what it may be, and the words for each in both languages.
    """
    if keys:
        return _read_keys(kind, re.sub(r"[^\d]", "", text[:64]), today, choices)
    written = figures(text)
    if kind in _BY_DIGITS:
        return _read_digits(kind, written)
    match kind:
        case "date":
            return read_date(written, today)
        case "slot":
            return read_slot(written)
        case "choice":
            return read_choice(written, choices)
        case "product":
            return read_product(written, language, choices)
        case "address":
            return read_address(written)
        case "email":
            return read_email(written)
        case "tax_number":
            return read_tax_number(written)
        case "person_name":
            return read_person_name(written.original, language)
        case "yes_no":
            return _read_yes_no(text)
    return read_text(written)


def as_on_record(text: str) -> bool:
    """Whether the caller means what the company has already: 就是订单上的地址, this number is fine."""
    said = plain(text)
    return (
        pattern("numbers", "on_record").search(said) is not None
        and pattern("numbers", "not_on_record").search(said) is None
    )


def _read_digits(kind: SlotKind, written: Figures) -> Reading | None:
    reading = _BY_DIGITS[kind](written)
    mended = misheard(written) if reading is None else None
    if mended is None:
        return reading
    guess = _BY_DIGITS[kind](mended)
    return Reading(guess.value, guess.said, doubtful=True) if guess else None


def _read_yes_no(text: str) -> Reading | None:
    if says_yes(text):
        return Reading("yes", text.strip())
    return Reading("no", text.strip()) if says_no(text) else None


def _read_keys(kind: SlotKind, keys: str, today: date, choices: Mapping[str, Sequence[str]]) -> Reading | None:
    if kind in _BY_DIGITS:
        return _BY_DIGITS[kind](figures(keys)) if keys else None
    if kind == "date":
        return read_keyed_date(keys, today)
    if kind == "slot":
        return read_keyed_choice(keys, _SLOT_CHOICES)
    if kind in ("choice", "product"):
        return read_keyed_choice(keys, choices)
    if kind == "yes_no" and keys in ("1", "2"):
        return Reading("yes" if keys == "1" else "no", keys)
    if kind == "tax_number":
        return read_tax_number(figures(keys))
    return None
