"""Every fact of a summary was said, and what was said comes out in written form."""

import pytest

from agent.events import Language
from agent.postcall.facts import extract_facts
from agent.postcall.trace import is_traceable
from agent.postcall.utterances import utterances
from tests.postcall.calls import STARTED, call


def facts_of(*lines: str, language: Language = "zh", keys: str = "") -> list[str]:
    """ "kind value" of each fact, after checking that each can be traced to what was said."""
    said = call(*lines, language=language, keys=keys)
    facts = extract_facts(said, STARTED)
    assert all(is_traceable(fact, utterances(said)) for fact in facts)
    return [f"{fact.kind} {fact.value}" for fact in facts]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("我的订单号是八八四七二六一九", ["order_number 88472619"]),
        ("我的订单号是八八四七，二九幺三。", ["order_number 88472913"]),
        ("订單号8847 2913", ["order_number 88472913"]),
        ("订单号JD88472619", ["order_number JD88472619"]),
        ("八八四七二六一九这个订单怎么还没到", ["order_number 88472619"]),
        ("快递单号SF1234567890123", ["tracking_number SF1234567890123"]),
        ("我的电话是幺三八 幺二三四 五六七八", ["phone 13812345678"]),
        ("138。1234。5678", ["phone 13812345678"]),
        ("电话妖三八，幺二三四，五六七八", ["phone 13812345678"]),
        ("我电话要三八幺二三四五六七八", ["phone 13812345678"]),
        ("幺三八，嗯，幺二三四，那个，五六七八", ["phone 13812345678"]),
        ("一三八三个八零零零零一", ["phone 13888800001"]),
        ("手机号是+86 138 1234 5678", ["phone 13812345678"]),
        ("手机号158 2479 3852手机号158 2479 3852手机号158", ["phone 15824793852"]),
        ("手机号15882479 3852", ["unclear_phone 158824793852"]),
        ("手机号15882479，不对，158 2479 3852", ["phone 15824793852"]),
        ("微波罗坏了", ["product 微波炉"]),
        ("座机零幺零六六八八幺二三四", ["phone 01066881234"]),
        ("订单号88472619，手机13812345678", ["order_number 88472619", "phone 13812345678"]),
        ("我的订单号是88472619。3个小时了", ["order_number 88472619"]),
        ("手机尾号2619", ["number_ending 2619"]),
        ("花了一千二百九十九块", ["amount 1299元"]),
        ("一共一千二百九十九", ["amount 1299元"]),
        ("十二块五", ["amount 12.5元"]),
        ("三块五毛钱", ["amount 3.5元"]),
        ("9块9包邮", ["amount 9.9元"]),
        ("三点五万块", ["amount 35000元"]),
        ("一万二千元", ["amount 12000元"]),
        ("赔我1,299元", ["amount 1299元"]),
        ("￥1299", ["amount 1299元"]),
        ("三百多块", ["amount 300多元"]),
        ("3月15号买的", ["date 3月15日"]),
        ("二零二六年三月十五日", ["date 2026年3月15日"]),
        ("下周三行吗", ["date 下周三 (2026-03-25)"]),
        ("上周五说好来的", ["date 上周五 (2026-03-13)"]),
        ("三天前就说来", ["date 3天前 (2026-03-13)"]),
        ("周三来的", ["date 周三"]),
        ("明天下午三点半", ["date 明天 (2026-03-17)", "time 明天下午3点半"]),
        ("明天上午九点到十一点在家", ["date 明天 (2026-03-17)", "time 明天上午9点到11点"]),
        ("明早来", ["date 明天 (2026-03-17)", "time 明天早上"]),
        ("晚上八点以后", ["time 晚上8点"]),
        ("24小时内给我答复", ["time_limit 24小时内"]),
        ("洗衣机显示E3", ["fault_code E3", "product 洗衣机"]),
        ("报E三故障", ["fault_code E3"]),
        ("洗衣鸡漏水", ["product 洗衣机"]),
        ("空气净化器和净水器", ["product 空气净化器", "product 净水器"]),
        ("型号是KFR-35GW", ["model KFR-35GW"]),
        ("我姓王", ["name 王"]),
        ("我是王女士", ["name 王女士"]),
        ("我叫李明我的订单没到", ["name 李明"]),
        ("联系人欧阳修文", ["name 欧阳修文"]),
        (
            "地址是北京市朝阳区三里屯路八十八号三栋二单元五零一室",
            ["address 北京市朝阳区三里屯路88号3栋2单元501室"],
        ),
        ("抬头开京海科技有限公司", ["invoice_title 京海科技有限公司"]),
        ("税号是91310000MA1K35A12B", ["tax_number 91310000MA1K35A12B"]),
        ("邮箱是zhangsan@163.com", ["email zhangsan@163.com"]),
    ],
)
def test_what_a_mandarin_caller_says_comes_out_written(said: str, expected: list[str]) -> None:
    assert sorted(facts_of(said)) == sorted(expected)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("my order number is eight eight four seven two six one nine", ["order_number 88472619"]),
        ("My order number is 847-52936.", ["order_number 84752936"]),
        ("order number 8-8-4-7-2-6-1-9", ["order_number 88472619"]),
        ("the order number is A12345678", ["order_number A12345678"]),
        ("eighty-eight forty-seven twenty-six nineteen is my order number", ["order_number 88472619"]),
        ("My phone number is 137, 4825, 9637.", ["phone 13748259637"]),
        ("call me at one three eight double zero one three eight oh oh one", ["phone 13800138001"]),
        ("twelve hundred and ninety nine yuan", ["amount 1299 yuan"]),
        ("it cost 1,299 RMB", ["amount 1299 yuan"]),
        ("fifty dollars", ["amount 50 dollars"]),
        ("on March fifteenth", ["date March 15"]),
        ("the 15th of March", ["date March 15"]),
        ("next Wednesday at 3 pm", ["date next Wednesday (2026-03-25)", "time next Wednesday 3 pm"]),
        ("tomorrow morning", ["date tomorrow (2026-03-17)", "time tomorrow morning"]),
        ("between 9 am and 11 am", ["time 9 am to 11 am"]),
        ("at half past ten", ["time 10:30"]),
        ("within 24 hours", ["time_limit 24 hours"]),
        ("three days ago", ["date 3 days ago (2026-03-13)"]),
        ("my fridge shows error code E3", ["fault_code E3", "product refrigerator"]),
        ("My name is Alice Brown", ["name Alice Brown"]),
        (
            "I live at 88 Zhongshan Road, Apartment 501, Shanghai",
            ["address 88 Zhongshan Road, Apartment 501, Shanghai"],
        ),
        ("email is john at gmail dot com", ["email john@gmail.com"]),
    ],
)
def test_what_an_english_caller_says_comes_out_written(said: str, expected: list[str]) -> None:
    assert sorted(facts_of(said, language="en")) == sorted(expected)


@pytest.mark.parametrize(
    "said",
    [
        "打幺二三幺五投诉你们",
        "我打了三次电话",
        "等了三五天",
        "有一点慢",
        "两块屏幕都碎了",
        "我在15号楼",
        "三月份的账单",
        "身份证号110101199003071234",
        "验证码是884726",
        "每次都说明天",
        "this is ridiculous, I've called three times",
        "wait a second, oh no",
        "",
        "，。！",
    ],
)
def test_what_is_no_fact_stays_out(said: str) -> None:
    assert facts_of(said) == []


def test_a_number_broken_over_turns_is_put_together() -> None:
    facts = extract_facts(call("订单号是八八四七", "bot: 请继续。", "二六一九"), STARTED)
    assert [(fact.value, fact.turn, fact.quote) for fact in facts] == [("88472619", 2, "八八四七 … 二六一九")]
    assert facts_of("手机号138", "1234", "嗯，5678") == ["phone 13812345678"]


def test_a_number_begun_again_is_not_put_together() -> None:
    assert facts_of("订单号是八八四七", "bot: 请您再说一遍。", "八八四七二六一九") == ["order_number 88472619"]
    assert facts_of("订单号88472619", "3台空调") == ["order_number 88472619", "product 空调"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("订单号是88472619，不对，是88472691",), ["order_number 88472691"]),
        (("订单号是88472619", "bot: 好的", "不对，是88472691"), ["order_number 88472691"]),
        (("订单号不是88472619，是88472691",), ["order_number 88472691"]),
        (("订单号八八四七二六一九", "不是九，是六"), ["order_number 88472616"]),
        (("明天来，哦不，后天",), ["date 后天 (2026-03-18)"]),
        (("我买的不是空调，是冰箱",), ["product 冰箱"]),
    ],
)
def test_what_the_caller_took_back_is_no_fact(lines: tuple[str, ...], expected: list[str]) -> None:
    assert facts_of(*lines) == expected


def test_keyed_digits_are_facts() -> None:
    assert facts_of("bot: 请按键输入订单号。", keys="73582946#") == ["order_number 73582946"]
    assert facts_of("bot: 转人工请按零。", keys="0") == []


def test_the_question_says_what_a_bare_number_is() -> None:
    assert facts_of("bot: 请问您的订单号是多少？", "884726") == ["order_number 884726"]
    assert facts_of("884726") == []


def test_the_bot_adds_only_when_something_will_happen() -> None:
    promised = "bot: 好的，订单88472619已收到。维修师傅会在明天下午三点前跟您联系。请问后天方便吗？"
    assert facts_of("空调坏了", promised) == ["product 空调", "date 明天 (2026-03-17)", "time 明天下午3点"]


def test_what_the_caller_did_not_hear_was_not_promised() -> None:
    reply, ended = call("空调坏了", "bot: 师傅会在明天联系您。")[2:4]
    cut = [reply.body, ended.body.model_copy(update={"heard": "师傅会", "complete": False})]
    assert [fact.kind for fact in extract_facts(call("空调坏了", cut), STARTED)] == ["product"]


def test_without_a_start_relative_dates_stay_as_said() -> None:
    assert [fact.value for fact in extract_facts(call("明天来"))] == ["明天"]
