"""What registries say about their archives: Python package indexes (JSON, PEP 691; HTML, PEP 503) and npm."""

import base64
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from models.errors import ModelError
from models.fetch_http import Digest, Downloader

INDEX_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
"""JSON where the index has it; many mirrors serve only HTML."""


@dataclass(frozen=True)
class Archive:
    """Where one archive is. size in bytes and digest, where the registry tells them."""

    url: str
    size: int | None = None
    digest: Digest | None = None


def package_archives(index_url: str, package: str, downloader: Downloader) -> dict[str, Archive]:
    """All archives of a package, by file name. Raises ModelError as Downloader.get, and index_unreadable."""
    name = re.sub(r"[-_.]+", "-", package).lower()
    response = downloader.get(f"{index_url.rstrip('/')}/{name}/", INDEX_ACCEPT)
    base = str(response.url)
    if "json" in response.headers.get("content-type", ""):
        return archives_from_json(_json(response.text, base, response.json), base)
    return archives_from_html(response.text, base)


def npm_archive(registry_url: str, package: str, version: str, downloader: Downloader) -> Archive:
    """The tarball of one version. Raises ModelError as Downloader.get, and index_unreadable."""
    response = downloader.get(f"{registry_url.rstrip('/')}/{package}/{version}", "application/json")
    base = str(response.url)
    return archive_from_npm(_json(response.text, base, response.json), base)


def archives_from_json(listing: Any, base_url: str) -> dict[str, Archive]:
    """A project page of PEP 691, parsed from JSON. Entries without name or address are passed over."""
    files = listing.get("files") if isinstance(listing, dict) else None
    if not isinstance(files, list):
        raise ModelError("index_unreadable", f"{base_url}: is no list of a package's files (PEP 691)")
    archives = {}
    for file in files:
        if not isinstance(file, dict):
            continue
        name, url, hashes, size = (file.get(key) for key in ("filename", "url", "hashes", "size"))
        if not isinstance(name, str) or not isinstance(url, str):
            continue
        sha256 = hashes.get("sha256") if isinstance(hashes, dict) else None
        archives[name] = Archive(
            _join(base_url, url),
            size if isinstance(size, int) and size > 0 else None,
            _sha256(sha256) if isinstance(sha256, str) else None,
        )
    return archives


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (href := dict(attrs).get("href")):
            self.hrefs.append(href)


def archives_from_html(text: str, base_url: str) -> dict[str, Archive]:
    """A project page of PEP 503: one link an archive, its sha256 in the fragment. Other links do no harm."""
    links = _Links()
    try:
        links.feed(text)
        links.close()
    except AssertionError as error:  # html.parser's way to refuse a malformed declaration
        raise ModelError("index_unreadable", f"{base_url}: is no HTML ({error})") from error
    archives = {}
    for href in links.hrefs:
        url, _, fragment = _join(base_url, href.strip()).partition("#")
        name = unquote(url.partition("?")[0].rpartition("/")[2])
        algorithm, _, value = fragment.partition("=")
        if name:
            archives[name] = Archive(url, None, _sha256(value) if algorithm == "sha256" else None)
    return archives


def archive_from_npm(document: Any, base_url: str) -> Archive:
    """The ``dist`` of a version's document; its integrity is one or several ``sha512-<base64>``."""
    dist = document.get("dist") if isinstance(document, dict) else None
    tarball = dist.get("tarball") if isinstance(dist, dict) else None
    if not isinstance(dist, dict) or not isinstance(tarball, str):
        raise ModelError("index_unreadable", f"{base_url}: is no npm version document with dist.tarball")
    digest = None
    for item in str(dist.get("integrity") or "").split():
        algorithm, _, value = item.partition("-")
        if algorithm in ("sha512", "sha384", "sha256"):
            try:
                digest = Digest(algorithm, base64.b64decode(value, validate=True).hex())
            except ValueError as error:
                what = f"{base_url}: integrity {item!r} is no base64"
                raise ModelError("index_unreadable", what) from error
            break
    return Archive(_join(base_url, tarball), None, digest)


def _join(base_url: str, href: str) -> str:
    """An address on the page made whole; one that cannot be read stays as it is and fails when fetched."""
    try:
        joined = urljoin(base_url, href)
        urlsplit(joined)
    except ValueError:
        return href
    return joined


def _sha256(value: str) -> Digest | None:
    return Digest("sha256", value.lower()) if re.fullmatch(r"[0-9a-fA-F]{64}", value) else None


def _json(text: str, url: str, parse: Any) -> Any:
    try:
        return parse()
    except ValueError as error:
        raise ModelError("index_unreadable", f"{url}: is no JSON ({text[:60]!r}…)") from error
