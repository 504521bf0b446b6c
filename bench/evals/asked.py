"""What the bot's sentences ask for, by patterns in ``asked.yaml``. Pure."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from agent.events import Language
from agent.sentences import sentences

ASKED_FILE = Path(__file__).parent / "asked.yaml"
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NOT_SAID = re.compile(r"[\W_]+")


def language_of(text: str) -> Language:
    """The language that a sentence is in: Chinese where there is any."""
    return "zh" if _HAN.search(text) else "en"


def each_sentence(texts: Sequence[str]) -> list[str]:
    """What was said, sentence by sentence."""
    return [sentence for text in texts for sentence in sentences(text)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ask(_Strict):
    """One thing that may be asked for. answer: what a caller says to it who was given nothing else to say."""

    zh: str
    en: str
    unless: tuple[str, ...] = ()
    answer: Mapping[Language, str] = {}


class Asked(_Strict):
    """The file. Everything is by language; see the comments there."""

    requests: Mapping[Language, str]
    confirms: Mapping[Language, str]
    asks: Mapping[str, Ask]
    consent: Mapping[Language, str]
    no_consent: Mapping[Language, str]
    refusal: Mapping[Language, str]
    goodbye: Mapping[Language, str]
    nudges: Mapping[Language, tuple[str, ...]]
    asks_repeat: Mapping[Language, str]
    fillers: Mapping[Language, str]

    @cached_property
    def _patterns(self) -> dict[tuple[str, Language], re.Pattern[str]]:
        return {
            (name, language): re.compile(ask.zh if language == "zh" else ask.en, re.IGNORECASE)
            for name, ask in self.asks.items()
            for language in ("zh", "en")
        }

    def in_sentence(self, sentence: str) -> tuple[str, ...]:
        """Everything that one sentence asks for, in the order of the file."""
        language = language_of(sentence)
        text = re.sub(r"\s+", "", sentence) if language == "zh" else sentence
        if not re.search(self.requests[language], text, re.IGNORECASE):
            return ()
        if re.search(self.confirms[language], text, re.IGNORECASE):
            return ("yes_no",)
        found: list[str] = []
        for name, ask in self.asks.items():
            if self._patterns[name, language].search(text) and not set(ask.unless) & set(found):
                found.append(name)
        return tuple(found)

    def in_turn(self, said: Sequence[str]) -> tuple[str, ...]:
        """What is asked for at the end of a turn: that of its last sentence that asks for anything."""
        for sentence in reversed(each_sentence(said)):
            if asked := self.in_sentence(sentence):
                return asked
        return ()

    def consents(self, text: str) -> bool:
        """Whether a caller's words are a yes and nothing else: a yes with a question in it is none yet."""
        language = language_of(text) if _HAN.search(text) or re.search("[a-z]", text, re.IGNORECASE) else "zh"
        return bool(re.search(self.consent[language], text, re.IGNORECASE)) and not re.search(
            self.no_consent[language], text, re.IGNORECASE
        )

    def wants_repeat(self, text: str) -> bool:
        """Whether the caller asks to hear it again."""
        return bool(re.search(self.asks_repeat[language_of(text)], text.strip(), re.IGNORECASE))

    def is_filler(self, sentence: str) -> bool:
        """Whether a sentence carries nothing."""
        bare = sentence.strip(" 。，,.!！?？~～;；").lower()
        return bool(re.search(self.fillers[language_of(sentence)], bare))


def bare(sentence: str) -> str:
    """A sentence as its sounds: without punctuation, spaces and case."""
    return _NOT_SAID.sub("", sentence).lower()


def load_asked(file: Path = ASKED_FILE) -> Asked:
    """The patterns. Raises pydantic.ValidationError, re.error."""
    asked = Asked.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    for ask in asked.asks.values():
        unknown = set(ask.unless) - asked.asks.keys()
        if unknown:
            raise ValueError(f"{file}: unless names {sorted(unknown)}, which is nothing that is asked for")
    return asked
