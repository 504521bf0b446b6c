"""``hotline menu show``: everything of the menu is in the tree and in the picture, and nothing stands over another."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from agent.company import Company, load_company
from agent.errors import CompanyError
from agent.menu_command import make_app
from agent.routing.menu import Menu, build_menu, load_menus
from agent.routing.menu.svg import menu_svg
from agent.routing.menu.wording import Wording

JINGHE = Path(__file__).parents[2] / "companies" / "jinghe"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def menu() -> Menu:
    return build_menu(load_menus(JINGHE / "routing" / "menu.yaml"), "main")


@pytest.fixture(autouse=True)
def read_once(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The company's other files are no matter here."""
    monkeypatch.setattr("agent.company.load_company", lambda folder: company)


@pytest.fixture(scope="module")
def company() -> Company:
    return load_company(JINGHE)


def shown(*arguments: str) -> str:
    result = CliRunner().invoke(make_app(), ["show", str(JINGHE), *arguments], env={"COLUMNS": "200"})
    if result.exception is not None:
        raise result.exception
    return result.output


def test_the_tree_names_every_choice_and_where_it_leads(menu: Menu) -> None:
    tree = shown("--menu", "main")
    for place in menu.places.values():
        for choice in place.choices:
            assert f"[{'/'.join(choice.keys)}] {choice.label.zh}" in tree
    assert "办理 查物流" in tree and "排队 service" in tree and "听懂 物流配送" in tree
    assert "第3层" in tree and "无声5秒，重放1次后 → 机器人" in tree


def test_in_english_it_is_english() -> None:
    tree = shown("--language", "en")
    assert "[1] book a repair → errand: booking a repair" in tree
    assert not re.search(r"[一-鿿]", tree)


def test_one_picture_a_menu(tmp_path: Path) -> None:
    shown("--svg", str(tmp_path / "menu.svg"))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["menu-main.svg", "menu-night.svg"]


def test_an_unknown_menu_is_named_with_those_that_there_are() -> None:
    with pytest.raises(CompanyError, match="no menu 'mian'; there are main, night"):
        shown("--menu", "mian")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_picture_shows_everything_once_and_apart(menu: Menu, language: str) -> None:
    drawing = ElementTree.fromstring(menu_svg(Wording(menu, language)))  # type: ignore[arg-type]
    texts = [text.text for text in drawing.iter(f"{SVG}text")]
    for place in menu.places.values():
        for choice in place.choices:
            assert choice.label.of(language) in texts  # type: ignore[arg-type]
    cards = [box for box in drawing.iter(f"{SVG}rect") if box.get("rx") == "10"]
    assert len(cards) == len(menu.places)
    lines = [path for path in drawing.iter(f"{SVG}path") if path.get("fill") == "none"]
    assert len(lines) == len(menu.places) - 1, "one line to each node but the top"
    edges = [tuple(float(card.get(side, 0)) for side in ("x", "y", "width", "height")) for card in cards]
    for number, (x, y, width, height) in enumerate(edges):
        for other_x, other_y, other_width, other_height in edges[number + 1 :]:
            apart = x + width <= other_x or other_x + other_width <= x
            assert apart or y + height <= other_y or other_y + other_height <= y


def test_what_supervisors_write_cannot_break_the_picture(menu: Menu) -> None:
    drawn = menu_svg(Wording(menu, "zh", titles={"repair": '<script> & "报修"'}))
    assert "<script>" not in drawn
    ElementTree.fromstring(drawn)
