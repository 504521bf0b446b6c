"""The loop that alerts close: what is understood becomes a risk, a high risk an alert, an alert a new route for this
very call.

A reader of the timeline that writes to it. The decisions themselves are pure and live in ``risk`` and ``routing``.
"""

from collections.abc import Callable
from dataclasses import dataclass

from agent.config import RoutingSettings
from agent.events import (
    AlertEscalated,
    AlertRaised,
    AsrFinal,
    CallerHistory,
    CallStarted,
    Dtmf,
    ErrorRaised,
    Event,
    Language,
    NluResult,
    PersonWanted,
    RouteChanged,
    Transfer,
)
from agent.risk import RiskRules, RiskState, alert, assess, assess_history, load_rules
from agent.routing import (
    Reach,
    Reasons,
    Route,
    apply,
    load_reasons,
    on_alert,
    on_callback_chosen,
    on_person_wanted,
    on_transfer_refused,
)
from agent.timeline import Timeline

SURE = 0.5
"""Below this probability a request for a human is not taken as one."""

CALLBACK_KEY = "1"
"""Where all lines are busy, this key asks to be called back."""

MAX_FAILURES = 2
"""So often the bot may fail the caller by its own fault before the call is no longer its own."""


@dataclass(frozen=True)
class Rulebook:
    """What supervisors edit: what is a risk, and what is said about routes."""

    risk: RiskRules
    reasons: Reasons

    @classmethod
    def load(cls) -> "Rulebook":
        """The rules that the package carries. Raises ConfigError naming file and line."""
        return cls(load_rules(), load_reasons())


class Escalation:
    """One call's. Subscribe it before everything that reacts to routes.

    Args:
        reach: who can be reached, asked anew for each decision; by default whom the settings name.
        dialogue_asks: a person is asked for by the dialogue alone (`PersonWanted`), which knows what the words answer;
            else by whoever is understood to want one.
    """

    def __init__(
        self,
        timeline: Timeline,
        rulebook: Rulebook,
        settings: RoutingSettings,
        *,
        reach: Callable[[], Reach] | None = None,
        dialogue_asks: bool = False,
    ) -> None:
        self._timeline = timeline
        self._rules = rulebook.risk
        self._reasons = rulebook.reasons
        self._settings = settings
        self._dialogue_asks = dialogue_asks
        named = Reach(specialist_number=settings.specialist_number, human_number=settings.human_number)
        self._reach = reach or (lambda: named)
        self._risk = RiskState()
        self._route = Route()
        self._failures = 0
        self._callback_offered = False

    def __call__(self, event: Event) -> None:
        match event.body:
            case NluResult():
                self._understood(event.body, event.audio_ms)
            case CallerHistory(earlier_calls=earlier_calls):
                self._risk, assessed = assess_history(
                    self._risk, self._rules, earlier_calls=earlier_calls, language=self._language()
                )
                if assessed is not None:
                    self._timeline.append(assessed)
            case AlertRaised() | AlertEscalated():
                due_minutes = self._settings.callback_due_minutes
                self._reroute(
                    on_alert(
                        self._route,
                        event.body,
                        self._reach(),
                        due_minutes,
                        reasons=self._reasons,
                        language=self._language(),
                    )
                )
            case PersonWanted():
                self._person(event.body)
            case RouteChanged():
                # By a rule or the menu, as well as by us.
                self._route = apply(self._route, event.body)
            case Transfer(accepted=False):
                due_minutes = self._settings.callback_due_minutes
                self._reroute(
                    on_transfer_refused(self._route, due_minutes, reasons=self._reasons, language=self._language())
                )
            case ErrorRaised(spoken="trouble"):
                self._failed()
            case ErrorRaised(spoken="lines_busy_offer"):
                self._callback_offered = True
            case Dtmf(digit=digit) if self._callback_offered and digit == CALLBACK_KEY:
                due_minutes = self._settings.callback_due_minutes
                self._reroute(
                    on_callback_chosen(self._route, due_minutes, reasons=self._reasons, language=self._language())
                )

    def _understood(self, nlu: NluResult, at_ms: int) -> None:
        said = self._timeline.last(AsrFinal)
        if said is not None and said.turn == nlu.turn:
            self._risk, assessed = assess(
                self._risk, self._rules, turn=nlu.turn, text=said.text, language=said.language, nlu=nlu, at_ms=at_ms
            )
            self._timeline.append(assessed)
            self._risk, told = alert(self._risk, self._rules, assessed, call_id=self._timeline.call_id)
            if told is not None:
                self._timeline.append(told)
            if isinstance(told, AlertRaised | AlertEscalated):
                return
        if not self._dialogue_asks and nlu.intent == "human_agent" and nlu.intent_probability >= SURE:
            self._person(PersonWanted(turn=nlu.turn, reason="asked"))

    def _failed(self) -> None:
        """We cannot hear this caller: the second time somebody else must."""
        self._failures += 1
        if self._failures == MAX_FAILURES:
            said = self._timeline.last(AsrFinal)
            self._person(PersonWanted(turn=said.turn if said is not None else 0, reason="trouble"))

    def _person(self, wanted: PersonWanted) -> None:
        due_minutes = self._settings.callback_due_minutes
        self._reroute(
            on_person_wanted(
                self._route, wanted, self._reach(), due_minutes, reasons=self._reasons, language=self._language()
            )
        )

    def _language(self) -> Language:
        """The caller's; before they have said anything, that of the greeting."""
        said = self._timeline.last(AsrFinal) or self._timeline.last(CallStarted)
        return said.language if said is not None else "zh"

    def _reroute(self, changed: RouteChanged | None) -> None:
        if changed is not None:
            self._route = apply(self._route, changed)
            self._timeline.append(changed)
