"""Numbers are written as a reader expects them, and no digit is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.written_form import written_form

SPOKEN = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("我付了二百九十九块钱", "我付了299块钱"),
        ("订单号六五三八七二四九", "订单号65387249"),
        ("手机号一三八幺二三四五六七八", "手机号13812345678"),
        ("我要打幺二三幺五", "我要打12315"),
        ("一万二的定金", "12000的定金"),
        ("百分之二十的手续费", "20%的手续费"),
        ("二零二六年十一月二十六号买的", "2026年11月26日买的"),
        ("调到零点五度", "调到0.5度"),
    ],
)
def test_numbers_money_and_dates_are_figures(heard: str, written: str) -> None:
    assert written_form(heard) == written


@pytest.mark.parametrize(
    "words",
    [
        "明天下午三点可以吗", "一点都不好", "我等了一个多小时", "第三次打电话了", "两三天都没来", "万一坏了怎么办",
        "千万别", "十分感谢", "三三两两的", "七七八八都坏了", "来了十几个人", "打了几十个电话", "", "。", "二",
        "订单号 65387249", "手机 138 1234 5678", "OK 没问题", "3/4的人",
    ],
)  # fmt: skip
def test_what_reads_better_in_words_stays(words: str) -> None:
    assert written_form(words) == words


@given(st.text("0123456789", min_size=5, max_size=12))
def test_a_number_read_out_keeps_all_its_digits(digits: str) -> None:
    assert "".join(filter(str.isdigit, written_form("订单号是" + "".join(SPOKEN[d] for d in digits)))) == digits


@given(st.text(max_size=60))
def test_any_text_gives_a_text(text: str) -> None:
    assert isinstance(written_form(text), str)
