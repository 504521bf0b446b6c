"""A new company: a small one that can be served at once, to be changed into one's own."""

import json
import re
from pathlib import Path

from agent.company.profile import FILE as PROFILE_FILE
from agent.errors import CompanyError

TEMPLATE = Path(__file__).with_name("template")


def new_company(folder: Path, name: str, name_en: str | None = None) -> tuple[Path, ...]:
    """Make the folder and the files of a company; returns the files.

    name_en: its name in English; the same where it has no other. Raises CompanyError where the folder holds anything
    already, cannot be written, or a name cannot be spoken.
    """
    names = {"NAME_ZH": _speakable(name), "NAME_EN": _speakable(name if name_en is None else name_en)}
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CompanyError(f"{folder}:1: is there already; name a folder that is new or empty")
        return tuple(_write(folder, file, names) for file in sorted(TEMPLATE.rglob("*")) if file.is_file())
    except OSError as error:
        raise CompanyError(f"{folder}:1: cannot be made: {error.strerror}") from error


def _write(folder: Path, source: Path, names: dict[str, str]) -> Path:
    text = source.read_text(encoding="utf-8")
    if source.name == PROFILE_FILE:
        # What is JSON is YAML too, whatever stands in a name.
        values = {**names, "COMPANY_ID": _id(folder)}
        text = re.sub("|".join(values), lambda match: json.dumps(values[match[0]], ensure_ascii=False), text)
    file = folder / source.relative_to(TEMPLATE)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def _speakable(name: str) -> str:
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise CompanyError(f"{name!r} is no name of a company; give one that can be read aloud")
    return name


def _id(folder: Path) -> str:
    words = re.sub(r"[^a-z0-9_]+", "-", folder.resolve().name.lower()).strip("-_").lstrip("0123456789-_")
    return words or "company"
