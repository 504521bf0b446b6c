"""Where a number is from: mobiles by their first seven digits, landlines by their area code. Pure: the same number is
from the same place for as long as the packages' tables are the same. A mobile's owner may have moved, and may have
taken the number to another carrier.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from agent.events import CallerRegion
from agent.routing.lines.number import LineKind, parse_number

CARRIERS = {"移动": "中国移动", "联通": "中国联通", "电信": "中国电信", "广电": "中国广电"}
"""The four carriers by their short names; who resells their lines (虚拟运营商) keeps the name that it has."""

SERVICE_CARRIERS = {
    "10086": "移动", "10085": "移动", "10000": "电信", "10001": "电信", "10010": "联通", "10011": "联通",
    "10099": "广电", "4000": "联通", "4006": "联通", "4001": "移动", "4007": "移动", "4008": "电信", "4009": "电信",
}  # fmt: skip
"""Whose service numbers and 400 numbers are, by their first digits, where that is settled."""


@dataclass(frozen=True)
class Located:
    """A number and where it is from. Names are Chinese and short (``广东``, ``深圳``, ``中国移动``); empty where the
    number does not tell. Of a number abroad, ``province`` is its country or region (``香港``, ``美国``).
    """

    kind: LineKind
    digits: str
    province: str = ""
    city: str = ""
    carrier: str = ""


@lru_cache(maxsize=4096)
def locate(number: str) -> Located:
    """What is known of any number, in any of its written forms. Never raises."""
    line = parse_number(number)
    if line.kind == "mobile":
        return _mobile(line.digits)
    if line.kind == "landline":
        return Located("landline", line.digits, *_by_area_code(line.digits))
    if line.kind == "service":
        return _service(line.digits)
    if line.kind == "abroad":
        return Located("abroad", line.digits, _country(line.digits))
    return Located(line.kind, line.digits)


def caller_region(located: Located) -> CallerRegion:
    """As the event on the call's timeline."""
    return CallerRegion(province=located.province, city=located.city, carrier=located.carrier, line=located.kind)


@cache
def places() -> Mapping[str, frozenset[str]]:
    """All provinces, and the cities of each, by the names that `locate` gives."""
    found: dict[str, set[str]] = {}
    table = _mobiles()
    for record in table.buf[table.head_fmt_length : table.first_phone_record_offset].split(b"\0"):
        if record:
            province, city, *_ = record.decode().split("|")
            found.setdefault(province, set()).add(_short(city))
    return {province: frozenset(cities) for province, cities in found.items()}


@cache
def countries() -> frozenset[str]:
    """Countries and regions that are dialled as abroad (``香港``, ``美国``), by the names that `locate` gives."""
    from phonenumbers import SUPPORTED_REGIONS, example_number
    from phonenumbers.geocoder import country_name_for_number

    examples = (example_number(region) for region in SUPPORTED_REGIONS if region != "CN")
    return frozenset(country_name_for_number(one, "zh") for one in examples if one is not None) - {""}


@cache
def _mobiles() -> Any:
    from phone import Phone

    return Phone()


def _mobile(digits: str) -> Located:
    record = _mobiles().find(digits)
    if record is None:
        return Located("mobile", digits, *_described(digits, "CN"), _carrier_name(digits))
    carrier = record["phone_type"] or ""
    return Located("mobile", digits, record["province"], _short(record["city"]), CARRIERS.get(carrier, carrier))


def _service(digits: str) -> Located:
    area = _by_area_code(digits) if digits.startswith("0") else ("", "")
    short = next((name for prefix, name in SERVICE_CARRIERS.items() if digits.startswith(prefix)), "")
    return Located("service", digits, *area, CARRIERS.get(short, ""))


def _by_area_code(digits: str) -> tuple[str, str]:
    """Province and city; none without an area code."""
    if not digits.startswith("0"):
        return "", ""
    area = digits[:3] if digits[:2] in ("01", "02") else digits[:4]
    # A service number is too short to be placed; any landline of its area is where it is.
    return _described(digits if len(digits) >= 10 else f"{area}88881234"[:11], "CN")


def _described(number: str, region: str | None) -> tuple[str, str]:
    """``江苏省南京市`` is 江苏, 南京; ``湖南省长沙市、湘潭市、株州市`` is 湖南, 长沙."""
    from phonenumbers import parse
    from phonenumbers.geocoder import description_for_number

    text = description_for_number(parse(number, region), "zh").partition("、")[0]
    province = next((name for name in places() if text.startswith(name)), "")
    if not province:
        return "", ""
    rest = text.removeprefix(province)
    for kind in ("省", "市", "自治区", "壮族自治区", "回族自治区", "维吾尔自治区"):
        rest = rest.removeprefix(kind)
    known = max((city for city in places()[province] if rest.startswith(city)), key=len, default="")
    if province in ("北京", "上海", "天津", "重庆"):
        return province, known or province
    return province, known or _short(rest)


def _short(city: str) -> str:
    for kind in ("地区", "盟", "市"):
        if len(city) > len(kind) + 1:
            city = city.removesuffix(kind)
    return city


def _carrier_name(digits: str) -> str:
    from phonenumbers import parse
    from phonenumbers.carrier import name_for_number

    return str(name_for_number(parse(digits, "CN"), "zh"))


def _country(digits: str) -> str:
    from phonenumbers import parse
    from phonenumbers.geocoder import country_name_for_number

    return str(country_name_for_number(parse(digits, None), "zh"))
