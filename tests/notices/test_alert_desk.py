"""What the desk does by itself: clocks, incidents, people by apprise, a process that dies, a thousand at once."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.errors import CompanyError
from agent.notices import AlertDesk, NoticeOffice
from agent.routing.alerts import AlertPolicy
from agent.storage import Store, TimelineWriter
from bench.receiver import SECRET, Receiver
from tests.notices.conftest import Open, one_company, raised

NOW = datetime.now(UTC)


def until(true: Callable[[], Any], timeout_s: float = 10.0) -> None:
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def hook(receiver: Receiver, **more: Any) -> AlertPolicy:
    return AlertPolicy.model_validate(
        {"webhooks": [{"name": "crm", "url": receiver.url, "secret": SECRET}], "delivery": {"timeout_s": 2}, **more}
    )


SLA = [
    {
        "name": "all",
        "acknowledge_within_minutes": 5,
        "resolve_within_minutes": 60,
        "escalate": [{"to": "值班主管"}, {"to": "客服总监", "channels": ["head"], "after_minutes": 10}],
    }
]


def test_an_alert_that_nobody_looks_at_is_escalated_to_the_next_person_once(open_house: Open) -> None:
    with Receiver() as crm, Receiver() as head:
        people = [{"name": "head", "url": head.url.replace("http://", "json://")}]
        house = open_house(hook(crm, sla=SLA, notify=people))
        late, later = house.ring("c1", at=NOW - timedelta(minutes=6)), house.ring("c2", at=NOW - timedelta(minutes=16))
        for call in (late, later):
            call.alert()
            call.write()
        until(lambda: crm.types.count("alert.overdue") == 3)
        time.sleep(0.5)

        told = [
            (one.body["data"]["alert_id"], one.body["data"]["to"]) for one in crm.taken if "overdue" in one.body["type"]
        ]
        assert sorted(told) == [("c1-a1", "值班主管"), ("c2-a1", "值班主管"), ("c2-a1", "客服总监")]
        assert head.forged == 1, "an unsigned message of apprise to the one that the chain names"
        (seen,) = [alert for alert in house.store.alerts() if alert.id == "c2-a1"]
        assert [(one.clock, one.number, one.to) for one in seen.escalations] == [
            ("acknowledge", 1, "值班主管"),
            ("acknowledge", 2, "客服总监"),
        ]


def test_many_alerts_on_one_cause_raise_one_incident(open_house: Open) -> None:
    with Receiver() as crm:
        house = open_house(hook(crm, incidents={"alerts": 3, "products": ["热水器"]}))
        for number in range(4):
            call = house.ring(f"c{number}")
            call.alert("safety")
            call.write()
        until(lambda: "incident.raised" in crm.types)
        until(lambda: len(house.store.incidents("open")[0].alerts) == 4)
        time.sleep(0.3)

        assert crm.types.count("incident.raised") == 1
        (incident,) = house.store.incidents()
        assert (incident.subject, incident.company) == ("cause:safety", "jinghe")
        (told,) = [one.body["data"] for one in crm.taken if one.body["type"] == "incident.raised"]
        assert told["incident_id"] == incident.id and "人身安全或产品危险" in told["title"]


def test_people_are_told_in_their_language_by_apprise(open_house: Open) -> None:
    with Receiver() as group:
        people = [{"name": "group", "url": group.url.replace("http://", "json://"), "levels": ["high"]}]
        policy = AlertPolicy.model_validate({"notify": people, "language": "en", "delivery": {"retry_after_s": []}})
        house = open_house(policy)
        call = house.ring("c1")
        call.alert()
        call.write()
        until(lambda: house.store.notices("failed"), 15)  # the receiver takes only what is signed
        (notice,) = house.store.notices()
        assert group.forged == 1 and notice.channel == "apprise"
        assert "High-risk alert" in notice.payload["title"] and "c1-a1" in notice.payload["body"]


def test_a_caller_with_an_alert_of_late_is_kept_with_the_specialist(open_house: Open) -> None:
    with Receiver() as crm:
        house = open_house(hook(crm, keep_with_specialist_days=7))
        earlier = house.ring("c1", at=NOW - timedelta(days=2))
        earlier.alert()
        earlier.write()
        again, other, withheld = (
            house.ring(name, caller=who) for name, who in (("c2", "13812345678"), ("c3", "13900000000"), ("c4", ""))
        )
        kept = house.desk.kept(again.info)
        assert kept is not None and (kept.alert_id, kept.days_ago) == ("c1-a1", 2)
        assert house.desk.kept(other.info) is house.desk.kept(withheld.info) is None


def test_a_thousand_alerts_in_a_second_all_arrive_once_and_no_call_waits(open_house: Open) -> None:
    with Receiver() as crm:
        house = open_house(hook(crm))
        writer = TimelineWriter(house.store)
        writer.start()
        calls = [house.ring(f"c{number}") for number in range(20)]
        for number in range(50):
            for call in calls:
                call.put(raised(f"{call.info.call_id}-a{number}"))
                writer.reader(call.events[-1])
        sent_when_calls_went_on = len(crm.tried)
        crm.wait_for(1000, 60)
        writer.close(60)
        until(lambda: len(house.store.notices("delivered", 2000)) == 1000, 60)

        assert sent_when_calls_went_on < 500, "no call waits until its notice is sent"
        assert len({one.id for one in crm.tried}) == len(crm.tried) == 1000


DYING = """
    import os, sys, time
    from pathlib import Path
    from agent.routing.alerts import AlertPolicy
    from tests.notices.conftest import House, NoticeOffice, AlertDesk, Store, one_company

    folder, url, secret = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    policy = AlertPolicy.model_validate({"webhooks": [{"name": "crm", "url": url, "secret": secret}]})
    books = one_company(policy)
    office = NoticeOffice(books)
    store = Store(f"sqlite:///{folder / 'hotline.db'}", folder, office)
    store.migrate()
    desk = AlertDesk(store, books, office)
    desk.connect({})
    house = House(store, books, desk)
    if sys.argv[4] == "sending":
        desk.start()
    for number in range(5):
        call = house.ring(f"c{number}")
        call.alert()
        call.write()
    print("written", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("when", ["before", "sending"])
def test_a_process_that_is_killed_loses_no_notice(tmp_path: Path, when: str) -> None:
    with Receiver(lambda number: 30.0 if number < 5 else 200) as crm:
        root = Path(__file__).resolve().parents[2]
        command = [sys.executable, "-c", textwrap.dedent(DYING), str(tmp_path), crm.url, SECRET, when]
        process = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, stdout=-1)
        assert process.stdout is not None and process.stdout.readline() == b"written\n"
        if when == "sending":
            until(lambda: len(crm.tried) == 5)
        else:
            crm.answer = lambda _: 200
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()

        # Nobody else tries them until the dead one's time is over; the next server starts after that.
        books = one_company(hook(crm))
        office = NoticeOffice(books)
        store = Store(f"sqlite:///{tmp_path / 'hotline.db'}", tmp_path, office)
        desk = AlertDesk(store, books, office, now=lambda: datetime.now(UTC) + timedelta(seconds=40))
        desk.connect({})
        desk.start()
        try:
            crm.wait_for(5)
            until(lambda: len(store.notices("delivered")) == 5)
        finally:
            desk.close()
            store.close()
        assert {one.body["data"]["alert_id"] for one in crm.taken} == {f"c{number}-a1" for number in range(5)}
        assert len({one.id for one in crm.tried}) == 5, "a repetition has the id of the first try"


def test_the_desk_goes_on_when_the_database_comes_back(open_house: Open, tmp_path: Path) -> None:
    with Receiver() as crm:
        house = open_house(hook(crm))
        database, away = tmp_path / "hotline.db", tmp_path / "away.db"
        call = house.ring("c1")
        database.rename(away)
        call.alert()
        crm.wait_for(1)  # told although nothing can be written down
        time.sleep(1.0)
        away.rename(database)
        call.write()
        until(lambda: [one.state for one in house.store.notices()] == ["delivered"], 15)
        assert len(crm.tried) == 1


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"webhooks": [{"name": "crm", "url": "https://x", "secret_env": "CRM"}]}, "CRM is not set"),
        ({"webhooks": [{"name": "crm", "url": "https://x", "secret_env": "BAD"}]}, "BAD holds no secret"),
        ({"notify": [{"name": "a", "url_env": "BAD"}]}, "apprise knows no such address; right would be wecombot"),
    ],
)
def test_a_target_that_cannot_be_used_is_named_before_any_call(tmp_path: Path, policy: Any, says: str) -> None:
    books = one_company(AlertPolicy.model_validate(policy))
    office = NoticeOffice(books)
    store = Store(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, office)
    with pytest.raises(CompanyError, match=says):
        AlertDesk(store, books, office).connect({"BAD": "nonsense"})
