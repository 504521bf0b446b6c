"""Nothing reaches the caller that no source states."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import Language
from agent.knowledge.grounding import facts, is_grounded, stated, ungrounded

REFUND: tuple[Language, str] = ("zh", "退款按原支付方式退回，3到5个工作日到账，运费15元。")


@pytest.mark.parametrize(
    "answer",
    [
        "三到五个工作日到账。",
        "运费是十五元",
        "最快3个工作日",
        "最晚五个工作日",
        "运费15块钱，3-5个工作日到账",
        "好的，马上为您办理。",
    ],
)
def test_what_the_source_says_may_be_said_in_other_words(answer: str) -> None:
    assert is_grounded(answer, [REFUND[1]], "zh")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("7个工作日到账", "7个工作日"),
        ("3个工作日到账", "3个工作日"),
        ("3到5天到账", "3到5天"),
        ("3到7个工作日", "3到7个工作日"),
        ("运费50元", "50元"),
        ("运费15美元", "15美元"),
        ("运费免费", "免费"),
        ("15天内到账", "15天"),
        ("退到支付宝", "支付宝"),
        ("明天到账", "明天"),
        ("请打95588", "95588"),
    ],
)
def test_what_the_source_does_not_say_is_named(answer: str, said: str) -> None:
    assert ungrounded(answer, [REFUND[1]], "zh") == (said,)


@pytest.mark.parametrize(
    ("answer", "source", "language", "grounded"),
    [
        ("11月27号星期五上午到", "2026-11-27 09:00", "zh", True),
        ("11月27号星期六", "2026-11-27", "zh", False),
        ("11月28号", "2026-11-27", "zh", False),
        ("on Friday the 27th of November", "2026-11-27", "en", True),
        ("尾号2913的订单", "88472913", "zh", True),
        ("尾号2914的订单", "88472913", "zh", False),
        ("订单8847 2913", "88472913", "zh", True),
        ("运单号7788123456", "JH7788123456", "zh", True),
        ("人工客服早上9点到晚上9点都在", "人工客服每天9点到21点", "zh", True),
        ("人工客服10点到21点", "人工客服每天9点到21点", "zh", False),
        ("Visits are at 9 am to 12 noon", "The visiting times are 9 to 12, and 14 to 17", "en", True),
        ("Visits are at 8 am to 12 noon", "The visiting times are 9 to 12, and 14 to 17", "en", False),
        ("陈先生，您好", "陈建国", "zh", True),
        ("李先生，您好", "陈建国", "zh", False),
        ("The KF-35G is 2699 yuan.", "The wall air conditioner KF-35G costs 2699 yuan.", "en", True),
        ("The KF-72L is 2699 yuan.", "The wall air conditioner KF-35G costs 2699 yuan.", "en", False),
        ("We ship it with DHL.", "A carrier delivers it.", "en", False),
        ("空调E4是排水异常", "空调E1是传感器", "zh", False),
    ],
)  # fmt: skip
def test_dates_numbers_and_names_stand_only_where_they_agree(
    answer: str, source: str, language: Language, grounded: bool
) -> None:
    assert is_grounded(answer, [source], language) == grounded


def test_a_tools_number_keeps_the_unit_of_its_field() -> None:
    source = stated({"refund_yuan": 1299, "days_min": 3, "days_max": 5, "visit_fee_yuan": None, "is_late": True})
    assert is_grounded("退给您1299元，3到5天到账", [source], "zh")
    assert ungrounded("退给您1299元，3到5个工作日到账", [source], "zh") == ("3到5个工作日",)
    assert not is_grounded("退给您5元", [source], "zh")
    assert not is_grounded("1299天到账", [source], "zh")


def test_a_number_that_the_caller_merely_said_is_no_number_of_days() -> None:
    assert not is_grounded("3天就到", ["不是4，是3"], "zh")
    assert is_grounded("您说的是3，对吗", ["不是4，是3"], "zh")


def test_without_sources_only_what_states_nothing_is_grounded() -> None:
    assert is_grounded("好的，请您稍等一下。", [], "zh")
    assert not is_grounded("2399元", [], "zh")


PIECES = st.lists(
    st.one_of(
        st.integers(0, 99_999).map(str),
        st.sampled_from([*"一二三四五六七八九十百千万两点半，。、到和 -:/%", "元", "天", "个工作日", "KF-35G", "周五",
                         "明天",
                         "免费", "洗衣机",
                         " to ", " or ", "yuan", " working days", " pm", "9:30", "2026-11-27", "尾号",
                         "陈先生", "Beijing "]),
        st.text(max_size=4),
    ),
    max_size=12,
).map("".join)  # fmt: skip
LANGUAGES = st.sampled_from(["zh", "en"])


@given(PIECES, LANGUAGES)
def test_whatever_a_source_says_stands_in_it(text: str, language: Language) -> None:
    assert ungrounded(text, [text], language) == ()


@given(PIECES, st.lists(PIECES, max_size=3), PIECES, LANGUAGES)
def test_one_more_source_never_takes_anything_away(
    answer: str, sources: Sequence[str], more: str, language: Language
) -> None:
    assert set(ungrounded(answer, [*sources, more], language)) <= set(ungrounded(answer, sources, language))


UNITS = st.sampled_from(["元", "天", "个工作日", "公斤", "年", "个月", "平方米"])


@given(st.integers(2, 99_999), st.integers(2, 99_999), UNITS)
def test_a_changed_number_is_always_caught(true: int, said: int, unit: str) -> None:
    assert is_grounded(f"是{said}{unit}", [f"是{true}{unit}"], "zh") == (true == said)


@given(st.integers(2, 999), st.permutations(["元", "天", "个工作日", "公斤", "年", "个月"]))
def test_a_changed_unit_is_always_caught(number: int, units: Sequence[str]) -> None:
    assert not is_grounded(f"是{number}{units[0]}", [f"是{number}{units[1]}"], "zh")


@given(st.dates(date(2025, 1, 1), date(2030, 1, 1)), st.integers(-40, 40))
def test_another_day_is_always_caught(day: date, off: int) -> None:
    said = day + timedelta(off)
    spoken = f"{said.month}月{said.day}号"
    assert is_grounded(spoken, [day.isoformat()], "zh") == ((said.month, said.day) == (day.month, day.day))


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_another_callers_number_is_always_caught(own: str, other: str) -> None:
    assert is_grounded(f"号码是{own[:3]} {own[3:7]} {own[7:]}", [own], "zh")
    assert is_grounded(f"号码是{other}", [own], "zh") == (own == other)


def test_facts_are_a_set_that_can_be_compared() -> None:
    assert facts("3-5个工作日", "zh") == facts("three to five working days", "en")
