"""Where a call goes when it comes in, and where one goes that is to have a person: numbers first, then rules. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.company.company import Company
from agent.events import Language, RuleMatched
from agent.routing.lines import draw_of, in_turn
from agent.routing.lines.bindings import RULES
from agent.routing.rules import Decision, Facts, decide, keeps_out_of, kept_decision
from agent.routing.rules.words import load_words
from agent.routing.targets import split_target

BOT = "bot"


@dataclass(frozen=True)
class Way:
    """``target``: where the call goes. ``rule``: the rule's name, or the number's where it is bound to the target
    itself; empty where nobody decided. ``why``: in a sentence. ``priority``, ``skill_level``: in a queue.
    """

    target: str = BOT
    rule: str = ""
    why: str = ""
    priority: int = 0
    skill_level: int = 0

    def matched(self) -> RuleMatched:
        """As the event on the call's timeline."""
        return RuleMatched(rule=self.rule, target=self.target, why=self.why)


def way_in(company: Company, facts: Facts, call_id: str, takes: Callable[[str], bool], language: Language) -> Way:
    """The first target that takes the call.

    Args:
        call_id: decides among targets that share a number.
        takes: whether a target can take a call now; one that cannot gives way to what comes after it.
        language: of the reason.
    """
    binding = None if company.numbers is None else company.numbers.of(facts.called)
    if binding is None:
        return _by_rules(company, facts, takes, language)
    for bound in in_turn(binding, facts.at, draw_of(call_id)):
        if bound.to == RULES:
            return _by_rules(company, facts, takes, language)
        if takes(bound.to):
            return Way(bound.to, binding.name, bound.note or binding.name)
    return Way(BOT, binding.name, binding.name)


def way_to_person(company: Company, facts: Facts, takes: Callable[[str], bool], language: Language) -> Way | None:
    """The queue, or the callback, that the rules give a caller who is to have a person; None where they give neither:
    who is with the bot and wants a person is not sent back to it.
    """
    if company.rules is None:
        return None
    decided = decide(company.rules, facts)
    for target in (decided.target, decided.overflow):
        if target is not None and split_target(target)[0] in ("queue", "callback") and takes(target):
            return _way(target, decided, language)
    return None


def way_kept(company: Company, way: Way | None, days_ago: int, target: str, language: Language) -> Way | None:
    """To a specialist, for an alert so many days ago; None where the way that was decided stands, or nobody is there.

    Args:
        way: None where nothing was decided yet.
        target: where specialists are reached now; empty for nowhere.
    """
    rule, decided = ("", "") if way is None else (way.rule, way.target)
    if not target or not keeps_out_of(company.rules, rule, decided):
        return None
    words = load_words() if company.rules is None else company.rules.words
    return _way(target, kept_decision(words, days_ago, target), language)


def _by_rules(company: Company, facts: Facts, takes: Callable[[str], bool], language: Language) -> Way:
    if company.rules is None:
        return Way()
    decided = decide(company.rules, facts)
    for target in (decided.target, decided.overflow):
        if target is not None and takes(target):
            return _way(target, decided, language)
    return _way(BOT, decided, language)


def _way(target: str, decided: Decision, language: Language) -> Way:
    return Way(target, decided.rule, decided.why.of(language), decided.priority, decided.skill_level or 0)
