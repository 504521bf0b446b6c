"""What callers of many companies say, written for the classifier and not for this filter: sales pitches and scams among
them, and everything else.

Each is a single utterance; a pitch of 8 characters may be told by its second sentence only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.event_base import Language

UTTERANCES = Path(__file__).parents[1] / "models" / "training" / "utterances"
SEEN = {
    "sales-marketing-pitch", "sales-loan-and-insurance", "sales-house-and-education", "survey-and-scam-calls",
    "sales-pitch-long", "spam-robot-long", "sales-and-scams", "cold-callers",
}  # fmt: skip
"""Sections that the rules were tuned on."""
UNSEEN = {"sales-pitches-odd-trades", "charity-religion-exhibition-pitch", "x5-cold-callers-selling"}
"""Sections that were first looked at when the rules stood."""


@dataclass(frozen=True)
class Line:
    """An utterance. ``section``: the heading it stands under."""

    language: Language
    file: str
    section: str
    text: str

    @property
    def spam(self) -> bool:
        return self.file == "other" and self.section in SEEN | UNSEEN


def load_lines(folder: Path = UTTERANCES) -> Iterator[Line]:
    """All of them, without the marks for sentiment that some begin with."""
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        for path in sorted((folder / language).glob("*.txt")):
            section = ""
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.startswith("## "):
                    section = line[3:].strip()
                elif line.strip() and not line.startswith("#"):
                    yield Line(language, path.stem, section, line.strip().lstrip("+-!"))
