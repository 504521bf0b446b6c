"""A database that is locked, gone, full or damaged loses nothing that was said, and the operator is told
once.
"""

import errno
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from loguru import logger

from agent.errors import StorageError
from agent.events import CallEnded, Event
from agent.storage import Store, TimelineWriter, database
from agent.storage.spool import Spool
from tests.storage.seed import STARTED, Talk, complaint, order_query, store_call


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own wait for a lock, shortened: these tests are about what comes after it."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """The lines that went to the log."""
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message}")
    yield lines
    logger.remove(sink)


class Told:
    """What the operator was told."""

    def __init__(self) -> None:
        self.errors: list[StorageError] = []

    def __call__(self, error: StorageError) -> None:
        self.errors.append(error)


def a_writer(store: Store, told: Told | None = None, *, patience_s: float = 0.05) -> TimelineWriter:
    return TimelineWriter(store, on_error=told, patience_s=patience_s, probe_s=0.05)


def write(writer: TimelineWriter, talk: Talk, events: list[Event] | None = None) -> None:
    writer.begin_call(talk.timeline.call_id, talk.info, STARTED)
    for event in talk.events if events is None else events:
        writer.reader(event)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def database_file(store: Store) -> Path:
    return store.data_dir / "hotline.db"


def spooled(store: Store) -> list[str]:
    return [path.name for path in sorted((store.data_dir / "spool").glob("*.jsonl"))]


# What the errors say


def test_a_locked_database_is_named_with_its_path(store: Store) -> None:
    with locked(database_file(store)), pytest.raises(StorageError, match=r"hotline\.db is locked") as caught:
        store_call(store, complaint())
    assert caught.value.retryable


def test_a_locked_database_can_still_be_read(store: Store) -> None:
    store_call(store, complaint())
    with locked(database_file(store)):
        assert store.get_call("CA-washer").status == "ended"


def test_a_deleted_database_is_noticed_and_not_silently_begun_anew(store: Store) -> None:
    store_call(store, complaint())
    database_file(store).unlink()

    for _ in range(2):
        with pytest.raises(StorageError, match=r"hotline\.db is gone.*hotline db upgrade"):
            store.list_calls()
    assert not database_file(store).exists()


def test_a_database_put_back_works_again_without_a_restart(store: Store) -> None:
    store_call(store, complaint())
    store.close()
    aside = database_file(store).with_suffix(".aside")
    database_file(store).rename(aside)
    with pytest.raises(StorageError):
        store.list_calls()
    aside.rename(database_file(store))

    assert store.get_call("CA-washer").status == "ended"


def test_another_file_in_its_place_is_read_rather_than_the_deleted_one(store: Store, tmp_path: Path) -> None:
    store_call(store, complaint())
    other = Store(f"sqlite:///{tmp_path / 'other.db'}", tmp_path)
    other.migrate()
    store_call(other, order_query())
    other.close()
    for leftover in tmp_path.glob("hotline.db*"):
        leftover.unlink()
    (tmp_path / "other.db").rename(database_file(store))

    assert [call.id for call in store.list_calls()] == ["CA-order"]


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "hotline.db"
    path.write_bytes(b"this is a letter to my aunt" * 100)

    with pytest.raises(StorageError, match=r"hotline\.db.*not an SQLite database"):
        Store(f"sqlite:///{path}", tmp_path).migrate()


def test_a_database_without_tables_names_the_command_that_makes_them(tmp_path: Path) -> None:
    path = tmp_path / "hotline.db"
    path.touch()

    with pytest.raises(StorageError, match="hotline db upgrade"):
        Store(f"sqlite:///{path}", tmp_path).list_calls()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match=r"cannot create the folder .*file/data"):
        Store(f"sqlite:///{tmp_path / 'file' / 'data' / 'hotline.db'}", tmp_path).migrate()


def test_a_full_disk_is_called_full(store: Store, tmp_path: Path) -> None:
    with full(store), pytest.raises(StorageError, match="disk is full; free some space"):
        store_call(store, complaint())


@contextmanager
def full(store: Store) -> Iterator[None]:
    """SQLite's own limit of pages gives the error of a full disk, from the same place in its code."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    from sqlalchemy import event

    engine = store._database.engine
    store.close()
    event.listen(engine, "connect", limit)
    yield
    event.remove(engine, "connect", limit)
    store.close()


# What the writer does about them


def test_without_trouble_all_is_in_the_database_and_nothing_in_the_spool(store: Store) -> None:
    told = Told()
    writer = a_writer(store, told)
    writer.start()
    write(writer, complaint())

    assert writer.flush(5.0)
    assert store.events("CA-washer") == complaint().events
    assert (spooled(store), told.errors) == ([], [])
    writer.close()


def test_in_virtual_time_drain_stores_all_without_a_thread(store: Store) -> None:
    before = threading.active_count()
    writer = a_writer(store)
    write(writer, complaint())

    assert writer.drain()
    assert threading.active_count() == before
    assert store.get_call("CA-washer").status == "ended"


def test_the_event_loop_never_waits_for_a_locked_database(store: Store) -> None:
    writer = a_writer(store, patience_s=0.2)
    writer.start()
    slowest_s = 0.0
    with locked(database_file(store)):
        for talk in (complaint(f"c{number}") for number in range(20)):
            started = time.perf_counter()
            write(writer, talk)
            slowest_s = max(slowest_s, time.perf_counter() - started)

    # A call's 30-odd events; waiting for the lock even once would take at least the 20 ms of the busy timeout
    # each.
    assert slowest_s < 0.2
    assert writer.flush(20.0) or wait_until(lambda: writer.flush(1.0))
    assert all(store.events(f"c{number}") == complaint(f"c{number}").events for number in range(20))
    writer.close()


def test_a_short_lock_is_waited_for_and_nobody_is_told(store: Store) -> None:
    told = Told()
    writer = a_writer(store, told, patience_s=10.0)
    writer.start()
    with locked(database_file(store)):
        write(writer, complaint())
        time.sleep(0.2)

    assert writer.flush(10.0)
    assert store.events("CA-washer") == complaint().events
    assert told.errors == []
    writer.close()


def test_a_long_lock_sends_events_to_the_spool_and_they_come_back(store: Store) -> None:
    told = Told()
    writer = a_writer(store, told)
    events = complaint().events
    write(writer, complaint(), events[:4])
    assert writer.drain()
    with locked(database_file(store)):
        for event in events[4:10]:
            writer.reader(event)
        assert not writer.drain()
        for event in events[10:]:
            writer.reader(event)
        assert not writer.drain()
        assert spooled(store) == ["CA-washer.jsonl"]
    assert writer.drain()

    assert store.events("CA-washer") == events
    assert spooled(store) == []
    assert len(told.errors) == 1 and "locked" in str(told.errors[0]) and "spool" in str(told.errors[0])


def test_each_outage_is_told_once_and_the_recovery_is_logged(store: Store, logged: list[str]) -> None:
    told = Told()
    writer = a_writer(store, told)
    for round_number in (1, 2):
        with locked(database_file(store)):
            for number in range(3):
                write(writer, complaint(f"c{round_number}{number}"))
                writer.drain()
        assert writer.drain()
        assert len(told.errors) == round_number

    assert sum("had waited are stored" in line for line in logged) == 2
    assert sum("is locked" in line for line in logged) == 2


def test_events_outlive_a_deleted_database_and_a_restart(store: Store) -> None:
    told = Told()
    writer = a_writer(store, told)
    writer.start()
    events = complaint().events
    write(writer, complaint(), events[:6])
    assert writer.flush(5.0)
    for leftover in store.data_dir.glob("hotline.db*"):
        leftover.unlink()
    for event in events[6:]:
        writer.reader(event)
    assert not writer.flush(5.0)
    writer.close()
    assert "gone" in str(told.errors[0])

    again = Store(f"sqlite:///{database_file(store)}", store.data_dir)
    again.migrate()
    successor = a_writer(again)
    successor.start()
    assert successor.flush(5.0)
    successor.close()

    # What was only in the deleted file went with it; every event since is there, under a row that knows its
    # call.
    assert again.events("CA-washer") == events[6:]
    assert again.get_call("CA-washer").caller_number == "13812345678"
    assert spooled(store) == []


def test_an_empty_database_put_in_place_during_a_call_gets_the_rest_of_it(store: Store) -> None:
    writer = a_writer(store)
    events = complaint().events
    write(writer, complaint(), events[:6])
    assert writer.drain()
    store.close()
    for leftover in store.data_dir.glob("hotline.db*"):
        leftover.unlink()
    store.migrate()
    for event in events[6:]:
        writer.reader(event)

    assert writer.drain()
    assert store.events("CA-washer") == events[6:]


def test_a_running_writer_recovers_by_itself(store: Store) -> None:
    writer = a_writer(store)
    writer.start()
    with full(store):
        write(writer, complaint())
        assert not writer.flush(5.0)
        assert spooled(store) == ["CA-washer.jsonl"]
    assert wait_until(lambda: writer.healthy)

    assert store.events("CA-washer") == complaint().events
    writer.close()


def test_where_the_disk_takes_no_spool_either_events_wait_in_memory(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    told = Told()
    writer = a_writer(store, told)
    with locked(database_file(store)), monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_space)
        for talk in (complaint(), order_query()):
            write(writer, talk)
            assert not writer.drain()
        assert spooled(store) == []
        assert ["memory" in str(error) for error in told.errors] == [False, True]
    assert writer.drain()

    assert store.events("CA-washer") == complaint().events
    assert store.events("CA-order") == order_query().events


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_really_full_device_leaves_no_half_line_in_the_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    (tmp_path / "c1.jsonl").symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left"):
        spool.append("c1", complaint("c1").events)


def test_a_disk_that_fills_up_in_mid_line_leaves_the_lines_before_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    events = complaint("c1").events
    spool = Spool(tmp_path)
    spool.append("c1", events[:3])
    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space left"):
        patched.setattr(os, "fsync", no_space)
        spool.append("c1", events[3:])
    spool.append("c1", events[3:5])

    assert spool.read("c1") == (events[:5], [])


def test_a_torn_line_in_the_spool_costs_only_itself(store: Store) -> None:
    writer = a_writer(store)
    with locked(database_file(store)):
        write(writer, complaint())
        writer.drain()
    path = store.data_dir / "spool" / "CA-washer.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:5], '{"version": 1, "call_id": "CA-w\n', *lines[5:]]), encoding="utf-8")

    assert a_writer(store).drain()
    assert store.events("CA-washer") == complaint().events
    assert (store.data_dir / "spool" / "rejected" / "CA-washer.jsonl").read_text("utf-8").startswith('{"version": 1,')


def test_what_the_database_will_never_take_is_set_aside_and_holds_nobody_up(store: Store) -> None:
    told = Told()
    writer = a_writer(store, told)
    for event in order_query("never-begun").events:
        writer.reader(event)
    write(writer, complaint())

    assert writer.drain()
    assert store.get_call("CA-washer").status == "ended"
    rejected = (store.data_dir / "spool" / "rejected" / "never-begun.jsonl").read_text("utf-8").splitlines()
    assert len(rejected) == len(order_query().events)
    assert "begin_call" in str(told.errors[0]) and not told.errors[0].retryable


def test_a_second_replay_in_one_batch_replaces_the_first(store: Store) -> None:
    writer = a_writer(store)
    write(writer, complaint("same"))
    write(writer, order_query("same"))

    assert writer.drain()
    assert store.events("same") == order_query("same").events


@pytest.mark.parametrize("apart_s", [0.0, 0.15], ids=["in one batch", "in two batches"])
def test_a_first_event_that_overtakes_its_beginning_is_not_lost(store: Store, apart_s: float) -> None:
    writer = a_writer(store)
    writer.start()
    for talk in (complaint("same"), order_query("same")):
        writer.reader(talk.events[0])
        time.sleep(apart_s)
        write(writer, talk, talk.events[1:])
        assert writer.flush(5.0)
        assert store.events("same") == talk.events
    writer.close()


def test_closing_writes_what_is_left(store: Store) -> None:
    writer = a_writer(store)
    writer.start()
    write(writer, complaint())
    writer.close()

    assert any(isinstance(event.body, CallEnded) for event in store.events("CA-washer"))


def test_a_listener_that_fails_does_not_end_the_writer(store: Store) -> None:
    def broken(_error: StorageError) -> None:
        raise RuntimeError("no pager")

    writer = TimelineWriter(store, on_error=broken, patience_s=0.0)
    with locked(database_file(store)):
        write(writer, complaint())
        writer.drain()

    assert writer.drain()
    assert store.get_call("CA-washer").status == "ended"


def test_a_time_without_zone_and_an_impossible_id_are_refused_at_once(store: Store) -> None:
    writer = a_writer(store)
    with pytest.raises(ValueError, match="time zone"):
        writer.begin_call("c", complaint().info, (STARTED + timedelta(0)).replace(tzinfo=None))
    with pytest.raises(Exception, match="call's id"):
        writer.begin_call("../c", complaint().info, STARTED)


def wait_until(condition: object, timeout_s: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False
