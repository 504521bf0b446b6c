"""The texts of the summary: what the language model is asked, and the sentences that code fills in by itself."""

from pathlib import Path
from typing import Literal, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.errors import ConfigError
from agent.events import Intent, Language


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Texts = TypeVar("_Texts", bound=_Strict)


class Example(_Strict):
    said: str
    answer: str


class Question(_Strict):
    """One small question: what was said goes in, one short sentence that begins with ``begins`` comes back."""

    system: str
    begins: str
    examples: tuple[Example, ...]
    max_characters: int = Field(gt=10)
    max_tokens: int = Field(gt=8)


class Questions(_Strict):
    wanted: Question
    agreed: Question


class Sentences(_Strict):
    """Sentences with places to fill. ``tasks`` and ``needs`` have one entry an intent that can be open after a call."""

    wanted_extractive: str
    wanted_nothing: str
    no_speech: str
    unanswered: str
    unclear_phone: str
    transfer_failed: str
    needs: dict[Intent, str]
    tasks: dict[Intent, str]
    callback_complaint: str
    callback: str
    keep_agreed: str
    colleague: str
    agreed: dict[Literal["bot", "promised", "accepted", "granted"], str]
    detail_labels: dict[str, str]
    detail_separator: str
    details: str
    risk: dict[str, str]
    notes: dict[str, str]


class PostcallPrompts:
    """The texts of both languages, from ``postcall/zh`` and ``postcall/en`` of the prompts folder.

    Raises ConfigError naming the file and what is missing or unknown in it.
    """

    def __init__(self, folder: Path) -> None:
        self._questions = {
            language: _load(folder / "postcall" / language / "questions.yaml", Questions)
            for language in get_args(Language)
        }
        self._sentences = {
            language: _load(folder / "postcall" / language / "sentences.yaml", Sentences)
            for language in get_args(Language)
        }

    def questions(self, language: Language) -> Questions:
        return self._questions[language]

    def sentences(self, language: Language) -> Sentences:
        return self._sentences[language]


def _load(file: Path, kind: type[_Texts]) -> _Texts:
    try:
        return kind.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}; set prompts_dir to a folder that has it") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid YAML in UTF-8: {error}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        raise ConfigError(f"{file}: {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}") from error
