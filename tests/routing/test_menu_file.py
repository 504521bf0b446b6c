"""What a supervisor may get wrong in menu.yaml, and how they are told; and the demo company's own menu."""

from pathlib import Path
from typing import get_args

import pytest

from agent.company.company import load_companies
from agent.errors import CompanyError
from agent.events import Language
from agent.routing.menu import build_menu, check_menus, load_menus
from agent.routing.menu.keys_named import keys_named

JINGHE = Path(__file__).parents[2] / "companies" / "jinghe"

WHOLE = """\
menus:
  main:
    top: main
    person: queue:service
    after_silence: bot
    after_failures: queue:service
    sentences:
      greeting: {zh: 您好。, en: Hello.}
      wrong_key: {zh: 没有这个选项。, en: No such option.}
      not_understood: {zh: 没听明白。, en: Sorry?}
      at_top: {zh: 已经是主菜单了。, en: This is the top.}
      silent: {zh: 没有收到您的选择。, en: I heard nothing.}
      failed: {zh: 马上转人工。, en: I'll put you through.}
      person: {zh: 好的。, en: Of course.}
    nodes:
      main:
        prompt: {zh: [报修请按1。, 订单请按2。], en: ["Repairs, press 1.", "Orders, press 2."]}
        choices:
          - {keys: 1, label: {zh: 报修, en: repairs}, intents: [repair], target: flow:repair}
          - {keys: 2, label: {zh: 订单, en: orders}, target: orders}
      orders:
        prompt: {zh: 物流请按1。, en: "Deliveries, press 1."}
        choices:
          - {keys: 1, label: {zh: 物流, en: deliveries}, target: "queue:service"}
"""


def problems(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """What is told about the file with these changes, without its path: ``LINE: place: what``."""
    text = WHOLE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = folder / "menu.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        menus = load_menus(file)
    except CompanyError as error:
        lines = str(error).splitlines()
    else:
        lines = list(check_menus(file, menus, flows=["repair"], skills=["service"]))
    assert all(line.startswith(f"{file}:") for line in lines)
    return [line.removeprefix(f"{file}:").replace("menus.main.", "") for line in lines]


def test_a_whole_menu_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{keys: 2,", "{keys: [2, 1],", "20: nodes.main.choices.1.keys: '1' is choice 1's already"),
        ("target: orders", "target: order", "20: nodes.main.choices.1.target: no node 'order'; did you mean orders?"),
        ("flow:repair", "flow:repare", "19: nodes.main.choices.0.target: no flow 'repare'; did you mean repair?"),
        ('"queue:service"', "queue:servis",
         "24: nodes.orders.choices.0.target: no skill 'servis'; did you mean service?"),
        ("top: main", "top: mian", "3: top: no node 'mian'; did you mean main?"),
        ("报修请按1。, ", "", "17: nodes.main.prompt.zh: it does not name the key 1 (报修), which works here"),
        ("报修请按1。", "报修请按3。", "17: nodes.main.prompt.zh: it names the key 3, which does nothing here"),
        ('"Orders, press 2."', '"Orders, press two, back, press star."',
         "17: nodes.main.prompt.en: it names the key *, which does nothing here"),
        ("zh: 物流请按1。, ", "", "22: nodes.orders.prompt: nothing in zh, which the menu speaks"),
        ("greeting: {zh: 您好。, en: Hello.}", "greeting: {zh: 您好。}",
         "8: sentences.greeting: nothing in en, which the menu speaks"),
        ("label: {zh: 物流, en: deliveries}", "label: {zh: 物流}",
         "24: nodes.orders.choices.0.label: nothing in en, which the menu speaks"),
        ("    after_silence: bot\n", "", "15: nodes.main: no way on for who says nothing or chooses wrong; "
         "after_silence: bot, say, here or above"),
        ("after_silence: bot", "after_silence: orders",
         "21: nodes.orders: after_silence runs in a circle: orders → orders; one of them must lead out of the menu"),
        ("target: orders", "target: bot",
         "21: nodes.orders: no way leads here; give a choice this target, or remove it"),
        ("{keys: 1, label: {zh: 物流", "{label: {zh: 物流",
         "24: nodes.orders.choices.0: nothing but its label chooses it; give it keys, says or intents"),
        ('"queue:service"', "orders", "21: nodes.orders: no choice from here on ever leads out of the menu"),
        ("{keys: 2, label", "{keys: 2, intents: [repair], label", "20: nodes.main.choices.1.intents: "
         "'repair' is choice 1's already"),
        ("en: orders}, target", "en: orders}, says: {zh: 报修}, target", "20: nodes.main.choices.1.says: "
         "'报修' is choice 1's already"),
        ("{keys: 2, label", "{keys: 2, language: en, label", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    found = problems(tmp_path, (old, new))
    assert (told in found) if told else found == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "target: orders",
            "target: menu:other",
            "'menu:other'; a node, bot, queue:SKILL, flow:NAME, callback or number",
        ),
        ("target: orders", "target: number:12", "'number:12'"),
        ("{keys: 2", "{keys: 12", "keys"),
        ("intents: [repair]", "intents: [repairs]", "intents"),
        ("      orders:\n", "      bot:\n", "'bot' cannot name a node"),
        ("person: queue:service\n", "person: queue:service\n    timeout_ms: 5\n", "timeout_ms"),
        ("top: main", "topp: main", "did you mean top?"),
    ],
)
def test_what_is_no_menu_at_all_is_told_too(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert any(told in line for line in problems(tmp_path, (old, new)))


def test_a_tree_of_nine_levels_is_walked_and_a_tenth_refused(tmp_path: Path) -> None:
    def tree(levels: int) -> list[str]:
        targets = {n: f"n{n + 1}" if n < levels else "bot" for n in range(3, levels + 1)}
        nodes = "".join(
            f"      n{n}:\n        prompt: {{zh: 下一层请按1。, en: 'Next, press 1.'}}\n        choices:\n"
            f"          - {{keys: 1, label: {{zh: 下一层, en: next}}, target: {target}}}\n"
            for n, target in targets.items()
        )
        return problems(tmp_path, ('target: "queue:service"}\n', f"target: n3}}\n{nodes}"))

    assert tree(9) == []
    menu = build_menu(load_menus(tmp_path / "menu.yaml"), "main")
    assert max(place.level for place in menu.places.values()) == 9
    (told,) = tree(10)
    assert "nodes.n10: level 10, and 9 are the most: main → orders → n3" in told


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("报修请按1。", ["1"]),
        ("请按数字键一，或者拨 2。", ["1", "2"]),
        ("查订单按2或3，返回请按星号键，重听按井号", ["2", "3", "*", "#"]),
        ("人工客服请按零", ["0"]),
        ("按时送达", []),
        ("请稍等，按顺序为您服务。", []),
        ("请按三次", []),
        ("For repairs, press 1.", ["1"]),
        ("Press one or two; to go back, press the star.", ["1", "2", "*"]),
        ("Press 1, 2 or 3", ["1", "2", "3"]),
        ("For English, press 9.", ["9"]),
        ("The express one", []),
    ],
)
def test_which_keys_a_sentence_names(sentence: str, named: list[str]) -> None:
    assert list(keys_named(sentence)) == named


def test_the_demo_company_has_menus_without_a_problem() -> None:
    file = JINGHE / "routing" / "menu.yaml"
    (company,) = load_companies([JINGHE])
    menus = load_menus(file)
    assert list(check_menus(file, menus, flows=company.flows)) == []
    assert set(menus.menus) == {"main", "night"}


@pytest.mark.parametrize("language", get_args(Language))
def test_its_sentences_are_short_enough_for_a_voice(language: Language) -> None:
    menu = build_menu(load_menus(JINGHE / "routing" / "menu.yaml"), "main")
    sentences = menu.sentences(language)
    assert len(sentences) >= 25
    assert max(len(one) for one in sentences) <= (26 if language == "zh" else 80)
