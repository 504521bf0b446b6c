"""A killed process loses no place in the queue and no callback."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from agent.errors import StorageError
from agent.routing.floor import Floor, FloorPolicy, Input, opened, step
from agent.routing.floor.decisions import CallbackNoted, GiveUp
from agent.routing.floor.inputs import (
    CallbackChosen,
    CallbackRequested,
    CallQueued,
    SeatAnswered,
    SeatReady,
    SeatSignedIn,
)
from agent.storage import Store
from agent.storage.database import Database
from agent.storage.floor import FloorJournal
from agent.storage.tables import FloorInput, FloorSnapshot
from tests.storage.test_outages import locked

NOW_MS = 1_800_000_000_000
POLICY = FloorPolicy.model_validate(
    {
        "skills": {"service": {}},
        "seats": [{"id": f"s{n}", "name": f"坐席{n}", "skills": {"service": 3}} for n in range(5)],
    }
)


class Kept:
    """A floor whose every input is written down before anything else; None: one that is not."""

    def __init__(self, journal: FloorJournal | None) -> None:
        self.journal = journal
        self.floor = opened(POLICY)
        self.now_ms = NOW_MS

    def do(self, given: Input) -> None:
        self.now_ms += 1000
        after, decisions = step(self.floor, POLICY, given, self.now_ms)
        if self.journal is not None:
            self.journal.append(given, self.now_ms, after)
        self.floor = after
        for one in decisions:
            if one.type == "offer":
                self.do(SeatAnswered(seat=one.seat, call=one.call))

    def twenty_calls(self) -> None:
        for seat in ("s0", "s1", "s2"):
            self.do(SeatSignedIn(seat=seat))
            self.do(SeatReady(seat=seat))
        for n in range(20):
            number, priority, level = f"138001380{n:02}", n % 3 * 10, n % 4
            self.do(
                CallQueued(call=f"c{n}", caller_number=number, skill="service", priority=priority, skill_level=level)
            )
        self.do(CallbackChosen(call="c7"))
        self.do(CallbackRequested(call="promised", number="13900139000", skill="service"))


def database(store: Store) -> Database:
    return Database(f"sqlite:///{store.data_dir / 'hotline.db'}")


def count(store: Store, table: type[FloorInput] | type[FloorSnapshot]) -> int:
    with database(store).reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_floor_is_what_its_inputs_make_of_it(store: Store) -> None:
    kept = Kept(store.floor_journal())
    kept.twenty_calls()

    assert store.floor_journal().load(POLICY) == kept.floor


@pytest.mark.parametrize("every", [1, 2, 7, 1000])
def test_snapshots_change_nothing_but_what_must_be_read(store: Store, every: int) -> None:
    kept = Kept(FloorJournal(database(store), snapshot_every=every))
    kept.twenty_calls()

    again = store.floor_journal().load(POLICY)
    assert again == kept.floor and list(again.waiting) == list(kept.floor.waiting)
    assert count(store, FloorSnapshot) <= 2
    assert count(store, FloorInput) <= 2 * every


def test_an_empty_database_is_an_empty_floor(store: Store) -> None:
    assert store.floor_journal().load(POLICY) == opened(POLICY)
    assert store.floor_journal().resume(POLICY, NOW_MS)[1] == ()


def test_a_snapshot_that_cannot_be_read_is_not_the_end(store: Store) -> None:
    kept = Kept(FloorJournal(database(store), snapshot_every=10))
    kept.twenty_calls()
    with database(store).writing() as session:
        newest = session.scalar(select(func.max(FloorSnapshot.seq)))
        session.execute(update(FloorSnapshot).where(FloorSnapshot.seq == newest).values(json="{"))
    assert store.floor_journal().load(POLICY) == kept.floor

    with database(store).writing() as session:
        session.execute(update(FloorSnapshot).values(json="{"))
    with pytest.raises(StorageError, match="no snapshot of the floor can be read"):
        store.floor_journal().load(POLICY)


def test_an_input_that_cannot_be_read_is_named(store: Store) -> None:
    Kept(store.floor_journal()).twenty_calls()
    with database(store).writing() as session:
        session.execute(update(FloorInput).where(FloorInput.seq == 3).values(json='{"type": "earthquake"}'))

    with pytest.raises(StorageError, match="input 3 of the floor cannot be read"):
        store.floor_journal().load(POLICY)


def test_what_a_locked_database_refuses_is_written_with_the_next(store: Store) -> None:
    journal = store.floor_journal()
    floor: Floor = opened(POLICY)
    floor, _ = step(floor, POLICY, SeatSignedIn(seat="s0"), NOW_MS)
    with locked(store.data_dir / "hotline.db"), pytest.raises(StorageError):
        journal.append(SeatSignedIn(seat="s0"), NOW_MS, floor)
    floor, _ = step(floor, POLICY, SeatReady(seat="s0"), NOW_MS + 1)
    journal.append(SeatReady(seat="s0"), NOW_MS + 1, floor)

    assert store.floor_journal().load(POLICY) == floor


def test_after_a_crash_everybody_is_rung_back_in_the_place_they_had(store: Store) -> None:
    kept = Kept(store.floor_journal())
    kept.twenty_calls()
    kept.do(CallQueued(call="withheld", caller_number="", skill="service"))
    before, later_ms = kept.floor, kept.now_ms + 60_000
    after, decisions = store.floor_journal().resume(POLICY, later_ms)

    lost = {**before.waiting, **before.talking}
    assert len(lost) == 20 and len(before.talking) == 3
    assert [one for one in decisions if isinstance(one, GiveUp)] == [
        GiveUp(call="withheld", reason="line_lost", callback=None)
    ]
    assert len([one for one in decisions if isinstance(one, CallbackNoted)]) == 19
    by_call = {one.call_id: one for one in after.callbacks.values()}
    assert by_call.keys() == (lost.keys() | {"c7", "promised"}) - {"withheld"}
    for call_id, call in lost.items():
        if call_id != "withheld":
            assert (by_call[call_id].queued_at_ms, by_call[call_id].priority) == (call.queued_at_ms, call.priority)
            assert by_call[call_id].due_ms == later_ms
            assert by_call[call_id].skill_level == call.skill_level
            assert not call.skill_level or by_call[call_id].level_until_ms > later_ms
    order = [one.call_id for one in after.callbacks.values() if one.call_id in before.waiting]
    assert order == [call for call in before.waiting if call != "withheld"]
    # And a second crash finds it so.
    assert store.floor_journal().load(POLICY) == after


def test_callbacks_that_were_being_placed_wait_again(store: Store) -> None:
    kept = Kept(store.floor_journal())
    kept.do(SeatSignedIn(seat="s0"))
    kept.do(SeatReady(seat="s0"))
    kept.do(CallbackRequested(call="c0", number="13800138000", skill="service"))
    assert kept.floor.callbacks["cb-c0"].state == "placing"
    after, _ = store.floor_journal().resume(POLICY, kept.now_ms)

    assert after.callbacks["cb-c0"].state == "waiting"
    floor, _ = step(after, POLICY, SeatSignedIn(seat="s0"), kept.now_ms)
    _, decisions = step(floor, POLICY, SeatReady(seat="s0"), kept.now_ms)
    assert [one.type for one in decisions] == ["place-callback"]


CALLS_UNTIL_KILLED = """
    import itertools, sys, time
    from pathlib import Path
    from agent.storage import Store
    from agent.routing.floor.inputs import Tick
    from tests.storage.test_floor_journal import Kept
    store = Store(sys.argv[1], Path(sys.argv[2]))
    kept = Kept(store.floor_journal())
    kept.twenty_calls()
    print("twenty", flush=True)
    for _ in itertools.count():
        kept.do(Tick())  # killed while it writes
"""


def test_kill_9_in_the_middle_of_twenty_calls_loses_nobody(store: Store) -> None:
    url = f"sqlite:///{store.data_dir / 'hotline.db'}"
    script = textwrap.dedent(CALLS_UNTIL_KILLED)
    with subprocess.Popen(
        [sys.executable, "-c", script, url, str(store.data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "twenty\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL

    expected = Kept(None)
    expected.twenty_calls()
    after, _ = store.floor_journal().resume(POLICY, expected.now_ms + 3_600_000)

    assert not after.waiting and not after.talking
    waiting = [one for one in after.callbacks.values() if one.state == "waiting"]
    places = {one.call_id: (one.queued_at_ms, one.skill_level) for one in waiting}
    before = expected.floor
    lines = (*before.waiting.values(), *before.talking.values(), *before.callbacks.values())
    assert places == {one.call_id: (one.queued_at_ms, one.skill_level) for one in lines}
    assert {level for _, level in places.values()} == {0, 1, 2, 3}
    assert len(places) == 21
