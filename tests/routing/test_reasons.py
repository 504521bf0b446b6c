"""The sentences for supervisors are a file; what is wrong in it is named."""

from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.risk import load_rules
from agent.routing import DEFAULT_REASONS, load_reasons


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("asked_human", "asked_hman", "asked_hman"),
        ("within {minutes} minutes", "soon", "{minutes}"),
        ("[en]", "[en", "TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    file = tmp_path / "reasons.toml"
    text = DEFAULT_REASONS.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_reasons(file)
    assert str(file) in str(caught.value)
    assert said in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_reasons(tmp_path / "nowhere.toml")


def test_the_urgent_causes_are_signals_that_the_risk_rules_know() -> None:
    known = {signal.name for signal in load_rules().signal}
    assert load_reasons().urgent_causes <= known
