"""Numbers are read as a person on the phone reads them."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.reading import read_aloud

TEXT_NORM = Path(__file__).parent / "text_norm"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        # Phone numbers: digit by digit, 幺 for one, grouped as people write them down
        ("手机13812345678", "手机幺三八，幺二三四，五六七八"),
        ("138-1234-5678", "幺三八，幺二三四，五六七八"),
        ("+86 13812345678", "幺三八，幺二三四，五六七八"),
        ("请拨400-800-1234。", "请拨四零零，八零零，幺二三四。"),
        ("4008001234", "四零零，八零零，幺二三四"),
        ("010-64035547", "零幺零，六四零三，五五四七"),
        ("拨打12315投诉", "拨打幺二三幺五投诉"),
        ("尾号1702", "尾号幺七零二"),
        # Order, tracking and model numbers: digit by digit too
        ("订单88472913已发货", "订单八八四七，二九幺三已发货"),
        ("订单号：JH20260315", "订单号：J H 二零二六，零三幺五"),
        ("运单号SF1234567890123", "运单号S F 幺二三四，五六七八，九零幺二三"),
        ("工单号2051", "工单号二零五幺"),
        ("型号JH-W100", "型号JH-W 幺零零"),
        # Money: in yuan, jiao and fen; a long amount is still an amount
        ("¥1299.50", "一千二百九十九元五角"),
        ("退1299元", "退一千二百九十九元"),
        ("¥3,299", "三千二百九十九元"),
        ("9.05元", "九元零五分"),
        ("0.50元", "五角"),
        ("12345678元", "一千二百三十四万五千六百七十八元"),
        ("50-100元", "五十到一百元"),
        # Dates and times
        ("2026-03-15发货", "二零二六年三月十五日发货"),
        ("3月15日14:30上门", "三月十五日十四点三十分上门"),
        ("3月2日", "三月二日"),
        ("9:00-18:00", "九点到十八点"),
        # Quantities
        ("95%", "百分之九十五"),
        ("3~5个工作日", "三到五个工作日"),
        ("2台洗衣机", "两台洗衣机"),
        ("保修2年", "保修两年"),
        ("第2次", "第二次"),
        ("12个", "十二个"),
        ("1.5匹空调25℃", "一点五匹空调二十五摄氏度"),
        ("220V", "两百二十伏"),
        # What has no sound is not read
        ("🎉您好！**谢谢**", "您好！谢谢"),
        ("😀", ""),
    ],
)
def test_mandarin(written: str, spoken: str) -> None:
    assert read_aloud(written, "zh") == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("call 400-800-1234", "call four zero zero, eight zero zero, one two three four"),
        ("13812345678", "one three eight, one two three four, five six seven eight"),
        ("order 88472913", "order eight eight four seven, two nine one three"),
        ("JH20260315", "J H two zero two six, zero three one five"),
        ("dial 12315", "dial one two three one five"),
        ("$1,299.50", "one thousand two hundred ninety-nine dollars and fifty cents"),
        ("¥1299", "one thousand two hundred ninety-nine yuan"),
        ("1299 yuan", "one thousand two hundred ninety-nine yuan"),
        ("2026-03-15", "March fifteenth, twenty twenty-six"),
        ("March 15", "March fifteenth"),
        ("14:30", "two thirty PM"),
        ("9:05 am", "nine oh five AM"),
        ("at 9:00", "at nine o'clock"),
        ("3-5 business days", "three to five business days"),
        ("95%", "ninety-five percent"),
        ("10kg", "ten kilograms"),
        ("the 2nd try", "the second try"),
        ("within 24 hours", "within twenty-four hours"),
    ],
)
def test_english(written: str, spoken: str) -> None:
    assert read_aloud(written, "en") == spoken


@pytest.mark.parametrize(
    "line", [line for file in TEXT_NORM.glob("*.txt") for line in file.read_text("utf-8").splitlines()]
)
def test_mandarin_as_the_public_test_set_has_it(line: str) -> None:
    written, spoken = (part.strip() for part in line.split("=>"))
    assert read_aloud(written, "zh") == spoken


_FRAGMENTS = st.sampled_from(
    [
        "您好",
        "order",
        "13812345678",
        "¥",
        "1,299.5",
        "元",
        "2026-03-15",
        "14:30",
        "%",
        "JH",
        "-",
        "~",
        " ",
        ",",
        "，",
        "2",
        "个",
        "😀",
        "½",
        "0",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(_FRAGMENTS, max_size=12).map("".join)), st.sampled_from(["zh", "en"]))
def test_anything_can_be_read_and_no_ascii_digit_is_left(text: str, language: str) -> None:
    assert not re.search("[0-9]", read_aloud(text, language))  # type: ignore[arg-type]


@settings(deadline=None)
@given(st.text(alphabet="您好我想查一下订单，。！？谢ABc ", max_size=40))
def test_text_without_numbers_is_left_as_it_is(text: str) -> None:
    assert read_aloud(text, "zh") == text
