"""Where each call goes, by the company's numbers and rules: the same code that decides for live calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agent.events import Intent, Sentiment
from agent.routing.floor import Floor, FloorPolicy
from agent.routing.lines import Numbers, choose_target, draw_of
from agent.routing.lines.bindings import RULES
from agent.routing.rules import Decision, Facts, Load, Rules, days_kept, decide, kept
from agent.simulation.load import Loads, asks_all
from agent.simulation.record import Call


@dataclass(frozen=True)
class Way:
    """Where a call goes: a target as rules name them, by which rule; empty where the number itself leads there."""

    target: str
    rule: str = ""
    priority: int = 0
    overflow: str | None = None
    skill_level: int = 0


class Router:
    """``floor``: as it stands, for rules that ask for the load. ``keep_days``: so long who had an alert is kept with a
    specialist.
    """

    def __init__(
        self, numbers: Numbers, rules: Rules, policy: FloorPolicy, floor: Callable[[], Floor], keep_days: int = 0
    ) -> None:
        self._keep_days = keep_days
        self._numbers = numbers
        self._rules = rules
        self._loads = Loads(floor, policy)
        self._asks_all = asks_all(rules)
        self.decisions = 0

    def at_first(self, call: Call, now_ms: int) -> Way:
        """When it comes in: by the number that was dialled. A number that nobody is on duty for is the bot's."""
        binding = self._numbers.of(call.caller.called)
        if binding is None:
            return self.by_rules(call, now_ms)
        bound = choose_target(binding, self._moment(now_ms), draw_of(call.id))
        if bound is not None and bound.to != RULES:
            return self._kept(call, bound.to)
        return self.by_rules(call, now_ms) if bound is not None else Way("bot")

    def _kept(self, call: Call, target: str) -> Way:
        """Where the number leads; to a specialist instead who had an alert of late."""
        days_ago = call.caller.alert_days_ago
        counts = days_ago is not None and days_ago < self._keep_days
        led = Decision("", target, self._rules.words.no_rule)
        first = kept(self._rules, led, int(days_ago) if days_ago is not None and counts else None)
        return Way(target) if first is None else Way(first.target, first.rule, first.priority, first.overflow)

    def by_rules(
        self, call: Call, now_ms: int, intent: Intent | None = None, sentiment: Sentiment | None = None
    ) -> Way:
        """``intent``, ``sentiment``: as far as they are understood yet."""
        caller, at = call.caller, self._moment(now_ms)
        alerts = () if caller.alert_days_ago is None else (at - timedelta(days=caller.alert_days_ago),)
        facts = Facts(
            at=at,
            caller=caller.located,
            called=caller.called,
            language=caller.language,
            intent=intent,
            sentiment=sentiment,
            risk="none" if call.alerted_ms is None else "high",
            spam=caller.spam,
            record=caller.record,
            device=caller.device if intent is not None else {},
            order=caller.order if intent is not None else {},
            earlier_calls=tuple(at - timedelta(days=days) for days in caller.called_days_ago),
            alerts=alerts,
            load=self._loads[""] if self._asks_all else Load(),
            queues=self._loads,
        )
        self.decisions += 1
        decision = decide(self._rules, facts)
        decision = kept(self._rules, decision, days_kept(facts, self._keep_days)) or decision
        level = decision.skill_level or 0
        return Way(decision.target, decision.rule, decision.priority, decision.overflow, level)

    def _moment(self, now_ms: int) -> datetime:
        return datetime.fromtimestamp(now_ms / 1000, self._zone)

    @property
    def _zone(self) -> ZoneInfo:
        return self._rules.zone
