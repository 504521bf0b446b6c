"""What is wrong with a company's routing rules before a caller meets it: rules that are never reached, calls that no
rule covers, names that do not exist, targets that lead in a circle. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property, reduce
from pathlib import Path

from agent.events import Language
from agent.routing.days import has_calendar
from agent.routing.lines import countries, places
from agent.routing.rules.circles import circles
from agent.routing.rules.conditions import Condition
from agent.routing.rules.facts import Facts
from agent.routing.rules.reach import Box, Undecided, covering, outside
from agent.routing.rules.rules import Rules
from agent.routing.rules.samples import Sample, base, samples
from agent.routing.rules.values import OneOf
from agent.routing.rules.words import FindingKind, Text
from agent.routing.schedule import Schedule
from agent.routing.targets import KnownTargets, split_target
from agent.yaml_file import Bilingual, line_of

CALENDAR_AHEAD = timedelta(days=31)
"""So long before a year begins its holidays should be known; they are announced in November."""


@dataclass(frozen=True)
class Finding:
    """What is wrong in a line of a file (counted from 1). ``rule``: its name, empty where it is none's."""

    file: Path
    line: int
    kind: FindingKind
    rule: str
    text: Bilingual

    def in_language(self, language: Language) -> str:
        return f"{self.file}:{self.line}: {self.text.of(language)}"

    def __str__(self) -> str:
        return self.in_language("en")


def lint(rules: Rules, known: KnownTargets, today: date) -> tuple[Finding, ...]:
    """All findings, in the order of the file. ``today``: the years around it should have their holidays."""
    linter = _Linter(rules)
    found = [*linter.reached(), *linter.gap(), *linter.names(known), *linter.circles(known), *linter.calendar(today)]
    return tuple(sorted(found, key=lambda one: (one.line, one.kind)))


class _Linter:
    def __init__(self, rules: Rules) -> None:
        self._rules, self._words = rules, rules.words

    def reached(self) -> Iterator[Finding]:
        for index, (rule, box) in enumerate(zip(self._rules.rules, self._boxes, strict=True)):
            if not all(box.values()):
                yield self._finding("never", index, rule=rule.name)
                continue
            try:
                if outside(box, self._boxes[:index], self._full) is None:
                    others = [self._rules.rules[one].name for one in covering(box, self._boxes[:index], self._full)]
                    names = self._words.joined(
                        (Text(zh=f"“{one}”", en=f"“{one}”") for one in others), self._words.separator
                    )
                    yield self._finding("unreachable", index, rule=rule.name, others=names)
            except Undecided:
                yield self._finding("undecided", index, rule=rule.name)

    def gap(self) -> Iterator[Finding]:
        last = len(self._rules.rules) - 1
        try:
            left = outside({}, self._boxes, self._full)
        except Undecided:
            yield self._finding("undecided", last, rule=self._rules.rules[last].name)
            return
        if left is not None:
            yield self._finding("gap", last, named=False, example=self._example(left))

    def names(self, known: KnownTargets) -> Iterator[Finding]:
        for index, rule in enumerate(self._rules.rules):
            for key, target in (("to", rule.to), ("overflow", rule.overflow)):
                if target is not None:
                    yield from self._target(index, key, target, known)
            for condition in self._rules.conditions[index]:
                yield from self._condition(index, condition, known)

    def circles(self, known: KnownTargets) -> Iterator[Finding]:
        for path, index in circles(self._rules, known):
            yield self._finding("cycle", index, path=" → ".join(path))

    def calendar(self, today: date) -> Iterator[Finding]:
        years = sorted({today.year, (today + CALENDAR_AHEAD).year})
        for index, conditions in enumerate(self._rules.conditions):
            for condition in conditions:
                if isinstance(condition.test, Schedule) and condition.test.asks_calendar:
                    for year in years:
                        if not has_calendar(year):
                            name = self._rules.rules[index].name
                            yield self._finding("calendar", index, "when", "time", rule=name, year=year)

    def _target(self, index: int, key: str, target: str, known: KnownTargets) -> Iterator[Finding]:
        kind, name = split_target(target)
        if (among := known.missing(target)) is not None:
            yield self._unknown(index, (key,), kind, name, among)
        elif kind == "queue" and known.skills is not None and name not in known.skills:
            yield self._finding("nobody", index, key, name=name, target=target)

    def _condition(self, index: int, condition: Condition, known: KnownTargets) -> Iterator[Finding]:
        at = ("when", *condition.place)
        if condition.queue and known.queues is not None and condition.queue not in known.queues:
            yield self._unknown(index, ("when", "load", "queue"), "queue", condition.queue, known.queues)
        if not isinstance(condition.test, OneOf):
            return
        names = [str(value) for value in condition.test.values]
        if condition.name == "province":
            for name in names:
                if name not in places() and name not in countries():
                    yield self._unknown(index, at, "province", name, places())
        elif condition.name == "city":
            cities = frozenset[str]().union(*places().values())
            yield from (self._unknown(index, at, "city", name, cities) for name in names if name not in cities)
        elif condition.name == "called" and known.numbers is not None:
            numbers = known.numbers
            yield from (self._unknown(index, at, "called", name, numbers) for name in names if name not in numbers)

    def _unknown(self, index: int, at: tuple[str, ...], what: str, name: str, among: Iterable[str]) -> Finding:
        near = get_close_matches(name, sorted(among), 1)
        said = self._words.near.fill(near=near[0]) if near else Text.nothing()
        thing = next(text for one, text in self._words.things.items() if one == what)
        return self._finding("unknown", index, *at, what=thing, name=name, near=said)

    def _finding(
        self, kind: FindingKind, index: int, *at: str, named: bool = True, **values: Text | str | int
    ) -> Finding:
        text = self._words.findings[kind].fill(**values)
        line = line_of(self._rules.file, "rules", index, *at)
        return Finding(self._rules.file, line, kind, self._rules.rules[index].name if named else "", text.done())

    def _example(self, left: Box) -> Text:
        """The first samples of what is left, along the axes on which it is not everything."""
        facts = base(self._rules.zone)
        narrowed = [axis for axis, bits in left.items() if bits != self._full[axis]]
        for axis in narrowed:
            facts = self._samples[axis][(left[axis] & -left[axis]).bit_length() - 1](facts)
        texts: dict[str, Text] = {}
        for conditions in self._rules.conditions:
            for one in conditions:
                if one.axis in narrowed:
                    held = self._words.held(one, facts)
                    texts[held.en] = Text(zh=held.zh, en=held.en)
        return self._words.joined(texts.values(), self._words.separator) if texts else self._words.any_call

    @cached_property
    def _samples(self) -> Mapping[str, tuple[Sample, ...]]:
        by_axis: dict[str, list[Condition]] = {}
        for conditions in self._rules.conditions:
            for condition in conditions:
                by_axis.setdefault(condition.axis, []).append(condition)
        return {axis: samples(axis, conditions, self._rules.zone) for axis, conditions in by_axis.items()}

    @cached_property
    def _full(self) -> Box:
        return {axis: (1 << len(along)) - 1 for axis, along in self._samples.items()}

    @cached_property
    def _boxes(self) -> tuple[Box, ...]:
        """Of each rule: along each axis the samples that meet its conditions."""
        start = base(self._rules.zone)
        along = {axis: [sample(start) for sample in given] for axis, given in self._samples.items()}
        return tuple(self._box(conditions, along) for conditions in self._rules.conditions)

    def _box(self, conditions: tuple[Condition, ...], along: Mapping[str, list[Facts]]) -> Box:
        box: dict[str, int] = {}
        for one in conditions:
            bits = reduce(lambda sum_, at: sum_ | one.holds(at[1]) << at[0], enumerate(along[one.axis]), 0)
            box[one.axis] = box.get(one.axis, self._full[one.axis]) & bits
        return box
