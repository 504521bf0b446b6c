"""What a call was about and how it went, decided by code from its events."""

from collections.abc import Sequence
from typing import Literal

from agent.events import (
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    CallStarted,
    Event,
    Intent,
    Language,
    NluResult,
    RiskAssessed,
    RiskLevel,
    RouteChanged,
    SeatConnected,
    SentimentPoint,
    SurveyAnswered,
    Transfer,
)
from agent.postcall.agreements import NOTHING_SETTLED, Settled
from agent.postcall.patterns import patterns
from agent.postcall.survey import LOW
from agent.postcall.utterances import Utterance
from agent.postcall.written import write

_EMPTY: frozenset[Intent] = frozenset({"greeting", "goodbye", "chitchat", "other"})
"""Intents that say nothing about why the caller rang."""
_WEAK: frozenset[Intent] = frozenset({"praise", "human_agent"})
"""Why the caller rang only where nothing more telling was said: people ask for a person *about* something."""
_SOLVABLE: frozenset[Intent] = frozenset({"order_status", "logistics", "product_inquiry", "account_service", "praise"})
"""What the bot can settle within the call, by answering."""
_COMPLAINT_PROBABILITY = 0.5
_LEVELS: tuple[RiskLevel, ...] = ("none", "low", "medium", "high")
_CONTENT_CHARACTERS = 4
_MOST_REASONS = 5
_LANGUAGES: tuple[Language, ...] = ("zh", "en")
_NUMBER_DIGITS = 6
QUEUE = "queue:"
"""How a transfer to people at seats is written: it is accepted once the caller waits."""


def call_language(events: Sequence[Event], said: Sequence[Utterance]) -> Language:
    """The language that the caller spoke most; the one the call began in where nobody spoke."""
    lengths: dict[Language, int] = {"zh": 0, "en": 0}
    for utterance in said:
        if utterance.speaker == "caller":
            # An English word is about as much speech as two Chinese characters.
            lengths[utterance.language] += (
                len(utterance.text.split()) * 2 if utterance.language == "en" else len(utterance.text)
            )
    if any(lengths.values()):
        return "zh" if lengths["zh"] >= lengths["en"] else "en"
    return next((event.body.language for event in events if isinstance(event.body, CallStarted)), "zh")


def main_intent(events: Sequence[Event]) -> Intent:
    """Why the caller rang. A complaint outweighs all; else what was most probable over the turns; else ``other``."""
    texts = {event.body.turn: event.body.text for event in events if isinstance(event.body, AsrFinal)}
    results = [result for result in _results(events) if _has_content(texts.get(result.turn, ""))]
    risk = risk_level(events)
    alerts = [event.body for event in events if isinstance(event.body, AlertRaised | AlertWithdrawn)]
    alerted = bool(alerts) and isinstance(alerts[-1], AlertRaised)
    complained = any(r.intent == "complaint" and r.intent_probability >= _COMPLAINT_PROBABILITY for r in results)
    if alerted or risk == "high" or complained:
        return "complaint"
    weights: dict[Intent, float] = {}
    for result in results:
        weights[result.intent] = weights.get(result.intent, 0.0) + result.intent_probability
    for candidates in (set(weights) - _EMPTY - _WEAK, _WEAK & set(weights)):
        if candidates:
            # Ties go to what was said first.
            return max((intent for intent in weights if intent in candidates), key=lambda intent: weights[intent])
    return "other"


def _results(events: Sequence[Event]) -> list[NluResult]:
    """The last result of each turn, in order."""
    return list({event.body.turn: event.body for event in events if isinstance(event.body, NluResult)}.values())


def _has_content(text: str) -> bool:
    """A turn that only gives a number ("手机号是138…") says nothing of the intent, whatever the model thinks."""
    if sum(character.isdigit() for character in write(text).text) < _NUMBER_DIGITS:
        return True
    for language in _LANGUAGES:
        for label in patterns(language).named("contexts").values():
            text = label.sub("", text)
    digits = patterns("zh").words("digits")
    letters = [character for character in text if character.isalpha() and character not in digits]
    # A Chinese character says about as much as three letters.
    return sum(1 / 3 if letter.isascii() else 1 for letter in letters) >= _CONTENT_CHARACTERS


def sentiment_course(events: Sequence[Event]) -> tuple[SentimentPoint, ...]:
    return tuple(SentimentPoint(turn=result.turn, sentiment=result.sentiment) for result in _results(events))


def risk_level(events: Sequence[Event]) -> RiskLevel:
    """The highest risk at any moment: a caller who calmed down was a risk all the same."""
    levels = [event.body.level for event in events if isinstance(event.body, RiskAssessed)]
    return max(levels, key=_LEVELS.index, default="none")


def risk_reasons(events: Sequence[Event], sentences: dict[str, str]) -> tuple[str, ...]:
    """The evidence of the riskiest moment in a supervisor's words: the heaviest of each signal, at most five of them.

    sentences: by signal, with a place for ``{words}``; ``default`` for the rest.
    """
    level = risk_level(events)
    assessed = [event.body for event in events if isinstance(event.body, RiskAssessed) and event.body.level == level]
    if level == "none" or not assessed:
        return ()
    evidence = sorted(max(assessed, key=lambda body: body.score).evidence, key=lambda e: (-e.weight, e.turn))
    heaviest = {e.signal: e for e in reversed(evidence)}
    reasons = (
        sentences.get(e.signal, sentences["default"]).format(words=e.words) for e in evidence if heaviest[e.signal] is e
    )
    return tuple(dict.fromkeys(reasons))[:_MOST_REASONS]


def with_person(events: Sequence[Event]) -> bool:
    """Whether a person at a seat was on the line. That a call was put into a queue is no person yet."""
    return any(isinstance(event.body, SeatConnected) for event in events)


def taken_over(events: Sequence[Event]) -> bool:
    """Whether somebody of ours has the caller: at a seat, or at a number outside."""
    outside = (event.body for event in events if isinstance(event.body, Transfer))
    return with_person(events) or any(one.accepted and not one.destination.startswith(QUEUE) for one in outside)


def satisfaction(events: Sequence[Event]) -> Literal[1, 2, 3, 4, 5] | None:
    """What the caller said in the survey: the last word counts."""
    scores: tuple[Literal[1, 2, 3, 4, 5], ...] = (1, 2, 3, 4, 5)
    last = next((event.body.score for event in reversed(events) if isinstance(event.body, SurveyAnswered)), None)
    return None if last is None else scores[last - 1]


def is_solved(
    events: Sequence[Event], said: Sequence[Utterance], intent: Intent, at_end: Settled = NOTHING_SETTLED
) -> bool:
    """Whether the caller left with what they rang for, or wants it no more.

    Decided by code: the 1.5B model, asked yes or no, was right on 8 of 10 transcripts with the best prompt.
    """
    score = satisfaction(events)
    if score is not None and score <= LOW:
        return False
    if intent in _EMPTY:
        return True
    if with_person(events) and any(one.speaker == "seat" for one in said):
        return _solved_by_person(said, at_end, score)
    route = next((event.body.destination for event in reversed(events) if isinstance(event.body, RouteChanged)), "bot")
    transferred = taken_over(events)
    if intent == "human_agent":
        return transferred
    if intent not in _SOLVABLE or (route != "bot" and not transferred):
        return False
    if intent == "praise" or transferred:
        return True
    return _left_content(said)


def _solved_by_person(said: Sequence[Utterance], at_end: Settled, score: int | None) -> bool:
    """People can settle anything in the call; what they have only promised is not done yet."""
    if any(one.by.speaker == "seat" and not one.done for one in at_end.standing):
        return False
    return at_end.declined or _left_content(said) or (score is not None and score > LOW + 1)


def _left_content(said: Sequence[Utterance]) -> bool:
    last = next((utterance for utterance in reversed(said) if utterance.speaker == "caller"), None)
    if last is None:
        return True
    words = patterns(last.language)
    if words.one("caller_unsettled").search(last.text):
        return False
    return words.one("caller_settled").search(last.text) is not None
