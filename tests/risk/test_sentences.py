"""Hand-written sentences of callers, half of them traps: the rules must see the threat and nothing else."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from agent.events import NluResult, RiskAssessed
from agent.risk import RiskRules, RiskState, assess, load_rules

SENTENCES: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8")
)
UNSURE = NluResult(turn=1, intent="other", intent_probability=0.5, sentiment="neutral", sentiment_probability=0.5)


@pytest.fixture(scope="module")
def rules() -> RiskRules:
    return load_rules()


def judged(rules: RiskRules, text: str) -> RiskAssessed:
    return assess(RiskState(), rules, turn=1, text=text, language="zh", nlu=UNSURE)[1]


@pytest.mark.parametrize("sentence", SENTENCES["threat"], ids=lambda sentence: sentence["say"])
def test_a_threat_alone_is_a_high_risk(rules: RiskRules, sentence: dict[str, Any]) -> None:
    assessed = judged(rules, sentence["say"])
    assert assessed.level == "high"
    if "signals" in sentence:
        assert [item.signal for item in assessed.evidence] == sentence["signals"]


@pytest.mark.parametrize("sentence", SENTENCES["unhappy"], ids=lambda sentence: sentence["say"])
def test_an_unhappy_sentence_is_noted_but_is_not_high(rules: RiskRules, sentence: dict[str, Any]) -> None:
    assessed = judged(rules, sentence["say"])
    assert ([item.signal for item in assessed.evidence], assessed.level) == (sentence["signals"], sentence["level"])


@pytest.mark.parametrize("sentence", SENTENCES["trap"], ids=lambda sentence: sentence["say"])
def test_a_trap_gives_no_evidence(rules: RiskRules, sentence: dict[str, Any]) -> None:
    assessed = judged(rules, sentence["say"])
    assert (assessed.level, assessed.evidence) == ("none", ())


@pytest.mark.parametrize("sentence", SENTENCES["calm"], ids=lambda sentence: sentence["say"])
def test_an_ordinary_sentence_with_a_loaded_word_is_not_high(rules: RiskRules, sentence: dict[str, Any]) -> None:
    assert judged(rules, sentence["say"]).level in ("none", "low")


def test_the_table_has_as_many_traps_as_threats() -> None:
    assert len(SENTENCES["trap"]) + len(SENTENCES["calm"]) >= len(SENTENCES["threat"])
