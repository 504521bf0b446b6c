"""What a text states is read alike, however it is said."""

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from agent.knowledge.fact import FactToken
from agent.knowledge.facts import facts


def stated(text: str) -> set[tuple[str, str, str]]:
    language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en"
    return {(fact.kind, fact.value, fact.unit) for fact in facts(text, language)}


SAME = [
    ("三到五个工作日", "3-5个工作日", "3 to 5 working days", "three to five business days"),
    ("两千三百九十九元", "2399块钱", "¥2,399", "2399 yuan", "RMB 2399.00"),
    ("一年", "1年", "1 year", "one year", "for a year"),
    ("一匹半", "1.5匹", "1.5 horsepower"),
    ("一个半小时", "1.5小时", "an hour and a half"),
    ("半小时", "0.5个小时", "half an hour"),
    ("百分之五", "5%", "five percent"),
    ("零点七米", "0.7米", "0.7 metres"),
    ("四楼", "4层", "the 4th floor", "the fourth floor"),
    ("三月八号", "3月8日", "March 8th", "the 8th of March"),
    ("星期五", "周五", "礼拜五", "Friday"),
    ("晚上九点", "21点", "21:00", "9 p.m."),
    ("下午两点到五点", "14:00到17:00", "2 to 5 pm"),
    ("上午九点半", "9:30", "9:30 am"),
    ("四零零八零零幺二三四", "4008001234", "400-800-1234", "400 800 1234"),
    ("85×60×55厘米", "85乘60乘55厘米", "85 by 60 by 55 centimetres"),
    ("3、6或12个月", "3个月、6个月或12个月", "3, 6 or 12 months"),
    ("型号KF-35G", "kf35g"),
    ("30天内可以重开一次", "30天内可以重开1次"),
    ("免费", "不收费", "free of charge"),
]


@pytest.mark.parametrize("ways", SAME, ids=[ways[0] for ways in SAME])
def test_a_fact_is_the_same_however_it_is_said(ways: tuple[str, ...]) -> None:
    # A limit (within 30 days) is compared as the number that it is.
    assert all(stated(way) == stated(ways[0]) for way in ways), [stated(way) for way in ways]
    assert stated(ways[0])


@pytest.mark.parametrize(
    "text",
    ["请您稍等一下", "一般来说没有问题", "十分抱歉给您添麻烦了", "万一还有问题，我们统一处理", "我再说一次",
     "这是一个常见的问题", "有一点慢", "好的，马上帮您查",
    
     "One moment, please.", "I'm sorry about that, let me check.", "Feel free to call us again.", "This one is fine."],
)  # fmt: skip
def test_what_only_contains_a_numeral_states_nothing(text: str) -> None:
    assert stated(text) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("尾号2913的订单", ("tail", "2913", "")),
        ("运单号JH7788123456", ("code", "JH7788123456", "")),
        ("故障代码是E4", ("code", "E4", "")),
        ("明天上门", ("day", "1", "")),
        ("陈先生您好", ("name", "陈", "")),
        ("我们也有洗碗机", ("name", "洗碗机", "")),
        ("用顺丰发货", ("name", "顺丰", "")),
        ("请发到 Service@Jinghe.example", ("link", "service@jinghe.example", "")),
        ("see www.jinghe.example/help", ("link", "jinghe.example/help", "")),
        ("最多500元", ("bound", "500", "yuan")),
        ("打九五折", ("number", "9.5", "discount")),
        ("买三瓶", ("number", "3", "瓶")),
        ("Please ask for John there.", ("name", "john", "")),
        ("两三天", ("range", "2..3", "days")),
        ("十几天", ("number", "10", "about days")),
    ],
)
def test_facts_of_every_kind_are_seen(text: str, expected: tuple[str, str, str]) -> None:
    assert expected in stated(text)


def test_a_numeral_that_holds_another_word_is_a_numeral() -> None:
    assert stated("二万一千元") == {("number", "21000", "yuan")}
    assert stated("周五十点") == {("weekday", "5", ""), ("time", "10:00", "")}
    assert stated("一点五十") == {("time", "01:50", "")}


def test_a_comma_parts_what_has_its_unit() -> None:
    assert stated("退1299元，3到5天到账") == {("number", "1299", "yuan"), ("range", "3..5", "days")}
    assert stated("运费15，299元起免") == {("number", "15", "yuan"), ("number", "299", "yuan")}


@given(st.integers(2, 99_999))
def test_a_chinese_numeral_is_its_figure(number: int) -> None:
    assert stated(f"{cn2an.an2cn(number)}元") == {("number", str(number), "yuan")}


@given(st.integers(2, 99_999))
def test_an_english_numeral_is_its_figure(number: int) -> None:
    assert stated(f"It costs {num2words(number).replace(',', '')} yuan") == {("number", str(number), "yuan")}


@given(st.text(max_size=80), st.sampled_from(["zh", "en"]))
def test_any_text_can_be_read(text: str, language: str) -> None:
    assert all(isinstance(fact, FactToken) for fact in facts(text, language))  # type: ignore[arg-type]
