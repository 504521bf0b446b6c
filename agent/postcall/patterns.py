"""The word lists and patterns of ``patterns/zh.yaml`` and ``patterns/en.yaml``, compiled once."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.events import Language

_FOLDER = Path(__file__).parent / "patterns"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,2})?"


class Patterns:
    """One language's patterns. ``words``: as in the file; ``one``, ``many``, ``named``: as regular expressions."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._values: dict[str, Any] = yaml.safe_load((_FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
        self._fills = {"PARTS": str(self._values["day_parts"]), "NUMBER": _NUMBER}
        if "surnames" in self._values:
            self._fills["SURNAME"] = "(?:" + "|".join(self._values["surnames"].split()) + ")"
        if "months" in self._values:
            self._fills["MONTHS"] = "|".join(sorted(self._values["months"], key=len, reverse=True))
        self._compiled: dict[str, re.Pattern[str]] = {}

    def words(self, name: str) -> Any:
        return self._values[name]

    def has(self, name: str) -> bool:
        return name in self._values

    def one(self, name: str) -> re.Pattern[str]:
        return self.compile(self._values[name])

    def many(self, name: str) -> list[re.Pattern[str]]:
        expressions = self._values[name]
        return [
            self.compile(expression) for expression in (expressions if isinstance(expressions, list) else [expressions])
        ]

    def named(self, name: str) -> dict[str, re.Pattern[str]]:
        """A mapping from kind to regular expression, in the order of the file: the first that fits wins."""
        return {kind: self.compile(expression) for kind, expression in self._values[name].items()}

    def compile(self, expression: str) -> re.Pattern[str]:
        if expression not in self._compiled:
            filled = expression
            for placeholder, text in self._fills.items():
                filled = filled.replace(placeholder, text)
            self._compiled[expression] = re.compile(filled, re.IGNORECASE)
        return self._compiled[expression]


@cache
def patterns(language: Language) -> Patterns:
    return Patterns(language)
