"""What the store remembers is what happened, once, whoever writes it and how often."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import StorageError
from agent.events import AlertEscalated, AlertWithdrawn, Event
from agent.storage import CallInfo, ConflictError, NotFoundError, Store, UnknownCallError
from agent.storage.database import Database
from agent.storage.schema import differences
from tests.storage.seed import STARTED, Talk, complaint, order_query, store_call

INFO = CallInfo(caller_number="13800000000", called_number="4008001234", channel="webrtc")


def test_a_stored_call_is_read_back_whole(store: Store) -> None:
    talk = complaint()
    store_call(store, talk)

    row = store.get_call("CA-washer")
    assert store.events("CA-washer") == talk.events
    assert (row.status, row.risk, row.intent, row.duration_ms) == (
        "ended",
        "high",
        "complaint",
        talk.duration_ms,
    )
    assert row.started_at == STARTED
    summary = store.summary("CA-washer")
    assert summary is not None and summary.facts[0].value == "880231"


def test_writing_events_twice_changes_nothing(store: Store) -> None:
    talk = complaint()
    store_call(store, talk)
    store.acknowledge_alert("CA-washer-a1", "王主管", STARTED)
    before = (store.get_call("CA-washer"), store.alerts(), store.tasks())

    assert store.append(talk.events) == 0
    assert (store.get_call("CA-washer"), store.alerts(), store.tasks()) == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_order_and_any_repetition_of_batches_gives_the_same_call(store: Store, data: st.DataObject) -> None:
    events = complaint().events
    order = data.draw(st.permutations(events))
    size = data.draw(st.integers(1, len(events)))
    store_call(store, complaint(), events=[])
    for start in range(0, len(order), size):
        store.append([*order[start : start + size], order[start]])

    row, alerts, tasks = store.get_call("CA-washer"), store.alerts(), store.tasks()
    store_call(store, complaint())
    assert (row, alerts, tasks) == (store.get_call("CA-washer"), store.alerts(), store.tasks())
    assert store.events("CA-washer") == events


def test_a_replay_replaces_the_earlier_call_whole(store: Store) -> None:
    store_call(store, complaint("same"))
    store_call(store, order_query("same"))

    assert store.events("same") == order_query("same").events
    assert store.get_call("same").intent == "order_status"
    assert store.alerts() == [] and store.tasks() == []


def test_events_of_a_call_that_never_began_are_refused(store: Store) -> None:
    with pytest.raises(UnknownCallError, match="begin_call"):
        store.append(complaint().events)


def test_a_batch_is_written_whole_or_not_at_all(store: Store) -> None:
    store_call(store, complaint("a-known"), events=[])
    with pytest.raises(UnknownCallError):
        store.append([*complaint("a-known").events, *complaint("b-unknown").events])

    assert store.events("a-known") == []


def test_calls_are_listed_newest_first_page_by_page(store: Store) -> None:
    for number in range(7):
        # Two of each moment: pages must not lose or repeat calls that began at once.
        store.begin_call(f"c{number}", INFO, STARTED + timedelta(minutes=number // 2))
    seen: list[str] = []
    before = None
    while page := store.list_calls(limit=3, before=before):
        seen += [call.id for call in page]
        before = page[-1].id

    assert seen == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]


def test_earlier_calls_of_a_number_are_counted_within_their_time(store: Store) -> None:
    for days_ago, caller in [(0, "13800000000"), (2, "13800000000"), (6, "13800000000"), (9, "13800000000"), (1, "5")]:
        info = INFO.model_copy(update={"caller_number": caller})
        store.begin_call(f"c{days_ago}", info, STARTED - timedelta(days=days_ago))

    assert store.count_calls("13800000000", since=STARTED - timedelta(days=7), before=STARTED) == 2


def test_live_calls_can_be_listed_alone(store: Store) -> None:
    store_call(store, complaint("ended"))
    store_call(store, complaint("going-on", live=True))

    assert [call.id for call in store.list_calls(live_only=True)] == ["going-on"]


def test_calls_that_were_live_when_the_process_died_are_interrupted(store: Store) -> None:
    live = complaint("cut-off", live=True)
    store_call(store, live)
    store_call(store, complaint("ended"))

    assert store.mark_interrupted() == ["cut-off"]
    row = store.get_call("cut-off")
    assert row.status == "interrupted"
    assert row.ended_at == STARTED + timedelta(milliseconds=live.events[-1].audio_ms)
    assert store.get_call("ended").status == "ended"


def test_an_interrupted_call_whose_end_arrives_late_has_ended(store: Store) -> None:
    talk = complaint()
    store_call(store, talk, events=talk.events[:5])
    store.mark_interrupted()
    store.append(talk.events)

    assert store.get_call("CA-washer").status == "ended"


def test_an_alert_goes_from_raised_to_acknowledged_to_resolved(store: Store) -> None:
    store_call(store, complaint())
    seen = store.acknowledge_alert("CA-washer-a1", "王主管", STARTED)
    again = store.acknowledge_alert("CA-washer-a1", "李主管", STARTED + timedelta(hours=1))
    settled = store.resolve_alert("CA-washer-a1", "李主管", STARTED + timedelta(hours=2), "已上门维修")

    assert (seen.state, again.acknowledged_by) == ("acknowledged", "王主管")
    assert (settled.state, settled.acknowledged_by, settled.resolved_by) == ("resolved", "王主管", "李主管")
    assert [store.alerts(state) for state in ("raised", "acknowledged")] == [[], []]
    with pytest.raises(ConflictError, match="李主管"):
        store.acknowledge_alert("CA-washer-a1", "张", STARTED)
    with pytest.raises(NotFoundError):
        store.resolve_alert("nothing", "张", STARTED, "x")


@pytest.mark.parametrize("backwards", [False, True])
def test_an_alert_that_got_worse_is_to_be_acknowledged_anew_in_whatever_order_its_events_are_written(
    store: Store, backwards: bool
) -> None:
    talk = complaint()
    worse = Event(
        call_id="CA-washer",
        seq=talk.events[-1].seq + 1,
        audio_ms=60_000,
        body=AlertEscalated(
            alert_id="CA-washer-a1", turn=4, level="high", causes=("safety",), evidence=(), recommended="now"
        ),
    )
    store_call(store, talk, events=[worse] if backwards else talk.events)
    store.append(talk.events if backwards else [worse])

    (alert,) = store.alerts()
    assert (alert.state, alert.causes, alert.turn, alert.recommended) == ("raised", ("safety",), 4, "now")
    assert alert.escalated_at == STARTED + timedelta(seconds=60)


def test_an_alert_that_the_caller_took_back_needs_nobody(store: Store) -> None:
    talk = complaint()
    back = AlertWithdrawn(alert_id="CA-washer-a1", turn=4, words="开玩笑的")
    store_call(store, talk)
    store.append([Event(call_id="CA-washer", seq=talk.events[-1].seq + 1, audio_ms=60_000, body=back)])

    (alert,) = store.alerts()
    assert (alert.state, alert.withdrawn_words) == ("withdrawn", "开玩笑的")
    with pytest.raises(ConflictError, match="taken back"):
        store.acknowledge_alert("CA-washer-a1", "张", STARTED)


def test_tasks_come_by_urgency_and_are_done_once(store: Store) -> None:
    store_call(store, complaint(), datetime(2025, 11, 21, 6, 50, tzinfo=UTC))
    callback, follow_up = sorted(store.tasks("open"), key=lambda task: task.kind)

    # The follow-up is due at 15:00 in China, 07:00 UTC; the callback half an hour after it was promised.
    assert [task.id for task in store.tasks()] == [follow_up.id, callback.id]
    assert store.complete_task(callback.id, "王", STARTED).done_by == "王"
    assert [task.id for task in store.tasks("open")] == [follow_up.id]
    with pytest.raises(ConflictError):
        store.complete_task(callback.id, "王", STARTED)


def test_times_of_any_zone_come_back_as_the_same_moment(store: Store) -> None:
    china = datetime(2025, 11, 21, 14, 30, tzinfo=timezone(timedelta(hours=8)))
    store.begin_call("c", INFO, china)

    assert store.get_call("c").started_at == china
    with pytest.raises(ValueError, match="time zone"):
        store.begin_call("d", INFO, datetime(2025, 11, 21))


@pytest.mark.parametrize("call_id", ["", "..", "../x", "a/b", "a\\b", ".hidden", "x" * 129, "电话", "a\n"])
def test_an_id_that_could_leave_the_folder_is_no_call_id(store: Store, call_id: str) -> None:
    with pytest.raises(NotFoundError):
        store.recording_path(call_id)
    with pytest.raises(NotFoundError):
        store.begin_call(call_id, INFO, STARTED)


def test_many_threads_write_and_read_at_once(store: Store) -> None:
    failures: list[BaseException] = []

    def one_call(name: str) -> None:
        try:
            talk = complaint(name)
            store_call(store, talk, events=[])
            for event in talk.events:
                store.append([event])
                store.list_calls(5)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one_call, args=(f"t{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert {call.status for call in store.list_calls()} == {"ended"}
    assert all(len(store.events(f"t{number}")) == len(complaint().events) for number in range(6))


def test_migrating_twice_changes_nothing_and_the_tables_are_those_of_the_code(store: Store, tmp_path: Path) -> None:
    assert store.migrate() == store.migrate()
    assert store.revision() == (store.migrate(), store.migrate())
    with Database(f"sqlite:///{tmp_path / 'hotline.db'}").connection() as connection:
        assert differences(connection) == []


def test_a_database_newer_than_the_program_is_refused(store: Store, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "hotline.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(StorageError, match=r"9999.*newer program"):
        store.migrate()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("not a url", "not a database URL.*sqlite:///"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("oracle+nothing://u:secret@h/d", "driver is not installed"),
    ],
)
def test_a_wrong_url_says_what_would_be_right_and_no_password(url: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=words) as caught:
        Store(url, tmp_path)
    assert "secret" not in str(caught.value)


def test_the_sqlite_file_is_in_wal_mode_with_foreign_keys(store: Store) -> None:
    with store._database.reading() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 2000


def test_a_call_with_hostile_words_is_stored_as_it_was_said(store: Store) -> None:
    talk = Talk("odd", "'; DROP TABLE calls; --")
    talk.caller("断行\u2028与\x00空字符，还有 😀 <script>", "other", "neutral")
    store_call(store, talk)

    assert store.events("odd") == talk.events
    assert store.get_call("odd").caller_number == "'; DROP TABLE calls; --"
