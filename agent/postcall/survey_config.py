"""What a company asks its callers at the end, and which of them: ``routing/survey.yaml`` of its folder. Pure."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    CallEnded,
    Dtmf,
    Event,
    LlmReply,
    QueueLeft,
    SpamJudged,
    SurveyAsked,
)
from agent.yaml_file import Bilingual, load_yaml

FILE = "survey.yaml"
Sentence = Literal["ask", "again", "reason", "thanks", "thanks_low", "skip"]

_UNPLEASANT_ENDS = frozenset({"abuse_goodbye", "silence_goodbye"})
"""Sentences of the dialogue after which nobody is asked how it was."""


class Sentences(BaseModel):
    """What is spoken. ``ask`` and ``again`` name the scale; the last four end the call, so they say goodbye too.
    ``reason`` is asked after a bad score; ``skip`` is said to who would rather not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: Bilingual
    again: Bilingual
    reason: Bilingual
    thanks: Bilingual
    thanks_low: Bilingual
    skip: Bilingual


class Survey(BaseModel):
    """``share``: of the calls that may be asked. ``task``: what is to be done about a bad score; holds {score}."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    share: float = Field(1.0, ge=0, le=1)
    asks_reason: bool = True
    never_after: frozenset[str] = Field(
        frozenset({"self_harm", "safety"}), description="causes of an alert, whether or not it was taken back"
    )
    sentences: Sentences
    task: Bilingual

    @model_validator(mode="after")
    def _task_names_the_score(self) -> Self:
        for text in (self.task.zh, self.task.en):
            if "{score}" not in text:
                raise ValueError(f"task: {text!r} must hold {{score}}, for the score that was given")
        return self


def load_survey(path: Path) -> Survey:
    """The file. Raises CompanyError ``FILE:LINE: …``."""
    return load_yaml(path, Survey)


def should_ask(survey: Survey, events: Sequence[Event]) -> bool:
    """Whether the caller is to be asked now, before the bot says goodbye. The same events give the same answer.

    Not those who said nothing, gave up, were taken for spam, parted in anger, or have an alert open: who is waiting for
    help is not asked for marks.
    """
    if not survey.enabled or not events or not _in_share(events[0].call_id, survey.share):
        return False
    bodies = [event.body for event in events]
    if any(isinstance(body, SurveyAsked | CallEnded) for body in bodies):
        return False
    if not any(isinstance(body, AsrFinal | Dtmf) for body in bodies):
        return False
    verdicts = [body.verdict for body in bodies if isinstance(body, SpamJudged)]
    left = [body.reason for body in bodies if isinstance(body, QueueLeft)]
    if verdicts[-1:] not in ([], ["pass"]) or left[-1:] == ["abandoned"]:
        return False
    phrases = (body.phrase or "" for body in bodies if isinstance(body, LlmReply))
    if any(not _UNPLEASANT_ENDS.isdisjoint(phrase.split()) for phrase in phrases):
        return False
    return not _alarmed(survey, events)


def _alarmed(survey: Survey, events: Sequence[Event]) -> bool:
    open_alerts: set[str] = set()
    for event in events:
        match event.body:
            case AlertRaised(alert_id=alert_id, causes=causes) | AlertEscalated(alert_id=alert_id, causes=causes):
                open_alerts.add(alert_id)
                if not survey.never_after.isdisjoint(causes):
                    return True
            case AlertWithdrawn(alert_id=alert_id):
                open_alerts.discard(alert_id)
            case _:
                pass
    return bool(open_alerts)


def _in_share(call_id: str, share: float) -> bool:
    """By the call's id, so that a call is asked or not on every replay, whatever else is going on."""
    return int.from_bytes(sha256(f"survey {call_id}".encode()).digest()[:8]) < share * 2**64
