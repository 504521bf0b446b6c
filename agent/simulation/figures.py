"""From a day that was lived to its figures. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

from agent.simulation.day import Lived
from agent.simulation.record import AT_WORK, BUSY, Call, Half
from agent.simulation.result import (
    PROMISE_S,
    WITHIN_S,
    Alerts,
    Callbacks,
    HalfHour,
    OfSkill,
    Result,
    Totals,
    Waits,
)
from agent.simulation.traffic import HALF_HOUR_MS


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
