"""The facts that a text states: what can be looked for in a source and compared. Pure.

A text is put into figures (`agent.knowledge.numerals`) and read by one scanner after another, from the particular to
the general; what one has read is blanked for the next. Where a reading is in doubt the stricter is taken: a sentence
that is held back costs the caller an approved sentence in its place, a made-up fact costs their trust.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import yaml

from agent.events import Language
from agent.knowledge.calendar_words import CALENDAR
from agent.knowledge.fact import FactToken, Scanner, one
from agent.knowledge.numerals import GAP, in_figures
from agent.knowledge.units import UNIT_PATTERN, unit_of

_NAMES: tuple[str, ...] = tuple(
    sorted(
        {
            name
            for group in yaml.safe_load(Path(__file__).with_name("names.yaml").read_text("utf-8")).values()
            for name in group
        }
    )
)
_ZH_NAMES = re.compile("|".join(n for n in sorted(_NAMES, key=len, reverse=True) if not n.isascii()))
_EN_NAMES = re.compile(
    rf"\b(?:{'|'.join(n for n in sorted(_NAMES, key=len, reverse=True) if n.isascii())})s?\b", re.IGNORECASE
)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹潘葛范彭鲁韦马方任袁柳史唐薛雷贺汤罗毕郝邬常于傅齐康余顾孟黄萧尹姚邵汪毛戴宋庞熊纪"
    "舒项董梁杜阮蓝季贾江童颜郭梅林钟徐邱骆高夏蔡田樊胡凌霍万柯卢莫丁邓洪包石崔吉龚程邢裴陆翁曲段侯温向易廖文关叶白刘龙黎岳欧苏"
)
_TITLED = re.compile(rf"([{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?)(?:先生|女士|小姐|师傅|经理|老师|工程师|主管|主任)")
_EN_TITLED = re.compile(r"\b(?:Mr|Ms|Mrs|Miss|Dr|Master|Engineer)\.?\s+([A-Z][a-z]+(?:\s+[A-Z][a-z]+)?)")
_CAPITAL = re.compile(r"(?<=[a-z0-9,'’)] )([A-Z][A-Za-z]*)\b(?!-?\d)")
_WORK = re.compile(r"(?:安装|维修|上门|送货|配送|修理|客服|值班|专业|的)(?:师傅|经理|老师|工程师|主管|主任)$")
_CAPITALISED = frozenset(
    [
        "I",
        "Mr",
        "Ms",
        "Mrs",
        "Miss",
        "Dr",
        "OK",
        "AI",
        "WiFi",
        "SMS",
        "Wi",
        "Fi",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
)
"""Words that have capitals wherever they stand; dates are read as dates."""
_FREE = re.compile(
    r"免费|免运费|免邮|包邮|不(?:用|需要?|另外?|再)?收[取]?(?:任何)?费|不(?:用|需要?)(?:您)?(?:付费|付钱|花钱|交钱|掏钱)|不要钱|无需(?:付费|支付)|"
    r"\bfree\b(?!\s+to\b)(?<!feel free)(?<!frost-free)|"
    r"\bno (?:charge|cost|fee)\b|\bwithout (?:charge|cost)\b|\bnothing to pay\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)[^\s，。！？；、]+|\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b(?:/[!-~]*)?",
                   re.IGNORECASE | re.ASCII)  # fmt: skip
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,5}-?\d[A-Za-z0-9]*(?:-[A-Za-z0-9]+)*|"
                   r"(?<![A-Za-z0-9.])\d+[A-Z][A-Za-z0-9]*(?![A-Za-z0-9])")  # fmt: skip
_IDENTIFIER = re.compile(
    r"(?<![\d.])\+?\d{7,}(?![\d.]*\d)|(?<![\d.-])\d{3,4}(?:[ -]\d{3,4}){2,}(?![\d-])|(?<![\d.-])\d{3,4} \d{4,8}(?!\d)|"
    r"(?<![\d.-])0\d{2,3}-\d{7,8}(?!\d)|(?<![\d.-])\d{4}-\d{4}(?![\d-])(?!\s*(?:元|块|yuan))"
)
_TAIL = re.compile(
    r"(?:尾号|[后末]\s*\d\s*位(?:数字?|号码?)?|last (?:\d )?digits?|ending(?: in| with)?|ends in)"
    r"[是为:：,， is]*(\d{2,6})(?!\d)",
    re.IGNORECASE,
)
_N = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNIT = rf"(?:(?:{UNIT_PATTERN})(?<=[^a-zA-Z])|(?:{UNIT_PATTERN})(?![a-zA-Z]))"
_JOIN = r"\s*(?:到|至|-|~|–|—|to|and|乘以?|×|x|\*|by|/|、|或者?|和|or)\s*"
_MORE_NUMBERS = rf"(?:(?:\s*{_UNIT})?{_JOIN}|,\s*)[¥￥]?{_N}"
"""A comma joins numbers (3, 6 or 12 months), and parts what has its unit already (1299元，3到5天)."""
_LIMIT = (
    r"(?:(?:最[多少快慢晚长低高]|至少|不超过|不低于|up to|at most|at least|no more than|maximum|minimum|within)"
    r"(?:是|优惠|可以|约|收|抵)*\s*)"
)
_MONEY = {"¥": "yuan", "￥": "yuan", "RMB": "yuan", "CNY": "yuan", "$": "dollars", "USD": "dollars", "€": "euros"}
_QUANTITY = re.compile(
    rf"(?P<before>{_LIMIT})?(?P<money>(?:[¥￥$€]|\b(?:RMB|CNY|USD))\s*)?"
    rf"(?P<numbers>{_N}(?:{_MORE_NUMBERS})*)(?P<more>多|几|余|来)?(?:[\s-]*(?P<unit>{_UNIT}))?(?=(?P<next>[\u4e00-\u9fff])?)",
    re.IGNORECASE,
)
_ONE = re.compile(rf"(?P<n>{_N})(?:\s*(?P<unit>{_UNIT}))?(?P<join>{_JOIN}|,\s*)?", re.IGNORECASE)
_NO_UNIT = frozenset(
    "的是或和到以等了就也吧呢啊吗呀可请您我你他她它在有不会要能都还再这那就后前起由给为与及时内外上下左右多则但若如且而将把被让"
)


def _quantity(match: re.Match[str]) -> Iterator[FactToken]:
    parts = list(_ONE.finditer(match["numbers"]))
    shared = match["unit"] and unit_of(match["unit"])
    if not shared and match["money"]:
        shared = _MONEY[match["money"].strip().upper()]
    if not shared and not any(p["unit"] for p in parts) and match["next"] and match["next"] not in _NO_UNIT:
        shared = match["next"]  # 3瓶: not a unit that is known, but a unit
    units, last = [], shared or ""
    for part in reversed(parts):
        # Of 3到5个工作日 and 3, 6 or 12 months the first numbers have the unit of the last.
        last = unit_of(part["unit"]) if part["unit"] else last
        units.append(last)
    units.reverse()
    values = [_plain(part["n"]) for part in parts]
    at = 0
    while at < len(parts):
        join = (parts[at]["join"] or "").strip().lower()
        if join in ("到", "至", "-", "~", "–", "—", "to") and at + 1 < len(parts) and units[at] == units[at + 1]:
            yield FactToken("range", f"{values[at]}..{values[at + 1]}", units[at])
            at += 2
            continue
        unit = ("about " if match["more"] else "") + units[at]
        yield FactToken("bound" if match["before"] else "number", values[at], unit)
        at += 1


def _plain(number: str) -> str:
    """2,399.00 is 2399."""
    value = Decimal(number.replace(",", ""))
    return f"{value.normalize():f}"


def _code(match: re.Match[str]) -> Iterator[FactToken]:
    unit = re.fullmatch(rf"(\d+)({UNIT_PATTERN})", match[0], re.IGNORECASE)
    if unit:
        yield FactToken("number", _plain(unit[1]), unit_of(unit[2]))
    else:
        yield FactToken("code", match[0].replace("-", "").upper())


_SCANNERS: tuple[Scanner, ...] = (
    (_FREE, one("number", lambda m: "0", "yuan")),
    (_LINK, one("link", lambda m: re.sub(r"^(?:https?://)?(?:www\.)?|/$", "", m[0].lower()))),
    (_TAIL, one("tail", lambda m: m[1])),
    *CALENDAR,
    (_CODE, _code),
    (_IDENTIFIER, one("digits", lambda m: re.sub(r"\D", "", m[0]))),
    (_QUANTITY, _quantity),
)


_SPELLED = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9](?:[ ，,]{1,2}[A-Z0-9](?![A-Za-z0-9])){7,}")
"""9 1 1 1，0 1 0 8，M A 0 1: what is read out sign by sign is one code, not eight numbers."""


@lru_cache(maxsize=4096)
def facts(text: str, language: Language) -> frozenset[FactToken]:
    """Every number, amount, date, time, phone number, model, link, percentage and name that the text states.

    Numerals in words and in figures, and units in either language, give the same facts.
    """
    rest = figures = in_figures(_SPELLED.sub(lambda match: re.sub(r"[ ，,]", "", match[0]), text))
    found: list[FactToken] = []
    for pattern, read in _SCANNERS:
        for match in list(pattern.finditer(rest)):
            found += (FactToken(t.kind, t.value, t.unit, match[0].strip(f" {GAP}")) for t in read(match))
            rest = rest[: match.start()] + GAP * len(match[0]) + rest[match.end() :]
    return frozenset((*found, *_names(figures, language)))


def _names(text: str, language: Language) -> Iterator[FactToken]:
    for match in (*_ZH_NAMES.finditer(text), *_EN_NAMES.finditer(text)):
        yield FactToken("name", match[0].lower(), said=match[0])
    for match in _TITLED.finditer(text):
        if not _WORK.search(text[: match.end()]):
            yield FactToken("name", match[1], said=match[0])
    if language == "zh":
        return
    for match in _EN_TITLED.finditer(text):
        yield FactToken("name", match[1].lower(), said=match[0])
    for match in _CAPITAL.finditer(text):
        if match[1] not in _CAPITALISED and not any(c.isdigit() for c in match[1]):
            yield FactToken("name", match[1].lower(), said=match[1])
