"""The routing rules of a company, ``routing/rules.yaml``, and the decision by them: the first match wins. Pure."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from agent.routing.rules.conditions import Condition, When
from agent.routing.rules.facts import Facts
from agent.routing.rules.words import Words, load_words
from agent.routing.schedule import CHINA
from agent.routing.targets import Target
from agent.yaml_file import Bilingual, load_yaml

FILE = "rules.yaml"
FALLBACK = "bot"
"""Where a call goes that no rule matches: it is answered all the same."""


class Rule(BaseModel):
    """``when``: what must hold. ``to``: the target, and ``overflow`` the one for a call that it cannot take.
    ``priority``: in the queue, higher is earlier. ``skill_level``: the least that the person must have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    note: str = ""
    when: Annotated[When, BeforeValidator(lambda value: {} if value is None else value)] = When()
    to: Target
    overflow: Target | None = None
    priority: int = Field(0, ge=0, le=100)
    skill_level: int | None = Field(None, ge=1, le=5)


def _names_apart(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    seen: set[str] = set()
    for rule in rules:
        if rule.name in seen:
            raise ValueError(
                f"two rules are called {rule.name!r}; the call's timeline names rules, so each needs its own"
            )
        seen.add(rule.name)
    return rules


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: Annotated[tuple[Rule, ...], AfterValidator(_names_apart)] = Field(min_length=1, max_length=300)


@dataclass(frozen=True)
class Rules:
    """In their order. ``zone``: whose clock they go by; ``file``: where they stand, for what is said about them."""

    rules: tuple[Rule, ...]
    words: Words
    zone: ZoneInfo = CHINA
    file: Path = Path(FILE)

    @cached_property
    def conditions(self) -> tuple[tuple[Condition, ...], ...]:
        """Of each rule."""
        return tuple(tuple(rule.when.conditions(self.zone)) for rule in self.rules)


@dataclass(frozen=True)
class Decision:
    """Where the call goes, by which rule (empty: none matched), and a sentence that says why."""

    rule: str
    target: str
    why: Bilingual
    priority: int = 0
    skill_level: int | None = None
    overflow: str | None = None


@dataclass(frozen=True)
class Check:
    """One condition of a rule, held against a call: ``text`` says what is there, and what was wanted if it fails."""

    condition: Condition
    held: bool
    text: Bilingual


@dataclass(frozen=True)
class Explained:
    """A rule held against a call. ``decides``: it is the first that matches."""

    rule: Rule
    matches: bool
    decides: bool
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.held)


def load_rules(path: Path, zone: ZoneInfo = CHINA, words: Words | None = None) -> Rules:
    """The file. ``zone``: the company's time zone. ``words``: those of words.yaml where none are given.

    Raises CompanyError, ``FILE:LINE: …`` for each problem.
    """
    return Rules(load_yaml(path, _File).rules, words or load_words(), zone, path)


def decide(rules: Rules, facts: Facts) -> Decision:
    """Where a call goes. A call that no rule matches goes to the bot."""
    for rule, conditions in zip(rules.rules, rules.conditions, strict=True):
        if all(condition.holds(facts) for condition in conditions):
            held = [rules.words.held(condition, facts) for condition in conditions]
            why = rules.words.why(rule.name, held)
            return Decision(rule.name, rule.to, why, rule.priority, rule.skill_level, rule.overflow)
    return Decision("", FALLBACK, rules.words.no_rule)


def explain(rules: Rules, facts: Facts) -> tuple[Explained, ...]:
    """For every rule, which of its conditions hold of the call and which fail, with the value that they found."""
    explained: list[Explained] = []
    decided = False
    for rule, conditions in zip(rules.rules, rules.conditions, strict=True):
        checks = tuple(_check(rules.words, condition, facts) for condition in conditions)
        matches = all(check.held for check in checks)
        explained.append(Explained(rule, matches, matches and not decided, checks))
        decided = decided or matches
    return tuple(explained)


def _check(words: Words, condition: Condition, facts: Facts) -> Check:
    held = condition.holds(facts)
    return Check(condition, held, words.held(condition, facts) if held else words.failed(condition, facts))
