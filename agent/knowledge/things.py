"""The products that a text names, and the sizes that it gives them. An answer about one product is none about another,
nor is the answer for 1.5 horsepower one for two. Pure.
"""

import re
from functools import lru_cache
from pathlib import Path

import yaml

from agent.events import Language
from agent.knowledge.facts import facts

SIZE_UNITS = frozenset({"kilos", "litres", "horsepower"})
"""Of what a product is sold by. Square metres, floors and yuan are the caller's own, and may be any."""
_PRODUCTS: list[str] = yaml.safe_load(Path(__file__).with_name("names.yaml").read_text("utf-8"))["products"]
_NAMED = re.compile(
    "|".join(
        rf"\b{re.escape(name)}s?\b" if name.isascii() else re.escape(name)
        for name in sorted(_PRODUCTS, key=len, reverse=True)
    ),
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def things(text: str) -> frozenset[str]:
    """The products that are named."""
    return frozenset(match[0].lower().removesuffix("s") for match in _NAMED.finditer(text))


def sizes(text: str, language: Language) -> frozenset[tuple[str, str]]:
    """The numbers, with their units, that say how large a product is."""
    return frozenset((one.value, one.unit) for one in facts(text, language) if one.unit in SIZE_UNITS)


def is_another_thing(asked: frozenset[str], answered: frozenset[str]) -> bool:
    """Whether a product is asked about and the answer is about others: 柜机 and 挂机空调. 空调 may be either, and an
    answer that names no product is about all.
    """
    return bool(answered) and any(not any(a in b or b in a for b in answered) for a in asked)
