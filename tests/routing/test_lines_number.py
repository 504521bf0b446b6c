"""One number is written in many ways; what kind it is and where it is from is told of any of them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.hotline_events import CallerRegion
from agent.routing import can_call_back
from agent.routing.lines import Located, caller_region, countries, locate, parse_number, places

MOBILE = Located("mobile", "13800138000", "北京", "北京", "中国移动")
LANDLINE = Located("landline", "01088881234", "北京", "北京")


@pytest.mark.parametrize(
    "written",
    [
        "13800138000", "+8613800138000", "008613800138000", "8613800138000", "013800138000", "+86 138 0013 8000",
        "138-0013-8000", "(+86)13800138000", "+86013800138000", "１３８００１３８０００", "sip:13800138000@10.1.2.3",
        "sip:+8613800138000@carrier.example;user=phone", "<sips:%2B8613800138000@host:5061>",
        '"李先生" <sip:13800138000@host>', "tel:+86-138-0013-8000", "1795113800138000", "12593 13800138000",
        "  13800138000\u200b", "13800138000;ext=5",
    ],
)  # fmt: skip
def test_a_mobile_is_the_same_number_however_it_is_written(written: str) -> None:
    assert locate(written) == MOBILE


@pytest.mark.parametrize(
    "written",
    [
        "01088881234", "010-88881234", "(010) 8888-1234", "+86 10 8888 1234", "+8601088881234", "008601088881234",
        "861088881234", "1088881234", "010-88881234转801", "010 8888 1234 ext. 12", "tel:+861088881234;ext=12",
    ],
)  # fmt: skip
def test_a_landline_is_the_same_number_however_it_is_written(written: str) -> None:
    assert locate(written) == LANDLINE


@pytest.mark.parametrize(
    ("number", "province", "city"),
    [
        ("021-62345678", "上海", "上海"),
        ("023-88881234", "重庆", "重庆"),
        ("0755-12345678", "广东", "深圳"),
        ("0571 8888 1234", "浙江", "杭州"),
        # One area code for three cities: the first of them.
        ("0731-88881234", "湖南", "长沙"),
        ("0471-6512345", "内蒙古", "呼和浩特"),
        ("0771-5512345", "广西", "南宁"),
        ("0991-2345678", "新疆", "乌鲁木齐"),
        ("0433-2512345", "吉林", "延边"),
        ("0898-68881234", "海南", "海口"),
        # No area code: somewhere in China.
        ("88881234", "", ""),
    ],
)
def test_a_landline_is_from_where_its_area_code_is(number: str, province: str, city: str) -> None:
    located = locate(number)
    assert (located.kind, located.province, located.city) == ("landline", province, city)
    assert not province or city in places()[province]


@pytest.mark.parametrize(
    ("number", "province", "carrier"),
    [
        # Ranges that phonenumbers' own table does not place.
        ("19212345678", "重庆", "中国广电"),
        ("19999123456", "新疆", "中国电信"),
        ("14912345678", "江苏", "中国电信"),
        ("16512345678", "北京", "移动虚拟运营商"),
    ],
)
def test_new_mobile_ranges_are_known(number: str, province: str, carrier: str) -> None:
    located = locate(number)
    assert (located.kind, located.province, located.carrier) == ("mobile", province, carrier)


@pytest.mark.parametrize(
    ("number", "digits", "carrier"),
    [
        ("400-800-1234", "4008001234", "中国电信"),
        ("+864008001234", "4008001234", "中国电信"),
        ("04008001234", "4008001234", "中国电信"),
        ("8008101234", "8008101234", ""),
        ("10086", "10086", "中国移动"),
        ("95588", "95588", ""),
        ("95 8888 88", "95888888", ""),
        ("110", "110", ""),
        ("12345", "12345", ""),
        ("118114", "118114", ""),
    ],
)
def test_service_numbers_are_told_apart(number: str, digits: str, carrier: str) -> None:
    assert locate(number) == Located("service", digits, carrier=carrier)


def test_a_service_number_with_an_area_code_is_from_there() -> None:
    assert locate("021-12345") == Located("service", "02112345", "上海", "上海")


@pytest.mark.parametrize(
    ("number", "digits", "country"),
    [
        ("+85221234567", "+85221234567", "香港"),
        ("0085221234567", "+85221234567", "香港"),
        ("85221234567", "+85221234567", "香港"),
        ("+1 (202) 555-0123", "+12025550123", "美国"),
        ("sip:+81312345678@gw", "+81312345678", "日本"),
    ],
)
def test_a_number_abroad_names_its_country(number: str, digits: str, country: str) -> None:
    assert locate(number) == Located("abroad", digits, country)
    assert country in countries()


@pytest.mark.parametrize(
    "number",
    [
        "", "  ", "anonymous", "Anonymous", "sip:anonymous@anonymous.invalid", "No Caller-ID", "N/A", "隐藏号码",
        "未知", "+266696687", "266696687", "7378742833", "0", "00000000000", "sip:@host", "+",
    ],
)  # fmt: skip
def test_a_withheld_number_has_no_digits(number: str) -> None:
    assert locate(number) == Located("withheld", "")
    assert not can_call_back(parse_number(number).digits)


@pytest.mark.parametrize(
    "number",
    [
        "browser", "1380013800", "138001380001", "123456", "abc123", "++8613800138000x", "138001380OO", "*67#",
        "99999999999999999999", "11111111", "sip:alice@host", "+999123", "13800138000 13800138001",
    ],
)  # fmt: skip
def test_what_is_no_number_is_malformed_and_from_nowhere(number: str) -> None:
    located = locate(number)
    assert (located.kind, located.province, located.city, located.carrier) == ("malformed", "", "", "")


LIKE_NUMBERS = st.text(alphabet=string.digits + "+-() .;@:sip*#转x\u200b０１%", max_size=40)


@given(st.one_of(st.text(max_size=60), LIKE_NUMBERS))
def test_whatever_comes_there_is_an_answer(text: str) -> None:
    located = locate(text)
    region = caller_region(located)
    assert isinstance(region, CallerRegion) and region.line == located.kind
    assert located.digits.removeprefix("+").isascii()
    assert located.digits == "" or located.digits.removeprefix("+").isdigit()
    assert (located.kind == "withheld") <= (located.digits == "")
    if located.kind in ("mobile", "landline", "service") and located.province:
        assert located.province in places()


@given(st.one_of(LIKE_NUMBERS, st.from_regex(r"(\+86|0086|)(1[3-9]\d{9}|0[1-9]\d{9,10}|[48]00\d{7})", fullmatch=True)))
def test_the_written_form_is_read_as_itself(text: str) -> None:
    line = parse_number(text)
    if line.kind not in ("malformed", "withheld"):
        assert parse_number(line.digits) == line


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_every_mobile_is_one_with_and_without_its_country(number: str) -> None:
    assert locate(number) == locate(f"+86{number}") == locate(f"sip:{number}@host")
    assert locate(number).kind == "mobile"


def test_the_places_are_the_provinces_of_the_mainland_by_their_short_names() -> None:
    assert len(places()) == 31
    assert "深圳" in places()["广东"] and "兴安盟" not in places()["内蒙古"]
    assert "香港" in countries() and "中国" not in countries()
