"""What is wrong with the filter's files is said with file and line, and what would be right."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import CompanyError
from agent.routing.spam import load_marks, load_spam
from tests.routing.spam_talk import ROUTING, policy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("spam.yaml", "spam_pitches.yaml", "spam_marks.txt"):
        shutil.copy(ROUTING / name, tmp_path / name)
    return tmp_path


def edit(file: Path, old: str, new: str) -> int:
    """The line that was changed."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("challenge: 0.5, refuse", "challenge: 0.9, refuse", "nobody is refused unasked"),
        ('number: "025-84001234"', 'number: "总机"', "has no digits"),
        ('number: "025-84001234"', 'number: "+86 571 88990011"', "both lists"),
        ("{count} 人标记", "{people} 人标记", "nothing fills in {people}; {count}, {mark}, {source} may be filled in"),
        ("zh: 不显示号码", 'zh: "不显示号码 {"', "signs.withheld"),
        ("appealed: {zh", "appealed: {weight: 0.2, zh", "weighs nothing"),
        ("  withheld: {", "  withhold: {", "did you mean withheld"),
        ("asks: 2", "asks: 0", "greater than or equal to 1"),
        ('keys: ["1"]', 'keys: ["一"]', "keys"),
        ("spam_marks.txt", "marks.txt", "cannot be read"),
        ("pitches: spam_pitches.yaml", "pitches: nothing.yaml", "cannot be read"),
        ("诈骗: 0.75", "诈骗: 1.5", "less than 1"),
        ('# http: {url: "https://marks.example.com/v1/{number}"', 'http: {url: "https://marks.example.com/v1"', "url"),
    ],
)
def test_a_mistake_is_named_with_its_place(folder: Path, old: str, new: str, told: str) -> None:
    edit(folder / "spam.yaml", old, new)
    with pytest.raises(CompanyError) as error:
        load_spam(folder / "spam.yaml")
    assert told in str(error.value)
    assert all(line.split(":")[1].isdigit() for line in str(error.value).splitlines())


def test_a_sentence_that_is_missing_is_missed(folder: Path) -> None:
    text = (folder / "spam.yaml").read_text(encoding="utf-8")
    (folder / "spam.yaml").write_text(text[: text.index("  refuse_appeal:")], encoding="utf-8")
    with pytest.raises(CompanyError, match=r"sentences\.refuse_appeal is missing"):
        load_spam(folder / "spam.yaml")


@pytest.mark.parametrize(
    ("pattern", "told"),
    [("'(不用|无抵押'", "no regular expression"), ("'a*'", "matches empty text"), ("''", "not empty")],
)
def test_a_pattern_that_is_none_is_named_with_its_line(folder: Path, pattern: str, told: str) -> None:
    line = edit(folder / "spam_pitches.yaml", "'(无|不用)抵押'", pattern)
    with pytest.raises(CompanyError, match=told) as error:
        load_spam(folder / "spam.yaml")
    assert f"spam_pitches.yaml:{line}:" in str(error.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("13800001111,推销,客服", "3 columns"),
        ("总机,推销,客服,3", "has no digits"),
        ("13800001111,,客服,3", "mark is empty"),
        ("13800001111,推销,客服,多", "no number of people"),
        ("13800001111,推销,客服,-3", "no number of people"),
    ],
)
def test_a_line_of_marks_that_is_wrong_is_named(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "marks.txt"
    file.write_text(f"# 名单\nnumber,mark,source,count\n13900002222,骚扰,客服,4\n{line}\n", encoding="utf-8")
    with pytest.raises(CompanyError, match=told) as error:
        load_marks(file)
    assert str(error.value).startswith(f"{file}:4:")


@pytest.mark.parametrize("write", [lambda file: file.write_bytes(b"\xff\xfe"), lambda file: file.mkdir()])
def test_a_file_of_marks_that_is_none_is_named(tmp_path: Path, write: Callable[[Path], object]) -> None:
    write(tmp_path / "marks.txt")
    with pytest.raises(CompanyError, match=r"marks\.txt:1:"):
        load_marks(tmp_path / "marks.txt")


def test_every_sentence_can_be_spoken_in_both_languages() -> None:
    for sentence in policy().sentences.values():
        for text in (sentence.zh, sentence.en):
            assert text.format(company="京和电器") and "{" not in text.format(company="京和电器")
