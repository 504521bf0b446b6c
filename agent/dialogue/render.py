"""A company's sentence with what is known filled in, as it is spoken."""

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

from agent.dialogue.flow import Slot
from agent.dialogue.values import SlotKind, read_back
from agent.events import Language
from agent.yaml_file import Bilingual

KNOWN_BY_NAME: Mapping[str, SlotKind] = {
    "order_number": "order_number",
    "phone": "phone",
    "caller_number": "phone",
    "email": "email",
    "slot": "slot",
}
LISTED = 3
"""More choices than this nobody keeps in mind on the phone."""
_BEFORE_POINT = re.compile(r"\s+(?=[.,!?，。！？])")
"""What a value that is left out leaves behind."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def names_in(text: str) -> set[str]:
    """What a sentence needs filled in. Raises ValueError where its braces do not match."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def render(text: Bilingual, language: Language, facts: Mapping[str, Any], slots: Mapping[str, Slot]) -> str:
    """The sentence in that language. ``{product}`` may stand for ``product_zh`` and ``product_en``; what is not known
    is left out.
    """
    template = text.of(language)
    values = {name: _value(name, language, facts, slots) for name in names_in(template)}
    return _BEFORE_POINT.sub("", template.format(**values)).strip()


def _value(name: str, language: Language, facts: Mapping[str, Any], slots: Mapping[str, Slot]) -> str:
    value = facts.get(name, facts.get(f"{name}_{language}"))
    if name in slots and isinstance(value, str):
        return spoken_slot(slots[name], value, language)
    return spoken(name, value, language)


def spoken_slot(slot: Slot, value: str, language: Language) -> str:
    """A slot's value as it is read back."""
    if value in slot.choices:
        return slot.choices[value].of(language)[0]
    return value if slot.kind in ("text", "choice") else read_back(slot.kind, value, language)


def spoken(name: str, value: Any, language: Language) -> str:
    """A value from the back end as it is spoken."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if name in KNOWN_BY_NAME:
        return read_back(KNOWN_BY_NAME[name], str(value), language)
    if isinstance(value, str) and _DATE.fullmatch(value):
        return read_back("date", value, language)
    return str(value)


def listed(items: Sequence[Mapping[str, Any]], names: Sequence[str], language: Language) -> str:
    """The first few of a list that the back end gave, by these fields: "3月5日上午、3月5日下午或3月6日上午"."""
    space, comma, last = ("", "、", "或者") if language == "zh" else (" ", ", ", " or ")
    texts = [space.join(spoken(name, item.get(name), language) for name in names) for item in items]
    texts = list(dict.fromkeys(texts))[:LISTED]
    return last.join([*([comma.join(texts[:-1])] if len(texts) > 1 else []), *texts[-1:]])
