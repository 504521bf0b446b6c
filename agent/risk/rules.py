"""The rules by which a call is judged risky: read from a file that supervisors edit, checked, compiled."""

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, model_validator

from agent.errors import ConfigError
from agent.events import Intent, Language, RiskLevel, Sentiment

DEFAULT_RULES = Path(__file__).with_name("rules.toml")

# What Whisper writes for the spoken digit 1 (yāo) beside 1 itself; 幺 is a figure already when a pattern is tried. A
# number read out as 十二三一五 begins with 十.
_YAO = "[1要腰妖吆]"
_FIRST_YAO = "[1要腰妖吆十]"
_GAP = r"[\s\-]?"
_NUMBER = re.compile(r"<(\d{4,}|\(any\))>")


def _spoken_number(match: re.Match[str]) -> str:
    """``<12315>`` as a pattern: any spacing, 1 in its usual misspellings, a digit heard twice; no longer number."""
    if match[1] == "(any)":
        return r"\d{3,}"
    spoken = [_YAO if digit == "1" else digit for digit in match[1]]
    spoken[0] = _FIRST_YAO if match[1][0] == "1" else spoken[0]
    digits = _GAP.join(digit + "{1,2}" for digit in spoken)
    return rf"(?<!\d){digits}(?!\d)"


def _compiled(value: object) -> re.Pattern[str]:
    if not isinstance(value, str) or not value:
        raise ValueError("a pattern must be a text that is not empty")
    try:
        pattern = re.compile(_NUMBER.sub(_spoken_number, value), re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"pattern {value!r} is no regular expression: {error}") from error
    if pattern.search(""):
        raise ValueError(f"pattern {value!r} matches empty text, so it would match everything")
    return pattern


def _compiled_context(value: object) -> re.Pattern[str]:
    if not isinstance(value, str) or not value:
        raise ValueError("a context must be a text that is not empty")
    try:
        return re.compile(_NUMBER.sub(_spoken_number, value), re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"context {value!r} is no regular expression: {error}") from error


Pattern = Annotated[re.Pattern[str], PlainValidator(_compiled)]
ContextPattern = Annotated[re.Pattern[str], PlainValidator(_compiled_context)]
Weight = Annotated[float, Field(ge=0.0, lt=1.0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Levels(_Frozen):
    """The score from which each level begins."""

    low: Weight
    medium: Weight
    high: Weight

    @model_validator(mode="after")
    def _rising(self) -> "Levels":
        if not 0 < self.low < self.medium < self.high:
            raise ValueError("levels must rise: 0 < low < medium < high")
        return self

    def of(self, score: float) -> RiskLevel:
        if score >= self.high:
            return "high"
        if score >= self.medium:
            return "medium"
        return "low" if score >= self.low else "none"


class Context(_Frozen):
    """What makes words harmless when it stands right before or right after them, or ``anywhere`` near them."""

    before: tuple[ContextPattern, ...] = ()
    after: tuple[ContextPattern, ...] = ()
    anywhere: tuple[Pattern, ...] = ()


class Alerts(_Frozen):
    again_from_gravity: int = Field(ge=0)


class Retraction(_Frozen):
    """How a caller takes back what they said: a joke, a slip of the tongue, a mix-up.

    up_to_gravity: graver signals are not taken back by words; a person must look. turns: what was said so many turns
    ago is meant.
    """

    up_to_gravity: int = Field(2, ge=0)
    turns: int = Field(2, ge=0)
    patterns: tuple[Pattern, ...] = ()


class History(_Frozen):
    """What earlier calls from the same number say: from ``calls`` of them in the last ``days`` on, ``signal`` is found,
    in these words ({days} and {calls} are filled in; {calls} counts this call too).
    """

    days: int = Field(7, ge=1)
    calls: int = Field(2, ge=1)
    signal: str = "repeated_contact"
    words_zh: str = "{days}天内第{calls}次来电"
    words_en: str = "call number {calls} in {days} days"

    def words(self, calls: int, language: Language) -> str:
        text = self.words_zh if language == "zh" else self.words_en
        return text.format(days=self.days, calls=calls)


class Ear(_Frozen):
    """How far the classifier is believed about the signals that it listens for. ``sure``: from this probability on, a
    signal is found that no pattern matched, by as much of its weight. ``certain``: from this on it counts like words.
    """

    sure: float = Field(0.8, ge=0.0, le=1.0)
    certain: float = Field(1.0, ge=0.0, le=1.0)


class Signal(_Frozen):
    """One kind of risk. ``weight`` is what it adds alone, 0..1; ``gravity`` orders signals, 4 is gravest. ``listened``:
    the classifier has a probability for it under the same name. ``fades_s``: after so long it counts half; None: what
    was said stays said.
    """

    name: str = Field(pattern=r"^[a-z_]+$")
    label_zh: str
    label_en: str
    weight: Weight
    gravity: int = Field(ge=0)
    always_high: bool = False
    repeat: Weight = 0.05
    repeat_most: Weight = 0.15
    fades_s: float | None = Field(None, gt=0)
    patterns_zh: tuple[Pattern, ...] = ()
    patterns_en: tuple[Pattern, ...] = ()
    exclusions: tuple[Pattern, ...] = ()
    contexts: tuple[str, ...] = ()
    listened: bool = False
    nlu_intent: Intent | None = None
    nlu_sentiment: Sentiment | None = None
    nlu_weight: Weight = 0.0
    nlu_probability: float = Field(0.5, ge=0.0, le=1.0)
    next_step_zh: str
    next_step_en: str

    @property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """Both languages: callers mix them."""
        return self.patterns_zh + self.patterns_en

    def label(self, language: Language) -> str:
        return self.label_zh if language == "zh" else self.label_en

    def fading(self, since_ms: int) -> float:
        """How much of it counts so long after it was found, 0..1."""
        return 1.0 if self.fades_s is None else 0.5 ** (max(0, since_ms) / (self.fades_s * 1000))

    def next_step(self, language: Language) -> str:
        return self.next_step_zh if language == "zh" else self.next_step_en


class RiskRules(_Frozen):
    """All rules. ``signals`` by name, gravest first; ``contexts`` by the names that signals use."""

    levels: Levels
    alerts: Alerts
    ear: Ear = Ear()
    history: History | None = None
    retraction: Retraction = Retraction()
    contexts: dict[str, Context] = {}
    signal: tuple[Signal, ...]

    @model_validator(mode="after")
    def _known_names(self) -> "RiskRules":
        names = [signal.name for signal in self.signal]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"signal {name!r} stands twice; merge the two")
        if self.history is not None and self.history.signal not in names:
            raise ValueError(f"history names signal {self.history.signal!r}; known are {sorted(names)}")
        for signal in self.signal:
            for context in signal.contexts:
                if context not in self.contexts:
                    raise ValueError(
                        f"signal {signal.name!r} names context {context!r}; known are {sorted(self.contexts)}"
                    )
        return self

    def by_name(self, name: str) -> Signal:
        """Raises KeyError for a signal that is not in the rules."""
        for signal in self.signal:
            if signal.name == name:
                return signal
        raise KeyError(name)


def load_rules(path: Path = DEFAULT_RULES) -> RiskRules:
    """Read and check the rules. Raises ConfigError naming the file, the entry and what is wrong with it."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return RiskRules.model_validate(values)
    except OSError as error:
        raise ConfigError(f"risk rules {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"risk rules {path} are not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError(f"risk rules {path}: {_explain(error, values)}") from error


def _explain(error: ValidationError, values: dict[str, object]) -> str:
    return "; ".join(f"{_place(problem['loc'], values)}{problem['msg']}" for problem in error.errors())


def _place(location: tuple[int | str, ...], values: object) -> str:
    """``signal regulator, patterns_zh number 3: `` rather than ``signal.4.patterns_zh.2``."""
    words: list[str] = []
    for step in location:
        try:
            values = values[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            values = None
        named = values.get("name") if isinstance(values, dict) else None
        words.append(str(named) if named else f"number {step + 1}" if isinstance(step, int) else step)
    return " ".join(words) + ": " if words else ""
