"""A company declares its tools in one file; what is wrong with it is said with its line."""

from pathlib import Path

import pytest

from agent.errors import CompanyError
from agent.tools import load_tools
from agent.tools.desk import open_desk
from tests.tools.demo_site import JINGHE

SOUND = """\
servers:
  shop: {http: "http://127.0.0.1:9000"}
tools:
  get_order:
    description: One order.
    served: shop
    arguments: {order_number: {type: digits}}
    result: {state: {choices: [paid, shipped]}}
"""


def told(tmp_path: Path, text: str) -> str:
    file = tmp_path / "tools.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CompanyError) as error:
        load_tools(file)
    return str(error.value).removeprefix(f"{file}:")


def test_a_tool_is_called_by_its_own_name_unless_it_says_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "tools.yaml"
    file.write_text(SOUND, encoding="utf-8")
    assert load_tools(file).operation("get_order") == "get_order"
    file.write_text(SOUND + "    operation: orders_get_one\n", encoding="utf-8")
    assert load_tools(file).operation("get_order") == "orders_get_one"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("served: shop", "served: shopp", "6: tools.get_order.served: no server shopp; there is shop"),
        ("type: digits", "type: digit", "7: tools.get_order.arguments.order_number.type: "),
        ("choices:", "choises:", "8: tools.get_order.result.state.choises: no such entry; did you mean choices?"),
        ("{choices:", "{type: date, choices:", "8: tools.get_order.result.state: choices are texts"),
        ('"http://127.0.0.1:9000"', "127.0.0.1", "2: servers.shop.http: "),
        ("{http:", "{python: shop, http:", "2: servers.shop: a server has exactly one of http, mcp and python"),
        ("    description: One order.\n", "", "4: tools.get_order.description is missing"),
        ("served: shop", "served: shop\n    timeout_s: 0", "7: tools.get_order.timeout_s: "),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert told(tmp_path, SOUND.replace(old, new)).startswith(message)


def test_a_python_module_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = tmp_path / "tools.yaml"
    file.write_text(SOUND.replace('{http: "http://127.0.0.1:9000"}', "{python: no_such_shop}"), encoding="utf-8")
    with pytest.raises(CompanyError, match="the Python module no_such_shop cannot be imported"):
        open_desk(load_tools(file))


def test_whatever_changes_something_of_the_caller_s_is_confirmed_and_personal_or_a_booking() -> None:
    changing = {name: tool for name, tool in JINGHE.tools.items() if tool.changes}
    assert {name for name, tool in changing.items() if not tool.confirm} == {"create_ticket"}
    assert {name for name, tool in changing.items() if not tool.personal} == {"create_ticket", "book_visit"}
