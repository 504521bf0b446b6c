"""A wrong YAML file says which line is wrong, what is wrong with it, and what would be right."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, RootModel

from agent.errors import CompanyError
from agent.yaml_file import MAX_BYTES, Bilingual, line_of, load_yaml, load_yaml_map


class Slot(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    ask: Bilingual


class Flow(BaseModel):
    model_config = ConfigDict(extra="forbid")

    turns: int
    slots: tuple[Slot, ...] = ()


GOOD = "turns: 3\nslots:\n  - name: phone\n    ask: {zh: 电话是多少, en: Which number}\n"

BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in pairwise("abcdefghij"))
"""Each line is nine times the one above it."""


def wrong(tmp_path: Path, content: str | bytes) -> str:
    file = tmp_path / "flow.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CompanyError) as raised:
        load_yaml(file, Flow)
    assert raised.value.code == "company_invalid"
    return str(raised.value).replace(str(file), "flow.yaml")


def test_a_good_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    file.write_text(GOOD, encoding="utf-8")
    flow = load_yaml(file, Flow)
    assert flow.slots[0].ask.of("en") == "Which number"
    assert line_of(file, "slots", 0, "ask") == 4


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (GOOD.replace("turns: 3", "turns: three"), "flow.yaml:1: turns: Input should be a valid integer"),
        (GOOD.replace("    ask", "    aks"), "flow.yaml:4: slots.0.aks: no such entry; did you mean ask?"),
        (GOOD.replace(", en: Which number", ""), "flow.yaml:4: slots.0.ask.en is missing"),
        (GOOD.replace("电话是多少", "' '"), "flow.yaml:4: slots.0.ask.zh: String should have at least 1 character"),
        (GOOD.replace("Which number", "Yes"), "slots.0.ask.en: a text is wanted, YAML reads True; put it in quotes"),
        (GOOD + "turns: 4\n", "flow.yaml:5: 'turns' is there twice, first in line 1"),
        (GOOD + "  - [", "flow.yaml:"),
        ("", "flow.yaml:1: the file is empty"),
        (GOOD.encode() + b"\n# \xff", "flow.yaml:6: not UTF-8"),
        (GOOD + "? {a: b}\n: 3\n", "flow.yaml:5: not YAML: found unhashable key"),
        (GOOD + "made: !!python/object:os.system {}\n", "flow.yaml:5: not YAML: could not determine a constructor"),
        (GOOD + "day: 2026-13-45\n", "month must be in 1..12; if it is no date or number, put it in quotes"),
        (GOOD + "bell: \a\n", "flow.yaml:5: not YAML: a character that cannot be shown"),
        (GOOD + "--- {}\n", "flow.yaml:5: not YAML"),
        ("turns: " + "[" * 200_000, "flow.yaml:1: nested more than 40 deep"),
        ("turns: &all [*all]", "flow.yaml:1: aliases make it more than 500,000 entries"),
        (BOMB, "flow.yaml:1: aliases make it more than 500,000 entries"),
        ("# " + "x" * MAX_BYTES, "flow.yaml:1: 1,000,002 bytes; at most 1,000,000"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, content: str | bytes, says: str) -> None:
    assert says in wrong(tmp_path, content)


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    told = wrong(tmp_path, "turns: x\nslots:\n  - name: phone\n")
    assert "flow.yaml:1: turns" in told and "slots.0.ask is missing" in told


def test_every_key_that_stands_twice_is_told_with_the_rest(tmp_path: Path) -> None:
    told = wrong(tmp_path, "turns: x\nturns: 2\nturns: 3\nslot: []\n").splitlines()
    assert [line.split(":")[1] for line in told] == ["2", "3", "4"]
    assert "no such entry; did you mean slots?" in told[-1]


def test_an_alias_stands_for_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    text = "turns: 1\nslots:\n- {name: a, ask: &ask {zh: 是, en: Right}}\n- {name: b, ask: *ask}\n"
    file.write_text(text, encoding="utf-8-sig")
    assert load_yaml(file, Flow).slots[1].ask.zh == "是"


@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60).map(str.encode),
        st.text("[]{}:-?&*a!|>'\"#%@\n 1~<,.", max_size=40).map(lambda text: (GOOD + text).encode()),
    )
)
def test_whatever_a_file_holds_it_is_read_or_refused_with_its_line(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "flow.yaml"
        file.write_bytes(content)
        try:
            load_yaml(file, Flow)
        except CompanyError as error:
            for line in str(error).split("\n"):
                assert line.startswith(f"{file}:") and line.removeprefix(f"{file}:").split(":")[0].isdigit(), line


def test_an_unknown_name_in_a_file_of_set_names_is_told_with_the_nearest(tmp_path: Path) -> None:
    class Moods(RootModel[dict[Literal["angry", "happy"], str]]):
        pass

    file = tmp_path / "moods.yaml"
    file.write_text("happy: ja\nangri: nein\n", encoding="utf-8")
    with pytest.raises(CompanyError, match=r"moods\.yaml:2: angri: no such entry; did you mean angry\?"):
        load_yaml(file, Moods)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompanyError, match=r"gone\.yaml:1: cannot be read"):
        load_yaml(tmp_path / "gone.yaml", Flow)


def test_a_file_of_names_gives_each_its_model(tmp_path: Path) -> None:
    file = tmp_path / "flows.yaml"
    file.write_text("one: {turns: 1}\ntwo: {turns: x}\n", encoding="utf-8")
    with pytest.raises(CompanyError, match=r"flows\.yaml:2: two\.turns"):
        load_yaml_map(file, Flow)
