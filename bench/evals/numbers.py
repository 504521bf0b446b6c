"""The numbers and days that a sentence claims, and which of them stand in no source. Written apart from how the live
path checks what it says, so that one's hole is not the other's. Pure.

A claim is a number (``2399``), a figure of a date (``D7`` of 3月7日: no reason to speak of 7 days), a weekday (``W5``)
or a day from today (``T1``: 明天).
"""

import calendar
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import cn2an
from num2words import num2words

UNITS = (
    "元|块|天|小时|分钟|个?工作日|年|个月|公斤|升|匹|平方米|平米|米|厘米|分贝|点|层|楼|级|立方米|折|成|期|积分|分|月|日|号|"
    r"yuan|day|hour|minute|working|business|year|month|kilo|kg|lit|metre|meter|square|cm|centimet|decibel|horse|"
    r"floor|point|percent|o'clock|am\b|pm\b|%"
)
_MONTH = "|".join(calendar.month_name[1:])
_COMMA = re.compile(r"(?<=\d),(?=\d{3})")
_CHINESE = re.compile(rf"([零一二三四五六七八九十百千万两]+)(?=个?(?:{UNITS}))|(?<=月)([一二三四五六七八九十]+)")
_RANGE = re.compile(r"([一二三四五六七八九十]+)(?=(?:到|至)[一二三四五六七八九十]+(?:个|天|小时|年))")
_DATED = re.compile(
    rf"(?<!\d)\d{{4}}-(\d\d)-(\d\d)(?!\d)|(?<![\d.])(\d{{1,2}})(?=月(?!后|内)|日|号)|(?<=月)(\d{{1,2}})(?!\d)|(?:{_MONTH})\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\b"
    rf"|(?<![\d.])(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})|(?<![\d.])(\d{{1,2}})(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
_ARABIC = re.compile(r"\d+(?:\.\d+)?")
_GROUPED = re.compile(r"\d+(?:[ -]\d+)+")
_WITH_UNIT = re.compile(
    rf"(\d+(?:\.\d+)?)(?:\s*(?:到|至|-|~|to|or|and)\s*(\d+(?:\.\d+)?))?\s*(?:个|-)?\s*(?:{UNITS})", re.IGNORECASE
)
_ENGLISH = {num2words(number): number for number in range(3, 100)}
_ENGLISH_WORD = re.compile(rf"\b({'|'.join(sorted(_ENGLISH, key=len, reverse=True))})\b", re.IGNORECASE)
_WEEKDAY = re.compile(rf"(?:周|星期|礼拜)([一二三四五六日天])|\b({'|'.join(calendar.day_name)})\b", re.IGNORECASE)
_DAYS_ZH = "一二三四五六日"
_NEAR = {"T2": re.compile("后天|day after tomorrow"), "T1": re.compile("明天|明儿|(?<!day after )tomorrow")}
_KEYS = re.compile(r"按[0-9](?!\d)|press [0-9]\b|\bor [0-9](?= for)", re.IGNORECASE)
"""同意请按1: which key to press is no claim."""
_TAIL = 4
"""So many figures of a long number may be said for it: 尾号2913."""


def plain(text: str) -> str:
    """With half-width figures, and without commas in them."""
    return _COMMA.sub("", unicodedata.normalize("NFKC", text))


_SPELLED = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9](?:[ ,，]{1,2}[A-Z0-9](?![A-Za-z0-9])){7,}")
"""A tax number as it is read out, sign by sign."""


def claims(text: str) -> frozenset[str]:
    """What a sentence claims: numbers of two digits or more or with a unit, dates, weekdays, days from today."""
    text, found = _dates(_in_figures(_joined(_KEYS.sub("", plain(text)))))
    for group in _GROUPED.findall(text):
        text = text.replace(group, " ")
        found.add(re.sub(r"[ -]", "", group))
    found |= {number for number in _ARABIC.findall(text) if len(number) > 1}
    found |= {number for pair in _WITH_UNIT.findall(text) for number in pair if number}
    return frozenset(found)


def _joined(text: str) -> str:
    return _SPELLED.sub(lambda match: re.sub(r"[ ,，]", "", match[0]), text)


def wrong_numbers(sentence: str, sources: Sequence[str]) -> tuple[str, ...]:
    """The claims of a sentence that stand in no source. The end of a long number may be said for it, and a long number
    in groups.
    """
    known: set[str] = set()
    for source in sources:
        known |= _stands_in(source)
    return tuple(claim for claim in sorted(claims(sentence)) if not _is_known(claim, sentence, known))


def _is_known(claim: str, sentence: str, known: set[str]) -> bool:
    if claim in known or not claim[0].isdigit():
        return claim in known
    if _integral(claim) in known:
        return True
    if len(claim) >= _TAIL and any(number.endswith(claim) for number in known if len(number) > len(claim)):
        return True
    # Two numbers that only stand side by side: 2 10, not 210.
    groups = [group for group in _GROUPED.findall(plain(sentence)) if re.sub(r"[ -]", "", group) == claim]
    return any(all(_integral(part) in known for part in re.split(r"[ -]", group)) for group in groups)


@lru_cache(maxsize=4096)
def _stands_in(source: str) -> frozenset[str]:
    """Every number of a source, whether or not it has a unit."""
    text, found = _dates(_in_figures(plain(source)))
    found |= set(_ARABIC.findall(text)) | claims(source)
    return frozenset(found | {_integral(number) for number in found if number[0].isdigit()})


def _in_figures(text: str) -> str:
    """Numerals as figures; Chinese ones where a unit shows that they are numbers."""

    def figures(found: re.Match[str]) -> str:
        try:
            value = int(cn2an.cn2an(found[0], "smart"))
        except ValueError:
            return found[0]
        # 一天, 一个月, 一点, 两天: more often a way of speaking than a claim.
        dated = text[found.end() : found.end() + 1] in ("月", "日", "号")
        return str(value) if value > 2 or dated else found[0]

    text = _ENGLISH_WORD.sub(lambda found: str(_ENGLISH[found[0].lower()]), text)
    return _CHINESE.sub(figures, _RANGE.sub(figures, text))


def _dates(text: str) -> tuple[str, set[str]]:
    """The text without its dates, and their claims."""
    found = {f"D{int(figure)}" for groups in _DATED.findall(text) for figure in groups if figure}
    for zh, en in _WEEKDAY.findall(text):
        at = _DAYS_ZH.index(zh.replace("天", "日")) if zh else [*calendar.day_name].index(en.capitalize())
        found.add(f"W{at + 1}")
    found |= {name for name, pattern in _NEAR.items() if pattern.search(text)}
    return _DATED.sub(" ", text), found


def _integral(number: str) -> str:
    """2399.0 and 2399, 06 and 6 are said alike."""
    return str(int(float(number))) if float(number).is_integer() and len(number) < 9 else number
