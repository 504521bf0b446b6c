"""What a company's folder says of the hotline around the talk: ``routing/``, read and held against each other.

Every file is optional. What they name of each other is checked when the company is read, so that no call is sent to a
queue or a menu that is not there.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from agent.company.problem import Problem, Problems
from agent.company.profile import Profile, load_profile
from agent.errors import CompanyError
from agent.postcall.survey_config import Survey, load_survey
from agent.routing.floor import FloorPolicy, load_seats
from agent.routing.floor.words import QueueWords, load_queue_words
from agent.routing.lines import Numbers, Tariff, check_numbers, load_numbers, load_tariff, parse_number
from agent.routing.menu import Menus, check_menus, load_menus
from agent.routing.rules import Finding, KnownTargets, Rules, lint, load_rules
from agent.routing.schedule import CHINA
from agent.routing.spam import SpamPolicy, load_spam
from agent.routing.targets import split_target

FOLDER = "routing"
MENU_FILE = "menu.yaml"
FILES = (
    "seats.yaml", "queue_words.yaml", "staffing.yaml", "traffic.yaml",
    "numbers.yaml", "tariff.yaml", "rules.yaml", MENU_FILE, "spam.yaml",
    "survey.yaml", "alerts.yaml",
)  # fmt: skip
"""What is read there; the filter names more itself."""

R = TypeVar("R")


@dataclass(frozen=True)
class RoutingFiles:
    """What was read; None for a file that is not there."""

    floor: FloorPolicy | None = None
    queue_words: QueueWords | None = None
    numbers: Numbers | None = None
    tariff: Tariff | None = None
    rules: Rules | None = None
    menus: Menus | None = None
    spam: SpamPolicy | None = None
    survey: Survey | None = None


def read_routing(
    problems: Problems, folder: Path, profile: Profile | None, flows: Collection[str] | None
) -> RoutingFiles:
    """All of it. What is wrong is added to ``problems``.

    Args:
        folder: the company's.
        profile: None where it could not be read: then the files are read by China's clock, and not held against it.
        flows: None where they could not be read.
    """
    routing = folder / FOLDER
    zone = CHINA if profile is None else profile.hours.timezone
    floor = problems.read(_if_there(load_seats), routing / "seats.yaml")
    read = RoutingFiles(
        floor,
        problems.read(load_queue_words, routing / "queue_words.yaml") if floor is not None else None,
        problems.read(_if_there(lambda file: load_numbers(file, zone)), routing / "numbers.yaml"),
        problems.read(_if_there(load_tariff), routing / "tariff.yaml"),
        problems.read(_if_there(lambda file: load_rules(file, zone)), routing / "rules.yaml"),
        problems.read(_if_there(load_menus), routing / MENU_FILE),
        problems.read(_if_there(load_spam), routing / "spam.yaml"),
        problems.read(_if_there(load_survey), routing / "survey.yaml"),
    )
    if not problems.found and profile is not None:
        _check(problems, routing, read, profile, flows)
    return read


def known_targets(read: RoutingFiles, profile: Profile) -> KnownTargets:
    """What the files may name of each other."""
    floor, menus, numbers = read.floor, read.menus, read.numbers
    own = {parse_number(number).digits for number in profile.numbers}
    return KnownTargets(
        # Overflow of a queue brings more people to a call; it takes the call nowhere.
        queues={} if floor is None else {skill: () for skill in floor.skills},
        menus={} if menus is None else {name: _leaves(menus, name) for name in menus.menus},
        skills=frozenset() if floor is None else frozenset(skill for seat in floor.seats for skill in seat.skills),
        numbers=frozenset(own | (set() if numbers is None else numbers.all)),
    )


def targets_of(folder: Path) -> KnownTargets:
    """What a company's folder has, for whoever looks at some of its files alone. Raises CompanyError."""
    problems, profile = Problems(), load_profile(folder)
    read = read_routing(problems, folder, None, None)
    if problems.found:
        raise CompanyError("\n".join(str(problem) for problem in problems.found))
    return known_targets(read, profile)


def calendar_warnings(rules: Rules | None, today: date) -> tuple[Problem, ...]:
    """What will be wrong soon, though nothing is to be changed in the company's files: holidays that are not known."""
    if rules is None:
        return ()
    return tuple(_problem(one) for one in lint(rules, KnownTargets(), today) if one.kind == "calendar")


def _check(
    problems: Problems, routing: Path, read: RoutingFiles, profile: Profile, flows: Collection[str] | None
) -> None:
    known = known_targets(read, profile)
    if read.numbers is not None:
        problems.tell(check_numbers(read.numbers, profile.numbers, known, None), routing / "numbers.yaml")
    if read.menus is not None:
        file = routing / MENU_FILE
        problems.tell(check_menus(file, read.menus, flows=flows, skills=known.queues), file)
    if read.rules is not None:
        # The holidays of a year to come are no fault of the files: see `calendar_warnings`.
        for finding in lint(read.rules, known, None):
            problems.add(finding.file, finding.line, finding.text.en)


def _leaves(menus: Menus, name: str) -> tuple[str, ...]:
    """Where the choices of a menu lead out of it, as other files write targets."""
    config = menus.menus[name]
    targets = [config.person, *(choice.target for node in config.nodes.values() for choice in node.choices)]
    return tuple(dict.fromkeys(target for target in targets if split_target(target)[0] in ("queue", "number")))


def _problem(finding: Finding) -> Problem:
    return Problem(finding.file, finding.line, finding.text.en)


def _if_there(load: Callable[[Path], R]) -> Callable[[Path], R | None]:
    """Nothing where the file is not there: it is optional."""
    return lambda file: load(file) if file.exists() else None
