"""The words in which supervisors read what the rules did, from a file."""

from collections.abc import Iterable, Mapping
from math import inf
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agent.events import Scalar
from agent.routing.days import DAY_KINDS, day_kind, has_calendar
from agent.routing.rules.conditions import RECORDS, Condition
from agent.routing.rules.facts import Facts
from agent.routing.rules.values import Known, OneOf, Range, Test
from agent.routing.schedule import MINUTES_A_DAY, Schedule, local_time
from agent.yaml_file import Bilingual, load_yaml

DEFAULT_WORDS = Path(__file__).with_name("words.yaml")

FindingKind = Literal["never", "unreachable", "gap", "cycle", "unknown", "nobody", "calendar", "undecided"]
_ConditionName = Literal[
    "province", "city", "line", "called", "language", "intent", "sentiment", "risk", "spam", "time", "record", "device",
    "order", "calls", "alert", "waiting", "seats_ready", "expected_wait_s",
]  # fmt: skip
_Thing = Literal["queue", "menu", "province", "city", "called"]


def _with(*names: str) -> AfterValidator:
    """The text has these places to fill in, and no others."""

    def check(text: "Text") -> "Text":
        for sentence in (text.zh, text.en):
            found = {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
            if found != set(names):
                right = ", ".join(f"{{{name}}}" for name in names) or "none"
                raise ValueError(f"{sentence!r}: the places to fill in are {right}")
        return text

    return AfterValidator(check)


def _all_of(*keys: str) -> AfterValidator:
    def check(texts: Mapping[str, object]) -> Mapping[str, object]:
        if missing := [key for key in keys if key not in texts]:
            raise ValueError(f"{', '.join(missing)} is missing")
        return texts

    return AfterValidator(check)


class Text(BaseModel):
    """A text in both languages, its spaces kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def fill(self, **values: "Text | str | int") -> "Text":
        zh = {name: value.zh if isinstance(value, Text) else str(value) for name, value in values.items()}
        en = {name: value.en if isinstance(value, Text) else str(value) for name, value in values.items()}
        # What is filled in may be anything a back end or a supervisor wrote, so that it is only ever a value.
        return Text.model_construct(zh=self.zh.format(**zh), en=self.en.format(**en))

    def done(self) -> Bilingual:
        """As a sentence by itself."""
        return Bilingual(zh=self.zh, en=self.en)

    @staticmethod
    def nothing() -> "Text":
        return Text.model_construct(zh="", en="")


def plain(text: object) -> Text:
    """The same in both languages."""
    return Text.model_construct(zh=str(text), en=str(text))


class Words(BaseModel):
    """All of them; see the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    names: Annotated[dict[_ConditionName, Text], _all_of(*get_args(_ConditionName))]
    queue: Annotated[Text, _with("queue")]
    held_: Annotated[Text, _with("what", "value")] = Field(alias="held")
    failed_: Annotated[Text, _with("what", "value", "wanted")] = Field(alias="failed")
    why_: Annotated[Text, _with("rule", "conditions")] = Field(alias="why")
    why_always: Annotated[Text, _with("rule")]
    no_rule: Bilingual
    kept_: Annotated[Text, _with("days")] = Field(alias="kept")
    kept_today: Bilingual
    separator: Text
    or_: Text = Field(alias="or")
    none_of: Annotated[Text, _with("values")]
    at_least: Annotated[Text, _with("low")]
    above: Annotated[Text, _with("low")]
    at_most: Annotated[Text, _with("high")]
    below: Annotated[Text, _with("high")]
    between: Annotated[Text, _with("low", "high")]
    unknown: Text
    known: Text
    never: Text
    to: Text
    true: Text
    false: Text
    moment: Annotated[Text, _with("date", "weekday", "clock", "kind")]
    no_calendar: Annotated[Text, _with("year")]
    weekdays: tuple[Text, ...] = Field(min_length=7, max_length=7)
    values: dict[str, Text]
    findings: Annotated[dict[FindingKind, Text], _all_of(*get_args(FindingKind))]
    near: Annotated[Text, _with("near")]
    any_call: Text
    things: Annotated[dict[_Thing, Text], _all_of(*get_args(_Thing))]

    def held(self, condition: Condition, facts: Facts) -> Bilingual:
        """What the call has, of a condition that it meets."""
        return self.held_.fill(what=self.what(condition), value=self.actual(condition, facts)).done()

    def failed(self, condition: Condition, facts: Facts) -> Bilingual:
        """What the call has, and what was wanted."""
        values = {"what": self.what(condition), "value": self.actual(condition, facts)}
        return self.failed_.fill(**values, wanted=self.wanted(condition)).done()

    def why(self, rule: str, held: Iterable[Bilingual]) -> Bilingual:
        """The sentence of a decision."""
        conditions = [Text.model_construct(zh=one.zh, en=one.en) for one in held]
        if not conditions:
            return self.why_always.fill(rule=rule).done()
        return self.why_.fill(rule=rule, conditions=self.joined(conditions, self.separator)).done()

    def kept(self, days_ago: int) -> Bilingual:
        """Why a caller goes to a specialist who had an alert so many days ago."""
        return self.kept_.fill(days=days_ago).done() if days_ago else self.kept_today

    def what(self, condition: Condition) -> Text:
        """What the condition looks at."""
        if condition.name == "load":
            queue = self.queue.fill(queue=condition.queue) if condition.queue else Text.nothing()
            return self._named(condition.field).fill(queue=queue)
        if condition.name in RECORDS:
            return self._named(condition.name).fill(field=condition.field)
        return self._named(condition.name).fill(days=condition.days)

    def actual(self, condition: Condition, facts: Facts) -> Text:
        """What the call has there."""
        if isinstance(condition.test, Schedule):
            assert condition.zone is not None
            local = local_time(facts.at, condition.zone)
            kind: Text = self.values.get(day_kind(local.date()), plain(day_kind(local.date())))
            if condition.test.asks_calendar and not has_calendar(local.year):
                kind = self.no_calendar.fill(year=local.year)
            return self.moment.fill(
                date=local.date().isoformat(),
                weekday=self.weekdays[local.weekday()],
                clock=local.strftime("%H:%M"),
                kind=kind,
            )
        value = condition.value(facts)
        if value is None and condition.name == "alert":
            return self.never
        return self.value(value, named=_is_vocabulary(condition))

    def wanted(self, condition: Condition) -> Text:
        """What the condition asks for."""
        if isinstance(condition.test, Schedule):
            return self._schedule(condition.test)
        return self._test(condition.test, named=_is_vocabulary(condition))

    def value(self, value: Scalar, *, named: bool = False) -> Text:
        """``named``: of our own vocabulary, which has words for supervisors."""
        if value is None:
            return self.unknown
        if isinstance(value, bool):
            return self.true if value else self.false
        if isinstance(value, int | float):
            return plain(f"{value:g}" if abs(value) < 1e6 else value)
        return self.values.get(value, plain(value)) if named else plain(value)

    def joined(self, texts: Iterable[Text], separator: Text) -> Text:
        texts = list(texts)
        return Text.model_construct(
            zh=separator.zh.join(one.zh for one in texts), en=separator.en.join(one.en for one in texts)
        )

    def _named(self, name: str) -> Text:
        return next(text for known, text in self.names.items() if known == name)

    def _test(self, test: Test, *, named: bool) -> Text:
        if isinstance(test, OneOf):
            values = self.joined((self.value(one, named=named) for one in test.values), self.or_)
            return self.none_of.fill(values=values) if test.negated else values
        if isinstance(test, Known):
            return self.known if test.known else self.unknown
        return self._range(test)

    def _range(self, test: Range) -> Text:
        low, high = f"{test.low:g}", f"{test.high:g}"
        if test.low == test.high:
            return plain(low)
        if test.high == inf:
            return (self.above if test.low_open else self.at_least).fill(low=low)
        if test.low == -inf or (test.low == 0 and test.high_open):
            return (self.below if test.high_open else self.at_most).fill(high=high)
        return self.between.fill(low=low, high=high)

    def _schedule(self, schedule: Schedule) -> Text:
        parts = []
        if len(schedule.days) < 7:
            parts.append(self._days(schedule.days))
        if schedule.asks_calendar:
            kinds = [self.values.get(kind, plain(kind)) for kind in DAY_KINDS if kind in schedule.calendar]
            parts.append(self.joined(kinds, self.or_))
        if schedule.hours != ((0, MINUTES_A_DAY),):
            parts.append(self.joined((plain(_hours(*span)) for span in schedule.hours), self.or_))
        return self.joined(parts, plain(" ")) if parts else self.any_call

    def _days(self, days: frozenset[int]) -> Text:
        """Three or more in a row as from the first to the last."""
        runs: list[list[int]] = []
        for day in sorted(days):
            if runs and runs[-1][-1] == day - 1:
                runs[-1].append(day)
            else:
                runs.append([day])
        texts = []
        for run in runs:
            ends = [self.weekdays[run[0]], self.weekdays[run[-1]]]
            in_full = [self.weekdays[day] for day in run]
            texts.append(self.joined(ends, self.to) if len(run) > 2 else self.joined(in_full, self.or_))
        return self.joined(texts, self.or_)


def load_words(path: Path = DEFAULT_WORDS) -> Words:
    """The file. Raises CompanyError naming the line, the entry and what is wrong."""
    return load_yaml(path, Words)


def _is_vocabulary(condition: Condition) -> bool:
    return condition.name in ("line", "language", "intent", "sentiment", "risk", "spam")


def _hours(begin: int, end: int) -> str:
    end = end - MINUTES_A_DAY if end > MINUTES_A_DAY else end
    return f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
