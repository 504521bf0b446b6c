"""A whole day of a hotline in virtual time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.errors import CompanyError, HotlineError
from agent.routing.days import has_calendar
from agent.routing.floor import FloorPolicy, check_seats, opened
from agent.routing.floor.inputs import SkillClosed, SkillOpened
from agent.routing.lines import Numbers
from agent.routing.rules import Rules
from agent.routing.targets import split_target
from agent.simulation.callers import callers
from agent.simulation.calls import Calls
from agent.simulation.clock import VirtualFloor
from agent.simulation.people import MINUTE_MS, People
from agent.simulation.record import Call, Watched
from agent.simulation.router import Router
from agent.simulation.staffing import Staffing, at_work, talk_of, with_people
from agent.simulation.traffic import HALF_HOURS, Traffic
from agent.yaml_file import line_of

DAYS = 2
"""The day and the one after it, on whose morning who called in the night is rung back."""

Spans = Callable[[date], Sequence[tuple[int, int]]]
"""The hours of a day in which people can be reached, in minutes of the day."""


@dataclass(frozen=True)
class Setting:
    """What is tried. ``hours``: of the company; a skill takes no new calls outside them. ``keep_days``: so long who had
    an alert is kept with a specialist.
    """

    policy: FloorPolicy
    rules: Rules
    numbers: Numbers
    traffic: Traffic
    staffing: Staffing
    hours: Spans
    keep_days: int = 0


@dataclass(frozen=True)
class Lived:
    """What has become of a day. ``open_promises``: who was not rung back by the end of the next day. ``misfits``: what
    the floor was told and could not use, by kind: nothing, where callers and people behave as they can.
    """

    calls: list[Call]
    watched: Watched
    start_ms: int
    rules: dict[str, int]
    steps: int
    decisions: int
    misfits: dict[str, int]
    open_promises: int
    skills: tuple[str, ...]
    seats: int
    notes: tuple[str, ...] = ()


def live(setting: Setting, day: date, calls: int, seed: int) -> Lived:
    """``calls`` come, and who hung up in the queue may come again. The same seed is the same day.

    Raises HotlineError ``simulation``: no calls, a day whose holidays are not known, nobody at work on it; CompanyError
    ``FILE:LINE: …`` where rules or numbers name a queue that is not there.
    """
    zone = setting.rules.zone
    _check(setting, day, calls)
    people = [at_work(setting.staffing, setting.policy, day + timedelta(days=n)) for n in range(DAYS)]
    if not people[0]:
        raise HotlineError("simulation", f"nobody is at work on {day:%A %Y-%m-%d}; see people in the staffing file")
    policy = with_people(setting.policy, [one for each in people for one in each])
    midnights = [_midnight_ms(day + timedelta(days=n), zone) for n in range(DAYS + 1)]
    start_ms = midnights[0]
    watched = Watched(opened(policy), start_ms, HALF_HOURS)
    line = Calls(setting.traffic.line, {skill: talk_of(setting.staffing, policy, skill) for skill in policy.skills})
    world = VirtualFloor(policy, start_ms, line.act, watched.changed)
    router = Router(setting.numbers, setting.rules, policy, lambda: world.floor, setting.keep_days)
    staff = People(world, setting.staffing, seed)
    line.join(world, router, staff)
    _open_and_close(world, setting.hours, day, midnights)
    for at_ms, each in zip(midnights, people, strict=False):
        staff.come(each, at_ms)
    numbers = tuple(binding.number for binding in setting.numbers.bindings)
    midnight = datetime.combine(day, time(), zone)
    for caller in callers(setting.traffic, calls, midnight, numbers, seed):
        world.at(caller.at_ms, line.arrive, caller)
    world.run(midnights[-1], lambda: world.now_ms >= midnights[1] and not line.going_on)
    watched.finish(min(world.now_ms, midnights[1]))
    return Lived(
        calls=line.all,
        watched=watched,
        start_ms=start_ms,
        rules={name: count for name, count in line.rules.items() if count},
        steps=world.steps,
        decisions=router.decisions,
        misfits=dict(world.misfits),
        open_promises=line.open_promises,
        skills=tuple(policy.skills),
        seats=len(people[0]),
        notes=tuple(_notes(setting)),
    )


def _check(setting: Setting, day: date, calls: int) -> None:
    if calls < 1:
        raise HotlineError("simulation", f"{calls} calls: at least one is wanted")
    if not has_calendar(day.year):
        raise HotlineError(
            "simulation",
            f"{day}: the holidays of {day.year} are not known, so that rules would see another day than callers; "
            "choose a day of a year that is, or update chinesecalendar",
        )
    for file, path, target in _targets(setting):
        kind, name = split_target(target)
        for problem in check_seats(setting.policy, [name] if kind == "queue" else ()):
            raise CompanyError(f"{file}:{line_of(file, *path)}: {'.'.join(map(str, path))}: {problem}")
    for number in setting.traffic.called:
        if setting.numbers.of(number) is None:
            known = ", ".join(one.number for one in setting.numbers.bindings)
            raise HotlineError("simulation", f"called: {number} is none of the company's numbers; there are {known}")


def _targets(setting: Setting) -> Iterator[tuple[Path, tuple[str | int, ...], str]]:
    """All that rules and numbers name, with the file and the place in it."""
    for index, rule in enumerate(setting.rules.rules):
        yield setting.rules.file, ("rules", index, "to"), rule.to
        if rule.overflow is not None:
            yield setting.rules.file, ("rules", index, "overflow"), rule.overflow
    for index, binding in enumerate(setting.numbers.bindings):
        for place, bound in enumerate(binding.targets):
            yield setting.numbers.file, ("numbers", index, "targets", place, "to"), bound.to


def _notes(setting: Setting) -> Iterator[str]:
    menus = sorted({target for _, _, target in _targets(setting) if split_target(target)[0] == "menu"})
    if menus:
        yield f"What callers choose in a menu is not known here: calls to {', '.join(menus)} are the bot's."


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def _open_and_close(world: VirtualFloor, hours: Spans, day: date, midnights: Sequence[int]) -> None:
    spans = [
        (midnight + begin * MINUTE_MS, midnight + end * MINUTE_MS)
        for n, midnight in enumerate(midnights)
        for begin, end in hours(day + timedelta(days=n))
    ]
    skills = list(world.policy.skills)
    opens = [begin for begin, _ in spans]
    if not any(begin <= midnights[0] for begin in opens):
        for skill in skills:
            world.at(midnights[0], world.give, SkillClosed(skill=skill, opens_at_ms=min(opens, default=None)))
    for begin, end in spans:
        again = min((other for other in opens if other >= end), default=None)
        for skill in skills:
            if begin > midnights[0]:
                world.at(begin, world.give, SkillOpened(skill=skill))
            if again != end:
                world.at(end, world.give, SkillClosed(skill=skill, opens_at_ms=again))
