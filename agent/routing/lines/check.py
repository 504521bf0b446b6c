"""Whether a company's numbers fit its other files: all that callers dial is bound, all that is named is there. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from difflib import get_close_matches

from agent.routing.days import has_calendar
from agent.routing.lines.bindings import Numbers
from agent.routing.lines.number import parse_number
from agent.routing.targets import KnownTargets, split_target
from agent.yaml_file import line_of

_AHEAD = timedelta(days=31)
"""So long before a year begins its holidays should be known; they are announced in November."""


def check_numbers(numbers: Numbers, dialled: Iterable[str], known: KnownTargets, today: date) -> Iterator[str]:
    """``FILE:LINE: …`` for each problem. ``dialled``: the numbers of company.yaml."""
    file = numbers.file
    for number in dialled:
        if numbers.of(number) is None:
            yield f"{file}:{line_of(file, 'numbers')}: numbers: {number} of company.yaml leads nowhere; bind it"
    for index, binding in enumerate(numbers.bindings):
        for place, bound in enumerate(binding.targets):
            at = ("numbers", index, "targets", place)
            problems = [*_target_problems(bound.to, numbers, known)]
            if bound.schedule is not None and bound.schedule.asks_calendar:
                years = sorted({today.year, (today + _AHEAD).year})
                problems += [_no_calendar(year) for year in years if not has_calendar(year)]
            yield from (f"{file}:{line_of(file, *at)}: {'.'.join(map(str, at))}: {problem}" for problem in problems)


def _target_problems(target: str, numbers: Numbers, known: KnownTargets) -> Iterator[str]:
    kind, name = split_target(target)
    if (among := known.missing(target)) is not None:
        near = get_close_matches(name, sorted(among), 1)
        yield f"no {kind} {name!r}" + (f"; did you mean {near[0]}?" if near else "")
    elif kind == "queue" and known.skills is not None and name not in known.skills:
        yield f"no seat has the skill {name!r}; nobody takes the calls in {target}"
    if kind == "number" and parse_number(name).digits in numbers.all:
        yield f"{name} is our own number, so that calls come back here without end"


def _no_calendar(year: int) -> str:
    return f"the holidays of {year} are not known and weekdays alone will count; update chinesecalendar"
