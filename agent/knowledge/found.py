"""What a search in the company's knowledge gives."""

from dataclasses import dataclass

SURE = 0.9
"""From this confidence on an approved answer is spoken word for word."""


@dataclass(frozen=True)
class Passage:
    """A piece of the company's texts."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Found:
    """confidence: how probably ``entry`` answers what was asked, 0..1. answer: the approved text of that entry; None
    where the confidence is below `SURE`. passages: the likeliest, best first. likely: the approved answer and its
    question, whatever the confidence.
    """

    confidence: float
    entry: str
    answer: str | None
    passages: tuple[Passage, ...]
    likely: Passage | None = None


NOTHING = Found(0.0, "", None, ())
"""Where there is no knowledge, or nothing was asked."""
