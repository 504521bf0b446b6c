"""What kind of number a caller or a called number is, and its one written form. Pure; never raises.

Carriers, switches and people write one number in many ways: ``+86 138-0013-8000``, ``008613800138000``,
``<sip:013800138000@10.1.2.3;user=phone>``, ``17951 13800138000``.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

from agent.routing.numbers import WITHHELD

LineKind = Literal["mobile", "landline", "service", "abroad", "withheld", "malformed"]

WITHHELD_WORDS = frozenset(
    {
        "anonymous", "unavailable", "restricted", "unknown", "private", "withheld", "blocked", "nocallerid",
        "callerunknown", "privatenumber", "unknownnumber", "na", "none", "null", "未知", "未知号码", "匿名", "私人号码",
        "隐藏号码", "无主叫", "无号码", "无法显示", "号码隐藏",
    }
)  # fmt: skip
"""What trunks and switches say in place of a number, without spaces and marks."""

_URI = re.compile(r"(?:sips?|tel):([^>]*)", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:;|,|转|轉|分机|ext\.?|x|#).*$", re.IGNORECASE)
_MARKS = re.compile(r"[\s().\-_/\u00ad\u2010-\u2015\u200b-\u200f\u2060\ufeff]")
_IP_PREFIX = re.compile(r"(?:17951|17950|17911|17910|17909|17908|12593|10193)(?=0?1[3-9]\d{9}$|0[1-9]\d{8,10}$)")
"""Cheap long-distance prefixes of the carriers, which some switches still pass on."""

_MOBILE = re.compile(r"1[3-9]\d{9}")
_SERVICE = re.compile(
    r"[48]00\d{7}"  # paid for by the company, wholly (800) or in part (400)
    r"|9[56]\d{3,6}"  # banks, insurers, and the services of a province
    r"|100\d{2,3}|1010\d{4}|11[0-9]|11[68]\d{2,3}|12[0-2]|12\d{3}"  # carriers, directories, police, city hall
)
_AREA_CODE = re.compile(r"0(?:10|2\d|[3-9]\d\d)")
_LOCAL = re.compile(r"[2-8]\d{6,7}")


@dataclass(frozen=True)
class Line:
    """``digits``: as they are dialled inside China (``13800138000``, ``01088881234``, ``4008001234``); a number abroad
    with ``+`` and its country code; of a malformed one the digits that it has; none where it is withheld.
    """

    kind: LineKind
    digits: str


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Line:
    """Any text that a carrier, a switch or a person gives for a number."""
    plain = _plain(text)
    if not plain or plain.lower() in WITHHELD_WORDS or (plain.strip("+0") == "" and "+" not in plain[1:]):
        return Line("withheld", "")
    plus, digits = plain.startswith("+"), plain.removeprefix("+")
    if digits in WITHHELD:
        return Line("withheld", "")
    if not (digits.isascii() and digits.isdigit()):
        return Line("malformed", re.sub(r"[^0-9]", "", plain)[:32])
    if not plus and (chinese := _chinese(_IP_PREFIX.sub("", digits))):
        return chinese
    bare = digits[2:] if digits.startswith("00") else digits
    if bare.startswith("86") and (chinese := _chinese(bare[2:])):
        return chinese
    marked = plus or digits.startswith("00")
    if len(bare) >= (8 if marked else 10) and _is_number_abroad("+" + bare):
        return Line("abroad", "+" + bare)
    return Line("malformed", digits[:32])


def _plain(text: str) -> str:
    """Without a URI's dress, an extension, and the marks between digits."""
    text = unicodedata.normalize("NFKC", text)
    if (uri := _URI.search(text)) is not None:
        text = unquote(uri[1]).partition("@")[0]
    without = _MARKS.sub("", text.strip())
    # An extension comes after a number; words are left whole.
    return _EXTENSION.sub("", without) if without[:1] == "+" or without[:1].isdigit() else without


def _chinese(digits: str) -> Line | None:
    """As a number of China without its country code; None if it is none."""
    # A long-distance zero where none belongs.
    national = digits[1:] if re.fullmatch(r"0(?:1[3-9]\d{9}|[48]00\d{7})", digits) else digits
    if _MOBILE.fullmatch(national):
        return Line("mobile", national)
    if _SERVICE.fullmatch(national):
        return Line("service", national)
    area = _AREA_CODE.match(national)
    if area is not None and _SERVICE.fullmatch(national[area.end() :]):
        return Line("service", national)
    if _LOCAL.fullmatch(national) and len(set(national)) > 1:
        return Line("landline", national)
    # Some trunks leave out the zero of the area code.
    whole = national if national.startswith("0") else "0" + national
    if _AREA_CODE.match(whole) and 10 <= len(whole) <= 12 and _is_landline(whole):
        return Line("landline", whole)
    return None


def _is_landline(number: str) -> bool:
    from phonenumbers import NumberParseException, PhoneNumberType, number_type, parse

    try:
        return bool(number_type(parse(number, "CN")) == PhoneNumberType.FIXED_LINE)
    except NumberParseException:
        return False


def _is_number_abroad(number: str) -> bool:
    from phonenumbers import NumberParseException, is_valid_number, parse

    try:
        return bool(is_valid_number(parse(number, None)))
    except NumberParseException:
        return False
