"""The words that seats read and hear, from ``words.yaml``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agent.event_base import Language
from agent.events import Intent, Sentiment
from agent.yaml_file import load_yaml

FILE = Path(__file__).with_name("words.yaml")


class Pair(BaseModel):
    """A text in both languages; unlike `agent.yaml_file.Bilingual` it may be empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BriefingWords(_Part):
    alert: Pair
    calm: Pair
    waited: Pair
    join: Pair


class OutsideWords(_Part):
    """``callback``: with ``{skill}``."""

    accept: Pair
    callback: Pair
    dialling: Pair
    not_reached: Pair
    gone: Pair


class NoteWords(_Part):
    queued: Pair
    connected: Pair
    transferred: Pair


class ProblemWords(_Part):
    unknown_login: Pair
    no_line: Pair
    not_in_call: Pair
    not_ringing: Pair
    not_a_supervisor: Pair
    call_gone: Pair
    outside_numbers: Pair
    malformed_number: Pair
    own_number: Pair
    seat_number: Pair
    too_many_transfers: Pair
    passing_already: Pair
    not_reached: Pair
    busy: Pair
    hung_up: Pair
    by_telephone: Pair
    unknown_target: Pair
    nobody_there: Pair
    no_number: Pair
    unknown_callback: Pair
    not_in_doubt: Pair


class Words(_Part):
    """All of them. ``facts``: by the name of a field of the back end. ``skills``: what people
    call each queue, filled in from the company's."""

    facts: Mapping[str, Pair]
    briefing: BriefingWords
    outside: OutsideWords
    moods: Annotated[Mapping[Sentiment, Pair], Field(min_length=4)]
    intents: Annotated[Mapping[Intent, Pair], Field(min_length=16)]
    notes: NoteWords
    problems: ProblemWords
    skills: Mapping[str, str] = {}


def load_words(file: Path = FILE) -> Words:
    """Raises CompanyError naming file, line and what is wrong."""
    return load_yaml(file, Words)
