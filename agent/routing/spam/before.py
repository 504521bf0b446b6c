"""The verdict on a call that is still ringing, by its number alone. Pure.

Nobody is refused here but those on the deny list: a number tells who rang before, not who rings now.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from agent.event_base import Language
from agent.events import SpamSign
from agent.routing.spam.callers import kind_of, plain
from agent.routing.spam.judgement import Judgement, make_sign, score
from agent.routing.spam.marks import Mark
from agent.routing.spam.policy import SpamPolicy

_MINUTE_MS = 60_000


@dataclass(frozen=True)
class Override:
    """What an operator decided about a number. It comes before the lists of the file."""

    verdict: Literal["allow", "deny"]
    by: str
    why: str


@dataclass(frozen=True)
class Caller:
    """Who rings. ``number``: as the carrier sent it. ``language``: of the words for supervisors."""

    number: str
    language: Language = "zh"
    override: Override | None = None


@dataclass(frozen=True)
class EarlierCall:
    """A call from the same number. ``turns``: in which its caller said something."""

    at_ms: int
    duration_ms: int
    turns: int


@dataclass(frozen=True)
class History:
    """What is remembered. ``series``: how many other numbers that differ in their last three digits rang within the
    hour. ``openings``: the first words of calls that were refused of late, from whatever number.
    """

    calls: tuple[EarlierCall, ...] = ()
    series: int = 0
    openings: tuple[str, ...] = ()


def before_answer(
    policy: SpamPolicy, caller: Caller, history: History, marks: Iterable[Mark], now_ms: int
) -> Judgement:
    """The verdict before the answer. ``marks``: what a service knows of the number, beside the company's own list.
    ``now_ms``: since the epoch, as the times in ``history`` are. Never raises.
    """
    listed = _listed(policy, caller)
    if listed is not None:
        return listed
    if not policy.enabled:
        return Judgement()
    signs = (
        *_marks(policy, caller, (*policy.listed_marks.of(caller.number), *marks)),
        *_rate(policy, caller, history, now_ms),
        *_number(policy, caller),
    )
    total = score(signs)
    return Judgement("challenge" if total >= policy.thresholds.challenge else "pass", total, signs)


def _listed(policy: SpamPolicy, caller: Caller) -> Judgement | None:
    """What an operator or a list says, the operator first, and allow before deny."""
    language = caller.language
    if caller.override is not None:
        allowed = caller.override.verdict == "allow"
        why = f"{caller.override.by}: {caller.override.why}"
    else:
        number = plain(caller.number)
        allow = {plain(entry.number): entry.why for entry in policy.allow}
        deny = {plain(entry.number): entry.why for entry in policy.deny}
        if not number or (number not in allow and number not in deny):
            return None
        allowed = number in allow
        why = allow[number] if allowed else deny[number]
    if allowed:
        return Judgement("pass", 0.0, (make_sign(policy, "allowed", language, why=why),), listed=True)
    return Judgement("refuse", 1.0, (make_sign(policy, "denied", language, why=why),), listed=True)


def _marks(policy: SpamPolicy, caller: Caller, marks: Iterable[Mark]) -> Iterator[SpamSign]:
    """The heaviest mark only: lists copy from each other."""
    heaviest = max(marks, key=policy.mark_weight, default=None)
    if heaviest is not None and policy.mark_weight(heaviest) > 0:
        values = {"mark": heaviest.kind, "count": heaviest.count, "source": heaviest.source}
        sign = make_sign(policy, "mark", caller.language, **values)
        yield sign.model_copy(update={"weight": round(policy.mark_weight(heaviest), 4)})


def _rate(policy: SpamPolicy, caller: Caller, history: History, now_ms: int) -> Iterator[SpamSign]:
    """How often it rang. A call in which something was said is a person's: they ring again when the line drops."""
    limits, language = policy.rate, caller.language
    if kind_of(caller.number) == "withheld":
        return
    empty = [call for call in history.calls if call.turns == 0 and call.at_ms <= now_ms]
    recent = [call for call in history.calls if 0 <= now_ms - call.at_ms <= limits.minutes * _MINUTE_MS]
    if len(recent) >= limits.calls:
        yield make_sign(policy, "rate", language, calls=len(recent) + 1, minutes=limits.minutes)
    short = [
        call
        for call in empty
        if now_ms - call.at_ms <= limits.short_minutes * _MINUTE_MS and call.duration_ms < limits.short_s * 1000
    ]
    if len(short) >= limits.short_calls:
        yield make_sign(policy, "short_calls", language, calls=len(short), minutes=limits.short_minutes)
    times = sorted({call.at_ms for call in empty} | {now_ms})[-limits.regular_calls - 1 :]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if len(gaps) >= limits.regular_calls and max(gaps) - min(gaps) <= limits.regular_spread * max(gaps):
        seconds = round(sum(gaps) / len(gaps) / 1000)
        yield make_sign(policy, "regular_calls", language, calls=len(times), seconds=seconds)
    if history.series >= limits.series:
        yield make_sign(policy, "series", language, calls=history.series)


def _number(policy: SpamPolicy, caller: Caller) -> Iterator[SpamSign]:
    match kind_of(caller.number):
        case "withheld":
            yield make_sign(policy, "withheld", caller.language)
        case "malformed" | "spoofed" | "callee_only" as kind:
            yield make_sign(policy, kind, caller.language, number=caller.number[:40])
