"""Where the time of answers went: one pure reading of the waterfalls, over one call or many."""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

import agent.cli
from agent.events import TtsStarted, Waterfall
from agent.latency import answers, overview, report, spread, steps_of
from agent.show_latency import latency_tables, waterfall
from agent.storage import Store
from tests.storage.seed import Talk, complaint, order_query, store_call

ASKED = Waterfall(asr_ms=200, endpoint_ms=500, nlu_ms=520, llm_ms=900, tts_ms=1100, wire_ms=1120)
FIXED = Waterfall(asr_ms=200, endpoint_ms=500, nlu_ms=520, tts_ms=520, wire_ms=540)


def test_the_steps_of_an_answer_add_up_to_the_wait() -> None:
    steps = steps_of(ASKED)

    assert steps == {"asr": 200, "endpoint": 300, "nlu": 20, "llm": 380, "tts": 200, "wire": 20}
    assert sum(steps.values()) == ASKED.wire_ms


def test_a_model_that_was_not_waited_for_is_not_a_wait_of_nothing() -> None:
    assert "llm" not in steps_of(FIXED)
    assert sum(steps_of(FIXED).values()) == FIXED.wire_ms


def test_answers_are_what_follows_something_said() -> None:
    found = answers(complaint().events)

    assert [(answer.turn, answer.total_ms) for answer in found] == [(1, 1260), (2, 440), (3, 1060)]
    assert {answer.language for answer in found} == {"zh"}
    assert {answer.language for answer in answers(order_query().events)} == {"en"}


def test_calls_from_before_there_were_waterfalls_have_no_answers() -> None:
    talk = Talk("old", "1")
    talk.caller("你好", "greeting", "neutral")
    talk.put(TtsStarted(turn=1, synthesis_ms=300))

    assert answers(talk.events) == ()


def test_a_spread_tells_the_usual_wait_the_bad_one_and_the_worst() -> None:
    values = spread([100] * 9 + [2000])

    assert (values.count, values.median_ms, values.worst_ms) == (10, 100, 2000)
    assert 100 < values.p95_ms < 2000
    assert spread([70]).median_ms == spread([70]).p95_ms == 70


def test_a_report_names_the_answers_to_look_at_first() -> None:
    summed = report(answers(complaint().events), slowest=2)

    assert summed is not None
    assert [(answer.call_id, answer.turn) for answer in summed.slowest] == [("CA-washer", 1), ("CA-washer", 3)]
    assert summed.steps["endpoint"].count == 3 and summed.steps["llm"].count == 2, "a phrase waits for no model"
    assert summed.total.worst_ms == 1260
    assert report(()) is None


def test_an_overview_tells_the_languages_apart() -> None:
    both = overview([complaint().events, order_query().events])

    assert both.calls == 2
    assert {name: one.total.count for name, one in both.reports.items()} == {"all": 5, "zh": 3, "en": 2}
    assert overview([]).reports == {}


def printed(shown: object) -> list[list[str]]:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(shown)
    return [line.replace("│", " ").split() for line in console.export_text().splitlines()]


def test_the_waterfall_of_a_call_shows_every_step_of_every_answer() -> None:
    rows = printed(waterfall(complaint().events))

    assert ["turn", "asr", "endpoint", "nlu", "llm", "tts", "wire", "total"] in [
        [w for w in row if w.isalpha()] for row in rows
    ]
    assert ["1", "240", "120", "12", "450", "418", "20", "1260"] in [row[:8] for row in rows]
    assert ["2", "240", "120", "12", "–", "48", "20", "440"] in [row[:8] for row in rows]


def test_a_single_language_is_not_shown_twice() -> None:
    one, both = ([complaint().events], [complaint().events, order_query().events])

    assert [row.count("total") for row in printed(latency_tables(overview(one).reports))].count(1) == 2
    assert [row.count("total") for row in printed(latency_tables(overview(both).reports))].count(1) == 4


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(tmp_path)
    store = Store(f"sqlite:///{tmp_path / 'data' / 'hotline.db'}", tmp_path / "data")
    store.migrate()
    yield store
    store.close()


def hotline(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hotline", *arguments])
    with pytest.raises(SystemExit) as ended:
        agent.cli.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_command_sums_up_the_stored_calls(
    stored: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for talk in (complaint(), order_query()):
        store_call(stored, talk)

    assert hotline(monkeypatch, "latency", "--json") == 0
    assert json.loads(capsys.readouterr().out)["reports"]["all"]["total"] == {
        "count": 5, "median_ms": 1160, "p95_ms": 1820, "worst_ms": 1960,
    }  # fmt: skip
    assert hotline(monkeypatch, "latency", "CA-order", "--json") == 0
    only = json.loads(capsys.readouterr().out)
    assert only["calls"] == 1 and set(only["reports"]) == {"all", "en"}
    assert only["reports"]["all"]["slowest"][0]["call_id"] == "CA-order"


def test_the_command_says_what_to_do_where_there_is_nothing_to_sum_up(
    stored: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hotline(monkeypatch, "latency") == 0
    assert "No answer to sum up in 0 stored calls. Ring the hotline" in capsys.readouterr().out
    assert hotline(monkeypatch, "latency", "nobody") == 2
    assert "there is no call 'nobody'" in capsys.readouterr().err
