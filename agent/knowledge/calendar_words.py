"""Dates, weekdays and times of day, as they stand in a text whose numerals are figures. Pure."""

import re
from collections.abc import Iterator

from agent.knowledge.fact import FactToken, Scanner, one

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = "|".join([*(m.capitalize() for m in _MONTHS), *(m[:3].capitalize() for m in _MONTHS)])
_ZH_DAYS = "一二三四五六日"
_EN_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_RELATIVE = {
    "大前天": "-3", "前天": "-2", "昨天": "-1", "昨晚": "-1", "今天": "0", "今晚": "0", "今日": "0", "当天": "same day",
    "大后天": "3",
    "后天": "2", "明天": "1", "明早": "1", "明晚": "1", "明日": "1", "次日": "next day",
    "第2天": "next day", "隔天": "next day",
    "the day after tomorrow": "2", "day after tomorrow": "2", "tomorrow": "1", "today": "0", "tonight": "0",
    "yesterday": "-1", "same day": "same day", "next day": "next day", "本周": "this week", "这周": "this week",
    "下周": "next week", "上周": "last week", "this week": "this week", "next week": "next week",
    "last week": "last week",
    "这个月": "this month", "本月": "this month", "下个月": "next month", "下月": "next month",
    "next month": "next month",
    "this month": "this month", "今年": "this year", "明年": "next year", "this year": "this year",
    "next year": "next year",
    "周末": "weekend", "weekend": "weekend", "节假日": "holidays", "春节": "spring festival", "国庆": "national day",
    "spring festival": "spring festival", "national day": "national day", "第2年": "next year",
}  # fmt: skip
_RELATIVE_PATTERN = re.compile(
    "|".join(rf"\b{re.escape(w)}\b" if w.isascii() else re.escape(w) for w in sorted(_RELATIVE, key=len, reverse=True)),
    re.IGNORECASE,
)
_PERIOD = r"上午|早上|早晨|清晨|凌晨|中午|下午|傍晚|晚上|夜里|晚"
_TO = r"\s*(?:到|至|-|~|–|—|to|until|and)\s*"
_AFTER_HOUR = r"半|[一13三]刻|\d{1,2}分?(?!\d)|整"
_CLOCK = re.compile(
    rf"(?:(?P<p1>{_PERIOD})?(?<![\d.])(?P<h1>\d{{1,2}})(?:(?:点钟?|时(?!间))(?P<m1>{_AFTER_HOUR})?|:(?P<c1>\d\d))?{_TO})?"
    rf"(?P<p2>{_PERIOD})?(?<![\d.])(?P<h2>\d{{1,2}})(?:(?:点钟?|时(?!间))(?P<m2>{_AFTER_HOUR})?|:(?P<c2>\d\d)(?::\d\d)?(?!\d))"
    r"(?P<a2>\s*[ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
_EN_CLOCK = re.compile(
    r"(?:(?<![\d.])(?P<h1>\d{1,2})(?::(?P<c1>\d\d))?\s*(?P<a1>[ap]\.?m\b\.?)?(?:\s*(?:to|until|and|-|–)\s*))?"
    r"(?<![\d.])(?P<h2>\d{1,2})(?::(?P<c2>\d\d))?\s*(?P<a2>[ap]\.?m\b\.?|o['’]clock)"
    r"(?:\s+in the (?P<p2>morning|afternoon|evening))?",
    re.IGNORECASE,
)


def _time(hour: str, minute: str | None, period: str | None) -> tuple[int, int]:
    number, late = int(hour), (period or "").lower().strip()
    if (late.startswith(("下午", "傍晚", "晚", "夜", "p", "after", "even")) and number < 12) or (
        late.startswith("中午") and number < 11
    ):
        number += 12
    elif late.startswith(("凌晨", "a")) and number == 12 and not late.startswith("after"):
        number = 0
    minute = minute or "0"
    if minute == "半":
        return number, 30
    if minute.endswith("刻"):
        return number, 45 if minute[0] in "三3" else 15
    return number, int(re.sub(r"\D", "", minute) or 0)


def _clock(match: re.Match[str]) -> Iterator[FactToken]:
    found = match.groupdict()
    period2 = found.get("a2") or found.get("p2")
    if period2 and period2.lower().startswith("o"):
        period2 = found.get("p2")
    second = None
    if found["h1"] is not None:
        first = _time(found["h1"], found.get("c1") or found.get("m1"), found.get("a1") or found.get("p1"))
        if not (found.get("a1") or found.get("p1")) and period2 and found.get("a2"):
            # 2 to 5 pm: both are in the afternoon, unless the first would then be the later.
            both = _time(found["h1"], found.get("c1"), period2)
            first = both if int(found["h1"]) < int(found["h2"]) else first
        yield _said(first)
        second = found.get("p1") if not period2 else None
    yield _said(_time(found["h2"], found.get("c2") or found.get("m2"), period2 or second))


def _said(time: tuple[int, int]) -> FactToken:
    return FactToken("time", f"{time[0]:02}:{time[1]:02}")


def _month(name: str) -> str:
    return f"{next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name.lower())):02}"


def _date(match: re.Match[str]) -> Iterator[FactToken]:
    found = match.groupdict()
    month = found.get("m") or (_month(found["name"]) if found.get("name") else "")
    day = found.get("d") or ""
    yield FactToken("date", "-".join((found.get("y") or "", month and f"{int(month):02}", day and f"{int(day):02}")))


_ORDINAL = r"(?:st|nd|rd|th)"
CALENDAR: tuple[Scanner, ...] = (
    (re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)(?:T(?=\d))?"), _date),
    (re.compile(r"(?:(?P<y>\d{4})年)?(?<!\d)(?P<m>\d{1,2})月份?(?:(?P<d>\d{1,2})[日号]?(?!\d))?"), _date),
    (re.compile(r"(?<!\d)(?P<d>\d{1,2})(?:号(?![线楼码])|日(?!内|以内|之内))"), _date),
    (re.compile(rf"\b(?P<d>\d{{1,2}}){_ORDINAL}?\s+(?:of\s+)?(?P<name>{_MONTH})\b(?:,?\s+(?P<y>\d{{4}})\b)?"), _date),
    (
        re.compile(
            rf"\b(?P<name>{_MONTH})\.?\s+(?:the\s+)?(?P<d>\d{{1,2}}){_ORDINAL}?\b(?!:)(?:,?\s+(?P<y>\d{{4}})\b)?"
        ),
        _date,
    ),
    (re.compile(rf"\b(?:(?:in|since|until|by|of)\s+)(?P<name>{_MONTH})\b"), _date),
    (re.compile(rf"\b(?P<d>\d{{1,2}}){_ORDINAL}\b(?!\s+(?:floor|storey|day|time))"), _date),
    (re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])"), one("weekday", lambda m: str(_ZH_DAYS.find(m[1]) + 1 or 7))),
    (
        re.compile(rf"\b({'|'.join(_EN_DAYS)})s?\b", re.IGNORECASE),
        one("weekday", lambda m: str(_EN_DAYS.index(m[1].lower()) + 1)),
    ),
    (_RELATIVE_PATTERN, one("day", lambda m: _RELATIVE[m[0].lower()])),
    (re.compile(r"\b(?:12\s+)?noon\b", re.IGNORECASE), one("time", lambda m: "12:00")),
    (re.compile(r"\b(?:12\s+)?midnight\b", re.IGNORECASE), one("time", lambda m: "00:00")),
    (_CLOCK, _clock),
    (_EN_CLOCK, _clock),
)
"""In the order in which they are to read."""
