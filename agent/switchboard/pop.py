"""What a seat is shown of a call, from its timeline. Pure."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    CallerHistory,
    CallerKnown,
    CallerRegion,
    CallStarted,
    Event,
    Language,
    LlmReply,
    NluResult,
    Queued,
    RiskAssessed,
    RouteChanged,
    RuleMatched,
    SeatConnected,
    SeatSaid,
    SeatTransferred,
)
from agent.seats.screen_pop import AlertShown, Mood, Said, ScreenPop
from agent.switchboard.words import Words

T = TypeVar("T")

NAME_FIELDS = ("name", "title")
VIP_FIELD = "vip"
SAID_AT_MOST = 40
"""Lines of the transcript: more than anybody reads while it rings."""


def screen_pop(
    events: Sequence[Event],
    words: Words,
    *,
    number: str,
    skill: str = "",
    waited_s: int = 0,
    from_seat: str = "",
    note: str = "",
) -> ScreenPop:
    """Everything at one glance. Shown in Chinese, as the seats' page is; what was said, as it was said."""
    bodies = [event.body for event in events]
    started = next((body for body in bodies if isinstance(body, CallStarted)), None)
    known = _last(bodies, CallerKnown)
    fields = {} if known is None else dict(known.fields)
    region = _last(bodies, CallerRegion)
    history = _last(bodies, CallerHistory)
    intents = [
        body.intent for body in bodies if isinstance(body, NluResult) and body.intent not in ("greeting", "other")
    ]
    route, rule = _last(bodies, RouteChanged), _last(bodies, RuleMatched)
    alert = alert_shown(events)
    return ScreenPop(
        call_id=events[0].call_id if events else "",
        number=number,
        name="".join(str(fields[name]) for name in NAME_FIELDS if fields.get(name)),
        region="" if region is None else " ".join(filter(None, (region.province, region.city, region.carrier))),
        vip=str(fields.get(VIP_FIELD) or ""),
        device=str(fields.get("last_product") or ""),
        earlier_calls=0 if history is None else history.earlier_calls,
        facts=_facts(fields, words),
        skill=words.skills.get(skill, skill),
        intent=intents[-1] if intents else None,
        why=route.reason if route is not None else rule.why if rule is not None else "",
        language=language_of(events, started.language if started is not None else "zh"),
        waited_s=waited_s,
        from_seat=from_seat,
        note=note,
        mood=mood(events),
        alert=alert,
        suggested="" if alert is None or alert.withdrawn else alert.recommended,
        said=tuple(transcript(events, words))[-SAID_AT_MOST:],
    )


def transcript(events: Iterable[Event], words: Words) -> list[Said]:
    """Every line of both sides, with the mood that was heard in it."""
    lines: dict[str, Said] = {}
    for event in events:
        said = line_of(event, words)
        if said is not None:
            lines[said.line] = said
        elif isinstance(event.body, NluResult) and (key := f"caller-{event.body.turn}") in lines:
            lines[key] = with_mood(lines[key], event.body)
    return list(lines.values())


def line_of(event: Event, words: Words) -> Said | None:
    """What was said in this event, or happened for people to know; None for all others."""
    at_ms, notes = event.audio_ms, words.notes
    match event.body:
        case AsrFinal() as body:
            return Said(line=f"caller-{body.turn}", who="caller", text=body.text, at_ms=body.start_ms)
        case LlmReply() as body:
            return Said(line=f"bot-{event.seq}", who="bot", text=body.text, at_ms=at_ms)
        case SeatSaid() as body:
            return Said(line=f"seat-{event.seq}", who="seat", text=body.text, at_ms=body.start_ms, name=body.seat)
        case Queued() as body:
            text = notes.queued.zh.format(skill=words.skills.get(body.skill, body.skill), position=body.position)
            return Said(line=f"note-{event.seq}", who="note", text=text, at_ms=at_ms)
        case SeatConnected() as body:
            return Said(
                line=f"note-{event.seq}", who="note", text=notes.connected.zh.format(name=body.name), at_ms=at_ms
            )
        case SeatTransferred() as body:
            text = notes.transferred.zh.format(target=body.target)
            return Said(line=f"note-{event.seq}", who="note", text=text, at_ms=at_ms)
        case _:
            return None


def with_mood(said: Said, nlu: NluResult) -> Said:
    return said.model_copy(update={"sentiment": nlu.sentiment, "intent": nlu.intent})


def mood(events: Iterable[Event]) -> Mood:
    """How the caller is now, and what the call risks."""
    bodies = [event.body for event in events]
    nlu, risk = _last(bodies, NluResult), _last(bodies, RiskAssessed)
    return Mood(
        sentiment=None if nlu is None else nlu.sentiment,
        risk="none" if risk is None else risk.level,
        score=0.0 if risk is None else min(1.0, max(0.0, risk.score)),
        evidence=() if risk is None else risk.evidence,
    )


def alert_shown(events: Iterable[Event]) -> AlertShown | None:
    """The alert as it stands; None where there never was one."""
    shown: AlertShown | None = None
    for event in events:
        body = event.body
        if isinstance(body, AlertRaised | AlertEscalated):
            shown = AlertShown(
                alert_id=body.alert_id,
                level=body.level,
                causes=body.causes,
                evidence=body.evidence,
                recommended=body.recommended,
            )
        elif isinstance(body, AlertWithdrawn) and shown is not None:
            shown = shown.model_copy(update={"withdrawn": True})
    return shown


def language_of(events: Iterable[Event], otherwise: Language) -> Language:
    """The one that the caller spoke last."""
    said = [event.body.language for event in events if isinstance(event.body, AsrFinal)]
    return said[-1] if said else otherwise


def _facts(fields: dict[str, str | int | float | bool], words: Words) -> dict[str, str]:
    """What else is known, under the names that people use. What a fact denies need not be read."""
    left_out = {*NAME_FIELDS, VIP_FIELD, "last_product"}
    facts: dict[str, str] = {}
    for name, value in fields.items():
        if name in left_out or isinstance(value, bool):
            continue
        label = words.facts[name].zh if name in words.facts else name
        facts[label] = str(value)
    return facts


def _last(bodies: Sequence[object], kind: type[T]) -> T | None:
    return next((body for body in reversed(bodies) if isinstance(body, kind)), None)
