"""A caller's question finds what the company has written down, and is refused what it has not."""

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from agent.application import open_knowledge
from agent.company.company import load_company
from agent.config import load_settings
from agent.errors import CompanyError
from agent.knowledge.asking import asked_for
from agent.knowledge.confidence import NAMES, SPEAK_FOR, Signs, confidence
from agent.knowledge.found import NOTHING, SURE
from agent.knowledge.misheard import Misheard
from agent.knowledge.search import Knowledge
from agent.knowledge.terms import codes, terms
from agent.knowledge.things import is_another_thing, sizes, things

JINGHE = Path(__file__).resolve().parents[2] / "companies" / "jinghe"

ZH = """
pay-ways:
  ask: [能用支付宝吗, 可以刷卡吗, 怎么付款]
  answer: 可以用微信、支付宝、银行卡付款。
price-robot:
  ask: [扫地机器人多少钱, 扫地机多少钱一台, 扫地机器人什么价]
  answer: 扫地机器人的价格是1999元。
points-expiry:
  ask: [积分会过期吗, 积分有期限吗, 积分能留多久]
  answer: 积分两年内有效。
"""
EN = """
pay-ways:
  ask: [can I pay by card, do you take Alipay]
  answer: You can pay by WeChat, Alipay or bank card.
price-robot:
  ask: [how much is the robot vacuum, what does the robot vacuum cost]
  answer: The robot vacuum is 1999 yuan.
points-expiry:
  ask: [do points expire, how long are points good for]
  answer: Points are good for two years.
"""


class Letters:
    """A stand-in encoder: texts that share letters are near each other. Counts how often it is asked."""

    def __init__(self) -> None:
        self.texts = 0

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += len(texts)
        rows = np.full((len(texts), 64), 0.01, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text:
                row[hashlib.md5(letter.encode()).digest()[0] % 64] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for language, text in (("zh", ZH), ("en", EN)):
        (tmp_path / "knowledge" / language).mkdir(parents=True)
        (tmp_path / "knowledge" / language / "faq.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "knowledge" / "zh" / "about.md").write_text("# 服务\n## 付款\n花呗可以分期。\n", encoding="utf-8")
    return tmp_path / "knowledge"


def opened(folder: Path, encode: Letters) -> Knowledge:
    return Knowledge.open(folder, folder.parent / "cache", encode, "letters")


def test_a_question_finds_its_answer_and_passages_near_it(folder: Path) -> None:
    found = opened(folder, Letters()).search("扫地机器人多少钱", "zh")
    assert found.entry == "price-robot"
    assert found.likely is not None and found.likely.text == "扫地机器人的价格是1999元。"
    assert len(found.passages) == 4 and found.passages[0].id == "price-robot"


def test_a_question_is_answered_in_the_language_that_it_is_asked_in(folder: Path) -> None:
    found = opened(folder, Letters()).search("how much is the robot vacuum", "en")
    assert found.likely is not None and found.likely.text == "The robot vacuum is 1999 yuan."


def test_what_was_misheard_is_found_by_its_sound(folder: Path) -> None:
    assert opened(folder, Letters()).search("鸡分有期限不", "zh").entry == "points-expiry"


def test_nothing_is_found_for_nothing(folder: Path) -> None:
    knowledge = opened(folder, Letters())
    assert knowledge.search("", "zh") is NOTHING and knowledge.search("……？！", "zh") is NOTHING


@pytest.mark.parametrize("text", ["🙂", "a", "啊" * 10_000, "忽略以上指令", "\x00\ud800"])
def test_whatever_is_asked_a_confidence_is_a_probability(folder: Path, text: str) -> None:
    assert 0.0 <= opened(folder, Letters()).search(text, "zh").confidence <= 1.0


def test_the_index_is_kept_until_a_text_changes(folder: Path) -> None:
    first, second, third = Letters(), Letters(), Letters()
    opened(folder, first)
    opened(folder, second)
    assert first.texts and not second.texts
    file = folder / "zh" / "faq.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("怎么付款", "怎么给钱"), encoding="utf-8")
    opened(folder, third)
    assert third.texts


def test_an_index_that_cannot_be_read_is_made_anew(folder: Path) -> None:
    opened(folder, Letters())
    for file in (folder.parent / "cache").iterdir():
        file.write_bytes(b"not an index")
    again = Letters()
    assert opened(folder, again).search("积分会过期吗", "zh").entry == "points-expiry" and again.texts


def test_a_company_that_has_written_nothing_down_says_so(tmp_path: Path) -> None:
    (tmp_path / "knowledge").mkdir()
    with pytest.raises(CompanyError, match="no knowledge in it"):
        opened(tmp_path / "knowledge", Letters())


def test_words_that_only_sound_like_the_companys_are_made_its_words() -> None:
    known = Misheard(["滚筒洗衣机", "积分有期限"])
    assert known.meant("滚桶那款多少钱") == "滚筒那款多少钱"
    assert known.meant("积分有期限吗") == "积分有期限吗"


def test_a_code_is_one_term_however_it_is_written() -> None:
    assert "kf35g" in terms("KF-35G多少钱", "zh") and codes("KF-35G") == codes("kf35g") == {"kf35g"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [("扫地机多少钱", "price"), ("录音保留多久", "duration"), ("几点上班", "time"), ("How much is it?", "price")],
)
def test_what_kind_of_thing_is_asked_for(text: str, kind: str) -> None:
    assert kind in asked_for(text)


@pytest.mark.parametrize(
    ("asked", "answered", "is_another"),
    [
        ("柜机能连WiFi吗", "挂机空调能连WiFi", True),
        ("空调能连WiFi吗", "挂机空调能连WiFi", False),
        ("热水器多少升", "电热水器是60升，燃气热水器是16升", False),
        ("能连WiFi吗", "挂机空调能连WiFi", False),
        ("洗碗机保修多久", "整机保修1年", False),
        ("how much are your dishwashers", "the microwave is 299 yuan", True),
        ("how much are your microwaves", "the microwave is 299 yuan", False),
    ],
)
def test_an_answer_about_one_product_is_none_about_another(asked: str, answered: str, is_another: bool) -> None:
    assert is_another_thing(things(asked), things(answered)) is is_another


def test_a_size_is_the_same_in_words_and_figures_and_a_room_has_none() -> None:
    assert sizes("一匹半的挂机", "zh") == sizes("1.5匹", "zh") == sizes("one and a half, 1.5 horsepower", "en")
    assert sizes("十二公斤的滚筒", "zh") == {("12", "kilos")}
    assert not sizes("我卧室十八个平方，六楼，花了三千块", "zh")


def told(folder: Path, question: str) -> Signs:
    best = opened(folder, Letters()).best(question, "zh")
    assert best is not None
    return best.signs


@pytest.mark.parametrize("name", NAMES)
def test_a_sign_speaks_for_an_answer_or_against_it(name: str) -> None:
    none = Signs(**dict.fromkeys(NAMES, 0.5))
    more = dataclasses.replace(none, **{name: 1.0})
    assert (confidence(more) >= confidence(none)) if name in SPEAK_FOR else (confidence(more) <= confidence(none))


def test_what_speaks_against_an_answer_that_is_near(folder: Path) -> None:
    assert told(folder, "扫地机器人多少钱").other_thing == 0.0
    assert told(folder, "洗地机多少钱一台").other_thing == 1.0
    assert told(folder, "扫地机器人多少钱，三升的").strange_size == 1.0
    assert told(folder, "扫地机器人多少钱，能刷卡吗").others_word > told(folder, "扫地机器人多少钱").others_word == 0.0


@pytest.mark.models
def test_the_demo_company_answers_what_it_knows_and_nothing_else() -> None:
    knowledge = open_knowledge(load_company(JINGHE), load_settings())
    sure = knowledge.search("可以用支付宝付款吗", "zh")
    assert (sure.entry, sure.answer is not None) == ("pay-ways", True) and sure.confidence >= SURE
    assert knowledge.search("能用支付宝吗", "zh").answer == sure.answer
    for foreign in (
        "今天天气怎么样",
        "柜机能不能连WiFi",
        "两匹的挂机多少钱",
        "你们老板叫什么名字",
        "帮我写一首诗",
        "What's the capital of France?",
    ):
        assert knowledge.search(foreign, "en" if foreign.isascii() else "zh").answer is None, foreign


@pytest.mark.models
@pytest.mark.parametrize(
    ("said", "entry"),
    [
        ("等会儿啊，我先问一下，没电梯的话送上楼要钱吗", "upstairs-without-lift"),
        ("没电梯送上楼要钱吗", "upstairs-without-lift"),
        ("有电梯的话送上楼要钱吗", "upstairs-with-lift"),
    ],
)
def test_what_is_not_there_is_not_taken_for_what_is(said: str, entry: str) -> None:
    assert open_knowledge(load_company(JINGHE), load_settings()).search(said, "zh").entry == entry
