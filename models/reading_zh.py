"""Mandarin reading of numbers.

WeTextProcessing's compiled grammar (``wetext``, Apache-2.0) does dates, times, measures, fractions and plain numbers;
it has wheels for Linux and macOS where WeTextProcessing itself brings 165 MB of pynini. It does not
know what a hotline must get right, so these rules go first: phone, order and model numbers digit by digit (with 幺, in
groups a listener can write down), money in 元角分, 两 before measure words, thousands separators.
"""

import re
from collections.abc import Callable
from functools import cache

from wetext import Normalizer

_DIGITS = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
_NOT_IN_NUMBER_BEFORE = r"(?<![\d.A-Za-z])"
_NOT_IN_NUMBER_AFTER = r"(?!\d|\.\d)"
_COUNTED = (
    r"(?!\s*(?:元|块|角|万|亿|千|百|个|台|件|次|人|位|天|年|月|日|号楼|米|公里|度|分|秒|小时|瓦|伏|[a-zA-Z%％℃]))"
)
_MEASURE_WORDS = "个台件部次位名双份盒箱瓶套只条张点层户间组款种片颗根把天年周"


def read_mandarin(text: str) -> str:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    # Segments without digits are left alone: the grammar would drop some interjections and is not free.
    text = re.sub(r"[^，。！？；、\n]*\d[^，。！？；、\n]*", lambda m: _grammar().normalize(m[0]), text)
    return re.sub(r"\d", lambda m: _DIGITS[m[0]], text)


def read_digits(digits: str, *groups: int) -> str:
    """Digit by digit, 幺 for one, with a short pause between groups; the last group size repeats."""
    parts, rest = [], digits
    sizes = list(groups)
    while rest:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        if len(rest) - size in (1, 2) and len(sizes) == 1 and size >= 4:  # no lonely digit at the end
            size = len(rest)
        parts.append("".join(_DIGITS[d] for d in rest[:size]))
        rest = rest[size:]
    return "，".join(parts)


@cache
def _grammar() -> Normalizer:
    return Normalizer(lang="zh", operator="tn")


def _mobile(match: re.Match[str]) -> str:
    return read_digits(re.sub(r"\D", "", match[0])[-11:], 3, 4, 4)


def _hotline(match: re.Match[str]) -> str:
    return read_digits(re.sub(r"\D", "", match[0]), 3, 3, 4)


def _landline(match: re.Match[str]) -> str:
    return f"{read_digits(match[1], 4)}，{read_digits(match[2], 4)}"


def _code(match: re.Match[str]) -> str:
    letters, digits = match[1], match[2]
    spoken = read_digits(digits, 4) if len(digits) > 2 else digits
    return f"{' '.join(letters.upper())} {spoken}" if letters.isupper() else f"{letters} {spoken}"


def _money(match: re.Match[str]) -> str:
    """In the grammar's hands 9.50 元 would be 九点五零元; a person says 九元五角."""
    whole, fraction = match[1], (match[2] or "").ljust(2, "0")[:2]
    jiao, fen = fraction[0], fraction[1]
    parts = [f"{whole}元"] if int(whole) or fraction == "00" else []
    if jiao != "0":
        parts.append(f"{jiao}角")
    elif fen != "0" and parts:
        parts.append("零")
    if fen != "0":
        parts.append(f"{fen}分")
    return "".join(parts)


def _as_digits(match: re.Match[str]) -> str:
    return read_digits(match[0], 4)


_Replacement = str | Callable[[re.Match[str]], str]
_RULES: tuple[tuple[re.Pattern[str], _Replacement], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=\d),(?=\d{3}(?!\d))", ""),
        (r"(?:\+?86[- ]?)?" + _NOT_IN_NUMBER_BEFORE + r"1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)", _mobile),
        (_NOT_IN_NUMBER_BEFORE + r"[48]00[- ]?\d{3}[- ]?\d{4}(?!\d)", _hotline),
        (_NOT_IN_NUMBER_BEFORE + r"(0\d{2,3})[- ](\d{7,8})(?!\d)", _landline),
        (r"[¥￥]\s*(\d+)(?:\.(\d{1,2}))?(?!\d)元?", _money),
        (_NOT_IN_NUMBER_BEFORE + r"(\d+)\.(\d{1,2})(?=元)元", _money),
        (r"(?<![A-Za-z\d])([A-Za-z]{1,8})[- ]?(\d+)(?![\dA-Za-z.:])", _code),
        (r"(?<=号|码)(?:是|为|：|:)?\s*\d{4,}" + _COUNTED, lambda m: re.sub(r"\d+", _as_digits, m[0])),
        (_NOT_IN_NUMBER_BEFORE + r"\d{7,}" + _NOT_IN_NUMBER_AFTER + _COUNTED, _as_digits),
        (
            _NOT_IN_NUMBER_BEFORE
            + r"(?:110|119|120|122|123\d\d|100(?:86|10|99)|9[56]\d{3})"
            + _NOT_IN_NUMBER_AFTER
            + _COUNTED,
            lambda m: "".join(_DIGITS[d] for d in m[0]),
        ),
        (r"(?<![\d.第:：/-])2(?=[" + _MEASURE_WORDS + "](?!月))", "两"),
        (r"(?<=月)0?2(?=[日号])", "二"),  # the grammar alone says 三月两日
        (r"(?<=\d)\s*[Kk][Ww](?![A-Za-z])", "千瓦"),
        (r"(?<=\d)\s*V(?![A-Za-z])", "伏"),
        (r"(?<=\d)\s*W(?![A-Za-z])", "瓦"),
        (r"(?<=\d)\s*Hz(?![A-Za-z])", "赫兹"),
        (r"\s*&\s*", "和"),
    )
)
