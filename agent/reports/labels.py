"""What stands over columns, read once from a file."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from agent.event_base import Language
from agent.reports.report import UNITS, Cell
from agent.routing.spam import reason_words

_FILE = Path(__file__).with_name("labels.toml")


@cache
def labels(language: Language) -> Mapping[str, str]:
    """By the name of a column or a fact."""
    read: dict[str, dict[str, str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return read[language]


def shown(column: str, cell: Cell, language: Language) -> str:
    """A cell as people read it: shares in per cent, money with two places, a dash for what is not there."""
    if cell is None:
        return "–"
    if column == "reason":
        return reason_words(str(cell), language)
    match UNITS.get(column):
        case "share":
            return f"{float(cell):.1%}"
        case "yuan":
            return f"{cell:.2f}"
        case "count":
            return f"{cell:,}"
        case _:
            return str(cell)
