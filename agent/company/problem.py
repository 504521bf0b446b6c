"""What is wrong with a company's folder, and gathering it: one fault does not hide the others."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from agent.errors import CompanyError, ConfigError

T = TypeVar("T")

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+): (?P<message>.+)")
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line of a file (counted from 1), and what would be right."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Problems:
    """Reads one part after the other and keeps what is wrong with each."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    @property
    def found(self) -> tuple[Problem, ...]:
        return tuple(dict.fromkeys(self._found))

    def add(self, file: Path, line: int, message: str) -> None:
        self._found.append(Problem(file, line, message))

    def tell(self, found: Iterable[str], file: Path) -> None:
        """What a check found, ``FILE:LINE: …`` each; where it names no place, of this file."""
        self._found += [_problem(text, file) for text in found]

    def read(self, load: Callable[[Path], T], file: Path) -> T | None:
        """What ``load`` makes of the file; None where it cannot, and why is kept."""
        try:
            return load(file)
        except CompanyError as error:
            self._found += [_problem(line, file) for line in str(error).splitlines()]
        except ConfigError as error:
            # Of a TOML file; which line, only its syntax errors tell.
            line = _TOML_LINE.search(str(error))
            self.add(file, int(line[1]) if line else 1, str(error).replace(f" {file}", ""))
        except OSError as error:
            self.add(Path(error.filename or file), 1, f"cannot be read: {error.strerror}")
        return None


def _problem(text: str, file: Path) -> Problem:
    place = _PLACE.fullmatch(text)
    if place is None:
        return Problem(file, 1, text)
    return Problem(Path(place["file"]), int(place["line"]), place["message"])
