"""Records come from storage, are kept once made, and follow what happens later."""

import builtins
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from typer.testing import CliRunner

from agent import report_command, task_command
from agent.config import Settings
from agent.errors import HotlineError
from agent.events import Event
from agent.reports import Days, Report, make_report, record_of, records, scope_of
from agent.reports.picture import draw
from agent.reports.source import VERSION
from agent.storage import CallInfo, NotFoundError, Store, TaskRow
from agent.survey_tasks import survey_task_row
from tests.postcall.test_survey_machine import SURVEY, WEEK, scored
from tests.reports.days_of_calls import STARTED, FlatTariff, ended, greeted, queued, said, timeline
from tests.storage.seed import complaint, order_query, store_call

JINGHE = Path(__file__).parents[2] / "companies" / "jinghe"
DAY = Days(date(2026, 11, 2), date(2026, 11, 2), ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'hotline.db'}", tmp_path)
    store.migrate()
    yield store
    store.close()


def put(store: Store, call_id: str, events: list[Event], minutes: float = 0, called: str = "4008001234") -> None:
    info = CallInfo(caller_number="13812345678", called_number=called, channel="media-stream")
    store.begin_call(call_id, info, STARTED + timedelta(minutes=minutes))
    store.append(events)


def test_kept_records_are_the_same_as_those_made_from_all_events(store: Store) -> None:
    for number, talk in enumerate((complaint("a"), order_query("b"))):
        store_call(store, talk, STARTED + timedelta(minutes=number))
    first, second = records(store, DAY, FlatTariff()), records(store, DAY, FlatTariff())
    assert first == second == [record_of(store, "a", FlatTariff()), record_of(store, "b", FlatTariff())]
    assert all(head.record for head in store.heads(DAY.begin, DAY.end, VERSION))


def test_a_live_call_is_counted_as_it_stands_and_not_kept(store: Store) -> None:
    events = timeline(greeted(), said(3000), queued(6000), ended(9000), call_id="a")
    put(store, "a", events[:-1])
    assert records(store, DAY)[0].end is None
    store.append(events[-1:])
    (over,) = records(store, DAY)
    assert over.abandoned_in == "queue"


def test_an_event_that_comes_late_makes_the_record_anew(store: Store) -> None:
    events = timeline(greeted(2000), said(3000), ended(9000), call_id="a")
    put(store, "a", [events[0], *events[2:]])
    assert records(store, DAY)[0].answered_ms is None
    store.append(events[1:2])
    assert records(store, DAY)[0].answered_ms == 2000


def test_a_call_that_is_replayed_is_another(store: Store) -> None:
    put(store, "a", timeline(greeted(100), ended(9000), call_id="a"))
    records(store, DAY)
    put(store, "a", timeline(greeted(500), ended(9000), call_id="a"))
    assert records(store, DAY)[0].answered_ms == 500


def test_what_was_kept_by_other_rules_is_made_anew(store: Store) -> None:
    put(store, "a", timeline(greeted(100), ended(9000), call_id="a"))
    (head,) = store.heads(DAY.begin, DAY.end, VERSION)
    store.keep_records([("a", head.last_seq, '{"old": true}')], VERSION)
    assert records(store, DAY)[0].answered_ms == 100
    store.keep_records([("a", head.last_seq, "{}")], VERSION - 1)
    assert records(store, DAY)[0].answered_ms == 100


def test_the_day_is_the_companys_and_calls_that_go_on_into_it_come_too(store: Store) -> None:
    put(store, "before", timeline(greeted(), ended(60_000), call_id="before"), -11 * 60)
    put(store, "into", timeline(greeted(), ended(7_200_000), call_id="into"), -11 * 60)
    put(store, "last", timeline(greeted(), ended(60_000), call_id="last"), 14 * 60 - 1)
    put(store, "after", timeline(greeted(), ended(60_000), call_id="after"), 14 * 60)
    found = records(store, DAY)
    assert [one.call_id for one in found] == ["into", "last"]
    assert make_report("daily", found, DAY).rows[0]["calls"] == 1


def test_a_call_of_which_only_its_beginning_was_written_is_no_record(store: Store) -> None:
    put(store, "a", [])
    assert records(store, DAY) == []
    with pytest.raises(NotFoundError, match="never written"):
        record_of(store, "a")


def test_each_company_has_its_own_calls(store: Store, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    text = (JINGHE / "company.yaml").read_text(encoding="utf-8").replace("4008001234", "4006667777")
    (other / "company.yaml").write_text(text.replace("id: jinghe", "id: other"), encoding="utf-8")
    settings = Settings(companies=(JINGHE, other))
    jinghe, second = scope_of(settings), scope_of(settings, other)
    assert [scope.ours("400-666-7777") for scope in (jinghe, second)] == [False, True]
    assert [scope.ours("01012345678") for scope in (jinghe, second)] == [True, False], (
        "the first takes what is nobody's"
    )
    assert jinghe.tariff is not None and second.tariff is None
    with pytest.raises(HotlineError, match="no such folder"):
        scope_of(settings, tmp_path / "nobody")


# The commands


def command(store: Store) -> Any:
    app = typer.Typer()
    report_command.add_commands(app, lambda: Settings(companies=(JINGHE,)), lambda: store)
    task_command.add_commands(app, lambda: store)
    return lambda *words: CliRunner().invoke(app, list(words), catch_exceptions=False, env={"COLUMNS": "200"})


def test_a_report_is_shown_and_written(store: Store, tmp_path: Path) -> None:
    put(store, "a", timeline(greeted(), said(3000), ended(9000), call_id="a"))
    files = {kind: tmp_path / f"daily.{kind}" for kind in ("csv", "json")}
    shown = command(store)(
        "report", "daily", "--from", "2026-11-01", "--to", "2026-11-02",
        *(word for kind, file in files.items() for word in (f"--{kind}", str(file))),
    )  # fmt: skip
    assert "3秒接通率" in shown.output and "100.0%" in shown.output
    assert files["csv"].read_text(encoding="utf-8-sig").splitlines()[2].startswith("2026-11-02,1,")
    assert Report.model_validate_json(files["json"].read_text()).rows[1]["calls"] == 1


def test_a_call_is_shown(store: Store) -> None:
    put(store, "a", timeline(greeted(), queued(6000), ended(9000), call_id="a"))
    shown = command(store)("cdr", "a")
    assert "江苏" in shown.output and "queue" in shown.output and "2026-11-02 10:00:09" in shown.output


def test_wrong_days_and_files_say_so(store: Store, tmp_path: Path) -> None:
    run = command(store)
    with pytest.raises(HotlineError, match="before the first"):
        run("report", "daily", "--from", "2026-11-02", "--to", "2026-11-01")
    with pytest.raises(HotlineError, match="cannot be written"):
        run("report", "daily", "--to", "2026-11-01", "--csv", str(tmp_path / "no" / "a.csv"))
    assert run("report", "weekly").exit_code == 2


def test_a_picture_is_drawn_whatever_fonts_there_are(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for kind in ("daily", "hourly", "region", "queue", "cost", "intents"):
        draw(make_report(kind, [], DAY), tmp_path / f"{kind}.png", "zh")  # type: ignore[arg-type]
        assert (tmp_path / f"{kind}.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "matplotlib", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(HotlineError, match="pip install matplotlib"):
        draw(make_report("daily", [], DAY), tmp_path / "a.png", "en")


def test_tasks_are_shown_by_owner_and_lateness_and_done(store: Store) -> None:
    store_call(store, complaint("a"), STARTED - timedelta(days=365))
    run = command(store)
    task = store.tasks("open")[0]
    assert task.id in run("tasks", "--overdue").output
    assert task.id not in run("tasks", "--owner", "finance").output
    assert "王" in run("tasks", "--done", task.id, "--by", " 王 ").output
    assert store.tasks("done")[0].done_by == "王"
    with pytest.raises(HotlineError, match="--by YOUR_NAME"):
        run("tasks", "--done", task.id)
    with pytest.raises(HotlineError, match="--done ID"):
        run("tasks", "--by", "王")


def test_a_bad_score_is_one_task_however_often_it_is_added(store: Store) -> None:
    events = scored(1)
    put(store, "c", events)
    row = survey_task_row(SURVEY, events, STARTED, WEEK)
    assert isinstance(row, TaskRow)
    store.add_task(row)
    store.complete_task(row.id, "王", STARTED)
    store.add_task(row)
    (kept,) = store.tasks(call_id="c")
    assert (kept.owner, kept.state, kept.due) == ("complaint_specialist", "done", row.due)
    assert survey_task_row(SURVEY, scored(4), STARTED, WEEK) is None
    with pytest.raises(NotFoundError):
        store.add_task(row.model_copy(update={"id": "x", "call_id": "nobody"}))
