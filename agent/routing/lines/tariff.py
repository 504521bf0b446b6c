"""What a call costs its caller and the company: ``routing/tariff.yaml`` of a company's folder. Pure.

Of a call to a 400 number the caller pays the way to the network (a local call, or their mobile's minutes) and the
company pays the way on to where it is answered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import ceil
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from agent.errors import CompanyError
from agent.routing.lines.number import LineKind, parse_number
from agent.routing.lines.region import Located, locate
from agent.yaml_file import line_of, load_yaml

FILE = "tariff.yaml"

Called = Literal["400", "800", "landline", "mobile", "service", "abroad"]
Distance = Literal["local", "national", "abroad"]
"""``local``: from the city where the called number is answered. A place that is not known is ``national``."""

FREE = Decimal(0)


def _steps(value: object) -> object:
    return {"second": 1, "6s": 6, "minute": 60}.get(value, value) if isinstance(value, str) else value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Price(_Part):
    """``price``: CNY for each started step of ``per`` (minute, 6s, second)."""

    price: Decimal = Field(ge=0, le=1000, max_digits=8, decimal_places=4)
    per: Annotated[Literal[1, 6, 60], BeforeValidator(_steps)] = 60

    def of(self, seconds: float) -> Decimal:
        return self.price * -(-ceil(seconds) // self.per)


class Rate(_Part):
    """Who pays what, for calls to numbers of the kinds ``called``, from the kinds ``line``, over such a ``distance``;
    what is left out is any. Who is not named pays nothing.
    """

    called: tuple[Called, ...] = Field((), description="empty: any")
    line: tuple[LineKind, ...] = ()
    distance: tuple[Distance, ...] = ()
    caller: Price | None = None
    company: Price | None = None

    def covers(self, called: Called, line: LineKind, distance: Distance) -> bool:
        return (
            (not self.called or called in self.called)
            and (not self.line or line in self.line)
            and (not self.distance or distance in self.distance)
        )


class Home(_Part):
    """Where the company's 400 numbers land: calls from there are local."""

    province: str = Field(min_length=1)
    city: str = Field(min_length=1)


class Tariff(_Part):
    """The first rate that covers a call counts. All money is CNY."""

    home: Home
    rates: tuple[Rate, ...] = Field(min_length=1)

    def rate(self, called: Called, line: LineKind, distance: Distance) -> Rate | None:
        return next((rate for rate in self.rates if rate.covers(called, line, distance)), None)


@dataclass(frozen=True)
class Cost:
    """What a call cost, in CNY, exact; round where it is shown."""

    caller: Decimal
    company: Decimal

    @property
    def total(self) -> Decimal:
        return self.caller + self.company


def load_tariff(path: Path) -> Tariff:
    """The file. Raises CompanyError, ``FILE:LINE: …`` for each problem: a call that no rate covers, a rate that none
    reaches.
    """
    tariff = load_yaml(path, Tariff)
    if problems := list(_faults(path, tariff)):
        raise CompanyError("\n".join(problems))
    return tariff


def cost(tariff: Tariff, located: Located, called: str, seconds: float) -> Cost:
    """What a call of so many answered seconds costs. ``called``: the number dialled, in any written form, the 400
    number and not where it lands. Nothing for a call that was not answered. ValueError for seconds below 0.
    """
    if seconds < 0:
        raise ValueError(f"a call lasts 0 seconds or more, not {seconds}")
    kind = called_kind(called)
    rate = tariff.rate(kind, located.kind, _distance(tariff.home, located, kind, called))
    if rate is None:
        return Cost(FREE, FREE)
    caller = rate.caller.of(seconds) if rate.caller else FREE
    company = rate.company.of(seconds) if rate.company else FREE
    return Cost(caller, company)


def called_kind(called: str) -> Called:
    """What kind of number was dialled; a number that is none is billed as a landline."""
    line = parse_number(called)
    if line.kind == "service" and line.digits.startswith("400"):
        return "400"
    if line.kind == "service" and line.digits.startswith("800"):
        return "800"
    return line.kind if line.kind in ("landline", "mobile", "service", "abroad") else "landline"


def _distance(home: Home, located: Located, kind: Called, called: str) -> Distance:
    if located.kind == "abroad" or kind == "abroad":
        return "abroad"
    there = (home.province, home.city)
    if kind in ("landline", "mobile"):
        place = locate(called)
        there = (place.province, place.city)
    return "local" if located.city and (located.province, located.city) == there else "national"


def _faults(path: Path, tariff: Tariff) -> Iterator[str]:
    used: set[int] = set()
    gaps = []
    for called, line, distance in product(get_args(Called), get_args(LineKind), get_args(Distance)):
        if (distance == "abroad") != ("abroad" in (called, line)):
            continue
        rate = tariff.rate(called, line, distance)
        if rate is None:
            gaps.append((called, line, distance))
        else:
            used.add(next(index for index, one in enumerate(tariff.rates) if one is rate))
    for index in range(len(tariff.rates)):
        if index not in used:
            yield f"{path}:{line_of(path, 'rates', index)}: rates.{index}: rates above it cover every call of this one"
    if gaps:
        called, line, distance = gaps[0]
        yield (
            f"{path}:{line_of(path, 'rates')}: rates: none for a call to {called} from {line} ({distance}), and"
            f" {len(gaps) - 1} more; end with a rate that names no called, line and distance"
        )
