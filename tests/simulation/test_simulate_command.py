"""``hotline simulate``: what it prints, writes and draws, and what it says of bad input."""

import sys
from pathlib import Path

import pytest
import typer
from click.testing import Result as Ran
from typer.testing import CliRunner

from agent.errors import HotlineError
from agent.simulate_command import add_commands
from agent.simulation import draw, load_result
from agent.simulation.compare import compared, not_alike

JINGHE = Path("companies/jinghe")
DAY = ["--company", str(JINGHE), "--day", "2026-11-30", "--calls", "150"]


def run(*arguments: object) -> Ran:
    app = typer.Typer()

    @app.callback()
    def hotline() -> None: ...

    add_commands(app)
    return CliRunner(env={"COLUMNS": "220"}).invoke(app, ["simulate", *map(str, arguments)])


def problem(*arguments: object) -> str:
    error = run(*arguments).exception
    assert isinstance(error, HotlineError), error
    return str(error)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Path]:
    file = tmp_path_factory.mktemp("simulated") / "day.json"
    return run(*DAY, "--json", file), file


def test_it_prints_the_day(day: tuple[Ran, Path]) -> None:
    printed = day[0].output
    assert day[0].exit_code == 0, day[0].exception
    for text in ("answered within 3 s", "service level", "By half hours", "By skill", "要人工", "s of CPU time"):
        assert text in printed


def test_the_figures_can_be_read_again(day: tuple[Ran, Path]) -> None:
    result = load_result(day[1])
    assert result.company == "jinghe" and result.asked_for == 150
    assert result.totals.lost == result.totals.misfits == 0
    assert len(result.half_hours) == 48


def test_two_days_side_by_side(day: tuple[Ran, Path], tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules:\n  - {name: 都找人, to: 'queue:service', overflow: bot}\n", encoding="utf-8")
    after = tmp_path / "after.json"
    ran = run(*DAY, "--rules", rules, "--compare", day[1], "--json", after)
    assert "Before and after" in ran.output and "Mind:" not in ran.output
    figures = {one.name: one for one in compared(load_result(day[1]), load_result(after))}
    assert figures["queued for a person"].after > (figures["queued for a person"].before or 0)  # type: ignore[operator]
    assert figures["solved by the bot"].verdict == "worse"
    assert figures["calls"].verdict == ""


def test_another_seed_is_other_people_and_that_is_said(day: tuple[Ran, Path]) -> None:
    ran = run(*DAY, "--seed", 2, "--compare", day[1])
    assert "Mind: the seed is another (1, now 2)" in ran.output
    result = load_result(day[1])
    assert list(not_alike(result, result)) == []


def test_it_draws_the_day(day: tuple[Ran, Path], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    picture, result = tmp_path / "day.png", load_result(day[1])
    draw(result, picture, before=result)
    assert picture.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(HotlineError, match="cannot be written"):
        draw(result, tmp_path / "nowhere" / "day.png")


def test_without_matplotlib_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "pip install matplotlib" in problem(*DAY, "--png", tmp_path / "day.png")


def test_a_smaller_team_is_tried_with_another_roster(tmp_path: Path) -> None:
    roster = tmp_path / "roster.yaml"
    roster.write_text('shifts: {day: {hours: "09:00-21:00"}}\npeople: [{seat: s01, shift: day}]\n', encoding="utf-8")
    after = tmp_path / "after.json"
    run(*DAY, "--staff", roster, "--json", after)
    assert load_result(after).totals.seats == 1


def test_bad_input_is_said(tmp_path: Path) -> None:
    text = tmp_path / "rules.yaml"
    text.write_text("rules:\n  - {name: all, to: 'queue:gardening'}\n", encoding="utf-8")
    not_json = tmp_path / "before.json"
    not_json.write_text('{"company": "jinghe"}', encoding="utf-8")
    assert "give --company and --day" in problem("--day", "2026-11-30")
    assert "at least one is wanted" in problem(*DAY[:4], "--calls", "0")
    assert "holidays of 2031 are not known" in problem("--company", JINGHE, "--day", "2031-01-06")
    assert "rules.yaml:2: rules.0.to: no queue has the skill 'gardening'" in problem(*DAY, "--rules", text)
    assert "is no result of `hotline simulate --json`: day" in problem(*DAY, "--compare", not_json)
    assert "cannot be read" in problem(*DAY, "--compare", tmp_path / "nothing.json")
    assert "cannot be read" in problem(*DAY, "--seats", tmp_path / "nothing.yaml")
    assert "cannot be written" in problem(*DAY, "--json", tmp_path / "nowhere" / "day.json")


def test_a_company_without_a_roster(tmp_path: Path) -> None:
    import shutil

    company = tmp_path / "jinghe"
    shutil.copytree(JINGHE, company)
    (company / "routing" / "staffing.yaml").unlink()
    assert "say who is at work when, or give --staff" in problem("--company", company, "--day", "2026-11-30")
