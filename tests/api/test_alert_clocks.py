"""Supervisors see over REST by when an alert is due, take it up, and see incidents and notices."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from agent.api.app import AppDeps, create_app
from agent.api.live import LiveEvents
from agent.config import Settings
from agent.routing.alerts import AlertPolicy, Due, due
from agent.storage import AlertRow, IncidentRow, Store
from agent.storage.alert_life import life_of
from tests.storage.seed import STARTED, complaint, store_call

NOW = STARTED + timedelta(minutes=10)
POLICY = AlertPolicy.model_validate(
    {"sla": [{"name": "all", "acknowledge_within_minutes": 5, "resolve_within_minutes": 60}]}
)
ALERT = "/api/alerts/CA-washer-a1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'hotline.db'}", tmp_path)
    store.migrate()
    store_call(store, complaint())
    yield store
    store.close()


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    def times(alerts: Sequence[AlertRow]) -> Sequence[Due]:
        return [due(POLICY, life_of(alert)) for alert in alerts]

    app = create_app(AppDeps(store=store, settings=Settings(), live=LiveEvents(), now=lambda: NOW, due=times))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_an_alert_says_by_when_it_is_due_and_whether_it_is_late(client: TestClient) -> None:
    (late,) = client.get("/api/alerts", params={"overdue": True}).json()
    raised = datetime.fromisoformat(late["raised_at"])
    assert datetime.fromisoformat(late["acknowledge_due"]) - raised == timedelta(minutes=5)
    assert datetime.fromisoformat(late["resolve_due"]) - raised == timedelta(minutes=60)

    seen = client.post(f"{ALERT}/acknowledge", json={"by": "王主管"}).json()
    assert (seen["overdue"], seen["acknowledge_due"]) == (False, None) and seen["resolve_due"]
    assert client.get("/api/alerts", params={"overdue": True}).json() == []


def test_one_person_works_on_an_alert_until_it_is_resolved(client: TestClient) -> None:
    started = client.post(f"{ALERT}/start", json={"by": "李"}).json()
    other = client.post(f"{ALERT}/start", json={"by": "张"})
    assert (started["state"], started["started_by"], started["acknowledged_by"]) == ("in_progress", "李", "李")
    assert (other.status_code, other.json()["code"]) == (409, "conflict") and "李" in other.json()["message"]
    assert [one["id"] for one in client.get("/api/alerts?state=in_progress").json()] == ["CA-washer-a1"]
    assert "李" in client.get("/").text

    settled = client.post(f"{ALERT}/resolve", json={"by": "张", "outcome": "已退款"}).json()
    assert (settled["state"], settled["resolve_due"], settled["overdue"]) == ("resolved", None, False)
    assert client.post(f"{ALERT}/start", json={"by": "李"}).status_code == 409


def test_incidents_and_notices_are_listed_by_state(client: TestClient, store: Store) -> None:
    incident = IncidentRow(
        id="i1", company="jinghe", subject="cause:safety", alerts=("a", "b"), raised_at=NOW, last_alert_at=NOW
    )
    store.write_incident(incident)
    store.write_incident(incident.model_copy(update={"id": "i2", "closed_at": datetime.now(UTC)}))
    assert [one["id"] for one in client.get("/api/incidents?state=open").json()] == ["i1"]
    assert [one["id"] for one in client.get("/api/incidents?state=closed").json()] == ["i2"]
    assert len(client.get("/api/incidents").json()) == 2
    assert client.get("/api/notices?state=failed").json() == []
    assert client.get("/api/notices?state=lost").status_code == 422
