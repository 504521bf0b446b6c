"""How risky the call is so far: evidence of every turn, added up."""

from dataclasses import dataclass, replace
from math import prod

from agent.events import Evidence, Language, NluResult, RiskAssessed
from agent.risk.rules import RiskRules, Signal
from agent.risk.words import find, quote

_QUOTE_WHOLE = 60


@dataclass(frozen=True)
class RiskState:
    """What is known about one call. Start with ``RiskState()``; each decision gives the next one.

    alerted: the signals that alerts already named. alerts: how many were raised.
    """

    evidence: tuple[Evidence, ...] = ()
    language: Language = "zh"
    alerted: frozenset[str] = frozenset()
    alerts: int = 0


def assess(
    state: RiskState, rules: RiskRules, *, turn: int, text: str, language: Language, nlu: NluResult
) -> tuple[RiskState, RiskAssessed]:
    """Judge the call after one more utterance.

    The evidence is that of the whole call; its words stand in the utterance of their turn exactly so.
    """
    evidence = state.evidence + _evidence(rules, turn, text, nlu)
    risk = score(evidence, rules)
    assessed = RiskAssessed(turn=turn, level=rules.levels.of(risk), score=risk, evidence=evidence)
    return replace(state, evidence=evidence, language=language), assessed


def score(evidence: tuple[Evidence, ...], rules: RiskRules) -> float:
    """Noisy-or over the signals, 0..1, to four decimals; at least high where a signal is always high."""
    by_signal: dict[str, list[Evidence]] = {}
    for item in evidence:
        by_signal.setdefault(item.signal, []).append(item)
    risk = 1.0 - prod(1.0 - _weight(rules.by_name(name), found) for name, found in by_signal.items())
    if any(rules.by_name(name).always_high for name in by_signal):
        risk = max(risk, rules.levels.high)
    return round(risk, 4)


def _weight(signal: Signal, found: list[Evidence]) -> float:
    turns = len({item.turn for item in found})
    more = min(signal.repeat * (turns - 1), signal.repeat_most)
    return min(0.99, max(item.weight for item in found) + more)


def _evidence(rules: RiskRules, turn: int, text: str, nlu: NluResult) -> tuple[Evidence, ...]:
    if not text.strip():
        return ()
    found = {finding.signal.name: finding for finding in find(text, rules)}
    evidence: list[Evidence] = []
    for signal in rules.signal:
        by_model = _model_weight(signal, nlu)
        if signal.name in found:
            words = quote(text, found[signal.name].start, found[signal.name].end)
            weight = max(signal.weight, by_model)
        elif by_model > 0.0:
            words, weight = text.strip()[:_QUOTE_WHOLE], by_model
        else:
            continue
        evidence.append(Evidence(signal=signal.name, words=words, turn=turn, weight=round(weight, 4)))
    return tuple(evidence)


def _model_weight(signal: Signal, nlu: NluResult) -> float:
    """What the classifier adds: nothing when it is unsure."""
    probability = 0.0
    if signal.nlu_intent is not None and signal.nlu_intent == nlu.intent:
        probability = nlu.intent_probability
    if signal.nlu_sentiment is not None and signal.nlu_sentiment == nlu.sentiment:
        probability = max(probability, nlu.sentiment_probability)
    return signal.nlu_weight * probability if probability >= signal.nlu_probability else 0.0
