"""A recorded call to replay: what the caller does, when, and what must come of it.

A fixture is a folder with a ``call.yaml`` and one 8 kHz WAV per utterance of the caller. The bot's answers differ in
length from model to model, so a caller does not speak at fixed times but answers the bot: each turn says what it waits
for. ``audio_fixtures/README.md`` shows a whole file.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from agent.errors import HotlineError
from agent.events import Destination, Intent, Language, RiskLevel, Sentiment

EndedBy = Literal["caller", "bot", "transfer", "error", "operator"]


def _one_or_more(value: object) -> object:
    """A single value stands for a list of one, so that the common case reads well in YAML."""
    return value if value is None or isinstance(value, list) else [value]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Intents = Annotated[tuple[Intent, ...], BeforeValidator(_one_or_more)]
Sentiments = Annotated[tuple[Sentiment, ...], BeforeValidator(_one_or_more)]
Destinations = Annotated[tuple[Destination, ...], BeforeValidator(_one_or_more)]
RiskLevels = Annotated[tuple[RiskLevel, ...], BeforeValidator(_one_or_more)]
Endings = Annotated[tuple[EndedBy, ...], BeforeValidator(_one_or_more)]


class Caller(_Strict):
    """number: as the carrier shows it, digits only. voice: who speaks, for the recipe."""

    number: str = Field(pattern=r"^\+?\d{3,15}$")
    voice: str | None = None


class Cue(_Strict):
    """When the caller acts. In audio time, on the caller's end of the line.

    after_bot: ``delay_ms`` after the bot finished speaking its answer to the turn before (its greeting, for the first).
    during_bot: ``delay_ms`` after the bot began to speak that answer: talks over it.
    at: at ``at_ms`` of the call, whatever the bot does.
    """

    when: Literal["after_bot", "during_bot", "at"] = "after_bot"
    delay_ms: int = Field(default=600, ge=0)
    at_ms: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _at_needs_a_time(self) -> Self:
        if (self.when == "at") != (self.at_ms is not None):
            raise ValueError("'when: at' goes with at_ms, and at_ms only with 'when: at'")
        return self


class Recipe(_Strict):
    """How ``make_fixtures`` makes a turn's audio; replay ignores it. See audio_fixtures/README.md.

    text: what the synthesizer is given where it differs from ``say``; ``[700]`` is a pause of 700 ms. clip: name of a
    human recording instead. voice, speed: of this turn.
    """

    text: str | None = None
    clip: str | None = None
    voice: str | None = None
    speed: float = Field(default=1.0, ge=0.5, le=2.0)


class CallerTurn(Cue):
    """One thing the caller does: plays ``audio`` (a WAV of the fixture's folder) or presses the keys of ``dtmf``.

    say: the transcript, as spoken. language: of this turn, where it is not the call's. hang_up_after_ms: the caller is
    gone that long after this turn began, in mid-word.
    """

    say: str = ""
    language: Language | None = None
    audio: str | None = Field(default=None, pattern=r"^[\w.-]+\.wav$")
    dtmf: str | None = Field(default=None, pattern=r"^[0-9*#A-D]+$")
    hang_up_after_ms: int | None = Field(default=None, gt=0)
    recipe: Recipe = Recipe()

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        if (self.audio is None) == (self.dtmf is None):
            raise ValueError("a turn has either audio or dtmf")
        return self


class Background(_Strict):
    """Sound of the caller's surroundings, repeated for the whole call and added to the caller's audio as it is."""

    audio: str = Field(pattern=r"^[\w.-]+\.wav$")


class Line(_Strict):
    """What lies between the caller's mouth and us; for the recipe, replay ignores it.

    noise: kind of background noise, at ``noise_db`` (relative to full scale, before the line). room: reverberation time
    in seconds. level_db: RMS of the speech relative to full scale.
    """

    noise: Literal["none", "street", "office", "hum"] = "none"
    noise_db: float = Field(default=-45.0, le=0)
    room_s: float = Field(default=0.0, ge=0, le=2.0)
    level_db: float = Field(default=-20.0, le=0)


class ExpectedSummary(_Strict):
    """facts: by kind, in written form (order_number, phone, amount, product, date, time, name, address …)."""

    intent: Intents = ()
    facts: dict[str, tuple[str, ...]] = {}
    follow_up: bool | None = None
    risk: RiskLevels = ()


class Expect(_Strict):
    """What must come of the call. An empty list or null means: not checked.

    intents, sentiment: one entry a turn of the caller that is speech, each one value, a list of acceptable ones, or
    null. alert: ``high`` or ``none``; evidence: signals of the risk rules that must be among the alert's. route: where
    the call must stand at its end. min_turns, max_turns: number of utterances recognised.
    """

    intents: tuple[Intents | None, ...] = ()
    sentiment: tuple[Sentiments | None, ...] = ()
    alert: Literal["none", "high"] = "none"
    evidence: tuple[str, ...] = ()
    route: Destinations | None = None
    summary: ExpectedSummary = ExpectedSummary()
    min_turns: int = Field(default=0, ge=0)
    max_turns: int | None = None
    barge_in: bool = False
    dtmf: str = ""
    ended_by: Endings = ("caller",)


class Fixture(_Strict):
    """One call. ``folder`` is where its files are; it is not part of the YAML."""

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    description: str
    caller: Caller
    callee: str = Field(pattern=r"^\d{5,12}$")
    started_at: datetime
    language: Language
    line: Line = Line()
    background: Background | None = None
    turns: tuple[CallerTurn, ...] = ()
    end: Cue = Cue()
    expect: Expect = Expect()
    folder: Path = Field(default=Path("."), exclude=True)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.started_at.tzinfo is None:
            raise ValueError("started_at needs an offset, for example 2026-03-16T10:05:00+08:00")
        spoken = len(self.spoken_turns)
        for what, entries in (("intents", self.expect.intents), ("sentiment", self.expect.sentiment)):
            if entries and len(entries) != spoken:
                raise ValueError(f"expect.{what} has {len(entries)} entries for {spoken} spoken turns")
        return self

    @property
    def spoken_turns(self) -> tuple[CallerTurn, ...]:
        return tuple(turn for turn in self.turns if turn.audio is not None)

    @property
    def audio_files(self) -> tuple[Path, ...]:
        """Every WAV the call needs, the background last."""
        names = [turn.audio for turn in self.turns if turn.audio is not None]
        if self.background is not None:
            names.append(self.background.audio)
        return tuple(self.folder / name for name in names)


def load_fixture(path: Path) -> Fixture:
    """A fixture from its folder or its call.yaml. Raises HotlineError ``fixture_invalid`` naming file and field.

    Whether its WAV files exist is not checked here: reading them tells, and the recipe must load before they do.
    """
    file = path / "call.yaml" if path.is_dir() else path
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("a fixture is a mapping with name, caller, callee, started_at, language and turns")
        return Fixture.model_validate({**content, "folder": file.parent})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise HotlineError("fixture_invalid", f"{file}: {field}: {first['msg']}") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        # YAML errors draw a picture over several lines; an error is one.
        reason = " ".join(str(error).split())
        raise HotlineError("fixture_invalid", f"{file}: not a readable fixture: {reason}") from error


def find_fixtures(root: Path) -> tuple[Path, ...]:
    """The folders of all fixtures under a folder (or that folder itself), by name."""
    if (root / "call.yaml").is_file():
        return (root,)
    return tuple(sorted(file.parent for file in root.glob("*/call.yaml")))
