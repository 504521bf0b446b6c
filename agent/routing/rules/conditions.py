"""What a rule asks of a call. Each condition looks at one side of it and says of any call whether it holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from agent.events import Intent, Language, RiskLevel, Scalar, Sentiment, SpamVerdict
from agent.routing.lines import LineKind, parse_number
from agent.routing.rules.facts import Facts
from agent.routing.rules.values import Known, OneOf, Range, Test, read_choice, read_field, read_range
from agent.routing.schedule import Schedule

RECORDS = ("record", "device", "order")
LOADS = ("waiting", "seats_ready", "expected_wait_s")


def _one_of(*allowed: str) -> BeforeValidator:
    return BeforeValidator(lambda value: read_choice(value, allowed or None))


def _numbers(value: Any) -> OneOf:
    choice = read_choice(value)
    for one in choice.values:
        if not isinstance(one, str):
            raise ValueError(f'{one!r} is not a text; put the number in quotes: "{one}"')
        if parse_number(one).kind in ("malformed", "withheld"):
            raise ValueError(f"{one!r} is no number that can be called")
    return OneOf(tuple(parse_number(str(one)).digits for one in choice.values), choice.negated)


Names = Annotated[OneOf, _one_of()]
Numbers = Annotated[OneOf, BeforeValidator(_numbers)]
Amount = Annotated[Range, BeforeValidator(read_range)]
FieldTest = Annotated[OneOf | Range | Known, BeforeValidator(read_field)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Calls(_Part):
    """How often the number has called in so many days, without this call."""

    days: int = Field(ge=1, le=366)
    count: Amount


class LoadTest(_Part):
    """How it stands in a ``queue``, in all together where none is named."""

    queue: str = ""
    waiting: Amount | None = None
    seats_ready: Amount | None = None
    expected_wait_s: Amount | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> "LoadTest":
        if not any(getattr(self, name) for name in LOADS):
            raise ValueError(f"nothing is asked of the load; give {', '.join(LOADS)}")
        return self


class When(_Part):
    """What must hold, all of it; nothing at all is every call. A value that is not known meets only ``not``."""

    province: Names | None = None
    city: Names | None = None
    line: Annotated[OneOf, _one_of(*get_args(LineKind))] | None = None
    called: Numbers | None = None
    time: Schedule | None = None
    language: Annotated[OneOf, _one_of(*get_args(Language))] | None = None
    intent: Annotated[OneOf, _one_of(*get_args(Intent))] | None = None
    sentiment: Annotated[OneOf, _one_of(*get_args(Sentiment))] | None = None
    risk: Annotated[OneOf, _one_of(*get_args(RiskLevel))] | None = None
    spam: Annotated[OneOf, _one_of(*get_args(SpamVerdict))] | None = None
    vip: bool | None = None
    record: Mapping[str, FieldTest] = {}
    device: Mapping[str, FieldTest] = {}
    order: Mapping[str, FieldTest] = {}
    calls: Calls | None = None
    alert_within_days: int | None = Field(None, ge=1, le=366)
    load: LoadTest | None = None

    def conditions(self, zone: ZoneInfo) -> Iterator["Condition"]:
        """In the order in which a reader would check them."""
        for name in ("province", "city", "line", "called", "language", "intent", "sentiment", "risk", "spam"):
            if (test := getattr(self, name)) is not None:
                yield Condition(name, test)
        if self.time is not None:
            yield Condition("time", self.time, zone=zone)
        if self.vip is not None:
            # Who is not known is no VIP.
            yield Condition("record", OneOf((True,), negated=not self.vip), field="vip", path="vip")
        for name in RECORDS:
            for field, test in getattr(self, name).items():
                yield Condition(name, test, field=field, path=f"{name}.{field}")
        if self.calls is not None:
            yield Condition("calls", self.calls.count, days=self.calls.days)
        if self.alert_within_days is not None:
            yield Condition("alert", Range(0, self.alert_within_days, high_open=True), path="alert_within_days")
        if self.load is not None:
            for name in LOADS:
                if (test := getattr(self.load, name)) is not None:
                    yield Condition("load", test, field=name, queue=self.load.queue, path=f"load.{name}")


@dataclass(frozen=True)
class Condition:
    """``name``: the side of the call it looks at; ``field``: which entry of a record, which figure of the load.
    ``path``: where it stands in the file, below ``when``, where that is not its name.
    """

    name: str
    test: Test | Schedule
    field: str = ""
    queue: str = ""
    days: int = 0
    zone: ZoneInfo | None = None
    path: str = ""

    @property
    def place(self) -> tuple[str, ...]:
        return tuple((self.path or self.name).split(".", 1))

    @property
    def axis(self) -> str:
        """What it shares with conditions that are not independent of it: a city lies in a province."""
        if self.name in ("province", "city", "line"):
            return "caller"
        if self.name in RECORDS:
            return f"{self.name}.{self.field}"
        return f"load.{self.queue}.{self.field}" if self.name == "load" else self.name

    def value(self, facts: Facts) -> Scalar:
        """What the call has there; None where it is not known. Not for the time."""
        match self.name:
            case "province":
                return facts.caller.province or None
            case "city":
                return facts.caller.city or None
            case "line":
                return facts.caller.kind
            case "calls":
                return facts.calls_within(self.days)
            case "alert":
                return facts.days_since_alert()
            case "load":
                load: Scalar = getattr(facts.load_of(self.queue), self.field)
                return load
            case "record" | "device" | "order":
                record: Mapping[str, Scalar] = getattr(facts, self.name)
                return record.get(self.field)
        value: Scalar = getattr(facts, self.name)
        return value

    def holds(self, facts: Facts) -> bool:
        if isinstance(self.test, Schedule):
            assert self.zone is not None
            return self.test.holds(facts.at, self.zone)
        return self.test.holds(self.value(facts))
