"""Every notice reaches its target once, signed and in order, whatever the target does meanwhile."""

import time

import pytest

from agent.routing.alerts import AlertPolicy
from agent.storage import NoticeRow, Store
from bench.receiver import SECRET, Receiver
from tests.notices.conftest import Open, taken_back, worse


def policy(*receivers: Receiver, **delivery: object) -> AlertPolicy:
    """Their webhooks, with short pauses."""
    return AlertPolicy.model_validate(
        {
            "webhooks": [
                {"name": f"hook{number}", "url": receiver.url, "secret": SECRET}
                for number, receiver in enumerate(receivers)
            ],
            "delivery": {"timeout_s": 1, "retry_after_s": [0.1, 0.2, 0.3], **delivery},
        }
    )


def wait_until_settled(store: Store, state: str = "delivered", timeout_s: float = 10.0) -> list[NoticeRow]:
    """The notices, once all of them are in this state."""
    until = time.monotonic() + timeout_s
    while True:
        notices = store.notices()
        if notices and all(notice.state == state for notice in notices):
            return notices
        assert time.monotonic() < until, [(one.state, one.last_error) for one in notices]
        time.sleep(0.02)


def test_an_alert_is_at_the_webhook_before_it_is_in_the_database_and_not_sent_again_when_it_is(
    open_house: Open,
) -> None:
    with Receiver() as crm:
        house = open_house(policy(crm))
        call = house.ring("c1")
        begun_s = time.monotonic()
        call.alert("safety")
        crm.wait_for(1)
        assert crm.taken[0].at_s - begun_s < 0.5
        call.write()
        (notice,) = wait_until_settled(house.store)
        time.sleep(1.2)

        (received,) = crm.tried
        assert crm.forged == 0 and received.id == notice.id and notice.attempts == 1
        assert received.body == notice.payload
        assert received.body["type"] == "alert.raised"
        data = received.body["data"]
        assert (data["alert_id"], data["caller"], data["causes"]) == ("c1-a1", "13812345678", ["safety"])
        assert "人身安全或产品危险" in data["title"] and "孩子被电到了 {紧急}" in data["text"]


def test_an_alert_that_is_only_in_the_database_is_sent_too(open_house: Open) -> None:
    with Receiver() as crm:
        house = open_house(policy(crm))
        house.desk.close()
        call = house.ring("c1")
        call.alert()
        call.write()
        assert [one.state for one in house.store.notices()] == ["pending"] and not crm.tried

        house.store.acknowledge_alert("c1-a1", "王主管", call.info.started_at)
        # Nobody holds it any more once the lease of the server that had the call is over.
        for notice in house.store.notices():
            _make_due(house.store, notice)
        house = open_house(policy(crm))
        wait_until_settled(house.store)
        assert crm.types == ["alert.raised", "alert.acknowledged"]


@pytest.mark.parametrize("trouble", [500, 302, 2.0])
def test_a_notice_is_tried_again_with_the_same_id(open_house: Open, trouble: int | float) -> None:
    with Receiver(lambda number: trouble if number < 2 else 200) as crm:
        house = open_house(policy(crm, timeout_s=0.3))
        call = house.ring("c1")
        call.alert()
        call.write()
        crm.wait_for(1)
        (notice,) = wait_until_settled(house.store)

        assert {one.id for one in crm.tried} == {notice.id}
        assert (len(crm.tried), notice.attempts, len(crm.taken)) == (3, 3, 1)


def test_what_is_refused_every_time_has_failed_and_says_why(open_house: Open) -> None:
    with Receiver(lambda _: 503) as crm:
        house = open_house(policy(crm))
        call = house.ring("c1")
        call.alert()
        call.write()
        (notice,) = wait_until_settled(house.store, "failed")
        assert (notice.attempts, len(crm.tried), notice.last_error) == (4, 4, "HTTP 503")


def test_notices_of_one_alert_arrive_in_order_though_the_first_is_refused_at_first(open_house: Open) -> None:
    with Receiver(lambda number: 500 if number < 2 else 200) as crm:
        house = open_house(policy(crm))
        call = house.ring("c1")
        call.alert("safety")
        call.write()
        call.put(worse("c1-a1", "safety", "media"), 2000)
        call.write()
        house.store.acknowledge_alert("c1-a1", "王主管", call.info.started_at)
        call.put(taken_back("c1-a1"), 3000)
        call.write()
        for notice in house.store.notices():
            _make_due(house.store, notice)
        crm.wait_for(4)
        assert crm.types == ["alert.raised", "alert.escalated", "alert.acknowledged", "alert.withdrawn"]
        assert len({one.id for one in crm.taken}) == 4


def test_a_webhook_that_hangs_does_not_delay_another(open_house: Open) -> None:
    with Receiver(lambda _: 30.0) as stuck, Receiver() as crm:
        house = open_house(policy(stuck, crm, timeout_s=10, at_once=2))
        for number in range(20):
            house.ring(f"c{number}").alert()
        begun_s = time.monotonic()
        crm.wait_for(20)
        assert crm.taken[-1].at_s - begun_s < 2
        assert len(stuck.tried) == 2


def _make_due(store: Store, notice: NoticeRow) -> None:
    """As if the lease were over."""
    from sqlalchemy import update

    from agent.storage.tables import StoredNotice

    with store._database.writing() as session:
        session.execute(update(StoredNotice).where(StoredNotice.id == notice.id).values(next_at=notice.created_at))
