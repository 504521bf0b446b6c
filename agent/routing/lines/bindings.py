"""Which number leads where: ``routing/numbers.yaml`` of a company, and the choice among what is bound. Pure."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from agent.errors import CompanyError
from agent.routing.lines.number import parse_number
from agent.routing.schedule import CHINA, Schedule
from agent.routing.targets import Target
from agent.yaml_file import line_of, load_yaml

FILE = "numbers.yaml"
MAX_TARGETS = 50
"""What carriers let a 400 number be bound to."""

RULES = "rules"
"""Bound to a number: the routing rules decide."""


def _number(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is not a text; put the number in quotes: "{value}"')
    line = parse_number(value)
    if line.kind in ("malformed", "withheld"):
        raise ValueError(f'{value!r} is no number that can be called; one such as "4008001234" or "010-56781234"')
    return line.digits


CalledNumber = Annotated[str, BeforeValidator(_number)]
To = Literal["rules"] | Target


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bound(_Part):
    """One target of a number. ``weight``: its share among those on duty where the number shares; ``schedule``: when it
    is on duty, always where there is none.
    """

    to: To
    weight: int = Field(1, ge=0, le=1000)
    schedule: Schedule | None = None
    note: str = ""


class _Entry(_Part):
    """A number as the file has it."""

    number: CalledNumber
    name: str = Field(min_length=1)
    landing: tuple[CalledNumber, ...] = ()
    by: Literal["order", "weight"] = "order"
    targets: tuple[Bound, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_chosen(self) -> "_Entry":
        if len(self.targets) > MAX_TARGETS:
            raise ValueError(f"{len(self.targets)} targets; at most {MAX_TARGETS} can be bound to a number")
        if self.by == "order" and any("weight" in bound.model_fields_set for bound in self.targets):
            raise ValueError("a weight counts only with by: weight; here targets are tried in their order")
        if self.by == "weight" and not any(bound.weight for bound in self.targets):
            raise ValueError("all weights are 0, so that no target would get a call; give one a weight above 0")
        return self


class _File(_Part):
    numbers: tuple[_Entry, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Binding:
    """A number that callers dial, and what the trunk may report in its place: ``landing``. ``by``: targets are tried in
    their order, or shared out by weight. ``zone``: whose clock their schedules go by.
    """

    number: str
    name: str
    targets: tuple[Bound, ...]
    by: Literal["order", "weight"] = "order"
    landing: tuple[str, ...] = ()
    zone: ZoneInfo = CHINA


@dataclass(frozen=True)
class Numbers:
    """All numbers of a company, in the order of the file."""

    bindings: tuple[Binding, ...]
    file: Path = Path(FILE)

    @property
    def all(self) -> frozenset[str]:
        """Every number that leads here, as digits."""
        return frozenset(self._by_number)

    def of(self, called: str) -> Binding | None:
        """The binding of a called number, in any of its written forms; None where it is not ours."""
        return self._by_number.get(parse_number(called).digits)

    @cached_property
    def _by_number(self) -> Mapping[str, Binding]:
        return {number: one for one in self.bindings for number in (one.number, *one.landing)}


def load_numbers(path: Path, zone: ZoneInfo = CHINA) -> Numbers:
    """The file. ``zone``: the company's time zone. Raises CompanyError, ``FILE:LINE: …`` for each problem."""
    entries = load_yaml(path, _File).numbers
    if problems := list(_overlaps(path, entries)):
        raise CompanyError("\n".join(problems))
    return Numbers(
        tuple(Binding(one.number, one.name, one.targets, one.by, one.landing, zone) for one in entries),
        path,
    )


def choose_target(binding: Binding, when: datetime, draw: float) -> Bound | None:
    """Where a call to this number goes; None where nobody is on duty. As `in_turn` says it, the first."""
    return next(iter(in_turn(binding, when, draw)), None)


def in_turn(binding: Binding, when: datetime, draw: float) -> tuple[Bound, ...]:
    """The targets on duty, in the order in which they are to be tried; a weight of 0 gets what the others do not take.

    draw: 0 <= draw < 1, the same for the same call (see `draw_of`): so a share is kept over many calls, and one call is
    decided the same way each time. ``when`` knows its time zone; ValueError where it does not, or for another draw.
    """
    if not 0 <= draw < 1:
        raise ValueError(f"a draw is at least 0 and below 1, not {draw}")
    on_duty = [one for one in binding.targets if one.schedule is None or one.schedule.holds(when, binding.zone)]
    return tuple(on_duty) if binding.by == "order" else tuple(_shared_out(on_duty, draw))


def draw_of(call_id: str) -> float:
    """A number from 0 up to before 1 that is this call's, evenly spread over calls."""
    return int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:6], "big") / 2**48


def _shared_out(bounds: list[Bound], draw: float) -> Iterator[Bound]:
    """By weight, without putting back: what is left of the draw inside one share chooses the next."""
    left = [one for one in bounds if one.weight]
    while left:
        at = draw * sum(one.weight for one in left)
        index = 0
        while index < len(left) - 1 and at >= left[index].weight:
            at -= left[index].weight
            index += 1
        chosen = left.pop(index)
        # Rounding may leave a hair too much.
        draw = min(max(at / chosen.weight, 0.0), 1 - 2**-53)
        yield chosen
    yield from (one for one in bounds if not one.weight)


def _overlaps(path: Path, entries: tuple[_Entry, ...]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for index, entry in enumerate(entries):
        places = [("number",), *(("landing", number) for number in range(len(entry.landing)))]
        for place, number in zip(places, (entry.number, *entry.landing), strict=True):
            if number in seen:
                line = line_of(path, "numbers", index, *place)
                where = ".".join(map(str, ("numbers", index, *place)))
                yield f"{path}:{line}: {where}: {number} is bound by {seen[number]!r} already"
            seen.setdefault(number, entry.name)
