"""A small hotline to simulate: two skills, a few people, one rule a matter. Tests change one thing at a time."""

from datetime import date
from pathlib import Path
from typing import Any

from agent.routing.floor import FloorPolicy
from agent.routing.lines import Numbers
from agent.routing.lines.bindings import Binding, Bound
from agent.routing.rules import Rules
from agent.routing.rules.rules import Rule
from agent.routing.rules.words import load_words
from agent.simulation import Setting
from agent.simulation.day import Lived, live
from agent.simulation.staffing import Staffing
from agent.simulation.traffic import Traffic

MONDAY = date(2026, 11, 30)
OPEN = ((9 * 60, 18 * 60),)
WORDS = load_words()

RULES: list[dict[str, Any]] = [
    {"name": "alerts", "when": {"risk": "high"}, "to": "queue:complaint", "overflow": "callback", "priority": 90},
    {"name": "spam", "when": {"spam": "refuse"}, "to": "refuse"},
    {
        "name": "people",
        "when": {"intent": "human_agent", "time": {"hours": "09:00-18:00"}},
        "to": "queue:service",
        "overflow": "callback",
    },
    {"name": "rest", "to": "bot"},
]
POLICY: dict[str, Any] = {
    "skills": {"service": {"handling_s": 200}, "complaint": {"overflow": [{"to": "service", "after_s": 30}]}},
    "seats": [
        {"id": "wang", "name": "王丽", "skills": {"service": 5}},
        {"id": "li", "name": "李静", "skills": {"complaint": 5, "service": 3}},
    ],
}
STAFFING: dict[str, Any] = {
    "shifts": {"day": {"hours": "09:00-18:00", "breaks": [{"minutes": 30, "between": "11:30-13:30"}]}},
    "people": [{"seat": "wang", "shift": "day", "count": 4}, {"seat": "li", "shift": "day"}],
    "talk": {"service": {"mean_s": 180}, "complaint": {"mean_s": 300}},
}
# Nobody calls before nine or after six.
BUSINESS_HOURS = [0.0] * 18 + [1.0] * 18 + [0.0] * 12
TRAFFIC: dict[str, Any] = {
    "arrivals": {"any": BUSINESS_HOURS},
    "intents": {"repair": {"weight": 1, "bot_solves": 0.5, "asks_person": 0.2}},
    "provinces": {"广东": 1},
}


def setting(
    *,
    rules: list[dict[str, Any]] = RULES,
    policy: dict[str, Any] | None = None,
    staffing: dict[str, Any] | None = None,
    traffic: dict[str, Any] | None = None,
    intent: dict[str, Any] | None = None,
    waiters: dict[str, Any] | None = None,
    line: dict[str, Any] | None = None,
) -> Setting:
    """The small hotline with some entries of its files changed."""
    callers = {**TRAFFIC, **(traffic or {})}
    if intent is not None:
        callers["intents"] = {"repair": {**TRAFFIC["intents"]["repair"], **intent}}
    if waiters is not None:
        callers["waiters"] = waiters
    if line is not None:
        callers["line"] = line
    return Setting(
        policy=FloorPolicy.model_validate({**POLICY, **(policy or {})}),
        rules=Rules(tuple(Rule.model_validate(rule) for rule in rules), WORDS, file=Path("rules.yaml")),
        numbers=Numbers((Binding("4008001234", "hotline", (Bound(to="rules"),)),), Path("numbers.yaml")),
        traffic=Traffic.model_validate(callers),
        staffing=Staffing.model_validate({**STAFFING, **(staffing or {})}),
        hours=lambda day: OPEN,
    )


def lived(given: Setting, calls: int = 300, seed: int = 1, day: date = MONDAY) -> Lived:
    return live(given, day, calls, seed)
