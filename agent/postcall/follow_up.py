"""What must be done after a call, by whom and until when: a rule, not an opinion."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.events import (
    AsrFinal,
    CallEnded,
    Event,
    Fact,
    FollowUp,
    Intent,
    RiskLevel,
    RouteChanged,
    SeatConnected,
    Transfer,
)
from agent.postcall.agreements import Agreement
from agent.postcall.course import taken_over, with_person
from agent.postcall.due import due_of
from agent.postcall.prompts import Sentences

_DETAIL_KINDS = ("product", "fault_code", "order_number", "phone")


def follow_up(
    events: Sequence[Event],
    *,
    started_at: datetime,
    intent: Intent,
    risk: RiskLevel,
    solved: bool,
    facts: Sequence[Fact],
    sentences: Sentences,
    agreed: Sequence[Agreement] = (),
) -> FollowUp | None:
    """The task that is left, or None where nothing is.

    What a person promised is due when they said. A callback that was promised in the call is due so many minutes after
    the promise; everything else counts from the call's end. started_at: with time zone; the due time keeps it.
    agreed: what stands at the end of the call.
    """
    promised = _promised_callback(events)
    complaint = intent == "complaint" or risk == "high"
    by_people = [one for one in agreed if one.by.speaker == "seat" and not one.done]
    if promised is None and by_people:
        return _of_people(by_people, started_at, intent, complaint, facts, sentences)
    if promised is None and solved and with_person(events):
        return None
    if promised is not None:
        event, minutes = promised
        task = sentences.callback_complaint if complaint else sentences.callback
        return FollowUp(
            task=_with_details(task, facts, sentences),
            owner="complaint_specialist" if complaint else "customer_service",
            due=_due(started_at, event.audio_ms, minutes),
        )
    if not complaint and _broke_down(events):
        # The bot said that a colleague would ring back.
        return FollowUp(
            task=_with_details(sentences.callback, facts, sentences),
            owner="customer_service",
            due=_due(started_at, _end_ms(events), _rules()["breakdown_minutes"]),
        )
    rule = _rules()["intents"].get("complaint" if complaint else intent)
    if rule is None or (solved and rule["when"] == "unsolved") or (intent == "human_agent" and taken_over(events)):
        return None
    minutes = _rules()["complaint_risk_minutes"].get(risk, rule["due_minutes"]) if complaint else rule["due_minutes"]
    task = sentences.tasks["complaint" if complaint else intent]
    return FollowUp(
        task=_with_details(task, facts, sentences),
        owner=rule["owner"],
        due=_due(started_at, _end_ms(events), minutes),
    )


def _of_people(
    agreed: Sequence[Agreement],
    started_at: datetime,
    intent: Intent,
    complaint: bool,
    facts: Sequence[Fact],
    sentences: Sentences,
) -> FollowUp:
    """What is due first of what people promised."""
    rules = _rules()
    owner_of: dict[str, str] = rules["promise_owners"]
    kind = rules["intents"].get("complaint" if complaint else intent, {})

    def due(one: Agreement) -> datetime:
        said_at = started_at + timedelta(milliseconds=one.by.at_ms)
        minutes = kind.get("due_minutes", rules["promise_minutes"])
        return due_of(one.words, said_at) or said_at + timedelta(minutes=minutes)

    first = min(agreed, key=due)
    owners = [owner_of[topic] for topic in owner_of if topic in first.topics]
    owner = owners[0] if owners else kind.get("owner", "customer_service")
    if complaint and owner == "customer_service":
        owner = "complaint_specialist"
    task = sentences.keep_agreed.format(agreed=in_words(first, sentences))
    return FollowUp(
        task=_with_details(task, facts, sentences), owner=owner, due=due(first).isoformat(timespec="seconds")
    )


def in_words(agreed: Agreement, texts: Sentences) -> str:
    """What stands, and who is bound by it. Whole: a promise without its time is none."""
    kind = "bot" if agreed.by.speaker == "bot" else agreed.how
    words = agreed.words.text.rstrip("。.！!")
    return texts.agreed[kind].format(who=agreed.by.name or texts.colleague, words=words)


def _promised_callback(events: Sequence[Event]) -> tuple[Event, int] | None:
    """The last promise of a callback, unless a person took the call over after it."""
    last: tuple[Event, int] | None = None
    for event in events:
        body = event.body
        if isinstance(body, RouteChanged):
            last = (event, body.callback_due_minutes) if body.callback_due_minutes is not None else None
        elif isinstance(body, SeatConnected) or (isinstance(body, Transfer) and body.accepted):
            last = None
    return last


def _broke_down(events: Sequence[Event]) -> bool:
    spoke = any(isinstance(event.body, AsrFinal) for event in events)
    return spoke and any(isinstance(event.body, CallEnded) and event.body.ended_by == "error" for event in events)


def _end_ms(events: Sequence[Event]) -> int:
    ended = next((event.body for event in reversed(events) if isinstance(event.body, CallEnded)), None)
    return ended.duration_ms if ended is not None else events[-1].audio_ms if events else 0


def _due(started_at: datetime, offset_ms: int, minutes: int) -> str:
    return (started_at + timedelta(milliseconds=offset_ms, minutes=minutes)).isoformat(timespec="seconds")


def _with_details(task: str, facts: Sequence[Fact], sentences: Sentences) -> str:
    details = [
        sentences.detail_labels[kind].format(value=fact.value)
        for kind in _DETAIL_KINDS
        for fact in facts
        if fact.kind == kind
    ]
    return sentences.details.format(task=task, details=sentences.detail_separator.join(details)) if details else task


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "follow_up.yaml").read_text(encoding="utf-8"))
    return rules
