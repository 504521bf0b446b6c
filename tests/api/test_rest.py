"""The REST interface gives what the store holds, and every error in one shape."""

import io
import json
import shutil
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from agent.api.app import AppDeps, create_app
from agent.api.live import LiveEvents
from agent.config import Settings
from agent.events import parse_event
from tests.api.conftest import NOW, Site
from tests.storage.seed import complaint


def test_calls_come_page_by_page(site: Site) -> None:
    first = site.client.get("/api/calls", params={"limit": 3}).json()
    second = site.client.get("/api/calls", params={"limit": 3, "before": first["next_before"]}).json()

    assert len(first["calls"]) == 3 and len(second["calls"]) == 1
    assert second["next_before"] is None
    assert {call["id"] for call in first["calls"] + second["calls"]} == {
        "CA-washer",
        "CA-order",
        "CA-hostile",
        "CA-live",
    }


def test_live_calls_come_alone(site: Site) -> None:
    calls = site.client.get("/api/calls", params={"live_only": True}).json()["calls"]
    assert [call["id"] for call in calls] == ["CA-live"]


def test_a_call_comes_with_summary_alerts_and_tasks(site: Site) -> None:
    answer = site.client.get("/api/calls/CA-washer").json()

    assert answer["call"]["risk"] == "high"
    assert answer["summary"]["facts"][0]["value"] == "880231"
    assert [alert["id"] for alert in answer["alerts"]] == ["CA-washer-a1"]
    assert sorted(task["kind"] for task in answer["tasks"]) == ["callback", "follow-up"]
    assert answer["has_recording"] is True


def test_events_come_in_the_timeline_s_own_form(site: Site) -> None:
    lines = site.client.get("/api/calls/CA-washer/events").json()
    assert [parse_event(json.dumps(line)) for line in lines] == complaint().events


def test_the_recording_is_a_stereo_wav_and_ranges_are_honoured(site: Site) -> None:
    whole = site.client.get("/api/calls/CA-washer/recording.wav")
    part = site.client.get("/api/calls/CA-washer/recording.wav", headers={"range": "bytes=1000-1999"})

    assert whole.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(whole.content)) as file:
        assert (file.getnchannels(), file.getnframes()) == (2, 16000)
    assert part.status_code == 206
    assert part.content == whole.content[1000:2000]
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole.content)}"


@pytest.mark.parametrize(
    ("call_id", "words"),
    [("CA-order", "no recording"), ("CA-live", "still going on"), ("nobody", "no call 'nobody'")],
)
def test_a_recording_that_is_not_there_says_why(site: Site, call_id: str, words: str) -> None:
    answer = site.client.get(f"/api/calls/{call_id}/recording.wav")

    assert answer.status_code == 404
    assert answer.json().keys() == {"code", "message"}
    assert words in answer.json()["message"]


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2fhotline.db",
        "%2e%2e%2fhotline",
        "..",
        "....//hotline",
        "CA-washer%00",
        "..%5c..%5chotline.db",
        "a" * 150,
    ],
)
def test_no_path_leads_out_of_the_recordings(site: Site, path: str, tmp_path: Path) -> None:
    shutil.copy(site.store.recording_path("CA-washer"), tmp_path / "hotline.wav")
    answer = site.client.get(f"/api/calls/{path}/recording.wav")

    assert answer.status_code == 404
    assert b"RIFF" not in answer.content


def test_an_alert_is_acknowledged_and_resolved(site: Site) -> None:
    seen = site.client.post("/api/alerts/CA-washer-a1/acknowledge", json={"by": " 王主管 "}).json()
    settled = site.client.post("/api/alerts/CA-washer-a1/resolve", json={"by": "李", "outcome": "已上门"}).json()
    again = site.client.post("/api/alerts/CA-washer-a1/acknowledge", json={"by": "张"})

    assert (seen["state"], seen["acknowledged_by"]) == ("acknowledged", "王主管")
    assert seen["acknowledged_at"] == NOW.isoformat().replace("+00:00", "Z")
    assert (settled["state"], settled["outcome"]) == ("resolved", "已上门")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert "CA-washer-a1" in [alert["id"] for alert in site.client.get("/api/alerts?state=resolved").json()]


def test_a_task_is_done(site: Site) -> None:
    task = site.client.get("/api/tasks", params={"state": "open"}).json()[0]
    done = site.client.post(f"/api/tasks/{task['id']}/complete", json={"by": "王"}).json()

    assert (done["state"], done["done_by"]) == ("done", "王")
    assert task["id"] not in [one["id"] for one in site.client.get("/api/tasks?state=open").json()]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/calls/nobody", None, 404, "not_found"),
        ("GET", "/api/calls/nobody/events", None, 404, "not_found"),
        ("GET", "/api/calls?before=nobody", None, 404, "not_found"),
        ("GET", "/api/calls?limit=0", None, 422, "invalid_request"),
        ("GET", "/api/calls?limit=many", None, 422, "invalid_request"),
        ("GET", "/api/alerts?state=lost", None, 422, "invalid_request"),
        ("GET", "/api/nothing", None, 404, "not_found"),
        ("DELETE", "/api/calls", None, 405, "method_not_allowed"),
        ("POST", "/api/alerts/nobody/acknowledge", {"by": "王"}, 404, "not_found"),
        ("POST", "/api/alerts/CA-washer-a1/acknowledge", {"by": "  "}, 422, "invalid_request"),
        ("POST", "/api/alerts/CA-washer-a1/acknowledge", {"by": "x" * 65}, 422, "invalid_request"),
        ("POST", "/api/alerts/CA-washer-a1/acknowledge", {}, 422, "invalid_request"),
        ("POST", "/api/alerts/CA-washer-a1/acknowledge", [1], 422, "invalid_request"),
        ("POST", "/api/alerts/CA-washer-a1/resolve", {"by": "王"}, 422, "invalid_request"),
        ("POST", "/api/alerts/CA-washer-a1/resolve", {"by": "王", "outcome": "", "x": 1}, 422, "invalid_request"),
    ],
)
def test_every_error_has_the_one_shape(site: Site, method: str, path: str, body: Any, status: int, code: str) -> None:
    answer = site.client.request(method, path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json().keys() == {"code", "message"}
    assert answer.json()["message"]


def test_a_form_of_another_site_cannot_acknowledge(site: Site) -> None:
    answer = site.client.post(
        "/api/alerts/CA-washer-a1/acknowledge", content='{"by": "x"}', headers={"content-type": "text/plain"}
    )

    assert answer.status_code == 422
    assert site.store.alerts("raised", "CA-washer")


def test_a_database_that_is_gone_is_503_everywhere_and_back_when_it_is_back(site: Site, tmp_path: Path) -> None:
    site.store.close()
    database = tmp_path / "hotline.db"
    database.rename(tmp_path / "aside.db")
    for path in ("/healthz", "/api/calls", "/api/alerts", "/api/tasks", "/api/calls/CA-washer"):
        answer = site.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_failed")
        assert "is gone" in answer.json()["message"]
    (tmp_path / "aside.db").rename(database)

    assert site.client.get("/healthz").json() == {"status": "ok"}


def test_a_fault_inside_is_500_without_its_innards(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(site.store, "alerts", broken)
    answer = site.client.get("/api/alerts")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text


def test_the_openapi_document_names_every_endpoint_and_its_errors(site: Site) -> None:
    api = site.client.get("/openapi.json").json()

    assert set(api["paths"]) == {
        "/healthz",
        "/api/calls",
        "/api/calls/{call_id}",
        "/api/calls/{call_id}/cdr",
        "/api/calls/{call_id}/events",
        "/api/calls/{call_id}/recording.wav",
        "/api/calls/{call_id}/turns/{turn}/correction",
        "/api/corrections",
        "/api/alerts",
        "/api/alerts/{alert_id}/acknowledge",
        "/api/alerts/{alert_id}/start",
        "/api/alerts/{alert_id}/resolve",
        "/api/reports/{kind}",
        "/api/incidents",
        "/api/notices",
        "/api/tasks",
        "/api/tasks/{task_id}/complete",
    }
    for methods in api["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorBody"}
    assert "HTTPValidationError" not in api["components"]["schemas"]


def test_routers_and_lifespans_of_others_are_taken_in(site: Site) -> None:
    happened: list[str] = []

    def named(name: str) -> Any:
        @asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            happened.append(f"{name} in")
            yield
            happened.append(f"{name} out")

        return lifespan

    router = APIRouter()
    router.add_api_route("/extra", lambda: {"extra": True})
    deps = AppDeps(site.store, Settings(), LiveEvents(), routers=[router], lifespans=[named("a"), named("b")])
    with TestClient(create_app(deps)) as client:
        assert client.get("/extra").json() == {"extra": True}

    assert happened == ["a in", "b in", "b out", "a out"]
