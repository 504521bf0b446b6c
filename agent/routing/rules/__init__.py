"""Which rule of the company decides where a call goes, why, and what is wrong with the rules. Pure."""

from agent.routing.rules.facts import Facts, Load
from agent.routing.rules.kept import days_kept, keeps_out_of, kept, kept_decision
from agent.routing.rules.lint import Finding, lint
from agent.routing.rules.rules import FILE, Check, Decision, Explained, Rule, Rules, decide, explain, load_rules
from agent.routing.targets import KnownTargets

__all__ = [
    "FILE",
    "Check",
    "Decision",
    "Explained",
    "Facts",
    "Finding",
    "KnownTargets",
    "Load",
    "Rule",
    "Rules",
    "days_kept",
    "decide",
    "explain",
    "keeps_out_of",
    "kept",
    "kept_decision",
    "lint",
    "load_rules",
]
