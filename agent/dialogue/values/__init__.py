"""What a caller's words mean for the dialogue: values for slots, yes and no, corrections, and wishes about the talk.

Pure, and for both languages: callers mix them. Text is a transcript (figures or number words, spaces and commas inside
numbers) or the keys that were pressed. Nothing here raises, whatever the text.

    read(kind, text, language, *, today, keys=False, choices={}) -> Reading | None
    find_all(text, language, today) -> dict[SlotKind, Reading]
    corrects(text, language) -> Correction | None        apply(correction, value) -> str | None
    read_back(kind, value, language) -> str
    says_yes(text) -> bool      says_no(text) -> bool
    asks_for_human(text)        asks_if_ai(text)        asks_if_recorded(text)      asks_repeat(text)       -> bool
    is_abusive(text)            wants_stop(text)        -> bool
    wants_language(text) -> Language | None
    as_on_record(text) -> bool      就是订单上的地址, this number is fine: what the company has already
"""

from agent.dialogue.values.answers import says_no, says_yes
from agent.dialogue.values.corrections import Correction, apply, corrects
from agent.dialogue.values.places import ON_FILE
from agent.dialogue.values.read_back import read_back
from agent.dialogue.values.readers import as_on_record, read
from agent.dialogue.values.reading import Reading, SlotKind
from agent.dialogue.values.volunteered import find_all
from agent.dialogue.values.wishes import (
    asks_for_human,
    asks_if_ai,
    asks_if_recorded,
    asks_repeat,
    is_abusive,
    wants_language,
    wants_stop,
)

__all__ = [
    "ON_FILE",
    "Correction",
    "Reading",
    "SlotKind",
    "apply",
    "as_on_record",
    "asks_for_human",
    "asks_if_ai",
    "asks_if_recorded",
    "asks_repeat",
    "corrects",
    "find_all",
    "is_abusive",
    "read",
    "read_back",
    "says_no",
    "says_yes",
    "wants_language",
    "wants_stop",
]
