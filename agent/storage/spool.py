"""Where records wait on disk while the database does not take them:
one file of JSON lines a call, under ``data_dir/spool``.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from pydantic import TypeAdapter, ValidationError

from agent.storage.rows import Record

_RECORD: TypeAdapter[Record] = TypeAdapter(Record)


class Spool:
    """Files of waiting records. Used by one thread at a time. Raises OSError where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def waiting(self) -> list[str]:
        """The ids of the calls that have a file here."""
        return sorted(unquote(path.stem) for path in self.folder.glob("*.jsonl"))

    def has(self, call_id: str) -> bool:
        return self._path(call_id).exists()

    def append(self, call_id: str, records: Sequence[Record]) -> None:
        """Add records, all or none:
        a line half written is taken back, so that no later line is lost behind it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(call_id)
        data = "".join(to_line(record) + "\n" for record in records).encode("utf-8")
        size = path.stat().st_size if path.exists() else 0
        try:
            with path.open("ab") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                os.truncate(path, size)
                if size == 0:
                    path.unlink()
            raise

    def read(self, call_id: str) -> tuple[list[Record], list[str]]:
        """The records of a call, in order, and the lines that could not be read (torn by a power cut, or
        changed by hand).
        """
        records: list[Record] = []
        damaged: list[str] = []
        for line in self._path(call_id).read_text(encoding="utf-8", errors="replace").split("\n"):
            if not line:
                continue
            try:
                records.append(_RECORD.validate_json(line))
            except ValidationError:
                damaged.append(line)
        return records, damaged

    def remove(self, call_id: str) -> None:
        self._path(call_id).unlink()

    def set_aside(self, call_id: str, lines: Sequence[str]) -> Path:
        """Keep lines that the database will never take, for a person to look at. Returns their file."""
        folder = self.folder / "rejected"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self._path(call_id).name
        with path.open("a", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
        return path

    def _path(self, call_id: str) -> Path:
        # Ids are checked where calls begin; quoting makes sure that no other id can leave the folder.
        return self.folder / f"{quote(call_id, safe='')}.jsonl"


def to_line(record: Record) -> str:
    """One line of JSON, without line breaks."""
    return record.model_dump_json()
