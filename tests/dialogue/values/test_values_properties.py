"""Whatever callers say: nothing raises, nothing takes long, and what is read back is understood as the same again."""

import string
import time
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.dialogue import values
from agent.dialogue.values.digits import adds_up
from agent.events import Language

TODAY = date(2026, 3, 5)
KINDS: tuple[values.SlotKind, ...] = get_args(values.SlotKind)
LANGUAGES = st.sampled_from(get_args(Language))
WISHES = (
    values.says_yes, values.says_no, values.asks_for_human, values.asks_if_ai, values.asks_if_recorded,
    values.asks_repeat, values.is_abusive, values.wants_stop, values.wants_language, values.as_on_record,
)  # fmt: skip
CHOICES = {"personal": ["个人", "personal"], "company": ["公司", "", "ſ", "glass"]}

_WORDS = """
一 二 三 十 百 千 万 零 幺 两 个 点 号 月 年 日 周 路 栋 不是 是 不对 明天 下 到 , ， 。 ？ - @ # + 86 1 39 0338
65387249 13912345678 oh double twenty hundred thousand first not no wait or at dot the in of next Friday March am pm
'clock 艾特 算了 好 那 吗"""
_PIECES = st.sampled_from(_WORDS.split())
CALLERS = st.lists(_PIECES, max_size=30).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda gap: gap.join(parts))
)
TEXTS = st.one_of(st.text(max_size=80), CALLERS)
DIGITS = "0123456789"


def _number(length: int, first: str = DIGITS) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(first), st.text(DIGITS, min_size=length - 1, max_size=length - 1)).map("".join)


@given(TEXTS, st.sampled_from(KINDS), LANGUAGES, st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_words_raise(text: str, kind: values.SlotKind, language: Language, keys: bool) -> None:
    reading = values.read(kind, text, language, today=TODAY, keys=keys, choices=CHOICES)
    values.find_all(text, language, TODAY)
    correction = values.corrects(text, language)
    if correction is not None:
        values.apply(correction, text)
        values.apply(correction, "65387249")
    for wish in WISHES:
        wish(text)
    values.read_back(kind, text, language)
    assert reading is None or reading.value


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_nobody_says_yes_and_no_at_once(text: str) -> None:
    assert not (values.says_yes(text) and values.says_no(text))


@given(TEXTS, st.sampled_from(KINDS), LANGUAGES)
@settings(max_examples=150, deadline=None)
def test_a_value_has_the_shape_of_its_kind(text: str, kind: values.SlotKind, language: Language) -> None:
    reading = values.read(kind, text, language, today=TODAY, choices=CHOICES)
    if reading is None:
        return
    match kind:
        case "order_number" | "order_tail" | "phone":
            assert reading.value.isdigit() and reading.value.isascii()
            assert kind != "order_tail" or len(reading.value) == 4
        case "date":
            date.fromisoformat(reading.value)
        case "slot":
            assert reading.value in ("morning", "afternoon", "evening")
        case "choice":
            assert reading.value in CHOICES
        case "yes_no":
            assert reading.value in ("yes", "no")


@given(LANGUAGES, st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_read_back_is_read_as_the_same_value(language: Language, data: st.DataObject) -> None:
    strategies: dict[values.SlotKind, st.SearchStrategy[str]] = {
        "order_number": _number(8).filter(lambda digits: digits[:4] != digits[4:]),
        "order_tail": _number(4),
        "phone": st.one_of(
            st.tuples(st.just("1"), _number(10, "3456789")).map("".join),
            st.tuples(st.just("010"), _number(8)).map("".join),
        ),
        "date": st.integers(0, 120).map(lambda days: (TODAY + timedelta(days=days)).isoformat()),
        "slot": st.sampled_from(["morning", "afternoon", "evening"]),
        "yes_no": st.sampled_from(["yes", "no"]),
        "tax_number": _number(18),
        "email": st.tuples(
            st.from_regex(r"[a-z]{3,8}(_[a-z]{2,5})?[0-9]{0,4}", fullmatch=True),
            st.sampled_from(["163.com", "qq.com", "example.com", "mail.example.cn"]),
        ).map("@".join),
    }
    kind = data.draw(st.sampled_from(list(strategies)))
    value = data.draw(strategies[kind])
    reading = values.read(kind, values.read_back(kind, value, language), language, today=TODAY)
    assert reading is not None and reading.value == value


@given(
    _number(8).filter(lambda digits: digits[:4] != digits[4:]),
    st.integers(0, 7),
    st.sampled_from(["", " ", "，", ", ", "-", "、"]),
)
@settings(max_examples=50, deadline=None)
def test_an_order_number_may_be_spoken_in_any_groups(digits: str, at: int, pause: str) -> None:
    reading = values.read("order_number", digits[:at] + pause + digits[at:], "zh", today=TODAY)
    assert reading is not None and reading.value == digits


@given(st.tuples(st.just("1"), _number(10, "3456789")).map("".join))
@settings(max_examples=50, deadline=None)
def test_a_phone_number_may_be_spoken_in_chinese_or_english_words(digits: str) -> None:
    chinese = "".join("零幺二三四五六七八九"[int(digit)] for digit in digits)
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    english = " ".join(words[int(digit)] for digit in digits)
    for text, language in ((chinese, "zh"), (english, "en")):
        reading = values.read("phone", text, language, today=TODAY)  # type: ignore[arg-type]
        assert reading is not None and reading.value == digits


@given(st.text(string.digits + string.ascii_uppercase, min_size=18, max_size=18))
@settings(max_examples=50, deadline=None)
def test_a_tax_number_that_does_not_add_up_is_doubtful(code: str) -> None:
    reading = values.read("tax_number", code, "zh", today=TODAY)
    assert reading is None or reading.doubtful != adds_up(reading.value)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1 ",
        "一",
        "两个三",
        "不对",
        "明天",
        "not ",
        "at dot ",
        "a.",
        "a",
        "，",
        "路",
        "one hundred and ",
        "不是3是",
        "我叫王",
        "3点到",
        "嗯，",
        " ",
        "好",
    ],
)
def test_ten_thousand_characters_are_no_trouble(piece: str) -> None:
    text = piece * (10_000 // len(piece))
    began = time.process_time()
    for kind in KINDS:
        values.read(kind, text, "zh", today=TODAY, choices=CHOICES)
    values.find_all(text, "en", TODAY)
    values.corrects(text, "zh")
    for wish in WISHES:
        wish(text)
    assert time.process_time() - began < 2
