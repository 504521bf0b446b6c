"""Who is at work on a day, and how people work: ``routing/staffing.yaml`` of a company."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from agent.errors import CompanyError
from agent.routing.floor.policy import FloorPolicy, SeatPolicy
from agent.routing.schedule import MINUTES_A_DAY, Schedule
from agent.simulation.chances import Duration, Part, Share
from agent.yaml_file import line_of, load_yaml

FILE = "staffing.yaml"


def _hours(text: Any) -> Any:
    return Schedule.model_validate({"hours": text}).hours


Hours = Annotated[tuple[tuple[int, int], ...], BeforeValidator(_hours)]


class Break(Part):
    """``minutes`` long, taken in turns ``between`` two times: the first of a shift at its beginning, the last at its
    end.
    """

    minutes: int = Field(ge=1, le=240)
    between: Hours

    @model_validator(mode="after")
    def _fits(self) -> "Break":
        if len(self.between) != 1:
            raise ValueError("a break lies between two times; write one for each span")
        begin, end = self.between[0]
        if end - begin < self.minutes:
            raise ValueError(f"{self.minutes} minutes do not fit between them")
        return self

    def begins(self, nth: int, of: int) -> int:
        """The minute of the day when the ``nth`` person of so many goes."""
        begin, end = self.between[0]
        return begin + (end - self.minutes - begin) * nth // max(1, of - 1)


class Shift(Part):
    hours: Hours
    breaks: tuple[Break, ...] = ()


class Person(Part):
    """``seat``: of seats.yaml. ``when``: on which days. ``count``: so many people like this one, this one with them, to
    try a larger team.
    """

    seat: str
    shift: str
    when: Schedule | None = None
    count: int = Field(default=1, ge=1, le=500)


class Staffing(Part):
    """``talk``: how long people talk, by skill; what seats.yaml says of handling where a skill is left out.
    ``wrap_up``: shorter than the policy's at most. ``misses``: offers that nobody takes; ``back_after``: until somebody
    notices that they were put on break for it.
    """

    shifts: dict[str, Shift] = Field(min_length=1)
    people: tuple[Person, ...] = ()
    talk: dict[str, Duration] = Field(default={})
    wrap_up: Duration = Duration(mean_s=20, spread=0.5)
    answers_in: Duration = Duration(mean_s=3, spread=0.5)
    misses: Share = 0.0
    back_after: Duration = Duration(mean_s=120, spread=0.5)


@dataclass(frozen=True)
class AtWork:
    """A seat's day. Minutes of the day; beyond 1440 they are of the next."""

    seat: SeatPolicy
    hours: tuple[tuple[int, int], ...]
    breaks: tuple[tuple[int, int], ...]


def load_staffing(file: Path, policy: FloorPolicy) -> Staffing:
    """``policy``: the seats and skills that it may name. Raises CompanyError ``FILE:LINE: …``, one line a problem."""
    staffing = load_yaml(file, Staffing)
    problems = list(_problems(file, staffing, policy))
    if problems:
        raise CompanyError("\n".join(problems))
    return staffing


def at_work(staffing: Staffing, policy: FloorPolicy, day: date) -> tuple[AtWork, ...]:
    """Everybody who comes on this day, those with them of whom there are several."""
    by_shift: dict[str, list[SeatPolicy]] = {}
    taken: set[str] = set()
    for person in staffing.people:
        if person.when is None or person.when.begins_on(day):
            alike = _alike(policy, policy.by_id[person.seat], person.count, taken)
            by_shift.setdefault(person.shift, []).extend(alike)
    found = []
    for name, seats in by_shift.items():
        shift = staffing.shifts[name]
        for nth, seat in enumerate(seats):
            breaks = [(one.begins(nth, len(seats)), one.minutes) for one in shift.breaks]
            found.append(AtWork(seat, shift.hours, tuple((begin, begin + minutes) for begin, minutes in breaks)))
    return tuple(found)


def _alike(policy: FloorPolicy, seat: SeatPolicy, count: int, taken: set[str]) -> Iterator[SeatPolicy]:
    number, name = 1, seat.id
    for _ in range(count):
        while name in taken or (number > 1 and name in policy.by_id):
            number += 1
            name = f"{seat.id}-{number}"
        taken.add(name)
        yield seat if name == seat.id else seat.model_copy(update={"id": name, "name": f"{seat.name} {number}"})


def with_people(policy: FloorPolicy, people: Sequence[AtWork]) -> FloorPolicy:
    """The policy with a seat for each of them."""
    seats = {**policy.by_id, **{one.seat.id: one.seat for one in people}}
    # Made anew and not copied: a copy would keep what the old one has cached.
    fields = {name: getattr(policy, name) for name in FloorPolicy.model_fields}
    return FloorPolicy.model_validate({**fields, "seats": tuple(seats.values())})


def talk_of(staffing: Staffing, policy: FloorPolicy, skill: str) -> Duration:
    """How long people talk for a skill."""
    known = staffing.talk.get(skill)
    if known is not None:
        return known
    besides_s = staffing.wrap_up.mean_s + staffing.answers_in.mean_s
    return Duration(mean_s=max(30.0, policy.skills[skill].handling_s - besides_s), spread=0.8)


def _problems(file: Path, staffing: Staffing, policy: FloorPolicy) -> Iterator[str]:
    for index, person in enumerate(staffing.people):
        for what, name, known in (("seat", person.seat, policy.by_id), ("shift", person.shift, staffing.shifts)):
            if name not in known:
                line = line_of(file, "people", index, what)
                yield f"{file}:{line}: people.{index}.{what}: no {what} {name!r}; {_near(name, list(known))}"
    for skill in staffing.talk:
        if skill not in policy.skills:
            line = line_of(file, "talk", skill)
            yield f"{file}:{line}: talk.{skill}: no such skill; {_near(skill, list(policy.skills))}"
    for name, shift in staffing.shifts.items():
        for begin, end in (one.between[0] for one in shift.breaks):
            if not any(start <= begin and end <= stop for start, stop in shift.hours):
                line = line_of(file, "shifts", name, "breaks")
                yield f"{file}:{line}: shifts.{name}.breaks: {_clock(begin)}-{_clock(end)} is outside its hours"
    if not staffing.people:
        yield f"{file}:1: people: nobody is there; name at least one seat and its shift"


def _near(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def _clock(minute: int) -> str:
    return f"{minute % MINUTES_A_DAY // 60:02}:{minute % 60:02}"
