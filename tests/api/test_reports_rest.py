"""Reports and records over REST, and the figure on the overview."""

from datetime import timedelta

import pytest

from agent.storage import Store
from tests.api.conftest import NOW, Site
from tests.storage.seed import complaint, store_call


def test_a_report_comes_as_json_and_as_csv(site: Site) -> None:
    days = {"from": "2025-11-20", "to": "2025-11-21"}
    json = site.client.get("/api/reports/daily", params=days).json()
    csv = site.client.get("/api/reports/daily", params={**days, "format": "csv"})
    assert [row["day"] for row in json["rows"]] == ["2025-11-20", "2025-11-21"]
    assert json["total"]["calls"] == 4
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert "daily_2025-11-20_2025-11-21.csv" in csv.headers["content-disposition"]
    assert csv.content.decode("utf-8-sig").splitlines()[0].startswith("日期,来电")


def test_without_days_it_is_the_last_seven(site: Site) -> None:
    report = site.client.get("/api/reports/intents").json()
    assert (report["first"], report["last"]) == ("2025-11-15", "2025-11-21")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("reports/daily?from=2025-11-21&to=2025-11-20", 422, "before the first"),
        ("reports/weekly", 422, "daily"),
        ("reports/daily?from=yesterday", 422, "from"),
        ("calls/nobody/cdr", 404, "no call"),
    ],
)
def test_what_cannot_be_answered_says_why(site: Site, path: str, status: int, words: str) -> None:
    answer = site.client.get(f"/api/{path}")
    assert answer.status_code == status
    assert words in answer.json()["message"]


def test_the_record_of_a_call(site: Site) -> None:
    record = site.client.get("/api/calls/CA-washer/cdr").json()
    assert (record["call_id"], record["alerts"], record["callback_promised"]) == ("CA-washer", 1, True)
    assert [leg["kind"] for leg in record["legs"]] == ["bot"]


def test_tasks_by_owner_and_lateness(site: Site) -> None:
    late = site.client.get("/api/tasks", params={"overdue": True}).json()
    theirs = site.client.get("/api/tasks", params={"owner": "complaint_specialist"}).json()
    assert {task["owner"] for task in theirs} == {"complaint_specialist"}
    assert all(task["state"] == "open" and task["due"] < NOW.isoformat() for task in late)
    assert site.client.get("/api/tasks", params={"owner": "nobody"}).json() == []


def test_the_overview_shows_how_many_calls_were_answered_in_three_seconds_today(site: Site) -> None:
    page = site.client.get("/fragments/home").text
    store: Store = site.store
    answered = [site.client.get(f"/api/calls/{call.id}/cdr").json() for call in store.list_calls()]
    rate = sum((call["answered_ms"] or 9999) <= 3000 for call in answered) / len(answered)
    assert f"{rate:.1%}" in page and "今日 3 秒接通率" in page


def test_a_day_without_calls_shows_no_figure(site: Site) -> None:
    for call in site.store.list_calls():
        store_call(site.store, complaint(call.id), NOW - timedelta(days=3))
    assert "3 秒接通率" not in site.client.get("/fragments/home").text
