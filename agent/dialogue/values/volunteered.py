"""What a caller says without being asked: 订单号65387249，看看到哪儿了; my fridge, can somebody come tomorrow morning?

Stricter than reading an answer: four digits or a day mean nothing here unless the words around them say what they are.
"""

import re
from datetime import date, timedelta

from agent.dialogue.values.choices import read_product
from agent.dialogue.values.day_parts import find_slots
from agent.dialogue.values.days import find_days
from agent.dialogue.values.digits import MOBILE, ORDER_DIGITS, TAIL_DIGITS, numbers, read_phone, read_tax_number
from agent.dialogue.values.figures import Figures, figures
from agent.dialogue.values.names import read_person_name
from agent.dialogue.values.picking import Candidate, pick
from agent.dialogue.values.places import read_address, read_email
from agent.dialogue.values.reading import Reading, SlotKind
from agent.dialogue.values.words import pattern
from agent.events import Language

_CLAUSE_END = re.compile(r"[，,。.！!？?；;\n]")
_LOOK_AROUND = 40


def find_all(text: str, language: Language, today: date) -> dict[SlotKind, Reading]:
    """Everything that is certain enough to be taken without asking; what is doubtful is left out.

    A whole order number gives its last four digits as well. Days are only those ahead.
    """
    written = figures(text)
    found: dict[SlotKind, Reading | None] = {
        "order_number": pick(written, _order_numbers(written)),
        "order_tail": pick(written, _tails(written)),
        "phone": read_phone(written),
        "date": pick(written, _days(written, today), pattern("times", "refused")),
        "tax_number": read_tax_number(written),
        "email": read_email(written),
        "person_name": read_person_name(written.original, language, strict=True),
        "product": read_product(written, language, {}),
        "address": _address(written),
    }
    found["slot"] = _slot(written, found["date"])
    return {kind: reading for kind, reading in found.items() if reading is not None and not reading.doubtful}


def _order_numbers(written: Figures) -> list[Candidate]:
    return [
        Candidate(one.start, one.end, one.digits)
        for one in numbers(written)
        if len(one.digits) == ORDER_DIGITS and one.label in ("order", "")
    ]


def _tails(written: Figures) -> list[Candidate]:
    """0338 is an order's end where it is said to be one: 尾号0338, 订单2847, 0338那个."""
    found = [Candidate(one.start, one.end, one.value[-TAIL_DIGITS:]) for one in _order_numbers(written)]
    for one in numbers(written):
        named = one.tail or one.label == "order" or re.match(r"(?:的)?那[个单]", written.text[one.end : one.end + 3])
        if len(one.digits) == TAIL_DIGITS and one.label not in ("phone", "other") and named:
            found.append(Candidate(one.start, one.end, one.digits))
    return found


def _days(written: Figures, today: date) -> list[Candidate]:
    """Days ahead that something is to happen on. 今天 is rather when something did happen."""
    ahead = (today + timedelta(days=1)).isoformat()
    return [one for one in find_days(written, today) if one.value >= ahead and not _told(written.text, one)]


def _told(text: str, one: Candidate) -> bool:
    """Whether the clause around it tells of what was: 5号买的, you said tomorrow."""
    before = _CLAUSE_END.split(text[max(0, one.start - _LOOK_AROUND) : one.start])[-1]
    after = _CLAUSE_END.split(text[one.end : one.end + _LOOK_AROUND])[0]
    return pattern("times", "told").search(f"{before}\0{after}") is not None


def _slot(written: Figures, day: Reading | None) -> Reading | None:
    """A part of a day counts beside the day it is of."""
    if day is None:
        return None
    at = written.text.find(figures(day.said).text)
    near = [one for one in find_slots(written) if at >= 0 and at - 12 <= one.start <= at + len(day.said) + 12]
    return pick(written, near, pattern("times", "refused"))


def _address(written: Figures) -> Reading | None:
    """Only with a street and a house number, and no longer than one is."""
    reading = read_address(written)
    return reading if reading and re.search(r"\d", reading.value) and not MOBILE.search(reading.value) else None
