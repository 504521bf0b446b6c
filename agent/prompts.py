"""Every text that the LLM is given and every sentence that the bot says by itself, from the files in ``prompts/``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.errors import ConfigError
from agent.events import Intent, Language

Phrase = Literal[
    "greeting", "goodbye", "pardon", "still_there", "silence_goodbye", "alert_transfer", "alert_callback",
    "danger_transfer", "danger_callback", "care_transfer", "care_callback",
    "human_transfer", "human_callback", "keys_received", "keys_unknown", "trouble", "trouble_goodbye", "lines_busy",
    "lines_busy_offer", "callback_noted",
    "no_answer", "transfer_failed", "praise", "complaint", "product_inquiry",
]  # fmt: skip
"""The fixed sentences. Every language has every one."""
FILLED_IN: dict[Phrase, frozenset[str]] = {
    "alert_callback": frozenset({"minutes"}),
    "danger_callback": frozenset({"minutes"}),
    "human_callback": frozenset({"minutes"}),
    "callback_noted": frozenset({"minutes"}),
    "keys_received": frozenset({"digits"}),
    "keys_unknown": frozenset({"digits"}),
}
"""What a call fills into a sentence, beside what is the same in every call."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hint(_Strict):
    """A reminder that depends on whether the caller has named a number yet."""

    ask: str
    noted: str

    @model_validator(mode="before")
    @classmethod
    def _one_text_for_both(cls, value: object) -> object:
        return {"ask": value, "noted": value} if isinstance(value, str) else value


class ReplyPrompt(_Strict):
    """What the LLM is told before a call, and what it is reminded of for each intent."""

    system: str
    reminder: str
    hints: dict[Intent, Hint]


class AsrPrompt(_Strict):
    """What Whisper takes as having been said before, and what it writes where nothing was said."""

    context: str
    phantoms: tuple[str, ...]


OpenerKind = Literal[Intent, "apology", "noted"]
Openers = dict[OpenerKind, Annotated[tuple[str, ...], Field(min_length=2)]]
"""First words of an answer by intent; two at the least of each, for none is said twice running."""


class LanguagePrompts(_Strict):
    phrases: dict[Phrase, str]
    reply: ReplyPrompt
    asr: AsrPrompt
    openers: Openers


class Prompts:
    """The texts of both languages.

    Raises ConfigError naming the file and what is missing or unknown in it.
    """

    def __init__(self, folder: Path, values: dict[str, dict[Language, str]]) -> None:
        self._values = values
        self._vocabulary = _read_vocabulary(folder / "asr" / "vocabulary.zh.txt")
        self._texts: dict[Language, LanguagePrompts] = {lang: _load(folder, lang) for lang in get_args(Language)}
        for lang, texts in self._texts.items():
            for intent in set(get_args(Intent)) - set(texts.reply.hints):
                raise ConfigError(
                    f"{folder / 'reply' / f'{lang}.yaml'}: hints.{intent} is missing; every intent needs one"
                )
            for phrase in set(get_args(Phrase)) - set(texts.phrases):
                raise ConfigError(
                    f"{folder / 'phrases' / f'{lang}.yaml'}: {phrase} is missing; every phrase needs a sentence"
                )
            for kind in {"apology", "noted", "other"} - set(texts.openers):
                raise ConfigError(
                    f"{folder / 'openers' / f'{lang}.yaml'}: {kind} is missing; it serves where an intent has none"
                )
            self._check_fields(folder, lang, texts)

    def _check_fields(self, folder: Path, language: Language, texts: LanguagePrompts) -> None:
        """A text that cannot be filled in is refused now rather than in the middle of a call."""
        always = frozenset(self._values)
        entries: list[tuple[str, str, str, frozenset[str]]] = [
            ("asr", "context", texts.asr.context, always),
            ("reply", "system", texts.reply.system, always),
        ]
        for intent, hint in texts.reply.hints.items():
            entries += [("reply", f"hints.{intent}", text, always) for text in (hint.ask, hint.noted)]
        entries += [
            ("phrases", name, text, always | FILLED_IN.get(name, always)) for name, text in texts.phrases.items()
        ]
        entries += [("openers", kind, text, frozenset()) for kind, several in texts.openers.items() for text in several]
        for part, entry, text, known in entries:
            right = ", ".join(f"{{{name}}}" for name in sorted(known))
            file = folder / part / f"{language}.yaml"
            try:
                fields = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
            except ValueError as error:
                raise ConfigError(f"{file}: {entry}: {error}; {right} may be filled in") from error
            for field in sorted(fields - known):
                raise ConfigError(f"{file}: {entry}: nothing fills in {{{field}}}; {right} may be filled in")

    def phrase(self, name: Phrase, language: Language, **values: str) -> str:
        """A fixed sentence with the company's name and the given values filled in."""
        return self._fill(self._texts[language].phrases[name], language, values)

    def openers(self, language: Language) -> Mapping[OpenerKind, Sequence[str]]:
        """The first words of answers, by intent."""
        return self._texts[language].openers

    def fixed_sentences(self, language: Language, **values: str) -> list[str]:
        """All that is the same in every call, with these values filled in: it can be spoken from audio made
        beforehand.
        """
        known = self._values.keys() | values.keys()
        phrases = [
            self._fill(text, language, values)
            for text in self._texts[language].phrases.values()
            if {field for _, field, _, _ in Formatter().parse(text) if field} <= known
        ]
        openers = [opener for kind in self._texts[language].openers.values() for opener in kind]
        references = [
            self.reference(intent, language, number_known=known)
            for intent in get_args(Intent)
            for known in (True, False)
        ]
        # Openers first: they are what a caller waits for.
        return list(dict.fromkeys(openers + references + phrases))

    def system(self, language: Language) -> str:
        return self._fill(self._texts[language].reply.system, language, {})

    def reference(self, intent: Intent, language: Language, *, number_known: bool) -> str:
        """What is to be answered, in an approved sentence."""
        hint = self._texts[language].reply.hints[intent]
        return self._fill(hint.noted if number_known else hint.ask, language, {})

    def reminder(self, reference: str, language: Language) -> str:
        """The same as the LLM is told it before it answers."""
        return self._fill(self._texts[language].reply.reminder, language, {"reference": reference})

    def asr_context(self, language: Language) -> str:
        return self._fill(self._texts[language].asr.context, language, {})

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The company's own Chinese words, which a recogniser may mishear."""
        return self._vocabulary

    def phantoms(self, language: Language) -> tuple[str, ...]:
        return (*self._texts[language].asr.phantoms, self.asr_context(language))

    def _fill(self, text: str, language: Language, values: dict[str, str]) -> str:
        company = {name: by_language[language] for name, by_language in self._values.items()}
        return text.format(**company, **values).strip()


def _read_vocabulary(file: Path) -> tuple[str, ...]:
    """One word a line; # begins a comment."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {file}: {error}; it needs to be there, in UTF-8, and may be empty") from error
    words = []
    for number, line in enumerate(lines, 1):
        word = line.split("#")[0].strip()
        if word and (len(word) < 2 or not all("\u4e00" <= character <= "\u9fff" for character in word)):
            raise ConfigError(
                f"{file}:{number}: {word!r} is not told by its sound; two Chinese characters at least are"
            )
        words += [word] if word else []
    return tuple(dict.fromkeys(words))


def _load(folder: Path, language: Language) -> LanguagePrompts:
    parts = {}
    for part in ("phrases", "reply", "asr", "openers"):
        file = folder / part / f"{language}.yaml"
        try:
            parts[part] = yaml.safe_load(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigError(
                f"cannot read {file}: {error.strerror}; set prompts_dir to a folder that has it"
            ) from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file} is not valid YAML in UTF-8: {error}") from error
    try:
        return LanguagePrompts.model_validate(parts)
    except ValidationError as error:
        problem = error.errors()[0]
        part, *rest = [str(item) for item in problem["loc"]]
        raise ConfigError(f"{folder / part / f'{language}.yaml'}: {'.'.join(rest)}: {problem['msg']}") from error
