"""Which day a caller means: 明天, 下周二, 3月8号, next Friday, the 5th, in three days."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from agent.dialogue.values.figures import Figures
from agent.dialogue.values.picking import Candidate, pick
from agent.dialogue.values.reading import Reading
from agent.dialogue.values.words import pattern, table

_NOT_DIGIT = r"(?<!\d)"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_MONTH = r"(?P<month>1[0-2]|0?[1-9])"


def read_date(written: Figures, today: date) -> Reading | None:
    """A day as ISO 8601. Without a year the nearest one, without a month the next one; weekdays are ahead.

    Doubtful: a weekday that may be this week's or the next, a weekend, either of two, and "as soon as you can":
    tomorrow.
    """
    named = find_days(written, today)
    if named:
        return pick(written, named, pattern("times", "refused"))
    soon = pattern("times", "soon").search(written.text)
    if soon is None:
        return None
    return Reading((today + timedelta(days=1)).isoformat(), written.said(*soon.span()), doubtful=True)


def read_keyed_date(keys: str, today: date) -> Reading | None:
    """Month and day as four keys, a day as one or two, or the year too."""
    shape = re.fullmatch(r"(?P<year>20\d\d)?(?P<month>\d\d)(?P<day>\d\d)|(?P<only>\d{1,2})", keys)
    if shape is None:
        return None
    parts = {"day": shape["only"]} if shape["only"] else {name: shape[name] for name in ("year", "month", "day")}
    day = _calendar(parts, today)
    return Reading(day.isoformat(), keys) if day else None


def find_days(written: Figures, today: date) -> list[Candidate]:
    """Every day that is named, in order, each place once."""
    found: list[Candidate] = []
    taken = bytearray(len(written.text))
    for kind, expression in _expressions().items():
        for match in expression.finditer(written.text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            taken[start:end] = b"x" * (end - start)
            day, doubtful = _day(kind, match, today)
            if day is not None:
                found.append(Candidate(match.start(), match.end(), day.isoformat(), doubtful))
    return sorted(found, key=lambda one: one.start)


@cache
def _expressions() -> dict[str, re.Pattern[str]]:
    """By kind, those first that are part of no other."""
    months = _any(table("times", "months"))
    weekdays, weeks = table("times", "weekdays"), table("times", "weeks")
    english_days = _any(word for word in weekdays if len(word) > 1)
    chinese_days = "".join(word for word in weekdays if len(word) == 1)
    chinese_weeks = _any(word for word in weeks if not word.isascii())
    expressions = {
        # 三月八号 as `models.written_form` writes it.
        "mangled": rf"{_NOT_DIGIT}(?P<month>0[1-9]|1[0-2])年(?P<day>0[1-9]|[12]\d|3[01])月(?!\d)",
        "zh": rf"(?:(?P<year>20\d\d)年)?{_NOT_DIGIT}{_MONTH}月份?(?:的)?{_DAY}(?:[日号]|(?!\d))",
        "iso": rf"{_NOT_DIGIT}(?P<year>20\d\d)[-/.]{_MONTH}[-/.]{_DAY}(?!\d)",
        "slash": rf"{_NOT_DIGIT}{_MONTH}/{_DAY}(?![\d/])",
        "en": rf"(?<![a-z])(?P<name>{months})\.?\s(?:the\s)?{_DAY}(?:st|nd|rd|th)?(?![\d:])"
        r"(?:,?\s(?P<year>20\d\d)(?!\d))?",
        "en_day_first": rf"{_NOT_DIGIT}{_DAY}(?:st|nd|rd|th)?\s(?:of\s)?(?P<name>{months})(?![a-z])"
        r"(?:,?\s(?P<year>20\d\d))?",
        "zh_day": rf"(?P<relative>{_any(table('times', 'months_relative'))})?(?:的)?(?<![\d路街巷弄道村第])"
        rf"{_DAY}(?:日|号(?![码楼线门店院弄幢座室机栋单]))",
        "en_day": rf"(?<![a-z])(?:the\s|on\s){_DAY}(?:st|nd|rd|th)(?!\s?(?:1(?!\d)|one|time|floor|order|item)|[a-z])",
        "ahead": rf"(?:过|再过)?{_NOT_DIGIT}(?P<count>\d{{1,3}})(?P<unit>天|个?(?:周|星期|礼拜))(?:之后|以后|后)"
        r"|过(?P<count_about>\d)天(?!之?后|以后)"
        r"|(?<![a-z])in\s(?:about\s)?(?P<count_en>a|\d{1,3})\s(?P<unit_en>days?|weeks?)"
        r"|(?<![a-z])(?P<count_from>a|\d{1,3})\s(?P<unit_from>days?|weeks?)\s(?:from now|from today|later)",
        "relative_doubtful": rf"(?:{_any(table('times', 'relative_doubtful'))})(?![a-z]| tomorrow| next)",
        "relative": rf"(?<!他)(?:{_any(word for word in table('times', 'relative') if not word.isascii())})"
        rf"|(?<![a-z])(?:{_any(word for word in table('times', 'relative') if word.isascii())})(?![a-z])",
        "weekday": rf"(?<!\d)(?P<week>{chinese_weeks})?(?:个)?(?:周|星期|礼拜)(?P<weekday>[{chinese_days}])(?![\d年岁])"
        rf"|(?<![a-z])(?:(?P<week_en>last|this|next)\s)?(?:coming\s)?(?P<weekday_en>{english_days})(?![a-z])"
        r"(?P<after>\s(?:of\s)?next week)?",
    }
    return {kind: re.compile(expression, re.IGNORECASE) for kind, expression in expressions.items()}


def _any(words: Iterator[str] | dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


def _day(kind: str, match: re.Match[str], today: date) -> tuple[date | None, bool]:
    """The day, and whether it is doubtful."""
    parts = match.groupdict()
    if kind in ("relative", "relative_doubtful"):
        return today + timedelta(days=table("times", kind)[match[0].lower()]), kind == "relative_doubtful"
    if kind == "ahead":
        if parts["count_about"]:
            return today + timedelta(days=int(parts["count_about"])), True
        count = parts["count"] or parts["count_en"] or parts["count_from"] or ""
        unit = parts["unit"] or parts["unit_en"] or parts["unit_from"] or ""
        days = (1 if count.lower() == "a" else int(count)) * (1 if unit[0] in "天d" else 7)
        return today + timedelta(days=days), False
    if kind == "weekday":
        name = (parts["weekday"] or parts["weekday_en"]).lower()
        week = (parts["week"] or parts["week_en"] or "").lower()
        if parts["after"]:
            return _weekday(name, "下", today)
        return _weekday(name, week, today)
    if parts.get("name"):
        parts["month"] = str(table("times", "months")[parts["name"].lower()])
    return _calendar(parts, today), kind == "slash"


def _weekday(name: str, week: str, today: date) -> tuple[date, bool]:
    number = table("times", "weekdays")[name]
    weekend = name in ("末", "weekend")
    if not week:
        ahead = (number - today.weekday()) % 7
        return today + timedelta(days=ahead), weekend or ahead == 0
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(weeks=table("times", "weeks")[week], days=number)
    # Next Friday, on a Thursday: tomorrow, or the one after it? Chinese weeks leave no doubt.
    unclear = week == "next" and number > today.weekday()
    return day, weekend or unclear or (week in ("this", "这", "本") and day < today)


def _calendar(parts: dict[str, str | None], today: date) -> date | None:
    """None for the 30th of February."""
    day = int(parts["day"] or 0)
    if parts.get("month"):
        month = int(parts["month"] or 0)
        years = [int(parts["year"] or 0)] if parts.get("year") else [today.year - 1, today.year, today.year + 1]
        days = [_date(year, month, day) for year in years]
        return min((one for one in days if one), key=lambda one: abs(one - today), default=None)
    if relative := parts.get("relative"):
        month = today.month - 1 + table("times", "months_relative")[relative]
        return _date(today.year + month // 12, month % 12 + 1, day)
    months = [(today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1) for ahead in range(3)]
    days = [_date(year, month, day) for year, month in months]
    return next((one for one in days if one and one >= today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
