"""Written calls whose risk is known, played through the classifier and the risk rules as a live call would be.

``sets/risk_calls_{zh,en}.yaml``: those that the rules were made with, but for a part (`tuned_on`).
``sets/risk_fresh_{zh,en}.yaml``: by a writer who knew neither rules nor those, and never read to change a rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from agent.events import AlertEscalated, AlertRaised, Language
from agent.pipeline.nlu import to_event
from agent.risk import RiskRules, RiskState, alert, assess
from models.nlu import CONTEXT_TURNS, Classifier
from models.training.split import place_of

SETS = Path(__file__).parent / "sets"

CallSet = Literal["calls", "fresh"]

TUNED_ON_PERCENT = 80
"""Of the scenarios: the rules were chosen on the calls of these."""


@dataclass(frozen=True)
class RiskCall:
    """What a caller says, turn by turn.

    alert: whether a supervisor must be told. not_before, by_turn: the first turn at which that is justified, and the
    last at which it is in time; from 1.
    """

    name: str
    scenario: str
    language: Language
    turns: tuple[str, ...]
    alert: bool
    not_before: int = 1
    by_turn: int = 99
    causes: tuple[str, ...] = ()
    why: str = ""


def tuned_on(call: RiskCall) -> bool:
    """Whether the rules were chosen on this call; by its scenario, so that adding calls moves none."""
    return place_of(call.scenario) < TUNED_ON_PERCENT


@dataclass(frozen=True)
class Outcome:
    """What became of it. alerts: as they were raised or got worse, oldest first."""

    call: RiskCall
    alerts: tuple[AlertRaised | AlertEscalated, ...]

    @property
    def raised_at(self) -> int | None:
        return self.alerts[0].turn if self.alerts else None

    @property
    def verdict(self) -> str:
        """right, missed, late, false or early."""
        at = self.raised_at
        if not self.call.alert:
            return "right" if at is None else "false"
        if at is None:
            return "missed"
        if at < self.call.not_before:
            return "early"
        return "right" if at <= self.call.by_turn else "late"


def load_calls(language: Language, name: CallSet = "calls") -> list[RiskCall]:
    """The written calls of a language."""
    entries: list[dict[str, Any]] = yaml.safe_load((SETS / f"risk_{name}_{language}.yaml").read_text(encoding="utf-8"))
    return [
        RiskCall(
            name=entry["name"],
            scenario=entry["scenario"],
            language=language,
            turns=tuple(entry["turns"]),
            alert=entry["alert"],
            not_before=entry.get("not_before", 1),
            by_turn=entry.get("by_turn", len(entry["turns"])),
            causes=tuple(entry.get("causes", ())),
            why=entry["why"],
        )
        for entry in entries
    ]


def play(call: RiskCall, classifier: Classifier, rules: RiskRules) -> Outcome:
    """Every turn in order, each with the turns before it as context."""
    contexts = [call.turns[max(0, i - CONTEXT_TURNS) : i] for i in range(len(call.turns))]
    state, alerts = RiskState(), list[AlertRaised | AlertEscalated]()
    for number, (text, said) in enumerate(
        zip(call.turns, classifier.understand_many(call.turns, contexts), strict=True), 1
    ):
        nlu = to_event(number, said, took_ms=0)
        state, assessed = assess(state, rules, turn=number, text=text, language=call.language, nlu=nlu)
        state, told = alert(state, rules, assessed, call_id=call.name)
        if isinstance(told, AlertRaised | AlertEscalated):
            alerts.append(told)
    return Outcome(call, tuple(alerts))


def play_all(calls: Sequence[RiskCall], classifier: Classifier, rules: RiskRules) -> list[Outcome]:
    return [play(call, classifier, rules) for call in calls]
