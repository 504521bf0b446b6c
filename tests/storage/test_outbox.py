"""The outbox gives every notice to one at a time, in the order of its subject, and forgets none."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from agent.events import AlertRaised, Event
from agent.storage import AlertRow, CallRow, NoticeRow, Store
from agent.storage.alert_life import AlertChange
from agent.storage.outbox import Attempt
from tests.storage.seed import STARTED, complaint, store_call


def notice(name: str, subject: str = "a1", target: str = "crm") -> NoticeRow:
    return NoticeRow(
        id=f"msg_{name}",
        dedupe_key=name,
        channel="webhook",
        target=target,
        subject=subject,
        payload={"name": name},
        next_at=STARTED,
        created_at=STARTED,
    )


class Post:
    """Two notices for each alert, one for whatever people do."""

    broken = False

    def of_event(self, event: Event, call: CallRow) -> Sequence[NoticeRow]:
        if self.broken:
            raise RuntimeError("a fault of the texts")
        if not isinstance(event.body, AlertRaised):
            return ()
        return [notice(f"{event.body.alert_id}-{target}", event.body.alert_id, target) for target in ("crm", "erp")]

    def of_change(self, change: AlertChange, alert: AlertRow, call: CallRow) -> Sequence[NoticeRow]:
        return [notice(f"{alert.id}-{change}", alert.id)]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def full(tmp_path: Path, post: Post) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'hotline.db'}", tmp_path, post)
    store.migrate()
    store_call(store, complaint())
    return store


def ids(notices: Sequence[NoticeRow]) -> list[str]:
    return [one.id for one in notices]


def claim(store: Store, minutes: int = 0, target: str = "crm", limit: int = 10) -> list[str]:
    return ids(store.claim_notices(target, STARTED + timedelta(minutes=minutes), lease_s=30, limit=limit))


def delivered(*names: str) -> list[Attempt]:
    return [Attempt(name, "delivered", STARTED) for name in names]


def test_notices_are_written_with_their_alert_and_once_however_often_it_is_written(full: Store) -> None:
    full.append(complaint().events)
    full.acknowledge_alert("CA-washer-a1", "王", STARTED)
    full.acknowledge_alert("CA-washer-a1", "李", STARTED)
    assert ids(full.notices())[::-1] == [
        "msg_CA-washer-a1-crm",
        "msg_CA-washer-a1-erp",
        "msg_CA-washer-a1-acknowledged",
    ]
    assert full.waiting_notices() == {"crm": 2, "erp": 1}


def test_a_notice_that_cannot_be_made_does_not_cost_us_the_alert(full: Store, post: Post) -> None:
    post.broken = True
    store_call(full, complaint("CA-other"))
    assert [alert.id for alert in full.alerts(call_id="CA-other")] == ["CA-other-a1"]


def test_a_claimed_notice_is_nobody_elses_until_the_lease_is_over(full: Store) -> None:
    assert full.due_targets(STARTED) == ["crm", "erp"]
    assert claim(full) == ["msg_CA-washer-a1-crm"]
    assert claim(full) == [] and full.due_targets(STARTED) == ["erp"]
    assert claim(full, minutes=1) == ["msg_CA-washer-a1-crm"]


def test_the_second_notice_of_an_alert_waits_for_the_first(full: Store) -> None:
    full.acknowledge_alert("CA-washer-a1", "王", STARTED)
    assert claim(full) == ["msg_CA-washer-a1-crm"]
    again = Attempt("msg_CA-washer-a1-crm", "pending", STARTED, "HTTP 500", STARTED + timedelta(minutes=5))
    assert full.settle_notices([again]).waiting == {("crm", "CA-washer-a1")}
    assert claim(full, minutes=4) == []
    assert claim(full, minutes=5) == ["msg_CA-washer-a1-crm"]
    full.settle_notices(delivered("msg_CA-washer-a1-crm"))
    assert claim(full, minutes=5) == ["msg_CA-washer-a1-acknowledged"]
    assert full.settle_notices(delivered("msg_CA-washer-a1-acknowledged")).waiting == frozenset()
    assert [one.attempts for one in full.notices("delivered")] == [1, 2]


def test_what_is_not_written_yet_is_said_to_be_missing(full: Store) -> None:
    settled = full.settle_notices(delivered("msg_CA-washer-a1-crm", "msg_later"))
    assert (settled.missing, settled.waiting) == ({"msg_later"}, frozenset())


def test_a_failed_notice_holds_up_nobody_and_a_delivered_one_stays_delivered(full: Store) -> None:
    full.acknowledge_alert("CA-washer-a1", "王", STARTED)
    full.settle_notices([Attempt("msg_CA-washer-a1-crm", "failed", STARTED, "HTTP 404")])
    assert claim(full) == ["msg_CA-washer-a1-acknowledged"]
    full.settle_notices(delivered("msg_CA-washer-a1-acknowledged"))
    full.settle_notices([Attempt("msg_CA-washer-a1-acknowledged", "failed", STARTED, "late")])
    assert [one.last_error for one in full.notices("failed")] == ["HTTP 404"]
    assert ids(full.notices("delivered")) == ["msg_CA-washer-a1-acknowledged"]


def test_the_alerts_of_a_caller_are_found_by_number_and_time(full: Store) -> None:
    def found(number: str, **span: int) -> list[str]:
        since, before = (STARTED + timedelta(days=span[name]) for name in ("since", "before"))
        return [alert.id for alert in full.alerts_of_caller(number, since=since, before=before)]

    assert found("13812345678", since=-1, before=1) == ["CA-washer-a1"]
    assert found("13812345678", since=1, before=2) == found("13900000000", since=-1, before=1) == []
    assert full.called_numbers(["CA-washer", "nobody"]) == {"CA-washer": "4008001234"}
    assert full.said(["CA-washer"])["CA-washer"][0].startswith("我那台洗衣机又漏水了")
