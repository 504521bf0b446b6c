"""The floor's memory: every input is written down before it is acted on, and the whole floor from time to time.

One process writes it, the one that runs the floor.
"""

import threading
from collections.abc import Sequence

from pydantic import ValidationError
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from agent.errors import StorageError
from agent.routing.floor import Floor, FloorPolicy, Input, opened, parse_input, step
from agent.routing.floor.decisions import Decision
from agent.routing.floor.recover import recover
from agent.storage.database import Database
from agent.storage.tables import FloorInput, FloorSnapshot

SNAPSHOT_EVERY = 500
"""Inputs from one snapshot to the next. As many and as many again at the most are folded at start-up."""

SNAPSHOTS_KEPT = 2
"""The one before the newest stays, with the inputs since it, should the newest not be readable."""


class FloorJournal:
    """Thread-safe. Every method may raise StorageError."""

    def __init__(self, database: Database, *, snapshot_every: int = SNAPSHOT_EVERY) -> None:
        self._database = database
        self._snapshot_every = snapshot_every
        self._lock = threading.Lock()
        self._unwritten: list[tuple[int, str]] = []

    def append(self, given: Input, now_ms: int, after: Floor) -> int:
        """Write an input down. ``after``: the floor that came of it. Returns its number.

        Where the database refuses, the input is kept and written with the next one, in order; the error is raised all
        the same, as a process that dies now would lose it. An input that changed nothing (`step` gave back the very
        same floor) need not be written.
        """
        return self.append_all((given,), now_ms, after)

    def append_all(self, given: Sequence[Input], now_ms: int, after: Floor) -> int:
        """Several of one moment in one transaction; ``after`` is the floor after the last."""
        with self._lock:
            self._unwritten += [(now_ms, one.model_dump_json()) for one in given]
            with self._database.writing() as session:
                last = _last_seq(session)
                rows = [
                    {"seq": seq, "at_ms": at_ms, "json": text}
                    for seq, (at_ms, text) in enumerate(self._unwritten, last + 1)
                ]
                if rows:
                    session.execute(insert(FloorInput), rows)
                newest = last + len(rows)
                if newest // self._snapshot_every > last // self._snapshot_every:
                    _snapshot(session, newest, after)
            self._unwritten.clear()
            return newest

    def snapshot(self, floor: Floor) -> None:
        """Write the whole floor down, and forget the inputs that are no longer needed for it."""
        with self._lock, self._database.writing() as session:
            _snapshot(session, _last_seq(session), floor)

    def load(self, policy: FloorPolicy) -> Floor:
        """The floor as the last input left it: the newest snapshot that can be read, and the inputs since.

        Raises StorageError naming the input or the snapshots that cannot be read.
        """
        with self._database.reading() as session:
            seq, floor = _newest(session, policy)
            later = select(FloorInput).where(FloorInput.seq > seq).order_by(FloorInput.seq)
            for row in session.scalars(later):
                try:
                    given = parse_input(row.json)
                except ValidationError as error:
                    raise StorageError(
                        f"input {row.seq} of the floor cannot be read: {error}; it was written by another version of"
                        " this program, use that one",
                        retryable=False,
                    ) from error
                floor, _ = step(floor, policy, given, row.at_ms)
        return floor

    def resume(self, policy: FloorPolicy, now_ms: int) -> tuple[Floor, tuple[Decision, ...]]:
        """For start-up: the floor after whatever ended the last process, written down, and what is to be done."""
        floor, decisions = recover(self.load(policy), policy, now_ms)
        self.snapshot(floor)
        return floor, decisions


def _last_seq(session: Session) -> int:
    inputs = session.scalar(select(func.max(FloorInput.seq))) or 0
    return max(inputs, session.scalar(select(func.max(FloorSnapshot.seq))) or 0)


def _snapshot(session: Session, seq: int, floor: Floor) -> None:
    session.merge(FloorSnapshot(seq=seq, at_ms=floor.now_ms, json=floor.to_json()))
    session.flush()
    newest_first = select(FloorSnapshot.seq).order_by(FloorSnapshot.seq.desc()).limit(SNAPSHOTS_KEPT)
    oldest = min(session.scalars(newest_first))
    session.execute(delete(FloorSnapshot).where(FloorSnapshot.seq < oldest))
    session.execute(delete(FloorInput).where(FloorInput.seq <= oldest))


def _newest(session: Session, policy: FloorPolicy) -> tuple[int, Floor]:
    unreadable: ValidationError | None = None
    for row in session.scalars(select(FloorSnapshot).order_by(FloorSnapshot.seq.desc())):
        try:
            return row.seq, Floor.from_json(row.json)
        except ValidationError as error:
            unreadable = error
    if unreadable is not None:
        raise StorageError(
            f"no snapshot of the floor can be read: {unreadable}; they were written by another version of this program,"
            " use that one, or delete the rows of floor_snapshots and floor_inputs to begin with an empty floor",
            retryable=False,
        )
    return 0, opened(policy)
