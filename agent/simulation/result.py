"""What a simulated day came to, in figures: JSON both ways, so that two days can be held side by side."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from agent.errors import HotlineError
from agent.event_base import Frozen
from agent.simulation.day import Lived
from agent.simulation.record import AT_WORK, BUSY, Call, Half
from agent.simulation.traffic import HALF_HOUR_MS

WITHIN_S = 20
"""A person within so many seconds is the service level."""
PROMISE_S = 3
"""The bot within so many seconds is what the line promises."""


class Waits(Frozen):
    """Of callers who came into a queue, however it ended. ``connected_20s``: of those, with a person within 20 s.

    ``to_callback``: left to be rung back, by their wish or because nobody could come. Waits are theirs until then,
    in s; None where nobody waited.
    """

    queued: int
    connected: int
    connected_20s: int
    abandoned: int
    to_callback: int
    mean_s: float | None
    p50_s: float | None
    p95_s: float | None
    longest_s: float | None

    @property
    def service_level(self) -> float | None:
        """Of all who were queued."""
        return self.connected_20s / self.queued if self.queued else None

    @property
    def abandon_rate(self) -> float | None:
        return self.abandoned / self.queued if self.queued else None


NO_WAITS = Waits(
    queued=0, connected=0, connected_20s=0, abandoned=0, to_callback=0, mean_s=None, p50_s=None, p95_s=None,
    longest_s=None,
)  # fmt: skip


class HalfHour(Frozen):
    """Calls by when they came, waits by when they were queued, seats and queue by the clock.

    seats: people signed in and not on break, on average. occupancy: what of their time was taken by calls.
    alert_wait_s: mean time from an alert in this half hour to a person, of calls that were not with one.
    """

    begins: str
    arrivals: int
    answered: int
    answered_3s: int
    solved: int
    waits: Waits
    callbacks: int
    alerts: int
    alert_wait_s: float | None
    seats: float
    occupancy: float | None
    mean_waiting: float
    most_waiting: int


class OfSkill(Frozen):
    """By the skill that the call had when it left the queue. ``overflowed``: that others were let take it too."""

    skill: str
    waits: Waits
    overflowed: int


class Alerts(Frozen):
    """``at_bot``, ``in_queue``, ``with_person``: where the call was. ``to_person_s``: from the alert to a person, of
    calls that were not with one. ``waits``, ``others``: in the queue, of calls with an alert and of all the others.
    """

    raised: int
    at_bot: int
    in_queue: int
    with_person: int
    rung_back: int
    to_person_mean_s: float | None
    to_person_p95_s: float | None
    waits: Waits
    others: Waits


class Callbacks(Frozen):
    """``kept``: reached and with a person by the time that was promised. ``late``: after it. ``failed``: rung as often
    as is right, in vain. ``open``: neither by the end of the next day. ``while_closed``: of those promised, when nobody
    could be reached. after: from the promise to the person, of the others.
    """

    promised: int
    while_closed: int
    kept: int
    late: int
    failed: int
    open: int
    after_mean_s: float | None
    after_p95_s: float | None

    @property
    def kept_rate(self) -> float | None:
        return self.kept / self.promised if self.promised else None


class Totals(Frozen):
    """``again``: of the calls, those of callers who had hung up in a queue. ``lost``: calls without an end, which there
    are none of, or with more than one. ``misfits``: what the floor was told and could not use.
    """

    calls: int
    again: int
    answered: int
    answered_3s: int
    unanswered: int
    refused: int
    solved: int
    outside: int
    no_number: int
    waits: Waits
    overflowed: int
    seats: int
    occupancy: float | None
    most_waiting: int
    lost: int
    two_calls_at_a_seat: int
    misfits: int

    @property
    def answered_in_time(self) -> float | None:
        """Of all calls but those that were refused."""
        wanted = self.calls - self.refused
        return self.answered_3s / wanted if wanted else None


class Result(Frozen):
    """``rules``: how many calls each rule sent to where they went in the end. ``notes``: what the figures leave out."""

    company: str
    day: date
    seed: int
    asked_for: int
    totals: Totals
    half_hours: tuple[HalfHour, ...]
    skills: tuple[OfSkill, ...]
    alerts: Alerts
    callbacks: Callbacks
    rules: dict[str, int]
    notes: tuple[str, ...] = ()


def load_result(file: Path) -> Result:
    """What ``--json`` wrote. Raises HotlineError ``simulation``."""
    try:
        return Result.model_validate_json(file.read_bytes())
    except OSError as error:
        raise HotlineError("simulation", f"{file} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])) or "the file"
        raise HotlineError(
            "simulation", f"{file} is no result of `hotline simulate --json`: {where}: {problem['msg']}"
        ) from error


def summed_up(lived: Lived, company: str, day: date, seed: int, asked_for: int) -> Result:
    """The figures of a day."""
    calls = lived.calls
    return Result(
        company=company,
        day=day,
        seed=seed,
        asked_for=asked_for,
        totals=_totals(lived),
        half_hours=tuple(_half_hours(lived)),
        skills=tuple(_of_skills(lived)),
        alerts=_alerts(calls),
        callbacks=_callbacks(calls),
        rules=dict(sorted(lived.rules.items(), key=lambda item: -item[1])),
        notes=lived.notes,
    )


def waits_of(calls: Iterable[Call]) -> Waits:
    """Of those that were queued."""
    queued = [call for call in calls if call.queued_ms is not None]
    connected = [call for call in queued if call.connected_ms is not None]
    waited = sorted(call.wait_ms / 1000 for call in queued if call.wait_ms is not None)
    return Waits(
        queued=len(queued),
        connected=len(connected),
        connected_20s=sum(call.wait_ms is not None and call.wait_ms <= WITHIN_S * 1000 for call in connected),
        abandoned=sum(call.ending == "abandoned" for call in queued),
        to_callback=sum(call.ending == "callback" for call in queued),
        mean_s=mean(waited),
        p50_s=quantile(waited, 0.50),
        p95_s=quantile(waited, 0.95),
        longest_s=waited[-1] if waited else None,
    )


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Of values in order: the smallest that so many are not above."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def _totals(lived: Lived) -> Totals:
    calls = lived.calls
    answered = [call for call in calls if call.answered_ms is not None]
    endings = [call.ending for call in calls]
    return Totals(
        calls=len(calls),
        again=sum(call.again for call in calls),
        answered=len(answered),
        answered_3s=_in_time(answered),
        unanswered=endings.count("unanswered"),
        refused=endings.count("refused"),
        solved=endings.count("solved"),
        outside=endings.count("outside"),
        no_number=endings.count("no_number"),
        waits=waits_of(calls),
        overflowed=sum(call.overflowed for call in calls),
        seats=lived.seats,
        occupancy=_occupancy(lived.watched.halves),
        most_waiting=max(half.most_waiting for half in lived.watched.halves),
        lost=sum(call.ended_times != 1 for call in calls),
        two_calls_at_a_seat=lived.watched.two_calls,
        misfits=sum(lived.misfits.values()),
    )


def _in_time(answered: Iterable[Call]) -> int:
    return sum(
        call.answered_ms is not None and call.answered_ms - call.began_ms <= PROMISE_S * 1000 for call in answered
    )


def _half_hours(lived: Lived) -> Iterable[HalfHour]:
    halves = lived.watched.halves
    began = _by_half(lived, len(halves), [(call.began_ms, call) for call in lived.calls])
    queued = _by_half(lived, len(halves), [(c.queued_ms, c) for c in lived.calls if c.queued_ms is not None])
    alerted = _by_half(lived, len(halves), [(c.alerted_ms, c) for c in lived.calls if c.alerted_ms is not None])
    promised = _by_half(lived, len(halves), [(c.ring_back.noted_ms, c) for c in lived.calls if c.ring_back is not None])
    for index, half in enumerate(halves):
        came = began[index]
        answered = [call for call in came if call.answered_ms is not None]
        yield HalfHour(
            begins=f"{index // 2:02}:{index % 2 * 30:02}",
            arrivals=len(came),
            answered=len(answered),
            answered_3s=_in_time(answered),
            solved=sum(call.ending == "solved" for call in came),
            waits=waits_of(queued[index]),
            callbacks=len(promised[index]),
            alerts=len(alerted[index]),
            alert_wait_s=mean(_to_person_s(alerted[index])),
            seats=sum(half.seats_ms.get(state, 0) for state in AT_WORK) / HALF_HOUR_MS,
            occupancy=_occupancy([half]),
            mean_waiting=half.waited_ms / HALF_HOUR_MS,
            most_waiting=half.most_waiting,
        )


def _by_half(lived: Lived, halves: int, timed: Iterable[tuple[int, Call]]) -> list[list[Call]]:
    found: list[list[Call]] = [[] for _ in range(halves)]
    for at_ms, call in timed:
        # Who hung up shortly before midnight may call again after it.
        found[min(halves - 1, (at_ms - lived.start_ms) // HALF_HOUR_MS)].append(call)
    return found


def _occupancy(halves: Iterable[Half]) -> float | None:
    halves = list(halves)
    there = sum(half.seats_ms.get(state, 0) for half in halves for state in AT_WORK)
    busy = sum(half.seats_ms.get(state, 0) for half in halves for state in BUSY)
    return busy / there if there else None


def _of_skills(lived: Lived) -> Iterable[OfSkill]:
    for skill in lived.skills:
        calls = [call for call in lived.calls if call.skill == skill and call.queued_ms is not None]
        yield OfSkill(skill=skill, waits=waits_of(calls), overflowed=sum(call.overflowed for call in calls))


def _alerts(calls: Sequence[Call]) -> Alerts:
    raised = [call for call in calls if call.alerted_ms is not None]
    # An alert while a person talks already changes nothing of the wait that is over.
    apart = [call for call in raised if call.alerted_in != "talks"]
    to_person = sorted(_to_person_s(raised))
    return Alerts(
        raised=len(raised),
        at_bot=sum(call.alerted_in == "bot" for call in raised),
        in_queue=sum(call.alerted_in == "waits" for call in raised),
        with_person=sum(call.alerted_in == "talks" for call in raised),
        rung_back=sum(call.ending == "callback" for call in apart),
        to_person_mean_s=mean(to_person),
        to_person_p95_s=quantile(to_person, 0.95),
        waits=waits_of(apart),
        others=waits_of(call for call in calls if call.alerted_in in (None, "talks")),
    )


def _to_person_s(alerted: Iterable[Call]) -> list[float]:
    return [
        (call.connected_ms - call.alerted_ms) / 1000
        for call in alerted
        if call.connected_ms is not None and call.alerted_ms is not None and call.alerted_in != "talks"
    ]


def _callbacks(calls: Sequence[Call]) -> Callbacks:
    promises = [call.ring_back for call in calls if call.ring_back is not None]
    reached = [(one, one.answered_ms) for one in promises if one.answered_ms is not None]
    after = sorted((at_ms - one.noted_ms) / 1000 for one, at_ms in reached if not one.while_closed)
    kept = sum(at_ms <= one.due_ms for one, at_ms in reached)
    failed = sum(one.failed for one in promises)
    return Callbacks(
        promised=len(promises),
        while_closed=sum(one.while_closed for one in promises),
        kept=kept,
        late=len(reached) - kept,
        failed=failed,
        open=len(promises) - len(reached) - failed,
        after_mean_s=mean(after),
        after_p95_s=quantile(after, 0.95),
    )
