"""One utterance on its way to facts: its written form, and what has been taken out of it already."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from agent.events import Language
from agent.postcall.patterns import Patterns, patterns
from agent.postcall.utterances import Utterance
from agent.postcall.written import Written, write

TAKEN = "\0"


@dataclass(frozen=True)
class Found:
    """A fact and where it stands in the written text."""

    kind: str
    value: str
    start: int
    end: int


@dataclass
class Page:
    """``text`` is the written form with the pieces that are already a fact blotted out, at unchanged positions."""

    utterance: Utterance
    written: Written
    started_at: datetime | None
    text: str = ""
    found: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.text = self.written.text

    @property
    def languages(self) -> tuple[Patterns, ...]:
        """Both languages, the speaker's own first: callers mix them."""
        other: Language = "en" if self.utterance.language == "zh" else "zh"
        return patterns(self.utterance.language), patterns(other)

    def take(self, kind: str, value: str, start: int, end: int) -> None:
        self.found.append(Found(kind, value, start, end))
        self.blot(start, end)

    def blot(self, start: int, end: int) -> None:
        self.text = self.text[:start] + TAKEN * (end - start) + self.text[end:]

    def matches(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Matches in what is left of the text, also after what the reader takes on the way."""
        for match in pattern.finditer(self.text):
            if TAKEN not in self.text[match.start() : match.end()]:
                yield match


def open_page(utterance: Utterance, started_at: datetime | None) -> Page:
    return Page(utterance, write(utterance.text), started_at)
