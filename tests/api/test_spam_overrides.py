"""Supervisors see what was refused and why, and take it back."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from agent.api import errors
from agent.api.spam import spam_router
from tests.api.conftest import NOW, Site
from tests.storage.seed import STARTED, store_call
from tests.storage.test_spam_store import refused


@pytest.fixture
def client(site: Site) -> Iterator[TestClient]:
    store_call(site.store, refused("CA-spam"), STARTED)
    store_call(site.store, refused("CA-withheld", ""), STARTED)
    app = FastAPI()
    errors.install(app)
    app.include_router(spam_router(site.store, lambda: NOW))
    with TestClient(app) as client:
        yield client


def test_refused_calls_are_listed_with_their_reasons(client: TestClient) -> None:
    rows = client.get("/api/spam/calls").json()
    assert {row["call_id"] for row in rows} == {"CA-spam", "CA-withheld"}
    assert rows[0]["signs"][0]["words"] == "在推销贷款"
    assert client.get("/api/spam/calls", params={"verdict": "challenge"}).json() == []
    counts = client.get("/api/spam/counts").json()
    assert counts["refused"] == 2 and counts["reasons"]["refused"] == {"pitch": 2}


def test_a_call_refused_by_mistake_is_let_in_next_time_with_who_when_and_why(client: TestClient) -> None:
    answer = client.post("/api/spam/calls/CA-spam/allow", json={"by": "王主管", "why": "老客户"}).json()
    assert (answer["number"], answer["verdict"], answer["call_id"]) == ("+8617000001111", "allow", "CA-spam")
    assert (answer["by"], answer["why"], answer["at"]) == ("王主管", "老客户", "2025-11-21T07:00:00Z")
    assert client.get("/api/spam/numbers").json() == [answer]


def test_a_number_is_denied_allowed_and_forgotten(client: TestClient) -> None:
    body = {"by": "王主管", "why": "天天推销", "number": "0571-8899 0013"}
    for path, in_force in (("deny", ["deny"]), ("allow", ["allow"]), ("forget", [])):
        assert client.post(f"/api/spam/{path}", json=body).json()["number"] == "+8657188990013"
        assert [row["verdict"] for row in client.get("/api/spam/numbers").json()] == in_force
    assert len(client.get("/api/spam/numbers", params={"in_force": False}).json()) == 3


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/api/spam/deny", {"by": "王", "why": "x", "number": "总机"}, 422, "has no digits"),
        ("/api/spam/deny", {"by": "王", "why": " ", "number": "13800001111"}, 422, "must say why"),
        ("/api/spam/deny", {"by": " ", "why": "x", "number": "13800001111"}, 422, "name somebody"),
        ("/api/spam/calls/nobody/allow", {"by": "王", "why": "x"}, 404, "nobody"),
        ("/api/spam/calls/CA-withheld/allow", {"by": "王", "why": "x"}, 409, "without a number"),
    ],
)
def test_what_cannot_be_decided_is_said(
    client: TestClient, path: str, body: dict[str, Any], status: int, told: str
) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == status and told in answer.json()["message"]
    assert client.get("/api/spam/numbers").json() == []
