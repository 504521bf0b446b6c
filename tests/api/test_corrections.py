"""Supervisors correct what the classifier made of an utterance; what they say becomes training rows."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.config import Settings
from agent.nlu_command import make_app
from models.errors import ModelError
from models.training.corpus import corrections
from tests.api.conftest import Site

TURN_2 = "/api/calls/CA-washer/turns/2/correction"


def test_a_correction_is_kept_with_the_words_and_those_before_them(site: Site) -> None:
    body = {"by": "王主管", "intent": "complaint", "signals": ["regulator", "media"]}
    answer = site.client.put(TURN_2, json=body).json()

    assert "12315" in answer["text"] and len(answer["context"]) == 1
    assert (answer["intent"], answer["sentiment"], answer["signals"]) == ("complaint", None, ["regulator", "media"])
    assert site.client.get("/api/corrections").json() == [answer]


def test_a_later_correction_changes_only_what_it_speaks_of(site: Site) -> None:
    site.client.put(TURN_2, json={"by": "王主管", "intent": "complaint"})
    site.client.put(TURN_2, json={"by": "李主管", "sentiment": "angry", "signals": []})

    (kept,) = site.client.get("/api/corrections").json()
    assert (kept["intent"], kept["sentiment"], kept["signals"], kept["by"]) == ("complaint", "angry", [], "李主管")


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/api/calls/CA-washer/turns/99/correction", {"by": "王", "intent": "repair"}, 404, "turn 99"),
        ("/api/calls/nobody/turns/1/correction", {"by": "王", "intent": "repair"}, 404, "nobody"),
        (TURN_2, {"by": "王"}, 422, "nothing is corrected"),
        (TURN_2, {"by": "王", "intent": "moaning"}, 422, "intent"),
        (TURN_2, {"by": "王", "signals": ["police"]}, 422, "signals"),
        (TURN_2, {"by": " ", "intent": "repair"}, 422, "name somebody"),
    ],
)
def test_what_cannot_be_corrected_is_said(site: Site, path: str, body: dict[str, Any], status: int, told: str) -> None:
    answer = site.client.put(path, json=body)
    assert answer.status_code == status and told in answer.json()["message"]
    assert site.client.get("/api/corrections").json() == []


def test_exported_corrections_are_training_rows(site: Site, tmp_path: Path) -> None:
    site.client.put(TURN_2, json={"by": "王主管", "sentiment": "angry", "signals": ["regulator"]})
    file = tmp_path / "rows.jsonl"
    app = make_app(lambda: Settings(), lambda: site.store)
    told = CliRunner().invoke(app, ["export", str(file)])

    assert told.exit_code == 0 and "1 corrected" in told.output
    (row,) = corrections(file)
    assert (row.intent, row.sentiments, row.signals) == (None, {"angry"}, {"regulator"})
    assert "12315" in row.text and row.context and row.scenario == "corrected/CA-washer"


@pytest.mark.parametrize("change", [{"intent": "moaning"}, {"signals": ["police"]}, {"text": None, "intent": 3}])
def test_a_row_that_is_wrong_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    row = {"call_id": "c", "text": "x", "context": [], "intent": None, "sentiment": None, "signals": None}
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(row) + "\n" + json.dumps(row | change) + "\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"rows\.jsonl:2"):
        corrections(file)
