"""A company's knowledge as it is written: ``LANGUAGE/faq*.yaml`` with approved answers, ``LANGUAGE/*.md`` with passages
under their headings.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field

from agent.errors import CompanyError
from agent.events import Language
from agent.yaml_file import load_yaml_map

MAX_BYTES = 5_000_000
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")


class Faq(BaseModel):
    """One approved answer, and the wordings of those who ask for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    ask: tuple[str, ...] = Field(min_length=1)
    answer: str = Field(min_length=1, max_length=400)


@dataclass(frozen=True)
class Entry:
    """Something that may answer a question. wordings: what it is found by. text: what it says. approved: that may be
    spoken word for word.
    """

    id: str
    language: Language
    title: str
    text: str
    wordings: tuple[str, ...]
    approved: bool


def read_knowledge(folder: Path) -> tuple[Entry, ...]:
    """All entries of both languages. Raises CompanyError ``FILE:LINE: …`` for the first thing that is wrong."""
    entries = [entry for language in get_args(Language) for entry in _read_language(folder / language, language)]
    if not entries:
        raise CompanyError(f"{folder}:1: no knowledge in it; put FAQ files (zh/faq.yaml) or texts (zh/*.md) there")
    _refuse_untranslated(folder, entries)
    return tuple(entries)


def _read_language(folder: Path, language: Language) -> list[Entry]:
    entries: list[Entry] = []
    for file in sorted(folder.glob("faq*.yaml")):
        for name, faq in load_yaml_map(file, Faq).items():
            if any(entry.id == name for entry in entries):
                raise CompanyError(f"{file}:1: {name} stands in another file of {folder} too; an id is given once")
            entries.append(Entry(name, language, faq.ask[0], faq.answer, faq.ask, True))
    for file in sorted(folder.glob("*.md")):
        entries += _passages(file, language)
    return entries


def _passages(file: Path, language: Language) -> Iterable[Entry]:
    """Each heading with the text below it."""
    trail: list[str] = []
    text: list[str] = []
    count = 0

    def close() -> Iterable[Entry]:
        nonlocal count
        body = " ".join(" ".join(text).split())
        if body:
            count += 1
            title = " · ".join(trail) or file.stem
            yield Entry(f"{file.stem}#{count}", language, title, body, (f"{title} {body}",), False)

    for line in _read(file).splitlines():
        heading = _HEADING.match(line)
        if heading is None:
            text.append(line)
            continue
        yield from close()
        text = []
        trail = [*trail[: len(heading[1]) - 1], heading[2]]
    yield from close()


def _read(file: Path) -> str:
    if file.stat().st_size > MAX_BYTES:
        raise CompanyError(f"{file}:1: {file.stat().st_size:,} bytes; at most {MAX_BYTES:,}, divide the file")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise CompanyError(f"{file}:{line}: not UTF-8; save the file in UTF-8") from error


def _refuse_untranslated(folder: Path, entries: Iterable[Entry]) -> None:
    """A caller who goes over to English in mid-call meets the same answers."""
    of: dict[str, set[str]] = {language: set() for language in get_args(Language)}
    for entry in entries:
        if entry.approved:
            of[entry.language].add(entry.id)
    for language, ids in of.items():
        if missing := sorted(set().union(*of.values()) - ids):
            raise CompanyError(f"{folder / language}:1: no answer for {', '.join(missing)} in this language")
