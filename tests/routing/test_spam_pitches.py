"""A seller is told from a customer by who offers what to whom, and not by the words they share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.routing.spam import read
from agent.routing.spam.openings import likeness
from tests.routing.spam_talk import policy


@pytest.mark.parametrize(
    ("seller", "customer"),
    [
        ("您好，我们可以代开各行各业的发票，点数很低", "我要开发票，上周买的电饭煲"),
        ("请问您最近有没有资金周转的需要，我们的贷款利息低至三厘", "我在你们那办的贷款分期，这个月扣了两次钱"),
        ("我们公司专业做百度推广，帮您做关键词优化", "我在抖音看到你们推广的活动，清洗油烟机怎么预约"),
        ("给您家孩子预留了一节免费的试听课", "买蒸烤箱不是送一个烹饪课程吗，怎么领"),
        ("您的车险马上到期了，我们这边续保可以返现", "我买的冰箱送来压坏了，保险怎么赔"),
        ("需要办理POS机吗？费率零点三八，免费赠送", "师傅上门没带POS机，刷不了卡"),
        ("您近期有没有买房投资的打算？新楼盘刚开盘", "我新房刚装修完，要装你们的热水器"),
        (
            "hello, would you be interested in a business loan? it's low interest",
            "can i pay in installments? i need an invoice",
        ),
    ],
)
def test_the_same_word_sells_for_one_and_not_for_the_other(seller: str, customer: str) -> None:
    rules = policy().rules
    assert read(rules, seller).points >= rules.sure
    assert read(rules, customer).points < 1 and read(rules, customer).need


@pytest.mark.parametrize(
    ("seller", "honest"),
    [
        ("您好，我们是做无人机测绘的，请问咱们单位有没有这方面的需要", "您好，我们是做酒店的，想采购六十台空调"),
        ("老板，打印机租赁要不要了解一下", "老板，我那个电风扇不转了"),
        ("您好，我是给企业做班车的，贵公司有没有用车的计划", "您好，我是你们的供应商，上个月那批货款付了吗"),
        ("姐，我们瑜伽馆新开业，请您过来免费体验一节课", "请问现在买空调是不是免费安装"),
        (
            "hi, we install water coolers, am i speaking to the owner?",
            "may i speak to the manager? my fridge is damaged",
        ),
    ],
)
def test_a_pitch_is_known_by_its_form_whatever_the_trade(seller: str, honest: str) -> None:
    rules = policy().rules
    assert read(rules, seller).points >= rules.hint and read(rules, seller).topic is None
    assert read(rules, honest).points < rules.again


@pytest.mark.parametrize(
    "quoted",
    ["我老是接到推销贷款的电话，问我需不需要资金周转", "有人说是你们客服，让我加微信办贷款，这是不是骗子"],
)
def test_who_tells_of_a_pitch_does_not_pitch(quoted: str) -> None:
    assert read(policy().rules, quoted).points < policy().rules.hint


def test_a_reading_names_the_topic_and_quotes_the_words() -> None:
    reading = read(policy().rules, "喂你好，那个，我们公司可以代开发票，点数低，需要的话加微信")
    assert reading.topic is not None and reading.topic.label.zh == "发票"
    assert "代开" in reading.words and len(reading.words) <= 40


@pytest.mark.parametrize("marks", ["您好,需要 办理 POS机 吗?费率低", "您好，需要办理ＰＯＳ机吗？费率低"])
def test_punctuation_and_width_do_not_matter(marks: str) -> None:
    assert read(policy().rules, marks) == read(policy().rules, "您好，需要办理POS机吗？费率低")


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    reading = read(policy().rules, text)
    assert reading.selling >= 0 and reading.buying >= 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("尊敬的车主您好您的爱车有一次免费的保养服务", "尊敬的车主，您好，您的爱车有一次免费保养服务没有用", True),
        ("尊敬的车主您好您的爱车有一次免费的保养服务", "我想问一下上次送来的那台冰箱为什么一直没有人来装", False),
        ("你好", "你好", False),  # too short to tell
        ("this is an important message from", "This is an important message, from the", True),
    ],
)
def test_the_same_words_are_known_again_though_misheard(one: str, other: str, same: bool) -> None:
    assert (likeness(one, other) >= 0.7) is same and likeness(one, other) == likeness(other, one)
