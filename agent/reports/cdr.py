"""From a call's events to its record. Pure: the same events always give the same record."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Protocol

from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    CallbackPlaced,
    CallEnded,
    CallerRegion,
    CallStarted,
    Dtmf,
    Event,
    Intent,
    LegJoined,
    LegLeft,
    LlmReply,
    MenuChosen,
    MenuEntered,
    NluResult,
    PersonWanted,
    Queued,
    QueueLeft,
    RiskAssessed,
    RiskLevel,
    RouteChanged,
    SeatConnected,
    SeatDisconnected,
    SeatMissed,
    SeatOffered,
    Sentiment,
    SpamJudged,
    SpamVerdict,
    SummaryReady,
    SurveyAnswered,
    ToolCalled,
    ToolReturned,
    Transfer,
    TtsStarted,
)
from agent.reports.legs import Leg, legs_of
from agent.reports.record import Cdr, Cost, LegRecord, Place, Region
from agent.reports.tariff import region_of
from agent.routing.spam import SpamTally
from agent.storage.projection import main_intent

VERSION = 2
"""Of the rules below. Records that were kept by others are made anew: raise it with every change of what they say."""

READ = (
    CallStarted, CallerRegion, SpamJudged, MenuEntered, MenuChosen, TtsStarted, AsrFinal, Dtmf, NluResult, ToolCalled,
    ToolReturned, LlmReply, RiskAssessed, AlertRaised, AlertEscalated, AlertWithdrawn, PersonWanted, RouteChanged,
    Transfer, Queued, QueueLeft, SeatOffered, SeatMissed, SeatConnected, SeatDisconnected, LegJoined, LegLeft,
    CallbackPlaced, SurveyAnswered, CallEnded, SummaryReady,
)  # fmt: skip
RECORDED: frozenset[str] = frozenset(kind.model_fields["type"].default for kind in READ)
"""The types of events that a record is made from. The others change nothing in it, but for the last event of a call
that has no end: it tells until when something is known.
"""
_TOLD = re.compile(r"(?:^| )(?:knowledge\.|\w+\.\d+\.ok(?: |$))")
"""In the name of what was spoken: an approved answer, or what the back end's answer led to."""
_LEVELS: tuple[RiskLevel, ...] = ("none", "low", "medium", "high")
_ABNORMAL = ("abuse", "silence", "all lines are busy")
"""Reasons for which the bot ends a call that was not over."""


class Tariff(Protocol):
    """What a call costs. ``seconds``: from the answer to the end, begun seconds counted whole."""

    def cost(self, caller: str, called: str, seconds: int) -> Cost:
        """Of a call from a number to one of ours."""
        ...


def cdr(events: Sequence[Event], started_at: datetime, tariff: Tariff | None = None) -> Cdr:
    """The record of a call.

    Args:
        events: of one call, in order, from its ``call-started`` on. Those of other types than `RECORDED` may be left
            out.
        started_at: when its audio began; with a time zone, whichever.
        tariff: without one, it has no cost.

    Raises ValueError where the call never started, and for a time without a zone.
    """
    if started_at.tzinfo is None:
        raise ValueError(f"started_at must have a time zone, got {started_at.isoformat()}")
    began = next((event.body for event in events if isinstance(event.body, CallStarted)), None)
    if began is None:
        raise ValueError("no call-started among the events: they are not a whole call")
    # In UTC: in a zone's own time, adding a duration across a clock change would be an hour wrong.
    zero = started_at.astimezone(UTC)
    read = _Reading()
    for event in events:
        read.note(event)
    legs = legs_of(events)
    known_ms = max(event.audio_ms for event in events) if read.end is None else read.end.duration_ms
    answer_ms = None if read.answered_ms is None else read.began_ms + read.answered_ms
    answer = None if answer_ms is None else _at(zero, answer_ms)
    known_until = _at(zero, known_ms)
    outbound = read.earlier_call is not None
    record = Cdr(
        call_id=events[0].call_id,
        caller=began.caller_number,
        called=began.called_number,
        direction="out" if outbound else "in",
        channel=began.channel,
        language=read.language or began.language,
        region=read.region or region_of(began.caller_number),
        start=_at(zero, read.began_ms),
        answer=answer,
        end=None if read.end is None else known_until,
        known_until=known_until,
        ended_by=None if read.end is None else read.end.ended_by,
        end_reason=None if read.end is None else read.end.reason,
        answered_ms=read.answered_ms,
        legs=tuple(_record(zero, leg) for leg in legs),
        queue_wait_ms=sum(leg.wait_ms for leg in legs if leg.kind == "queue"),
        abandoned_in=None if outbound else _abandoned_in(read, legs),
        turns=read.turns,
        intent=read.summed_up or read.intent,
        mood=read.mood,
        risk=read.risk,
        alerts=len(read.alerts),
        alert_causes=tuple(dict.fromkeys(cause for causes in read.alerts.values() for cause in causes)),
        destination=read.route.destination if read.route is not None else "human" if read.had_person else "bot",
        callback_promised=read.callback_promised,
        self_served=not outbound and _self_served(read, legs),
        survey_score=read.score,
        spam=read.spam,
        spam_outcome=read.tally.outcome,
        spam_reasons=read.tally.reasons,
        menu_path=tuple(read.menu_path),
    )
    return record if tariff is None else priced(record, tariff)


def priced(record: Cdr, tariff: Tariff) -> Cdr:
    """The record with what the call costs by this tariff: nothing where nobody answered, or the filter refused it."""
    if record.answer is None or record.refused:
        return record.model_copy(update={"cost": None})
    seconds = ceil((record.known_until - record.answer).total_seconds())
    return record.model_copy(update={"cost": tariff.cost(record.caller, record.called, seconds)})


class _Reading:
    """What is picked up on the way through the events."""

    def __init__(self) -> None:
        self.began_ms = 0
        self.answered_ms: int | None = None
        self.end: CallEnded | None = None
        self.language: str | None = None
        self.region: Region | None = None
        self.earlier_call: str | None = None
        self.turns = 0
        self.keys = 0
        self.intent: Intent | None = None
        self.summed_up: Intent | None = None
        self.mood: Sentiment | None = None
        self.risk: RiskLevel = "none"
        self.alerts: dict[str, tuple[str, ...]] = {}
        self.route: RouteChanged | None = None
        self.person_wanted = False
        self.had_person = False
        self.callback_promised = False
        self.changing: set[str] = set()
        self.told = False
        self.score: int | None = None
        self.spam: SpamVerdict | None = None
        self.tally = SpamTally()
        self.menu_path: list[str] = []
        self.in_menu = False

    def note(self, event: Event) -> None:
        match event.body:
            case CallStarted():
                self.began_ms = event.audio_ms
            case TtsStarted() | SeatConnected():
                if self.answered_ms is None:
                    self.answered_ms = event.audio_ms - self.began_ms
                self.had_person = self.had_person or isinstance(event.body, SeatConnected)
            case CallEnded() as end:
                self.end = end
            case CallerRegion() as region:
                self.region = Region(province=region.province, city=region.city, line=region.line)
            case CallbackPlaced(earlier_call_id=earlier):
                self.earlier_call = earlier
            case SpamJudged() as judged:
                self.spam, self.tally = judged.verdict, self.tally.after(judged)
            case SurveyAnswered(score=score):
                self.score = score
            case MenuEntered():
                self.in_menu = True
            case MenuChosen() as chosen:
                self._choose(chosen)
            case body:
                self._note_talk(body)

    def _choose(self, chosen: MenuChosen) -> None:
        if chosen.choice:
            self.menu_path.append(f"{chosen.node}:{chosen.choice}")
        # A choice that leads on is followed by the node that it leads to; else the menu is left.
        self.in_menu = not chosen.target

    def _note_talk(self, body: object) -> None:
        match body:
            case AsrFinal():
                self.turns += 1
                self.language = body.language
            case Dtmf():
                self.keys += 1
            case NluResult():
                self.intent, self.mood = main_intent(self.intent, body.intent), body.sentiment
            case ToolCalled(key=str(), tool=tool):
                self.changing.add(tool)
            case ToolReturned(code="ok", tool=tool):
                self.told = self.told or tool in self.changing
            case LlmReply():
                self.told = self.told or _tells(body)
            case RiskAssessed(level=level):
                self.risk = max(self.risk, level, key=_LEVELS.index)
            case AlertRaised() | AlertEscalated():
                self.alerts[body.alert_id] = body.causes
            case AlertWithdrawn(alert_id=alert_id):
                self.alerts.pop(alert_id, None)
            case PersonWanted():
                self.person_wanted = True
            case RouteChanged():
                self.route = body
                self.callback_promised = self.callback_promised or body.callback_due_minutes is not None
            case Transfer(accepted=True):
                self.had_person = True
            case SummaryReady():
                self.summed_up = body.summary.intent
            case _:
                pass


def _tells(reply: LlmReply) -> bool:
    """Whether it answers something: from the company's texts, its approved answers, or its back end."""
    return reply.source == "llm" or (reply.phrase is not None and _TOLD.search(reply.phrase) is not None)


def _abandoned_in(read: _Reading, legs: Sequence[Leg]) -> Place | None:
    """Where a caller gave up who had not got what they rang for; None where they did not."""
    if read.end is None or read.end.ended_by != "caller" or read.spam == "refuse":
        return None
    queues = [leg for leg in legs if leg.kind == "queue"]
    if queues and queues[-1].outcome == "abandoned":
        return "queue"
    if read.had_person or queues or read.callback_promised:
        return None
    if read.answered_ms is None:
        return "greeting"
    if read.in_menu:
        return "menu"
    return "bot" if not read.turns and not read.keys else None


def _self_served(read: _Reading, legs: Sequence[Leg]) -> bool:
    """Solved by the bot alone: an errand done or a question answered, and nobody else wanted, promised or alarmed."""
    if read.end is None or read.end.ended_by not in ("caller", "bot") or read.end.reason in _ABNORMAL:
        return False
    people = read.person_wanted or read.had_person or read.callback_promised or any(x.kind == "queue" for x in legs)
    return read.told and not people and not read.alerts


def _record(zero: datetime, leg: Leg) -> LegRecord:
    end = None if leg.end_ms is None else _at(zero, leg.end_ms)
    return LegRecord(
        kind=leg.kind, who=leg.who, start=_at(zero, leg.start_ms), end=end, wait_ms=leg.wait_ms, outcome=leg.outcome
    )


def _at(zero: datetime, ms: int) -> datetime:
    return zero + timedelta(milliseconds=ms)
