"""Targets that lead back to where a call has been: a queue that overflows into a menu that leads to the queue. Pure."""

from collections.abc import Iterator, Mapping

from agent.routing.lines import parse_number
from agent.routing.rules.rules import Rules
from agent.routing.targets import KnownTargets, split_target

Following = Mapping[str, tuple[str, ...]]
"""Where each target leads on."""


def circles(rules: Rules, known: KnownTargets) -> Iterator[tuple[tuple[str, ...], int]]:
    """Each circle once, as the targets in it with the first again at its end; and the first rule that leads there."""
    following = _following(rules, known)
    seen: set[frozenset[str]] = set()
    for index, rule in enumerate(rules.rules):
        # A rule's overflow is for its own calls only.
        own = {} if rule.overflow is None else {rule.to: (*following.get(rule.to, ()), rule.overflow)}
        for circle in _from(rule.to, {**following, **own}, (), set()):
            if frozenset(circle) not in seen:
                seen.add(frozenset(circle))
                yield (*circle, circle[0]), index


def _following(rules: Rules, known: KnownTargets) -> Following:
    following = {f"queue:{name}": targets for name, targets in (known.queues or {}).items()}
    following |= {f"menu:{name}": targets for name, targets in (known.menus or {}).items()}
    # Who is sent to one of our own numbers begins anew, with any of the rules.
    starts = tuple(dict.fromkeys(rule.to for rule in rules.rules))
    named = {*starts, *(rule.overflow for rule in rules.rules if rule.overflow)}
    for target in {*named, *(one for targets in following.values() for one in targets)}:
        kind, digits = split_target(target)
        if kind == "number" and parse_number(digits).digits in (known.numbers or ()):
            following[target] = starts
    return following


def _from(target: str, following: Following, path: tuple[str, ...], done: set[str]) -> Iterator[tuple[str, ...]]:
    """Circles that can be come into from this target; ``done`` grows by all that was looked at."""
    if target in path:
        yield path[path.index(target) :]
    elif target not in done:
        for after in following.get(target, ()):
            yield from _from(after, following, (*path, target), done)
        done.add(target)
