"""What must be done after a call, by whom and until when: a rule, not an opinion."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.events import AsrFinal, CallEnded, Event, Fact, FollowUp, Intent, RiskLevel, RouteChanged, Transfer
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
) -> FollowUp | None:
    """The task that is left, or None where nothing is.

    A callback that was promised in the call is due so many minutes after the promise; everything else counts from the
    call's end. started_at: with time zone; the due time keeps it.
    """
    promised = _promised_callback(events)
    complaint = intent == "complaint" or risk == "high"
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
    if rule is None or (solved and rule["when"] == "unsolved") or (intent == "human_agent" and _taken_over(events)):
        return None
    minutes = _rules()["complaint_risk_minutes"].get(risk, rule["due_minutes"]) if complaint else rule["due_minutes"]
    task = sentences.tasks["complaint" if complaint else intent]
    return FollowUp(
        task=_with_details(task, facts, sentences),
        owner=rule["owner"],
        due=_due(started_at, _end_ms(events), minutes),
    )


def _promised_callback(events: Sequence[Event]) -> tuple[Event, int] | None:
    """The last promise of a callback, unless a person took the call over after it."""
    last: tuple[Event, int] | None = None
    for event in events:
        body = event.body
        if isinstance(body, RouteChanged):
            last = (event, body.callback_due_minutes) if body.callback_due_minutes is not None else None
        elif isinstance(body, Transfer) and body.accepted:
            last = None
    return last


def _taken_over(events: Sequence[Event]) -> bool:
    return any(isinstance(event.body, Transfer) and event.body.accepted for event in events)


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
