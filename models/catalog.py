"""Which models there are, what each file of theirs must be, and whether they are there.

The list itself is data: ``catalog.toml`` beside this file. ``models/fetch.py`` brings the files.
"""

import functools
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from models.errors import ModelError

PULL_COMMAND = "hotline models pull"
_HASH_CHUNK_BYTES = 1 << 20
_Hashed = Callable[[int], None]


@dataclass(frozen=True)
class ModelSettings:
    """Where models live and where they may be fetched from. Built by whoever reads the configuration.

    local_dir: a folder tried before every other source: models as in models_dir, or package archives.
    connect_timeout_s: how long a host may take to answer at all before the next source is tried.
    read_timeout_s: how long a transfer may stand still before it is taken up again.
    """

    models_dir: Path
    local_dir: Path | None = None
    package_index_url: str = "https://pypi.org/simple"
    npm_registry_url: str = "https://registry.npmjs.org"
    modelscope_url: str = "https://modelscope.cn"
    huggingface_url: str = "https://huggingface.co"
    profile: str = "cpu"
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 30.0


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _inside(path: str) -> str:
    """A file's path below the model's folder; never one that leaves it."""
    pure = PurePosixPath(path)
    if not path or "\\" in path or pure.is_absolute() or ".." in pure.parts or str(pure) != path:
        raise ValueError(f"{path!r} is no plain relative path below the model's folder")
    return path


class ModelFile(_Frozen):
    """One file as it must stand in the model's folder. size in bytes, sha256 in lower-case hex."""

    path: str
    size: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    _path_inside = field_validator("path")(_inside)


class HubSource(_Frozen):
    """A repository on a model hub. files: our path → its path there; left out, they have the same names."""

    kind: Literal["modelscope", "huggingface"]
    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    revision: str | None = None
    files: dict[str, str] = {}

    def url(self, path: str, settings: ModelSettings) -> str:
        remote = self.files.get(path, path)
        if self.kind == "modelscope":
            base = settings.modelscope_url.rstrip("/")
            return f"{base}/models/{self.repo}/resolve/{self.revision or 'master'}/{remote}"
        base = settings.huggingface_url.rstrip("/")
        return f"{base}/{self.repo}/resolve/{self.revision or 'main'}/{remote}"


class UrlSource(_Frozen):
    """Files at plain addresses."""

    kind: Literal["url"]
    files: dict[str, str]

    def url(self, path: str, settings: ModelSettings) -> str:
        return self.files[path]


@dataclass(frozen=True)
class Part:
    """One member of one package archive."""

    package: str
    archive: str
    member: str


class WheelMembers(_Frozen):
    """A file that lies in pieces in ``count`` packages; see the head of catalog.toml for {n} and {nn}."""

    package: str
    member: str
    count: int = Field(default=1, ge=1, le=999)
    archive: str | None = None

    def parts(self, version: str) -> tuple[Part, ...]:
        def fill(template: str, n: int) -> str:
            return template.replace("{nn}", f"{n:02}").replace("{n}", str(n))

        made = []
        for n in range(1, self.count + 1):
            package = fill(self.package, n)
            wheel = f"{package.replace('-', '_')}-{version}-py3-none-any.whl"
            made.append(Part(package, fill(self.archive, n) if self.archive else wheel, fill(self.member, n)))
        return tuple(made)


class PypiSource(_Frozen):
    """Wheels on a Python package index."""

    kind: Literal["pypi"]
    version: str
    files: dict[str, WheelMembers]


class ArrayMembers(_Frozen):
    """Raw little-endian float32 members (a glob) of a tarball, each of ``shape``, collected into one .npz."""

    members: str
    shape: tuple[int, ...]


class NpmSource(_Frozen):
    """One tarball on an npm registry."""

    kind: Literal["npm"]
    package: str
    version: str
    files: dict[str, ArrayMembers]

    @property
    def archive(self) -> str:
        return f"{self.package.rpartition('/')[2]}-{self.version}.tgz"


Source = Annotated[HubSource | UrlSource | PypiSource | NpmSource, Field(discriminator="kind")]


class ModelEntry(_Frozen):
    """One model: what it is for, its files and where they come from.

    served_by: the command that serves it; then it has no files here and is reached by URL.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    purpose: str
    profiles: tuple[str, ...]
    licence: str
    homepage: str
    files: tuple[ModelFile, ...] = ()
    sources: tuple[Source, ...] = Field(default=(), alias="source")
    served_by: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> "ModelEntry":
        if (self.served_by is None) == (not self.files):
            raise ValueError(f"{self.name}: a model has either files or served_by")
        known = {file.path for file in self.files}
        for source in self.sources:
            if stray := set(source.files) - known:
                raise ValueError(f"{self.name}: source {source.kind} gives unlisted files: {sorted(stray)}")
        return self

    @property
    def size_bytes(self) -> int:
        return sum(file.size for file in self.files)


class Catalog(_Frozen):
    """All models known. ``profile`` and ``entry`` raise ModelError naming what would be right."""

    models: tuple[ModelEntry, ...] = Field(alias="model")

    @model_validator(mode="after")
    def _unique(self) -> "Catalog":
        names = [entry.name for entry in self.models]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"named twice: {sorted(twice)}")
        return self

    def profile(self, name: str) -> tuple[ModelEntry, ...]:
        """The models that a profile needs, in the catalogue's order."""
        chosen = tuple(entry for entry in self.models if name in entry.profiles)
        if not chosen:
            known = ", ".join(sorted({profile for entry in self.models for profile in entry.profiles}))
            raise ModelError("profile_unknown", f"no profile {name!r} in the catalogue; there are: {known}")
        return chosen

    def entry(self, name: str) -> ModelEntry:
        for entry in self.models:
            if entry.name == name:
                return entry
        known = ", ".join(entry.name for entry in self.models)
        raise ModelError("model_unknown", f"no model {name!r} in the catalogue; there are: {known}")


def parse_catalog(data: Mapping[str, Any], where: str = "catalog.toml") -> Catalog:
    """A catalogue from parsed TOML; ModelError('catalog_invalid') names the entry that is wrong."""
    try:
        return Catalog.model_validate(data)
    except ValidationError as error:
        raise ModelError("catalog_invalid", f"{where}: {error}") from error


@functools.cache
def load_catalog() -> Catalog:
    """The catalogue that ships with the project; read once, it cannot change under us."""
    path = Path(__file__).with_name("catalog.toml")
    return parse_catalog(tomllib.loads(path.read_text(encoding="utf-8")), str(path))


@dataclass(frozen=True)
class Problem:
    """What is wrong with one file. code: ``missing``, ``wrong_size``, ``wrong_sha256`` or ``unreadable``."""

    model: str
    path: Path
    code: Literal["missing", "wrong_size", "wrong_sha256", "unreadable"]
    detail: str

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}"


def check_size(entry: ModelEntry, file: ModelFile, settings: ModelSettings) -> Problem | None:
    """The quick half of the check: is the file there, and as long as it must be."""
    path = settings.models_dir / entry.name / file.path
    try:
        if not path.is_file():
            return Problem(entry.name, path, "missing", "missing")
        size = path.stat().st_size
    except OSError as error:
        return Problem(entry.name, path, "unreadable", f"cannot be read: {error.strerror}")
    if size != file.size:
        return Problem(entry.name, path, "wrong_size", f"has {size:,} bytes, must have {file.size:,}")
    return None


def check_file(
    entry: ModelEntry, file: ModelFile, settings: ModelSettings, hashed: _Hashed = lambda _: None
) -> Problem | None:
    """The whole check, sha256 included. hashed: told of every stretch that was read, in bytes."""
    if problem := check_size(entry, file, settings):
        return problem
    path = settings.models_dir / entry.name / file.path
    try:
        found = sha256_of(path, hashed)
    except OSError as error:
        return Problem(entry.name, path, "unreadable", f"cannot be read: {error.strerror}")
    if found != file.sha256:
        return Problem(entry.name, path, "wrong_sha256", f"is damaged: sha256 {found}, must be {file.sha256}")
    return None


def verify(entry: ModelEntry, settings: ModelSettings, hashed: _Hashed = lambda _: None) -> list[Problem]:
    """Reads every file of a model and says what is wrong; empty when all is right."""
    problems = (check_file(entry, file, settings, hashed) for file in entry.files)
    return [problem for problem in problems if problem]


def sha256_of(path: Path, hashed: _Hashed = lambda _: None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_HASH_CHUNK_BYTES):
            digest.update(chunk)
            hashed(len(chunk))
    return digest.hexdigest()


def require(name: str, settings: ModelSettings) -> Path:
    """The folder of a model that is there, for an engine that is about to load it.

    Looks at existence and size only, so that a server starts at once; ``hotline models verify`` hashes.
    Raises ModelError: model_missing, model_damaged (both name the command that mends it), model_unknown, or
    model_served_elsewhere for one that is reached by URL.
    """
    entry = load_catalog().entry(name)
    if entry.served_by:
        raise ModelError(
            "model_served_elsewhere",
            f"{name} has no files here: run `{entry.served_by}` and give its URL in the setting llm",
        )
    problems = [problem for file in entry.files if (problem := check_size(entry, file, settings))]
    if not problems:
        return settings.models_dir / name
    code = "model_missing" if all(problem.code == "missing" for problem in problems) else "model_damaged"
    what = "is not there" if code == "model_missing" else "is damaged"
    listed = "; ".join(str(problem) for problem in problems)
    raise ModelError(code, f"model {name} {what} ({listed}). Run: {PULL_COMMAND} {name}")
