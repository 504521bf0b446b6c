"""What people say of a number: 推销, 诈骗, 骚扰. A list file here; a service is asked by ``agent.number_marks``."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.errors import CompanyError
from agent.routing.spam.callers import plain

COLUMNS = ("number", "mark", "source", "count")
MAX_BYTES = 64_000_000


@dataclass(frozen=True)
class Mark:
    """A mark, who has it from whom, and how many people gave it."""

    kind: str
    source: str
    count: int


@dataclass(frozen=True)
class Marks:
    """A list, by plain number."""

    by_number: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)

    def of(self, number: str) -> tuple[Mark, ...]:
        return self.by_number.get(plain(number), ())


def load_marks(path: Path) -> Marks:
    """A list of ``number,mark,source,count``, a line each; ``#`` begins a comment.

    Raises CompanyError ``FILE:LINE: …``, one line a problem.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CompanyError(f"{path}:1: larger than {MAX_BYTES:,} bytes; keep the numbers that call you")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise CompanyError(f"{path}:1: not UTF-8; save the file in UTF-8") from error
    except OSError as error:
        raise CompanyError(f"{path}:1: cannot be read: {error.strerror}") from error
    problems: list[str] = []
    found: dict[str, list[Mark]] = {}
    for line, cells in _rows(lines):
        problem = _problem(cells)
        if problem:
            problems.append(f"{path}:{line}: {problem}")
        else:
            found.setdefault(plain(cells[0]), []).append(Mark(cells[1], cells[2], int(cells[3])))
    if problems:
        raise CompanyError("\n".join(problems))
    return Marks({number: tuple(marks) for number, marks in found.items()})


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader([line]), [])]
        if tuple(cells) != COLUMNS:
            yield number, cells


def _problem(cells: list[str]) -> str:
    if len(cells) != len(COLUMNS):
        return f"{len(cells)} columns; four are right: {','.join(COLUMNS)}"
    if not plain(cells[0]):
        return f"number: {cells[0]!r} has no digits"
    if not cells[1]:
        return "mark is empty; 推销, 诈骗 or 骚扰 would be right"
    if not (cells[3].isascii() and cells[3].isdigit()):
        return f"count: {cells[3]!r} is no number of people"
    return ""
