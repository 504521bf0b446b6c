"""How risky the call is so far: evidence of every turn, added up."""

from dataclasses import dataclass, replace
from math import prod

from agent.events import Evidence, Language, NluResult, RiskAssessed
from agent.risk.rules import Ear, RiskRules, Signal
from agent.risk.words import find, find_retraction, harmless, quote

_QUOTE_WHOLE = 60


@dataclass(frozen=True)
class RiskState:
    """What is known about one call. Start with ``RiskState()``; each decision gives the next one.

    alerted: the signals that the open alert names. alerts: how many were raised. open_alert: the id of the one that
    stands. retracted: the words with which the caller has just taken something back. harmless: the signals of which the
    last utterance spoke in a harmless way.
    """

    evidence: tuple[Evidence, ...] = ()
    language: Language = "zh"
    alerted: frozenset[str] = frozenset()
    alerts: int = 0
    open_alert: str | None = None
    retracted: str | None = None
    harmless: frozenset[str] = frozenset()


def assess_history(
    state: RiskState, rules: RiskRules, *, earlier_calls: int, language: Language
) -> tuple[RiskState, RiskAssessed | None]:
    """Judge the call before anything is said, by how often this number has called. None where that says nothing."""
    history = rules.history
    if history is None or earlier_calls < history.calls:
        return state, None
    words = history.words(earlier_calls + 1, language)
    weight = rules.by_name(history.signal).weight
    evidence = (*state.evidence, Evidence(signal=history.signal, words=words, turn=0, weight=weight))
    risk = score(evidence, rules)
    assessed = RiskAssessed(turn=0, level=rules.levels.of(risk), score=risk, evidence=evidence)
    return replace(state, evidence=evidence), assessed


def assess(
    state: RiskState, rules: RiskRules, *, turn: int, text: str, language: Language, nlu: NluResult, at_ms: int = 0
) -> tuple[RiskState, RiskAssessed]:
    """Judge the call after one more utterance.

    The evidence is that of the whole call; its words stand in the utterance of their turn exactly so. at_ms: the call's
    audio clock, by which moods fade.
    """
    spoken_of = harmless(text, rules) if nlu.signals else frozenset[str]()
    # The classifier is shown what was said before, and hears it once more. Danger is not silenced so.
    silenced = {name for name in state.harmless if rules.by_name(name).gravity <= rules.retraction.up_to_gravity}
    unheard = spoken_of | silenced
    evidence = state.evidence + _evidence(rules, turn, text, nlu, at_ms, unheard)
    taken_back = find_retraction(text, rules)
    if taken_back is not None:
        evidence = tuple(item for item in evidence if not _may_be_taken_back(item, rules, turn))
    risk = score(evidence, rules, at_ms)
    assessed = RiskAssessed(turn=turn, level=rules.levels.of(risk), score=risk, evidence=evidence)
    retracted = None if taken_back is None else quote(text, *taken_back)
    return replace(state, evidence=evidence, language=language, retracted=retracted, harmless=spoken_of), assessed


def _may_be_taken_back(item: Evidence, rules: RiskRules, turn: int) -> bool:
    rule = rules.retraction
    return rules.by_name(item.signal).gravity <= rule.up_to_gravity and turn - item.turn <= rule.turns


def score(evidence: tuple[Evidence, ...], rules: RiskRules, now_ms: int = 0) -> float:
    """Noisy-or over the signals, 0..1, to four decimals; at least high where a signal is always high.

    now_ms: the call's audio clock; what was found earlier may count less by now.
    """
    by_signal: dict[str, list[Evidence]] = {}
    for item in evidence:
        by_signal.setdefault(item.signal, []).append(item)
    weights = {name: _weight(rules.by_name(name), found, now_ms) for name, found in by_signal.items()}
    risk = 1.0 - prod(1.0 - weight for weight in weights.values())
    if any(
        rules.by_name(name).always_high and weight >= rules.by_name(name).weight for name, weight in weights.items()
    ):
        risk = max(risk, rules.levels.high)
    return round(risk, 4)


def _weight(signal: Signal, found: list[Evidence], now_ms: int) -> float:
    turns = len({item.turn for item in found})
    more = min(signal.repeat * (turns - 1), signal.repeat_most) * signal.fading(now_ms - found[-1].at_ms)
    return min(0.99, max(item.weight * signal.fading(now_ms - item.at_ms) for item in found) + more)


def _evidence(
    rules: RiskRules, turn: int, text: str, nlu: NluResult, at_ms: int, unheard: frozenset[str]
) -> tuple[Evidence, ...]:
    if not text.strip():
        return ()
    found = {finding.signal.name: finding for finding in find(text, rules)}
    evidence: list[Evidence] = []
    for signal in rules.signal:
        heard = 0.0 if signal.name in unheard else _heard_weight(signal, nlu, rules.ear)
        by_model = max(_model_weight(signal, nlu), heard)
        if signal.name in found:
            words = quote(text, found[signal.name].start, found[signal.name].end)
            weight = max(signal.weight, by_model)
        elif by_model > 0.0:
            words, weight = text.strip()[:_QUOTE_WHOLE], by_model
        else:
            continue
        evidence.append(Evidence(signal=signal.name, words=words, turn=turn, weight=round(weight, 4), at_ms=at_ms))
    return tuple(evidence)


def _heard_weight(signal: Signal, nlu: NluResult, ear: Ear) -> float:
    """What the classifier hears where no pattern needs to match: as sure as it is, so much of the signal's weight."""
    probability = (nlu.signals or {}).get(signal.name, 0.0) if signal.listened else 0.0
    if probability >= ear.certain:
        return signal.weight
    return signal.weight * probability if probability >= ear.sure else 0.0


def _model_weight(signal: Signal, nlu: NluResult) -> float:
    """What the classifier adds: nothing when it is unsure."""
    probability = 0.0
    if signal.nlu_intent is not None and signal.nlu_intent == nlu.intent:
        probability = nlu.intent_probability
    if signal.nlu_sentiment is not None and signal.nlu_sentiment == nlu.sentiment:
        probability = max(probability, nlu.sentiment_probability)
    return signal.nlu_weight * probability if probability >= signal.nlu_probability else 0.0
