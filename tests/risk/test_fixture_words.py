"""On the words of the audio fixtures, heard rightly: complaint calls raise an alert, the others do not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.events import AlertEscalated, AlertRaised, NluResult
from agent.risk import RiskState, alert, assess, load_rules

RULES = load_rules()
CALLS = sorted((Path(__file__).parents[2] / "audio_fixtures").glob("*/call.yaml"))


@pytest.mark.parametrize("file", CALLS, ids=lambda file: file.parent.name)
def test_the_alert_of_a_fixture_is_the_expected_one(file: Path) -> None:
    call: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    state, raised = RiskState(), list[AlertRaised | AlertEscalated]()
    for turn, said in enumerate(call.get("turns") or [], start=1):
        nlu = NluResult(
            turn=turn, intent="other", intent_probability=0.5, sentiment="neutral", sentiment_probability=0.5
        )
        text, language = said.get("say") or "", call.get("language", "zh")
        state, assessed = assess(state, RULES, turn=turn, text=text, language=language, nlu=nlu)
        state, new = alert(state, RULES, assessed, call_id="c1")
        raised += [new] if isinstance(new, AlertRaised | AlertEscalated) else []
    expected = call["expect"]
    assert bool(raised) == (expected["alert"] == "high")
    if raised:
        assert set(expected.get("evidence", [])) <= {item.signal for item in raised[-1].evidence}


def test_there_are_fixtures_of_both_kinds() -> None:
    kinds = {yaml.safe_load(file.read_text(encoding="utf-8"))["expect"]["alert"] for file in CALLS}
    assert kinds == {"high", "none"}
