"""How a written sentence is read aloud: numbers, phone and order numbers, money, dates, times as words.

Pure and deterministic. Speech synthesis calls it on every text; call it yourself to see what will be said.
"""

import re
import unicodedata
from typing import Literal

from models.reading_en import read_english
from models.reading_zh import read_mandarin

_MARKDOWN = re.compile(r"[*_`#]+|^\s*[-•]\s+", re.MULTILINE)


def read_aloud(text: str, language: Literal["zh", "en"]) -> str:
    """The same sentence without digits or symbols, in the words a native speaker would use on the phone."""
    plain = _MARKDOWN.sub("", "".join(c for c in text if not _is_unspeakable(c)))
    return read_mandarin(plain) if language == "zh" else read_english(plain)


def _is_unspeakable(character: str) -> bool:
    """Emoji, control characters and the like: nobody reads them out."""
    return (
        unicodedata.category(character) in {"So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn", "Mn"}
        and character not in "\n\t°℃"
    )
