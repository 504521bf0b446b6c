"""Whether somebody sells something, by who offers what to whom. Pure text.

Words alone say little: 贷款 is what a lender sells and what a customer pays off. So what is spoken of (a topic) counts
little, how it is spoken of (an offer, or a customer's own wish) counts much, and the three are added up.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

from agent.yaml_file import Bilingual, load_yaml

SELLS_POINTS = 2
MENTIONS_POINTS = 1
NEED_POINTS = 2
"""From so many points for a customer on, and no pitch, somebody has named what they need."""

_LONGEST = 600
"""Characters that are looked at: the newest. Half a minute of speech is 150."""
_QUOTE = 40
_HAN = re.compile(r"[\u4e00-\u9fff]")
_BESIDE_HAN = re.compile(r"(?<=[\u4e00-\u9fff])\s+|\s+(?=[\u4e00-\u9fff])")
_HAN_MARK = dict(zip(",.!?;:", "，。！？；：", strict=True))
_MARK = re.compile(r"(?<!\d)[,.!?;:]|[,.!?;:](?!\d)")


def _compiled(value: object) -> re.Pattern[str]:
    if not isinstance(value, str) or not value:
        raise ValueError("a pattern must be a text that is not empty")
    try:
        pattern = re.compile(value, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"pattern {value!r} is no regular expression: {error}") from error
    if pattern.search(""):
        raise ValueError(f"pattern {value!r} matches empty text, so it would match everything")
    return pattern


Pattern = Annotated[re.Pattern[str], PlainValidator(_compiled)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Topic(_Frozen):
    """What may be sold. ``sells``: words that only sellers use; ``mentions``: that customers use as well;
    ``harmless``: where one overlaps, the words do not count.
    """

    label: Bilingual
    sells: tuple[Pattern, ...] = ()
    mentions: tuple[Pattern, ...] = ()
    harmless: tuple[Pattern, ...] = ()


class Cue(_Frozen):
    """A way of speaking, and how much it tells. It counts once, however often it is found."""

    points: int = Field(ge=1, le=5)
    patterns: tuple[Pattern, ...] = Field(min_length=1)


class PitchRules(_Frozen):
    """``sure``: points from which it is a pitch; ``hint``: from which it may be one; ``again``: from which an answer to
    a challenge is the pitch again.
    """

    sure: int = Field(3, ge=1)
    hint: int = Field(2, ge=1)
    again: int = Field(1, ge=1)
    topics: dict[str, Topic]
    offers: dict[str, Cue]
    customers: dict[str, Cue]

    @model_validator(mode="after")
    def _rising(self) -> "PitchRules":
        if not self.again <= self.hint < self.sure:
            raise ValueError("again must not be above hint, nor hint reach sure")
        return self


@dataclass(frozen=True)
class Reading:
    """What an utterance comes to. ``selling``: points for topic and offers; ``buying``: points for a customer;
    ``topic``: what is sold, if anything; ``words``: of the seller, or of the customer where nothing is sold.
    """

    selling: int = 0
    buying: int = 0
    topic: Topic | None = None
    words: str = ""

    @property
    def points(self) -> int:
        return self.selling - self.buying

    @property
    def need(self) -> bool:
        """Whether somebody named what they need, as customers do."""
        return self.buying >= NEED_POINTS and self.points < 1


def load_pitches(path: Path) -> PitchRules:
    """Raises CompanyError ``FILE:LINE: …``, one line a problem."""
    return load_yaml(path, PitchRules)


def read(rules: PitchRules, text: str) -> Reading:
    """What the words come to. Never raises, whatever they are."""
    tidied = tidy(text)[-_LONGEST:]
    topic, topic_points, spans = _topic(rules.topics, tidied)
    selling = topic_points
    for cue in rules.offers.values():
        span = _first(cue.patterns, tidied)
        if span is not None:
            selling += cue.points
            spans.append(span)
    buying, wishes = 0, list[tuple[int, int]]()
    for cue in rules.customers.values():
        span = _first(cue.patterns, tidied)
        if span is not None:
            buying += cue.points
            wishes.append(span)
    return Reading(selling, buying, topic, _quote(tidied, wishes if buying > selling else spans))


def tidy(text: str) -> str:
    """One form for what Whisper writes in several: half-width letters, Chinese marks, no gaps between characters."""
    half = unicodedata.normalize("NFKC", text)
    if not _HAN.search(half):
        return " ".join(half.lower().split())
    return _MARK.sub(lambda mark: _HAN_MARK[mark[0]], _BESIDE_HAN.sub("", half)).lower()


def _topic(topics: Mapping[str, Topic], text: str) -> tuple[Topic | None, int, list[tuple[int, int]]]:
    """The topic that counts most, its points and where its words stand."""
    best: tuple[Topic | None, int, list[tuple[int, int]]] = (None, 0, [])
    for topic in topics.values():
        harmless = [match.span() for pattern in topic.harmless for match in pattern.finditer(text)]
        for points, patterns in ((SELLS_POINTS, topic.sells), (MENTIONS_POINTS, topic.mentions)):
            if points <= best[1]:
                continue
            span = _first(patterns, text, harmless)
            if span is not None:
                best = (topic, points, [span])
                break
    return best


def _first(
    patterns: Iterable[re.Pattern[str]], text: str, harmless: Iterable[tuple[int, int]] = ()
) -> tuple[int, int] | None:
    for pattern in patterns:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(start < right and left < end for left, right in harmless):
                return start, end
    return None


def _quote(text: str, spans: list[tuple[int, int]]) -> str:
    """The words around the longest of the places, one line of a supervisor's screen."""
    if not spans:
        return text[:_QUOTE]
    start, end = max(spans, key=lambda span: (span[1] - span[0], -span[0]))
    left = max(0, start - max(0, _QUOTE - (end - start)) // 2)
    return text[left : left + max(_QUOTE, end - start)].strip("，。！？； ")
