"""A caller with an alert of late goes to a complaint specialist, whatever rule would decide. Pure.

So it is written in ``routing/alerts.yaml`` (``keep_with_specialist_days``). A company whose rules ask for alerts
themselves (``alert_within_days``) has the last word where such a rule decides; and who is refused stays so.
"""

from dataclasses import replace

from agent.routing.route import PRIORITY_ALERT
from agent.routing.rules.facts import Facts
from agent.routing.rules.rules import Decision, Rules
from agent.routing.rules.words import Words

SETTING = "keep_with_specialist_days"
"""What decides, as rules have their names: it is found by it in ``alerts.yaml``."""
SPECIALISTS = "queue:complaint"


def keeps_out_of(rules: Rules | None, rule: str, target: str) -> bool:
    """Whether what was decided, by a rule or a number, gives way to the specialist."""
    if target in ("refuse", SPECIALISTS):
        return False
    decided = () if rules is None else tuple(one for one in rules.rules if one.name == rule)
    return not any(one.when.alert_within_days is not None for one in decided)


def kept(rules: Rules, decided: Decision, days_ago: int | None) -> Decision | None:
    """What goes before the decision, which has the call where no specialist can take it; None where it stands.
    ``days_ago``: when the alert was; None where it does not count.
    """
    if days_ago is None or not keeps_out_of(rules, decided.rule, decided.target):
        return None
    return replace(kept_decision(rules.words, days_ago), overflow=decided.target)


def kept_decision(words: Words, days_ago: int, target: str = SPECIALISTS) -> Decision:
    """To the specialist, as an alert would take the call. ``target``: where they are, if not in their queue."""
    return Decision(SETTING, target, words.kept(days_ago), PRIORITY_ALERT)


def days_kept(facts: Facts, keep_days: int) -> int | None:
    """When the last alert was, if it counts still."""
    days_ago = facts.days_since_alert()
    return days_ago if days_ago is not None and days_ago < keep_days else None
