"""Who calls on a day, when, and how they behave: ``routing/traffic.yaml`` of a company, or the one beside this file."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from agent.events import Intent, Language, Scalar
from agent.routing.days import DayKind, day_kind
from agent.routing.schedule import Schedule
from agent.simulation.chances import Duration, Part, Share
from agent.yaml_file import load_yaml

DEFAULT_TRAFFIC = Path(__file__).parent / "traffic.yaml"
HALF_HOURS = 48
HALF_HOUR_MS = 30 * 60_000

Weight = Annotated[float, Field(ge=0)]


def _day(weights: tuple[float, ...]) -> tuple[float, ...]:
    if len(weights) != HALF_HOURS:
        raise ValueError(f"{len(weights)} half hours; a day has {HALF_HOURS}, the first begins at 00:00")
    if not any(weights):
        raise ValueError("all are 0, so that nobody would ever call")
    return weights


def _some(weights: dict[str, float]) -> dict[str, float]:
    if not any(weights.values()):
        raise ValueError("all weights are 0; give at least one a weight above 0")
    return weights


DayProfile = Annotated[tuple[Weight, ...], AfterValidator(_day)]
Weights = Annotated[dict[str, Weight], AfterValidator(_some)]


class Peak(Part):
    """Within these hours a matter comes so many times as often."""

    hours: Annotated[Schedule, BeforeValidator(lambda text: Schedule.model_validate({"hours": text}))]
    times: float = Field(ge=0, le=100)


class Fields(Part):
    """What the back end knows of this share of callers."""

    share: Share
    fields: dict[str, Scalar]


class Matter(Part):
    """Callers with one intent. ``weight``: their share among all. ``bot_solves``: of those who let the bot try.
    ``asks_person``: who want a person at once. ``alert``: on whom an alert is raised if they stay long enough.
    """

    weight: Weight
    peak: Peak | None = None
    bot_solves: Share
    asks_person: Share = 0.0
    bot_talk: Duration = Duration(mean_s=80)
    alert: Share = 0.0
    angry: Share = 0.0
    negative: Share = 0.0
    device: tuple[Fields, ...] = ()
    order: tuple[Fields, ...] = ()

    @model_validator(mode="after")
    def _moods(self) -> "Matter":
        if self.angry + self.negative > 1:
            raise ValueError(f"angry {self.angry:g} and negative {self.negative:g} are more than all callers")
        return self


class Line(Part):
    """``calls_at_once``: what the server takes; one more hears it ring. ``answers_in``: until the bot says hello.
    ``rings_for``: how long a caller lets it ring.
    """

    calls_at_once: int = Field(default=200, ge=1)
    answers_in: Duration = Duration(mean_s=0.8, spread=0.4)
    rings_for: Duration = Duration(mean_s=30, spread=0.5)


class Waiters(Part):
    """``patience``: how long they wait for a person. ``take_callback``: who press 1 when a callback is offered;
    ``reached``: who pick up when they are rung back, ``picks_up_in``. ``call_again``: of those who hung up,
    ``again_after``.
    """

    patience: Duration = Duration(mean_s=240, shape="exponential")
    take_callback: Share = 0.35
    reached: Share = 0.8
    picks_up_in: Duration = Duration(mean_s=12, spread=0.5)
    call_again: Share = 0.0
    again_after: Duration = Duration(mean_s=600)


class Traffic(Part):
    """``arrivals``: for kinds of day, weights of its 48 half hours; ``any`` for those that are not there. ``called``:
    weights of the company's numbers; the first of numbers.yaml where it is left out. ``understood_after``: until the
    intent is known; ``alert_after``: until an alert is raised; ``asks_after``: until a person is asked for.
    """

    arrivals: dict[str, DayProfile]
    intents: dict[Intent, Matter] = Field(min_length=1)
    called: dict[str, Weight] = Field(default={})
    provinces: Weights
    languages: dict[Language, Weight] = Field(default={"zh": 1.0}, min_length=1)
    withheld: Share = 0.0
    spam_refused: Share = 0.0
    calls_before: Share = 0.0
    alerted_lately: Share = 0.0
    records: tuple[Fields, ...] = ()
    understood_after: Duration = Duration(mean_s=12, spread=0.4)
    asks_after: Duration = Duration(mean_s=25, spread=0.6)
    alert_after: Duration = Duration(mean_s=60, spread=0.8)
    line: Line = Line()
    waiters: Waiters = Waiters()

    @model_validator(mode="after")
    def _complete(self) -> "Traffic":
        kinds: tuple[str, ...] = ("any", "workday", "makeup", "weekend", "holiday")
        for name in self.arrivals:
            if name not in kinds:
                raise ValueError(f"arrivals: {name!r} is no kind of day; one of {', '.join(kinds)}")
        if "any" not in self.arrivals:
            raise ValueError("arrivals: any is missing: the day where its kind has no entry of its own")
        if not any(matter.weight for matter in self.intents.values()):
            raise ValueError("intents: all weights are 0, so that nobody would ever call")
        return self

    def profile(self, day: date) -> tuple[float, ...]:
        kind: DayKind = day_kind(day)
        return self.arrivals.get(kind, self.arrivals["any"])


def load_traffic(file: Path = DEFAULT_TRAFFIC) -> Traffic:
    """Raises CompanyError ``FILE:LINE: …``, one line a problem."""
    return load_yaml(file, Traffic)
