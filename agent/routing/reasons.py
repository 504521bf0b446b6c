"""The sentences that tell supervisors why a call was routed, read once from a file."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from agent.errors import ConfigError
from agent.events import Language

DEFAULT_REASONS = Path(__file__).with_name("reasons.toml")


def _with_minutes(text: str) -> str:
    if "{minutes}" not in text:
        raise ValueError("a reason for a callback must hold {minutes}")
    return text


Sentence = Annotated[str, Field(min_length=1)]
CallbackSentence = Annotated[str, AfterValidator(_with_minutes)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sentences(_Frozen):
    """Every reason in one language. ``{minutes}`` is when the callback is due."""

    urgent_specialist: Sentence
    urgent_human: Sentence
    urgent_callback: CallbackSentence
    alert_specialist: Sentence
    alert_human: Sentence
    alert_callback: CallbackSentence
    asked_human: Sentence
    asked_callback: CallbackSentence
    gave_up_human: Sentence
    gave_up_callback: CallbackSentence
    busy_callback: CallbackSentence
    refused_callback: CallbackSentence


class Reasons(_Frozen):
    """``urgent_causes``: the signals of an alert that come before every other call."""

    urgent_causes: frozenset[str]
    zh: Sentences
    en: Sentences

    def of(self, language: Language) -> Sentences:
        return self.zh if language == "zh" else self.en


def load_reasons(path: Path = DEFAULT_REASONS) -> Reasons:
    """Read and check the sentences. Raises ConfigError naming the file, the entry and what is wrong."""
    try:
        return Reasons.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"routing reasons {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"routing reasons {path} are not valid TOML: {error}") from error
    except ValidationError as error:
        problems = (f"{'.'.join(str(step) for step in item['loc'])}: {item['msg']}" for item in error.errors())
        raise ConfigError(f"routing reasons {path}: {'; '.join(problems)}") from error
