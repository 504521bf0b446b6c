"""By when somebody is rung back, in words: ``30分钟内``, ``明天上午11点前``. Pure, and never sooner than it is."""

from datetime import datetime, timedelta
from functools import cache
from math import ceil
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from agent.event_base import Language
from agent.yaml_file import Bilingual, load_yaml

SAID_IN_MINUTES = 120
"""What is due later is said by the clock."""
SAID_BY_DATE = timedelta(days=7)
"""What is due later still is not known well enough to name a day."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _PartOfDay(_Part):
    from_: int = Field(alias="from", ge=0, le=23)
    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class _Words(_Part):
    within: Bilingual
    by: Bilingual
    unknown: Bilingual
    today: Bilingual
    tomorrow: Bilingual
    date: Bilingual
    parts: tuple[_PartOfDay, ...] = Field(min_length=1)
    hour: Bilingual
    half: Bilingual
    months: tuple[str, ...] = Field(min_length=12, max_length=12)


def by_when(due: datetime, now: datetime, language: Language) -> str:
    """Both with a time zone; ``now`` has the one in which the clock is read."""
    words, left = _words(), due - now
    minutes = max(1, ceil(left.total_seconds() / 60))
    if minutes <= SAID_IN_MINUTES:
        return words.within.of(language).format(minutes=minutes)
    if left > SAID_BY_DATE:
        return words.unknown.of(language)
    local = _half_hour_up(due.astimezone(now.tzinfo))
    return words.by.of(language).format(day=_day(local, now, language), clock=_clock(local, language))


def in_minutes(minutes: int) -> Bilingual:
    """``30分钟内``."""
    words = _words().within
    return Bilingual(zh=words.zh.format(minutes=minutes), en=words.en.format(minutes=minutes))


def _day(local: datetime, now: datetime, language: Language) -> str:
    words, ahead = _words(), (local.date() - now.date()).days
    if ahead < 2:
        return (words.today, words.tomorrow)[ahead].of(language)
    month = words.months[local.month - 1]
    return words.date.of(language).format(month=local.month, date=local.day, month_name=month)


def _clock(local: datetime, language: Language) -> str:
    words = _words()
    part = next(one for one in reversed(words.parts) if one.from_ <= local.hour)
    hour = local.hour if local.hour <= 12 and not (language == "en" and local.hour == 0) else abs(local.hour - 12)
    return (words.half if local.minute else words.hour).of(language).format(part=part.of(language), hour=hour)


def _half_hour_up(local: datetime) -> datetime:
    over = timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
    return local if not over else local - over + timedelta(minutes=30)


@cache
def _words() -> _Words:
    return load_yaml(Path(__file__).with_suffix(".yaml"), _Words)
