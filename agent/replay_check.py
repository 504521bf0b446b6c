"""What came of a replayed call against what its fixture says must come of it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    BargeIn,
    CallEnded,
    Dtmf,
    Event,
    Fact,
    NluResult,
    RouteChanged,
    Summary,
    SummaryReady,
)
from agent.ingress.fixture import Fixture

BodyT = TypeVar("BodyT", bound=BaseModel)
NUMBERS = ("order_number", "phone", "amount")
"""Kinds of facts that a wrong digit makes worthless: one that the fixture does not have counts as invented."""


@dataclass(frozen=True)
class Check:
    """One expectation and what became of it."""

    what: str
    passed: bool
    expected: str
    got: str


def check(fixture: Fixture, events: Sequence[Event], spans: Sequence[tuple[int, int]]) -> list[Check]:
    """All that the fixture expects, in the order of the call."""
    return [
        *_turns(fixture, events, spans),
        *_alert(fixture, events),
        *_route(fixture, events),
        *_course(fixture, events),
        *_summary(fixture, events),
    ]


def _bodies(events: Sequence[Event], kind: type[BodyT]) -> list[BodyT]:
    return [event.body for event in events if isinstance(event.body, kind)]


def _turns(fixture: Fixture, events: Sequence[Event], spans: Sequence[tuple[int, int]]) -> Iterator[Check]:
    heard = _bodies(events, AsrFinal)
    nlu = {result.turn: result for result in _bodies(events, NluResult)}
    expect = fixture.expect
    if expect.min_turns or expect.max_turns is not None:
        most = expect.max_turns if expect.max_turns is not None else len(heard)
        wanted = f"{expect.min_turns}-{most}"
        yield Check("turns", expect.min_turns <= len(heard) <= most, wanted, str(len(heard)))
    for number, span in enumerate(spans):
        results = [nlu[said.turn] for said in heard if _overlaps(said, span) and said.turn in nlu]
        intents = expect.intents[number] if number < len(expect.intents) else None
        if intents:
            got = [result.intent for result in results]
            yield Check(f"intent {number + 1}", bool(set(got) & set(intents)), "|".join(intents), ",".join(got) or "–")
        sentiments = expect.sentiment[number] if number < len(expect.sentiment) else None
        if sentiments:
            felt = [result.sentiment for result in results]
            yield Check(
                f"sentiment {number + 1}",
                bool(set(felt) & set(sentiments)),
                "|".join(sentiments),
                ",".join(felt) or "–",
            )


def _overlaps(said: AsrFinal, span: tuple[int, int]) -> bool:
    return said.start_ms < span[1] and said.end_ms > span[0]


def _alert(fixture: Fixture, events: Sequence[Event]) -> Iterator[Check]:
    told = [e.body for e in events if isinstance(e.body, AlertRaised | AlertEscalated | AlertWithdrawn)]
    alerts = [body for body in told if not isinstance(body, AlertWithdrawn)]
    got = alerts[-1].level if alerts and told[-1] is alerts[-1] else "none"
    yield Check("alert", got == fixture.expect.alert, fixture.expect.alert, got)
    if fixture.expect.evidence:
        signals = {evidence.signal for alert in alerts for evidence in alert.evidence}
        yield Check(
            "evidence",
            set(fixture.expect.evidence) <= signals,
            ",".join(fixture.expect.evidence),
            ",".join(sorted(signals)),
        )


def _route(fixture: Fixture, events: Sequence[Event]) -> Iterator[Check]:
    routes = _bodies(events, RouteChanged)
    got = routes[-1].destination if routes else None
    expected = fixture.expect.route
    yield Check("route", got in expected if expected else got is None, "|".join(expected or ()) or "bot", got or "bot")


def _course(fixture: Fixture, events: Sequence[Event]) -> Iterator[Check]:
    expect = fixture.expect
    interrupted = bool(_bodies(events, BargeIn))
    if expect.barge_in:
        yield Check("barge-in", interrupted, "yes", "yes" if interrupted else "no")
    if expect.dtmf:
        keys = "".join(key.digit for key in _bodies(events, Dtmf))
        yield Check("keys", keys == expect.dtmf, expect.dtmf, keys)
    ends = _bodies(events, CallEnded)
    ended_by = ends[-1].ended_by if ends else "–"
    yield Check("ended by", ended_by in expect.ended_by, "|".join(expect.ended_by), ended_by)


def _summary(fixture: Fixture, events: Sequence[Event]) -> Iterator[Check]:
    ready = _bodies(events, SummaryReady)
    if not ready:
        yield Check("summary", False, "one", "none")
        return
    summary, expect = ready[-1].summary, fixture.expect.summary
    if expect.intent:
        yield Check("summary intent", summary.intent in expect.intent, "|".join(expect.intent), summary.intent)
    for kind, values in expect.facts.items():
        for value in values:
            found = [fact.value for fact in summary.facts if fact.kind == kind]
            yield Check(f"fact {kind}", value in found, value, ",".join(found) or "–")
    invented = invented_facts(fixture, summary)
    yield Check("invented facts", not invented, "none", ",".join(fact.value for fact in invented) or "none")
    if expect.follow_up is not None:
        has = summary.follow_up is not None
        yield Check("follow-up", has == expect.follow_up, str(expect.follow_up), str(has))
    if expect.risk:
        yield Check("summary risk", summary.risk in expect.risk, "|".join(expect.risk), summary.risk)


def invented_facts(fixture: Fixture, summary: Summary) -> list[Fact]:
    """Numbers in the summary that the caller never said, going by the fixture."""
    known = {value for values in fixture.expect.summary.facts.values() for value in values}
    return [fact for fact in summary.facts if fact.kind in NUMBERS and fact.value not in known]
