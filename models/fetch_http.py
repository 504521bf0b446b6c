"""Files over HTTP: resumed where they broke off, checked when complete, no second wait for an absent host."""

import hashlib
import os
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import certifi
import httpx

from models.catalog import ModelSettings
from models.errors import ModelError

_T = TypeVar("_T")

_ATTEMPTS = 5
_PROGRESS_THAT_COUNTS_BYTES = 1 << 20
"""A connection that brought this much before it broke was worth it: the count of failures starts anew."""
_RETRY_WAIT_S = 0.5
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


@dataclass(frozen=True)
class Digest:
    """What a downloaded file must hash to. algorithm: a name hashlib knows; hexdigest in lower case."""

    algorithm: str
    hexdigest: str

    def matches(self, path: Path) -> bool:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, self.algorithm).hexdigest() == self.hexdigest


class _Retry(Exception):
    """This attempt came to nothing, the next may not."""


class Downloader:
    """One pull's connections. Honours the usual proxy variables. Use as a context manager.

    A host that cannot be reached is remembered and not tried again by this object: a blocked hub costs one
    connect timeout for all models together.
    """

    def __init__(self, settings: ModelSettings) -> None:
        # Both the system's authorities (company networks add their own) and certifi's (a Python without any).
        trust = ssl.create_default_context(cafile=certifi.where())
        trust.load_default_certs()
        timeout = httpx.Timeout(settings.read_timeout_s, connect=settings.connect_timeout_s)
        self._client = httpx.Client(verify=trust, timeout=timeout, follow_redirects=True, trust_env=True)
        self._unreachable: set[str] = set()
        self._reached: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, url: str, accept: str) -> httpx.Response:
        """A small document, whole. Raises ModelError: source_unreachable, download_failed."""

        def once() -> httpx.Response:
            response = self._client.get(url, headers={"Accept": accept})
            _raise_for_status(response, url)
            return response

        return self._attempts(url, once, lambda: 0)

    def fetch(
        self,
        url: str,
        target: Path,
        *,
        size: int | None = None,
        digest: Digest | None = None,
        received: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Downloads to ``target`` by way of ``target.part``, where a later call goes on.

        size, digest: what it must be, where known. received: told of the bytes there so far, those of earlier
        runs included. Raises ModelError: source_unreachable, download_failed, checksum_mismatch.
        """
        part = target.with_name(target.name + ".part")
        while True:
            resumed = _size(part) > 0
            self._attempts(url, lambda: self._transfer(url, part, size, received), lambda: _size(part))
            if digest is None or digest.matches(part):
                os.replace(part, target)
                return
            part.unlink()
            if not resumed:  # else the beginning may be the damaged half: once more, from the first byte
                what = f"{url}: the {digest.algorithm} of what came is not {digest.hexdigest}"
                raise ModelError("checksum_mismatch", what, retryable=True)

    def _transfer(self, url: str, part: Path, size: int | None, received: Callable[[int], None]) -> None:
        have = _size(part)
        if size is not None and have > size:
            part.unlink()
            have = 0
        if size is not None and have == size:
            received(have)
            return
        # identity: a server that compressed on the fly could not serve ranges of the file itself
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with self._client.stream("GET", url, headers=headers) as response:
            start, total = _extent(response)
            if response.status_code == 416:
                if total == have:
                    return
                part.unlink()
                raise _Retry(f"{url}: cannot be taken up at byte {have:,}")
            _raise_for_status(response, url)
            if start not in (0, have):
                part.unlink()
                raise _Retry(f"{url}: answered with bytes from {start:,} on, asked for {have:,}")
            if size is not None and total is not None and total != size:
                raise ModelError("download_failed", f"{url}: has {total:,} bytes, must have {size:,}")
            at = start
            with part.open("ab" if start else "wb") as stream:
                for chunk in response.iter_raw():  # as it comes: a chunk being filled is lost when it breaks
                    stream.write(chunk)
                    at += len(chunk)
                    if size is not None and at > size:
                        raise ModelError("download_failed", f"{url}: sends more than {size:,} bytes")
                    received(at)
            if total is not None and at != total:
                raise _Retry(f"{url}: ended after {at:,} of {total:,} bytes")

    def _attempts(self, url: str, once: Callable[[], _T], progress: Callable[[], int]) -> _T:
        """Runs ``once`` until it succeeds, or has failed too often without getting on."""
        host = _host(url)
        if host in self._unreachable:
            what = f"{host} is out of reach (found a moment ago)"
            raise ModelError("source_unreachable", what, retryable=True)
        failures = 0
        while True:
            before = progress()
            try:
                result = once()
                self._reached.add(host)
                return result
            except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.TooManyRedirects) as error:
                raise ModelError("download_failed", f"{url}: {error}") from error
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
                reason: Exception = error
                if host not in self._reached:
                    self._unreachable.add(host)
                    away = _host(str(error.request.url))
                    self._unreachable.add(away)
                    what = _out_of_reach(away, error)
                    raise ModelError("source_unreachable", what, retryable=True) from error
            except (httpx.TransportError, _Retry) as error:
                reason = error
            failures = 1 if progress() - before >= _PROGRESS_THAT_COUNTS_BYTES else failures + 1
            if failures >= _ATTEMPTS:
                last = str(reason) or type(reason).__name__
                what = f"{url}: failed {failures} times, the last time with: {last}"
                raise ModelError("download_failed", what, retryable=True) from reason
            time.sleep(_RETRY_WAIT_S * failures)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _host(url: str) -> str:
    try:
        return httpx.URL(url).netloc.decode()
    except httpx.InvalidURL as error:
        raise ModelError("download_failed", f"{url!r} is no URL: {error}") from error


def _out_of_reach(host: str, error: Exception) -> str:
    why = "no answer in time" if isinstance(error, httpx.ConnectTimeout) else str(error)
    return f"{host} is out of reach ({why})"


def _raise_for_status(response: httpx.Response, url: str) -> None:
    status = response.status_code
    if status == 429 or status >= 500:
        raise _Retry(f"{url}: answered {status}")
    if not response.is_success:
        raise ModelError("download_failed", f"{url}: answered {status} {response.reason_phrase}")


def _extent(response: httpx.Response) -> tuple[int, int | None]:
    """Of a response to a range request: (offset of its first byte, length of the whole file if told)."""
    if match := _CONTENT_RANGE.match(response.headers.get("content-range", "")):
        return int(match[1] or 0), None if match[2] == "*" else int(match[2])
    length = response.headers.get("content-length", "")
    return 0, int(length) if response.status_code == 200 and length.isdigit() else None
