"""English reading of numbers: ``num2words`` for the words, these rules for what kind of number it is.

``wetext`` has an English grammar too, but it reads $1,299 as "thousand two hundred" and order numbers as millions.
"""

import re
from collections.abc import Callable

from num2words import num2words

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH = "|".join(_MONTHS)
_UNITS = {
    "kg": "kilograms", "g": "grams", "km": "kilometres", "cm": "centimetres", "mm": "millimetres", "m": "metres",
    "kw": "kilowatts", "w": "watts", "v": "volts", "l": "litres", "ml": "millilitres", "hz": "hertz",
    "°c": "degrees Celsius", "℃": "degrees Celsius", "%": "percent",
}  # fmt: skip
_NUMBER = r"\d+(?:\.\d+)?"


def read_english(text: str) -> str:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def read_digits(digits: str, *groups: int) -> str:
    """Digit by digit with a short pause between groups; the last group size repeats."""
    parts, rest, sizes = [], digits, list(groups)
    while rest:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        parts.append(" ".join(_DIGITS[int(d)] for d in rest[:size]))
        rest = rest[size:]
    return ", ".join(parts)


def _cardinal(number: str) -> str:
    value = float(number) if "." in number else int(number)
    return str(num2words(value)).replace(",", "").replace(" and ", " ")


def _year(number: str) -> str:
    return str(num2words(int(number), to="year"))


def _ordinal(number: str) -> str:
    return str(num2words(int(number), to="ordinal")).replace(" and ", " ")


def _plural(count: str, one: str, many: str) -> str:
    return one if count == "1" else many


def _money(match: re.Match[str]) -> str:
    currency = match[1] or match[4]
    whole, cents = match[2], (match[3] or "00").ljust(2, "0")
    if currency == "$" or currency.lower().startswith("dollar"):
        main, minor = _plural(whole, "dollar", "dollars"), "cents"
        return f"{_cardinal(whole)} {main}" + (f" and {_cardinal(str(int(cents)))} {minor}" if cents != "00" else "")
    amount = whole if cents == "00" else f"{whole}.{cents.rstrip('0')}"
    return f"{_cardinal(amount)} yuan"


def _date(match: re.Match[str]) -> str:
    month = int(match[2])
    return f"{_MONTHS[month - 1]} {_ordinal(match[3])}, {_year(match[1])}" if 1 <= month <= 12 else match[0]


def _month_day(match: re.Match[str]) -> str:
    year = f", {_year(match[3])}" if match[3] else ""
    return f"{match[1]} {_ordinal(match[2])}{year}"


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), int(match[2]), (match[3] or "").replace(".", "").replace(" ", "").upper()
    if hour > 12 or (hour == 0 and not half):
        half = half or ("PM" if hour > 12 else "AM")
        hour = hour % 12 or 12
    spoken = _cardinal(str(hour))
    if minute:
        spoken += f" oh {_cardinal(str(minute))}" if minute < 10 else f" {_cardinal(str(minute))}"
    elif not half:
        spoken += " o'clock"
    return f"{spoken} {half}".rstrip()


def _code(match: re.Match[str]) -> str:
    spoken = read_digits(match[2], 4) if len(match[2]) > 2 else _cardinal(match[2])
    return f"{' '.join(match[1])} {spoken}"


_Replacement = str | Callable[[re.Match[str]], str]
_RULES: tuple[tuple[re.Pattern[str], _Replacement], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=\d),(?=\d{3}(?!\d))", ""),
        (
            r"(?<![\d.])(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)",
            lambda m: read_digits(m[1] + m[2] + m[3], 3, 4, 4),
        ),
        (r"(?<![\d.])([48]00)[- ]?(\d{3})[- ]?(\d{4})(?!\d)", lambda m: read_digits(m[1] + m[2] + m[3], 3, 3, 4)),
        (r"([$¥￥]|\bRMB ?|\bCNY ?)(\d+)(?:\.(\d{1,2}))?(?!\d)()", _money),
        (r"()(?<![\d.])(\d+)(?:\.(\d{1,2}))? ?(yuan|RMB|CNY|dollars?)\b", _money),
        (r"(?<!\d)(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)", _date),
        (rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?\b", _month_day),
        (r"(?<!\d)(\d{1,2}):(\d{2})(?::\d{2})?(?: ?([AaPp]\.?[Mm]\b\.?))?(?!\d)", _time),
        (r"\b([A-Z]{1,6})[- ]?(\d+)\b(?!\.\d)", _code),
        (r"(?<![\d.])(\d{7,}|123\d\d|9[56]\d{3})(?!\d|\.\d)", lambda m: read_digits(m[1], 4 if len(m[1]) > 5 else 5)),
        (r"(?i)(?<=number )(\d{4,})(?!\.?\d)", lambda m: read_digits(m[1], 4)),
        (rf"(?<=\d)\s*[-–~]\s*(?={_NUMBER})", " to "),
        (r"(?<![\d.])(\d+)(?:st|nd|rd|th)\b", lambda m: _ordinal(m[1])),
        (r"(?i)\b(in|since|until) ((?:19|20)\d{2})\b(?! [a-z])", lambda m: f"{m[1]} {_year(m[2])}"),
        (
            rf"(?i)({_NUMBER})\s*({'|'.join(re.escape(u) for u in sorted(_UNITS, key=len, reverse=True))})(?![a-z])",
            lambda m: f"{_cardinal(m[1])} {_UNITS[m[2].lower()]}",
        ),
        (rf"(?<![\d.]){_NUMBER}", lambda m: f"{_cardinal(m[0])}"),
        (r"\d", lambda m: f" {_DIGITS[int(m[0])]} "),
        (r"\s*&\s*", " and "),
    )
)
