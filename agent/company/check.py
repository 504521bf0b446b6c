"""Everything that is wrong with a company's folder, told before a caller meets it."""

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from agent.company.company import Company, read_company
from agent.company.problem import Problem, Problems
from agent.company.profile import FILE as PROFILE_FILE
from agent.company.routing import FILES as ROUTING_FILES
from agent.company.routing import FOLDER as ROUTING_FOLDER
from agent.company.routing import calendar_warnings
from agent.company.vocabulary import FILE as VOCABULARY_FILE
from agent.events import Language
from agent.knowledge.documents import Faq, read_knowledge
from agent.yaml_file import line_of, load_yaml_map

FILES = (PROFILE_FILE, VOCABULARY_FILE, "tools.yaml", "risk.toml", "routing.toml")
FOLDERS = ("flows", "phrases", "knowledge", ROUTING_FOLDER)
_READ = frozenset({".yaml", ".yml", ".toml", ".txt", ".md"})
"""What looks like a part of a company. Anything else in its folder, a back end say, is its own business."""
_OWN = frozenset({"readme.md", "readme.zh.md", "licence.md", "license.md", "notice.md"})


def check_company(folder: Path) -> tuple[Problem, ...]:
    """All problems that can be found, by file and line; none where the company can be served."""
    company, found = read_company(folder)
    if not folder.is_dir():
        return found
    problems = Problems()
    if (folder / "knowledge").is_dir():
        _check_knowledge(problems, folder / "knowledge")
    strays = [*_unread(folder), *_unread_of_routing(folder, company)]
    return tuple(sorted({*found, *problems.found, *strays}, key=lambda one: (str(one.file), one.line, one.message)))


def warnings_of(company: Company, today: date) -> tuple[Problem, ...]:
    """What is not wrong yet: holidays that rules ask for and that are not known."""
    return calendar_warnings(company.rules, today)


def seats_outside(company: Company) -> tuple[Problem, ...]:
    """Seats that are rung by telephone: what is wrong where nobody rings out."""
    file = company.folder / ROUTING_FOLDER / "seats.yaml"
    seats = () if company.floor is None else company.floor.seats
    return tuple(
        Problem(
            file,
            line_of(file, "seats", index),
            f"seats.{index} ({seat.name}): number {seat.number} is to be rung and nobody rings out; set"
            " dialling.base_url and what goes with it (docs/routing.md), or remove the number",
        )
        for index, seat in enumerate(seats)
        if seat.number
    )


def _check_knowledge(problems: Problems, folder: Path) -> None:
    """Each FAQ file by itself first: reading all of them stops at the first that is wrong."""
    for file in sorted(folder.glob("*/faq*.yaml")):
        problems.read(lambda path: load_yaml_map(path, Faq), file)
    if not problems.found:
        problems.read(read_knowledge, folder)


def _unread(folder: Path) -> Iterator[Problem]:
    """Files that nobody reads, most likely because their name is not quite right."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in FOLDERS and (near := get_close_matches(path.name, FOLDERS, 1, 0.75)):
                yield Problem(path, 1, f"this folder is not read; did you mean {near[0]}?")
        elif path.suffix in _READ and path.name.lower() not in _OWN and path.name not in FILES:
            near = get_close_matches(path.name, FILES, 1)
            right = f"did you mean {near[0]}?" if near else f"{', '.join(FILES)} are"
            yield Problem(path, 1, f"this file is not read; {right}")
    languages = get_args(Language)
    for path in _files(folder / "flows"):
        if path.suffix != ".yaml":
            yield Problem(path, 1, "this file is not read; a flow is called NAME.yaml")
    for path in _files(folder / "phrases"):
        if path.name not in {f"{language}.yaml" for language in languages}:
            yield Problem(path, 1, f"this file is not read; {', '.join(f'{one}.yaml' for one in languages)} are")
    for path in sorted((folder / "knowledge").glob("*")):
        if path.suffix in _READ or (path.is_dir() and path.name not in languages):
            yield Problem(path, 1, f"this is not read; only {' and '.join(f'{one}/' for one in languages)} are")
    for language in languages:
        for path in _files(folder / "knowledge" / language):
            if path.suffix != ".md" and not (path.suffix == ".yaml" and path.name.startswith("faq")):
                yield Problem(path, 1, "this file is not read; approved answers are called faq*.yaml, texts *.md")


def _unread_of_routing(folder: Path, company: Company | None) -> Iterator[Problem]:
    """Which further files the spam filter reads, it says itself."""
    policy = None if company is None else company.spam
    if policy is None and (folder / ROUTING_FOLDER / "spam.yaml").exists():
        return
    named = () if policy is None else (policy.marks.file, policy.pitches)
    for path in _files(folder / ROUTING_FOLDER):
        if path.name not in ROUTING_FILES and path.name not in named:
            near = get_close_matches(path.name, ROUTING_FILES, 1)
            right = f"did you mean {near[0]}?" if near else f"{', '.join(ROUTING_FILES)} are"
            yield Problem(path, 1, f"this file is not read; {right}")


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix in _READ)
