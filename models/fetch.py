"""Brings models into the models directory: checks what is there, fetches the rest, one pull at a time.

Unfinished work lies in ``models_dir/.staging/<model>``; a file gets its name once its sha256 is right.
"""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from models.catalog import ModelEntry, ModelFile, ModelSettings, check_file
from models.errors import ModelError
from models.fetch_http import Downloader
from models.fetch_job import Job, Progress, Silent


def pull(entry: ModelEntry, settings: ModelSettings, progress: Progress | None = None) -> Path:
    """Makes one model complete and returns its folder; see Puller.pull."""
    with Puller(settings, progress) as puller:
        return puller.pull(entry)


class Puller:
    """One run of pulling, for one or several models; a host out of reach is tried once. A context manager.

    Only one may run in a models directory at a time: entering raises ModelError('pull_running') otherwise.
    """

    def __init__(self, settings: ModelSettings, progress: Progress | None = None) -> None:
        self._settings = settings
        self._progress = progress or Silent()
        self._staging = settings.models_dir / ".staging"
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with _disk_errors(self._settings.models_dir):
            self._settings.models_dir.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._settings.models_dir, os.O_RDONLY)
        self._open.callback(os.close, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._open.close()
            where = self._settings.models_dir
            what = f"another pull is running in {where}; wait for it to end"
            raise ModelError("pull_running", what, retryable=True) from error
        self._downloader = self._open.enter_context(Downloader(self._settings))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._staging.rmdir()  # empty unless something was broken off
        self._open.close()

    def pull(self, entry: ModelEntry) -> Path:
        """Checks what is there by sha256, fetches what is missing or damaged, and returns the model's folder.

        Raises ModelError: sources_exhausted (says what each source answered), disk_full, models_dir_unusable,
        model_served_elsewhere.
        """
        if entry.served_by:
            what = f"{entry.name} is not pulled but reached by URL: run `{entry.served_by}`"
            raise ModelError("model_served_elsewhere", what)
        with _disk_errors(self._settings.models_dir):
            missing = self._missing(entry)
            if missing:
                staging = self._staging / entry.name
                Job(entry, missing, self._settings, staging, self._downloader, self._progress).run()
        return self._settings.models_dir / entry.name

    def _missing(self, entry: ModelEntry) -> list[ModelFile]:
        done = 0

        def hashed(count: int) -> None:
            nonlocal done
            done += count
            self._progress.update(done, "checking what is there")

        self._progress.begin(entry.name, entry.size_bytes)
        missing = []
        for file in entry.files:
            problem = check_file(entry, file, self._settings, hashed)
            if problem:
                missing.append(file)
                if problem.code != "missing":
                    self._progress.note(f"{problem}; fetching it again")
        self._progress.end()
        return missing


@contextlib.contextmanager
def _disk_errors(where: Path) -> Iterator[None]:
    """What the file system refuses, as the error that an operator can act on."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            what = f"the disk of {where} is full; what was fetched is kept, make room and pull again"
            raise ModelError("disk_full", what, retryable=True) from error
        raise ModelError("models_dir_unusable", f"cannot write models to {where}: {error}") from error
