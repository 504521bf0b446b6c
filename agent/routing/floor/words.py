"""What callers in the queue are told, from ``companies/X/routing/queue_words.yaml``. Never less than what is so."""

from collections.abc import Iterator
from datetime import datetime
from math import ceil
from pathlib import Path
from string import Formatter

from pydantic import BaseModel, ConfigDict, Field

from agent.errors import CompanyError
from agent.event_base import Language
from agent.routing.floor.decisions import Announce, GiveUpReason
from agent.routing.spoken_time import SAID_IN_MINUTES, by_when
from agent.yaml_file import Bilingual, line_of, load_yaml


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WaitWords(_Part):
    under_a_minute: Bilingual
    one_minute: Bilingual
    minutes: Bilingual
    long_above_minutes: int = Field(ge=1)


class PositionWords(_Part):
    next: Bilingual
    one_ahead: Bilingual
    ahead: Bilingual
    next_long: Bilingual
    one_ahead_long: Bilingual
    ahead_long: Bilingual
    unknown: Bilingual


class GiveUpWords(_Part):
    closed: Bilingual
    queue_full: Bilingual
    nobody_there: Bilingual
    too_long: Bilingual
    transfers: Bilingual
    line_lost: Bilingual


class QueueWords(_Part):
    """All of them. What is filled in: `FILLED_IN`."""

    wait: WaitWords
    position: PositionWords
    give_up: GiveUpWords
    offer: Bilingual
    callback_noted: Bilingual
    callback_noted_long: Bilingual
    callback_refused: Bilingual
    callback_greeting: Bilingual
    no_number: Bilingual
    requeued: Bilingual
    passed_on: Bilingual


FILLED_IN = {
    ("wait", "minutes"): {"minutes"},
    ("position", "next"): {"wait"},
    ("position", "one_ahead"): {"wait"},
    ("position", "ahead"): {"ahead", "wait"},
    ("position", "ahead_long"): {"ahead"},
    ("callback_noted",): {"minutes"},
    ("callback_noted_long",): {"when"},
    ("callback_greeting",): {"company"},
}
"""What a sentence holds in braces: all of it, for a number that is not said would be missed, and nothing else."""


def load_queue_words(file: Path) -> QueueWords:
    """Raises CompanyError ``FILE:LINE: …``, one line a problem."""
    words = load_yaml(file, QueueWords)
    problems = [
        f"{file}:{line_of(file, *path)}: {'.'.join(path)}.{language}: {problem}"
        for path, text in _texts(words)
        for language, problem in _wrong(text, FILLED_IN.get(path, set()))
    ]
    if problems:
        raise CompanyError("\n".join(problems))
    return words


def announcement(words: QueueWords, language: Language, told: Announce) -> str:
    """The position, the wait, and the offer to be rung back where it is made."""
    sentences = [_position(words, language, told)]
    if told.offer_callback:
        sentences.append(words.offer.of(language))
    return _join(language, sentences)


def wait_words(words: QueueWords, language: Language, wait_s: int) -> str | None:
    """``不到1分钟``, ``约3分钟``, rounded up; None where it is so long that a figure would be no use."""
    minutes = ceil(wait_s / 60)
    if minutes > words.wait.long_above_minutes:
        return None
    if wait_s < 60:
        return words.wait.under_a_minute.of(language)
    if minutes == 1:
        return words.wait.one_minute.of(language)
    return words.wait.minutes.of(language).format(minutes=minutes)


def callback_promise(words: QueueWords, language: Language, due: datetime, now: datetime) -> str:
    """That the caller may hang up, and by when they are rung back: in minutes, or by the clock where ``now`` is."""
    minutes = max(1, ceil((due - now).total_seconds() / 60))
    if minutes > SAID_IN_MINUTES:
        return words.callback_noted_long.of(language).format(when=by_when(due, now, language))
    return words.callback_noted.of(language).format(minutes=minutes)


def farewell(words: QueueWords, language: Language, reason: GiveUpReason, due: datetime | None, now: datetime) -> str:
    """Why the caller waits no more and what comes instead. ``due``: None where they cannot be rung back."""
    why: Bilingual = getattr(words.give_up, reason)
    then = words.no_number.of(language) if due is None else callback_promise(words, language, due, now)
    return _join(language, [why.of(language), then])


def _position(words: QueueWords, language: Language, told: Announce) -> str:
    if told.expected_wait_s is None:
        return words.position.unknown.of(language)
    ahead = told.position - 1
    wait = wait_words(words, language, told.expected_wait_s)
    position = words.position
    if wait is None:
        text = (position.next_long, position.one_ahead_long, position.ahead_long)[min(ahead, 2)]
    else:
        text = (position.next, position.one_ahead, position.ahead)[min(ahead, 2)]
    return text.of(language).format(ahead=ahead, wait=wait)


def _join(language: Language, sentences: list[str]) -> str:
    return ("" if language == "zh" else " ").join(sentences)


def _texts(words: BaseModel, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Bilingual]]:
    for name in type(words).model_fields:
        value = getattr(words, name)
        if isinstance(value, Bilingual):
            yield (*path, name), value
        elif isinstance(value, BaseModel):
            yield from _texts(value, (*path, name))


def _wrong(text: Bilingual, wanted: set[str]) -> Iterator[tuple[Language, str]]:
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        try:
            found = {field for _, field, _, _ in Formatter().parse(text.of(language)) if field is not None}
        except ValueError as error:
            yield language, str(error)
            continue
        for name in sorted(wanted - found):
            yield language, f"{{{name}}} is missing"
        for name in sorted(found - wanted):
            yield language, f"nothing fills in {{{name}}}" + (f"; {sorted(wanted)} may be" if wanted else "")
