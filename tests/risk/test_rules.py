"""The rules file is for supervisors: what is wrong in it is said by file, entry and reason."""

from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.events import NluResult
from agent.risk import DEFAULT_RULES, RiskState, assess, load_rules

SMALL = """
[levels]
low = 0.2
medium = 0.45
high = 0.7
[alerts]
again_from_gravity = 2
[contexts.negated]
before = ['不$']
[[signal]]
name = "noise"
label_zh = "噪音"
label_en = "noise"
weight = 0.5
gravity = 1
patterns_zh = ['吵', '<12315>']
contexts = ["negated"]
next_step_zh = "听"
next_step_en = "listen"
"""


def loaded(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text, encoding="utf-8")
    load_rules(file)


def test_the_small_example_is_right_in_itself(tmp_path: Path) -> None:
    loaded(tmp_path, SMALL)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("'吵'", "'(吵'", ["noise", "'(吵'", "regular expression"]),
        ("'吵'", "'吵*'", ["noise", "'吵*'", "empty"]),
        ("'吵'", "''", ["noise", "patterns_zh", "empty"]),
        ("weight = 0.5", "weight = 1.5", ["noise", "weight"]),
        ("weight = 0.5", "wait = 0.5", ["noise", "wait"]),
        ("medium = 0.45", "medium = 0.1", ["levels must rise"]),
        ('contexts = ["negated"]', 'contexts = ["negatd"]', ["noise", "negatd", "negated"]),
        ("before = ['不$']", "before = ['(不$']", ["negated", "regular expression"]),
        ("[levels]", "[levels", ["TOML"]),
    ],
)
def test_a_mistake_is_named_with_its_file_and_entry(tmp_path: Path, right: str, wrong: str, said: list[str]) -> None:
    assert right in SMALL
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, SMALL.replace(right, wrong, 1))
    for words in [str(tmp_path / "rules.toml"), *said]:
        assert words in str(caught.value)


def test_a_signal_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="noise"):
        loaded(tmp_path, SMALL + SMALL[SMALL.index("[[signal]]") :])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_rules(tmp_path / "nowhere.toml")


def test_every_signal_tells_supervisors_what_it_is_and_what_to_do_in_both_languages() -> None:
    for signal in load_rules(DEFAULT_RULES).signal:
        assert signal.patterns_zh and signal.patterns_en
        for text in (signal.label("zh"), signal.label("en"), signal.next_step("zh"), signal.next_step("en")):
            assert text.strip()


def test_danger_to_people_is_always_high() -> None:
    assert {signal.name for signal in load_rules().signal if signal.always_high} == {"safety", "self_harm"}


def test_an_always_high_signal_is_high_whatever_its_weight(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(SMALL.replace("weight = 0.5", "weight = 0.1\nalways_high = true"), encoding="utf-8")
    nlu = NluResult(turn=1, intent="other", intent_probability=0.5, sentiment="neutral", sentiment_probability=0.5)
    _, assessed = assess(RiskState(), load_rules(file), turn=1, text="太吵了", language="zh", nlu=nlu)
    assert assessed.level == "high"
