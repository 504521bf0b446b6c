"""A new classifier serves only if it is not worse on any frozen set."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent import nlu_command
from agent.config import Settings, StorageSettings
from agent.errors import HotlineError
from agent.model_settings import classifier_dir
from agent.storage import Store
from models.nlu import NLU_DIR
from models.training.evaluate import FROZEN_SETS
from models.training.promotion import compare
from tests.models.tiny_nlu import write_tiny

GOOD = {f"intent accuracy, {FROZEN_SETS[0]}": 0.9, f"anger F1, {FROZEN_SETS[1]}": 0.8, "review polarity": 0.9}


def no_store() -> Store:
    raise AssertionError("nothing is stored here")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(storage=StorageSettings(data_dir=tmp_path / "data"))


@pytest.mark.parametrize(
    ("name", "value", "worse"),
    [
        (f"intent accuracy, {FROZEN_SETS[0]}", 0.95, []),
        (f"intent accuracy, {FROZEN_SETS[0]}", 0.9, []),
        (f"anger F1, {FROZEN_SETS[1]}", 0.79, [f"anger F1, {FROZEN_SETS[1]}"]),
        # What the new one was trained beside decides nothing: its test part moves with the sentences.
        ("review polarity", 0.1, []),
    ],
)
def test_only_the_frozen_sets_decide_and_each_does(name: str, value: float, worse: list[str]) -> None:
    assert [one.name for one in compare(GOOD, GOOD | {name: value}) if one.is_worse] == worse


def promote(settings: Settings, folder: Path) -> str:
    app = nlu_command.make_app(lambda: settings, no_store)
    done = CliRunner().invoke(app, ["promote", str(folder)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_better_classifier_serves_from_the_next_start_on(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = write_tiny(tmp_path / "new")
    monkeypatch.setattr(nlu_command, "_figures", lambda folder, *_: GOOD)
    assert classifier_dir(settings) == NLU_DIR
    assert "next start" in promote(settings, new)
    assert classifier_dir(settings) == settings.storage.data_dir / "nlu"


def test_a_worse_classifier_does_not(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worse = {name: value - 0.01 * (name.startswith("anger")) for name, value in GOOD.items()}
    monkeypatch.setattr(nlu_command, "_figures", lambda folder, *_: GOOD if folder == NLU_DIR else worse)
    with pytest.raises(HotlineError, match="worse in: anger F1"):
        promote(settings, tmp_path)
    assert classifier_dir(settings) == NLU_DIR
