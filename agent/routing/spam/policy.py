"""What a supervisor decides about spam, read from ``routing/spam.yaml`` and the two files that it names."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from agent.errors import CompanyError
from agent.event_base import Language
from agent.routing.spam.callers import plain
from agent.routing.spam.marks import Mark, Marks, load_marks
from agent.routing.spam.pitches import PitchRules, load_pitches
from agent.yaml_file import Bilingual, line_of, load_yaml

FILE = "spam.yaml"

SignName = Literal[
    # The number, before the answer
    "denied", "mark", "rate", "short_calls", "regular_calls", "series", "withheld", "malformed", "spoofed",
    "callee_only",
    # The first seconds
    "silence", "talks_through", "no_pause", "repeats", "same_opening", "hint", "pitch",
    # A challenge that was failed
    "no_answer", "deaf", "pitch_again",
    # Why somebody passed
    "allowed", "need", "pressed", "answered", "doubt", "appealed", "overruled",
]  # fmt: skip
PASSES: frozenset[str] = frozenset({"allowed", "need", "pressed", "answered", "doubt", "appealed", "overruled"})
"""Signs that speak for the caller. They weigh nothing."""
VOICE: frozenset[str] = frozenset({"talks_through", "no_pause", "repeats", "same_opening"})
"""What a recorded voice does."""

SentenceName = Literal[
    "challenge_number", "challenge_silence", "challenge_voice", "challenge_pitch", "ask_again",
    "refuse", "refuse_appeal",
]  # fmt: skip

FILLED_IN: Mapping[str, frozenset[str]] = {
    "denied": frozenset({"why"}),
    "mark": frozenset({"mark", "count", "source"}),
    "rate": frozenset({"calls", "minutes"}),
    "short_calls": frozenset({"calls", "minutes"}),
    "regular_calls": frozenset({"calls", "seconds"}),
    "series": frozenset({"calls"}),
    "spoofed": frozenset({"number"}),
    "callee_only": frozenset({"number"}),
    "malformed": frozenset({"number"}),
    "silence": frozenset({"seconds"}),
    "no_pause": frozenset({"seconds"}),
    "repeats": frozenset({"words"}),
    "same_opening": frozenset({"words"}),
    "hint": frozenset({"topic", "words"}),
    "pitch": frozenset({"topic", "words"}),
    "pitch_again": frozenset({"words"}),
    "allowed": frozenset({"why"}),
    "need": frozenset({"words"}),
    "pressed": frozenset({"key"}),
    "answered": frozenset({"words"}),
    "appealed": frozenset({"key"}),
    "overruled": frozenset({"by"}),
}
"""What is filled into the words of a sign."""

Weight = Annotated[float, Field(ge=0.0, lt=1.0)]
Key = Annotated[str, Field(pattern=r"^[0-9*#]$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Listed(_Frozen):
    """A number that is always let in, or never. ``why``: for whoever reads the list next year."""

    number: str
    why: str = Field(min_length=1)

    @field_validator("number")
    @classmethod
    def _is_number(cls, number: str) -> str:
        if not plain(number):
            raise ValueError(f"{number!r} has no digits; right would be 13800001234 or 0571-88990011")
        return number


class HttpMarks(_Frozen):
    """A service that knows marks. ``url`` holds {number}. Down, slow and garbage mean: nothing is known."""

    url: str = Field(pattern=r"^https?://.*\{number\}")
    timeout_ms: int = Field(300, ge=10, le=2000, description="all of an answer; the caller hears it ring meanwhile")
    cache_s: int = Field(86_400, ge=0, description="how long an answer is believed")
    cache_size: int = Field(10_000, ge=1, description="numbers that are remembered at the most")
    max_bytes: int = Field(65_536, ge=64, description="longest answer that is read")
    failures: int = Field(5, ge=1, description="after so many running it is left alone")
    rest_s: int = Field(60, ge=1, description="for so long")


class MarkPolicy(_Frozen):
    """What marks weigh. ``kinds``: a mark's weight once ``sure_from`` people gave it, less below; 0: harmless."""

    file: str | None = None
    http: HttpMarks | None = None
    sure_from: int = Field(20, ge=1)
    kinds: dict[str, Weight]
    other: Weight = 0.3


class RateLimits(_Frozen):
    """How often a number may call before that is a sign. Calls in which something was said are no short calls."""

    calls: int = Field(6, ge=1)
    minutes: int = Field(10, ge=1)
    short_s: int = Field(8, ge=1, description="shorter calls in which nothing was said are short")
    short_calls: int = Field(4, ge=1)
    short_minutes: int = Field(30, ge=1)
    regular_calls: int = Field(4, ge=3, description="so many calls, at the same distance, are a machine's")
    regular_spread: float = Field(0.1, gt=0, lt=1, description="distances that differ by less are the same")
    series: int = Field(5, ge=1, description="so many other numbers of its series within the hour")


class Timing(_Frozen):
    """The first seconds of a call."""

    watch_s: float = Field(90, ge=10, description="after that the filter leaves the call alone")
    greeting_s: float = Field(8, ge=1, description="the greeting is taken as over then, if nobody says so")
    patience_s: float = Field(2.5, ge=0, description="a suspect number has so long after the greeting to name a need")
    silence_s: float = Field(8, ge=2, description="silence after the greeting that is a sign")
    at_once_ms: int = Field(1500, ge=0, description="who speaks sooner after the answer did not wait for the greeting")
    pause_ms: int = Field(700, ge=100, description="people pause so long for breath, and recorded voices do not")
    through_s: float = Field(5, ge=1, description="talking on so long from the first moment is talking through")
    no_pause_s: float = Field(11, ge=2, description="speech without a pause that is a sign")
    words_late_s: float = Field(3, ge=0, description="words come so long after their sound at the latest")
    deaf_s: float = Field(
        28, ge=5, description="a voice is judged without its words only after so long, longer than a turn"
    )


class Challenge(_Frozen):
    """The question. ``keys``: any of them passes. ``asks``: how often it is put."""

    keys: tuple[Key, ...] = ("1",)
    asks: int = Field(2, ge=1, le=5)
    answer_s: float = Field(8, ge=2, description="how long an answer is waited for, after the question")
    question_s: float = Field(8, ge=1, description="it is taken as spoken then, if nobody says so")
    over_ms: int = Field(1000, ge=0, description="who began sooner before the end of the question did not answer it")
    least_letters: int = Field(
        4, ge=1, description="fewer Chinese characters (or three times as many letters) answer nothing"
    )


class Appeal(_Frozen):
    """A key by which a refused caller is let in after all: those on the deny list, those whom the filter judged."""

    key: Key = "1"
    denied: bool = True
    judged: bool = True
    wait_s: float = Field(6, ge=1)


class Thresholds(_Frozen):
    challenge: Weight = 0.5
    refuse: Weight = 0.8

    @model_validator(mode="after")
    def _rising(self) -> "Thresholds":
        if not 0 < self.challenge < self.refuse:
            raise ValueError("challenge must be above 0 and below refuse: nobody is refused unasked")
        return self


class SignWords(Bilingual):
    """What a sign weighs, and its words for supervisors."""

    weight: Weight = 0.0


class _File(_Frozen):
    enabled: bool = True
    allow: tuple[Listed, ...] = ()
    deny: tuple[Listed, ...] = ()
    marks: MarkPolicy
    rate: RateLimits = RateLimits()
    timing: Timing = Timing()
    challenge: Challenge = Challenge()
    appeal: Appeal = Appeal()
    thresholds: Thresholds = Thresholds()
    pitches: str = "spam_pitches.yaml"
    signs: dict[SignName, SignWords]
    sentences: dict[SentenceName, Bilingual]


class SpamPolicy(_File):
    """Everything that the filter goes by. ``listed_marks``: the list file, read."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    listed_marks: Marks
    rules: PitchRules

    def words(self, sign: SignName, language: Language, **values: object) -> str:
        """The sign's words, filled in."""
        return self.signs[sign].of(language).format(**values)

    def mark_weight(self, mark: Mark) -> float:
        """What a mark weighs: all of its kind's weight once enough people gave it."""
        return self.marks.kinds.get(mark.kind, self.marks.other) * min(1.0, mark.count / self.marks.sure_from)


def load_spam(path: Path) -> SpamPolicy:
    """``routing/spam.yaml`` with the files beside it. Raises CompanyError ``FILE:LINE: …``, one line a problem."""
    file = load_yaml(path, _File)
    problems = list(_problems(path, file))
    marks, rules = Marks(), None
    try:
        marks = load_marks(path.parent / file.marks.file) if file.marks.file else marks
    except CompanyError as error:
        problems.append(str(error))
    try:
        rules = load_pitches(path.parent / file.pitches)
    except CompanyError as error:
        problems.append(str(error))
    if problems or rules is None:
        raise CompanyError("\n".join(problems))
    return SpamPolicy(**{name: getattr(file, name) for name in _File.model_fields}, listed_marks=marks, rules=rules)


def _problems(path: Path, file: _File) -> Iterator[str]:
    for name in get_args(SignName):
        if name not in file.signs:
            yield f"{path}:{line_of(path, 'signs')}: signs.{name} is missing"
    for sentence in get_args(SentenceName):
        if sentence not in file.sentences:
            yield f"{path}:{line_of(path, 'sentences')}: sentences.{sentence} is missing"
    for sign, words in file.signs.items():
        at = f"{path}:{line_of(path, 'signs', sign)}: signs.{sign}"
        if sign in PASSES and words.weight:
            yield f"{at}: it speaks for the caller and weighs nothing; leave weight out"
        for text in (words.zh, words.en):
            yield from _unfilled(at, text, FILLED_IN.get(sign, frozenset()))
    for sentence, bilingual in file.sentences.items():
        at = f"{path}:{line_of(path, 'sentences', sentence)}: sentences.{sentence}"
        for text in (bilingual.zh, bilingual.en):
            yield from _unfilled(at, text, frozenset({"company"}))
    denied = {plain(entry.number) for entry in file.deny}
    for index, entry in enumerate(file.allow):
        if plain(entry.number) in denied:
            yield f"{path}:{line_of(path, 'allow', index)}: {entry.number} is on both lists; leave it on one"


def _unfilled(at: str, text: str, known: frozenset[str]) -> Iterator[str]:
    right = ", ".join(f"{{{one}}}" for one in sorted(known)) or "nothing"
    try:
        fields = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    except ValueError as error:
        yield f"{at}: {error}"
        return
    for field in sorted(fields - known):
        yield f"{at}: nothing fills in {{{field}}}; {right} may be filled in"
