"""The callers of a day, drawn before anything happens, so that the same people call whatever the rules are."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from random import Random

from agent.events import Intent, Language, Scalar, Sentiment, SpamVerdict
from agent.routing.lines import Located
from agent.simulation.chances import Choice
from agent.simulation.traffic import HALF_HOUR_MS, HALF_HOURS, Fields, Matter, Traffic

CALLBACK_TRIES = 8
"""A caller's answers to so many rings back are drawn; later ones are like the last."""
DAY_MS = 24 * 3_600_000


@dataclass(frozen=True)
class Caller:
    """A person who calls, and how they will behave. Times in ms from the beginning of what they follow.

    talk: what their matter takes a person, as a uniform and a normal draw, since which skill will talk is not known.
    callbacks: whether they pick up, and after how long, each time they are rung back. takes_callback: they press 1 when
    it is offered. again_ms: they call again so long after having hung up in the queue; None for never.
    """

    id: str
    at_ms: int
    number: str
    called: str
    located: Located
    language: Language
    intent: Intent
    sentiment: Sentiment
    spam: SpamVerdict
    record: Mapping[str, Scalar]
    device: Mapping[str, Scalar]
    order: Mapping[str, Scalar]
    called_days_ago: tuple[float, ...]
    alert_days_ago: float | None
    answered_ms: int
    rings_ms: int
    understood_ms: int
    asks_ms: int | None
    solved: bool
    bot_ms: int
    alert_ms: int | None
    patience_ms: int
    takes_callback: bool
    callbacks: tuple[tuple[bool, int], ...]
    again_ms: int | None
    talk: tuple[float, float]


def callers(traffic: Traffic, calls: int, midnight: datetime, numbers: tuple[str, ...], seed: int) -> list[Caller]:
    """``calls`` of them, in the order of their coming. ``midnight``: when the day begins, with its zone. ``numbers``:
    the company's; the first is called where the traffic does not say. ``seed``: another one is another day.
    """
    day = _Day(traffic, midnight, numbers)
    when = Random(f"{seed} arrivals")
    # A Poisson process in which so many came: each came at any time, by the day's profile, by itself.
    moments = sorted(day.moment(when) for _ in range(calls))
    # Each has a generator of their own: one more draw for one of them changes nobody else.
    return [day.caller(number, at_ms, Random(f"{seed} caller {number}")) for number, at_ms in enumerate(moments)]


class _Day:
    def __init__(self, traffic: Traffic, midnight: datetime, numbers: tuple[str, ...]) -> None:
        self._traffic = traffic
        self._start_ms = round(midnight.timestamp() * 1000)
        self._weights = [self._matters(half) for half in range(HALF_HOURS)]
        profile = traffic.profile(midnight.date())
        totals = [weight * sum(matters.values()) for weight, matters in zip(profile, self._weights, strict=True)]
        self._up_to = list(accumulate(totals))
        self._intents = [Choice(matters) if any(matters.values()) else None for matters in self._weights]
        self._called: Choice[str] = Choice(traffic.called or {numbers[0]: 1.0})
        self._provinces = Choice(traffic.provinces)
        self._languages = Choice(traffic.languages)

    def _matters(self, half: int) -> dict[Intent, float]:
        """How often each intent comes in a half hour, without the day's profile."""
        minute = half * 30
        return {
            name: matter.weight * (matter.peak.times if matter.peak is not None and _within(matter, minute) else 1.0)
            for name, matter in self._traffic.intents.items()
        }

    def moment(self, chance: Random) -> int:
        at = chance.random() * self._up_to[-1]
        half = min(bisect_right(self._up_to, at), HALF_HOURS - 1)
        return self._start_ms + int((half + chance.random()) * HALF_HOUR_MS)

    def caller(self, number: int, at_ms: int, chance: Random) -> Caller:
        traffic, line, waiters = self._traffic, self._traffic.line, self._traffic.waiters
        intents = self._intents[(at_ms - self._start_ms) // HALF_HOUR_MS % HALF_HOURS]
        assert intents is not None
        intent = intents.draw(chance)
        matter = traffic.intents[intent]
        withheld = chance.random() < traffic.withheld
        digits = "" if withheld else f"1{chance.choice('35789')}{chance.randrange(10**9):09}"
        province = self._provinces.draw(chance)
        mood = chance.random()
        sentiment: Sentiment = "neutral"
        if mood < matter.angry + matter.negative:
            sentiment = "angry" if mood < matter.angry else "negative"
        before = chance.random() < traffic.calls_before
        alerted = chance.random() < traffic.alerted_lately
        asks = chance.random() < matter.asks_person
        solved = chance.random() < matter.bot_solves
        alert = chance.random() < matter.alert
        again = chance.random() < waiters.call_again
        return Caller(
            id=f"c{number:06}",
            at_ms=at_ms,
            number=digits,
            called=self._called.draw(chance),
            located=Located("withheld", "") if withheld else Located("mobile", digits, province),
            language=self._languages.draw(chance),
            intent=intent,
            sentiment=sentiment,
            spam="refuse" if chance.random() < traffic.spam_refused else "pass",
            record=_fields(traffic.records, chance),
            device=_fields(matter.device, chance),
            order=_fields(matter.order, chance),
            called_days_ago=tuple(chance.uniform(0.02, 2.9) for _ in range(2)) if before else (),
            alert_days_ago=chance.uniform(0.1, 6.9) if alerted else None,
            answered_ms=_ms(line.answers_in.draw(chance)),
            rings_ms=_ms(line.rings_for.draw(chance)),
            understood_ms=_ms(traffic.understood_after.draw(chance)),
            asks_ms=_ms(traffic.asks_after.draw(chance)) if asks else None,
            solved=solved,
            bot_ms=_ms(matter.bot_talk.draw(chance)),
            alert_ms=_ms(traffic.alert_after.draw(chance)) if alert else None,
            patience_ms=_ms(waiters.patience.draw(chance)),
            takes_callback=chance.random() < waiters.take_callback,
            callbacks=tuple(
                (chance.random() < waiters.reached, _ms(waiters.picks_up_in.draw(chance)))
                for _ in range(CALLBACK_TRIES)
            ),
            again_ms=_ms(waiters.again_after.draw(chance)) if again else None,
            talk=(chance.random(), chance.gauss()),
        )


def _within(matter: Matter, minute: int) -> bool:
    assert matter.peak is not None
    return any(begin <= minute < end or begin <= minute + 1440 < end for begin, end in matter.peak.hours.hours)


def _fields(known: tuple[Fields, ...], chance: Random) -> Mapping[str, Scalar]:
    at = chance.random()
    for one in known:
        if at < one.share:
            return one.fields
        at -= one.share
    return {}


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
