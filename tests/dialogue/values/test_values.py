"""What callers say, as Whisper writes it, is understood as they mean it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.dialogue import values
from agent.events import Language

THURSDAY = date(2026, 3, 5)
_FOLDER = Path(__file__).parent
ANSWERS: dict[Any, list[list[Any]]] = yaml.safe_load((_FOLDER / "answers.yaml").read_text(encoding="utf-8"))
TALK: dict[str, Any] = yaml.safe_load((_FOLDER / "talk.yaml").read_text(encoding="utf-8"))
INVOICE = {
    "personal": ["个人", "私人", "individual"],
    "company": ["公司", "单位", "business"],
}
REASONS = {
    "no_reason": ["不想要", "尺寸不合适", "don't want"],
    "faulty": ["坏", "不加热", "broken", "doesn't heat"],
}


@pytest.mark.parametrize(
    ("kind", "row"), [pytest.param(kind, row, id=f"{kind}-{row[1]}") for kind, rows in ANSWERS.items() for row in rows]
)
def test_an_answer_gives_the_value_that_the_caller_means(kind: values.SlotKind, row: list[Any]) -> None:
    language, text, value = row[:3]
    reading = values.read(kind, text, language, today=THURSDAY)
    assert (reading.value if reading else None) == value
    assert (reading is not None and reading.doubtful) == ("doubtful" in row)


@pytest.mark.parametrize(
    ("kind", "row"), [pytest.param(kind, row, id=f"{kind}-{row[1]}") for kind, rows in ANSWERS.items() for row in rows]
)
def test_a_reading_says_in_which_words_it_stands(kind: values.SlotKind, row: list[Any]) -> None:
    reading = values.read(kind, row[1], row[0], today=THURSDAY)
    assert reading is None or (reading.said and reading.said in row[1])


@pytest.mark.parametrize(
    ("wish", "text", "meant"),
    [
        pytest.param(wish, text, answer == "is", id=f"{wish}-{answer}-{text}")
        for wish, sides in TALK.items()
        if isinstance(sides, dict) and "is" in sides
        for answer, texts in sides.items()
        for text in texts
    ],
)
def test_a_wish_is_told_from_what_sounds_like_it(wish: str, text: str | int, meant: bool) -> None:
    assert getattr(values, wish)(str(text)) is meant


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in TALK["wants_language"].items() for text in texts]
)
def test_a_caller_can_ask_for_the_other_language_in_either(language: str, text: str) -> None:
    assert values.wants_language(text) == (None if language == "none" else language)


@pytest.mark.parametrize(("language", "text", "before", "after"), TALK["corrects"])
def test_a_correction_changes_what_it_names_and_nothing_else(
    language: Language, text: str, before: str, after: str | None
) -> None:
    correction = values.corrects(text, language)
    assert correction is not None
    assert values.apply(correction, before) == after


@pytest.mark.parametrize("text", TALK["corrects_nothing"])
def test_what_puts_nothing_right_is_no_correction(text: str) -> None:
    assert values.corrects(text, "zh") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("开个人的", "personal"),
        ("公司的", "company"),
        ("不要公司的，个人", "personal"),
        ("第二个", "company"),
        ("the first one", "personal"),
        ("Business, please", "company"),
        ("the latter", "company"),
        ("我再想想", None),
    ],
)
def test_a_choice_is_named_or_pointed_at(text: str, value: str | None) -> None:
    reading = values.read("choice", text, "zh", today=THURSDAY, choices=INVOICE)
    assert (reading.value if reading else None) == value


@pytest.mark.parametrize("text", ["公斯", "随便", "个人还是公司"])
def test_a_choice_that_is_misheard_or_left_open_is_doubtful(text: str) -> None:
    reading = values.read("choice", text, "zh", today=THURSDAY, choices=INVOICE)
    assert reading is not None and reading.doubtful


def test_the_reason_that_is_denied_is_not_the_reason() -> None:
    reading = values.read("choice", "不是坏，就是尺寸不合适，不想要了", "zh", today=THURSDAY, choices=REASONS)
    assert reading is not None and reading.value == "no_reason"


def test_a_product_is_known_by_the_longest_of_its_names() -> None:
    products = {"XQ-100": ["滚筒洗衣机", "滚筒"], "XQ-80": ["波轮洗衣机", "洗衣机"]}
    reading = values.read("product", "我的滚筒洗衣机", "zh", today=THURSDAY, choices=products)
    assert reading is not None and reading.value == "XQ-100"


@pytest.mark.parametrize(
    ("kind", "keys", "value"),
    [
        ("order_tail", "7249#", "7249"),
        ("order_number", "65387249#", "65387249"),
        ("phone", "13912345678#", "13912345678"),
        ("date", "0308", "2026-03-08"),
        ("date", "8#", "2026-03-08"),
        ("date", "20260310", "2026-03-10"),
        ("date", "9999", None),
        ("slot", "2", "afternoon"),
        ("yes_no", "1", "yes"),
        ("yes_no", "2#", "no"),
        ("yes_no", "7", None),
        ("choice", "2", "company"),
        ("choice", "3", None),
        ("address", "123", None),
        ("order_tail", "#", None),
    ],
)
def test_keys_answer_as_words_do(kind: values.SlotKind, keys: str, value: str | None) -> None:
    reading = values.read(kind, keys, "zh", today=THURSDAY, keys=True, choices=INVOICE)
    assert (reading.value if reading else None) == value


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("zh", "喂，我想查个快递，订单号65387249，扫地机器人，看看到哪儿了",
         {"order_number": "65387249", "order_tail": "7249", "product": "扫地机器人"}),
        ("zh", "帮我把订单51200338的地址改成北京市朝阳区科技路12号3栋502",
         {"order_number": "51200338", "order_tail": "0338", "address": "北京市朝阳区科技路12号3栋502"}),
        ("zh", "我要取消订单，0338那个", {"order_tail": "0338"}),
        ("zh", "帮我改个地址，订单尾号0338", {"order_tail": "0338"}),
        ("zh", "订单2847，给我开个公司抬头的发票", {"order_tail": "2847"}),
        ("zh", "帮我查一下13812345678这个手机号的订单", {"phone": "13812345678"}),
        ("zh", "我那个对开门冰箱不制冷了，明天上午能派人来修吗",
         {"product": "冰箱", "date": "2026-03-06", "slot": "morning"}),
        ("zh", "我叫李晓梅，我的空调坏了", {"person_name": "李晓梅", "product": "空调"}),
        ("zh", "我5号买的洗衣机，说明天到", {"product": "洗衣机"}),
        ("zh", "冰箱今天刚送来", {"product": "冰箱"}),
        ("zh", "你们人工客服几点到几点啊", {}),
        ("zh", "我一共付了2399元", {}),
        ("en", "Hello, order number 73582961, a water heater. Where is it right now?",
         {"order_number": "73582961", "order_tail": "2961", "product": "water heater"}),
        ("en", "I want to cancel order ending 2936", {"order_tail": "2936"}),
        ("en", "My fridge has stopped cooling. Can somebody come tomorrow morning?",
         {"product": "fridge", "date": "2026-03-06", "slot": "morning"}),
        ("en", "I ordered it on Monday and you said tomorrow", {}),
    ],
)  # fmt: skip
def test_what_is_volunteered_is_not_asked_for_again(language: Language, text: str, found: dict[str, str]) -> None:
    assert {kind: one.value for kind, one in values.find_all(text, language, THURSDAY).items()} == found


@pytest.mark.parametrize(
    ("kind", "value", "zh", "en"),
    [
        ("order_number", "88472913", "88472913", "88472913"),
        ("order_tail", "0338", "0 3 3 8", "0 3 3 8"),
        ("phone", "13812345678", "13812345678", "13812345678"),
        ("phone", "01065551234", "010-65551234", "010-65551234"),
        ("date", "2026-03-05", "3月5日星期四", "Thursday, March 5"),
        ("slot", "morning", "上午", "in the morning"),
        ("email", "li_mei@163.com", "li下划线mei艾特1 6 3点com", "li underscore mei at 1 6 3 dot com"),
        ("address", "科技路12号3栋502", "科技路12号3栋502", "科技路12号3栋502"),
        ("yes_no", "yes", "是的", "yes"),
    ],
)
def test_a_value_is_repeated_as_people_say_it(kind: values.SlotKind, value: str, zh: str, en: str) -> None:
    assert (values.read_back(kind, value, "zh"), values.read_back(kind, value, "en")) == (zh, en)
