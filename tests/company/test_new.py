"""`hotline company new` makes a company that can be served at once, and `check` tells what has gone wrong since."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from agent.company import check_company, new_company
from agent.company.profile import load_profile
from agent.company_command import make_app
from agent.errors import CompanyError


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(make_app(), [str(argument) for argument in arguments], env={"COLUMNS": "300"})


def test_a_new_company_passes_the_check_at_once(tmp_path: Path) -> None:
    made = run("new", tmp_path / "books", "--name", "海云书店", "--name-en", "Haiyun Books")
    assert made.exit_code == 0 and str(tmp_path / "books" / "company.yaml") in made.output
    checked = run("check", tmp_path / "books")
    assert checked.exit_code == 0 and "海云书店, 4000000000 (flows: 1, tools: 0): nothing wrong" in checked.output
    profile = load_profile(tmp_path / "books")
    assert (profile.id, profile.name.en) == ("books", "Haiyun Books")
    assert profile.greets().en == "Hello, this is Haiyun Books."


def test_what_is_wrong_ends_the_check_with_one(tmp_path: Path) -> None:
    new_company(tmp_path / "books", "海云书店")
    (tmp_path / "books" / "company.yaml").write_text("id: books\n", encoding="utf-8")
    checked = run("check", tmp_path / "books")
    assert checked.exit_code == 1
    assert f"{tmp_path / 'books' / 'company.yaml'}:1: name is missing" in checked.output


def test_companies_with_the_same_number_cannot_be_served_together(tmp_path: Path) -> None:
    new_company(tmp_path / "a", "甲")
    new_company(tmp_path / "b", "乙")
    checked = run("check", tmp_path / "a", tmp_path / "b")
    assert checked.exit_code == 1 and "numbers: 4000000000 is " in checked.output


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("ours", encoding="utf-8")
    with pytest.raises(CompanyError, match="is there already"):
        new_company(tmp_path, "海云书店")
    with pytest.raises(CompanyError, match="is there already"):
        new_company(tmp_path / "notes.txt", "海云书店")
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_where_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("ours", encoding="utf-8")
    with pytest.raises(CompanyError, match="cannot be made: Not a directory"):
        new_company(tmp_path / "notes.txt" / "books", "海云书店")


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "a\x1bb"])
def test_a_name_must_be_one_that_can_be_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(CompanyError, match="is no name of a company"):
        new_company(tmp_path / "books", name)
    assert not (tmp_path / "books").exists()


@pytest.mark.parametrize(("folder", "id_"), [("Haiyun Books 2", "haiyun-books-2"), ("24h", "h"), ("海云", "company")])
def test_the_folders_name_gives_the_id(tmp_path: Path, folder: str, id_: str) -> None:
    new_company(tmp_path / folder, "海云书店")
    assert load_profile(tmp_path / folder).id == id_


@settings(max_examples=50)
@given(st.text(min_size=1, max_size=30))
def test_any_name_that_can_be_said_stands_in_the_profile_as_it_was_given(name: str) -> None:
    with TemporaryDirectory() as at:
        try:
            new_company(Path(at) / "a", name)
        except CompanyError:
            return
        profile = load_profile(Path(at) / "a")
        assert profile.name.zh == " ".join(name.split())
        assert " ".join(name.split()) in profile.greets().zh


def test_a_new_company_has_nothing_wrong_with_any_part(tmp_path: Path) -> None:
    new_company(tmp_path / "a", '甲: "乙" {丙} #丁')
    assert check_company(tmp_path / "a") == ()
