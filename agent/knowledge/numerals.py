"""Numerals in words, written in figures: 三到五个工作日 becomes 3到5个工作日, twenty-four hours 24 hours. Pure.

What merely contains a numeral (一下, 万一, 百度) stays as it is. 一 and "one" are numbers only before a unit: 一个问题
and "one moment" state nothing.
"""

import re
import unicodedata

from agent.knowledge.units import UNIT_PATTERN, unit_of

_DIGITS = {
    c: n
    for n, cs in enumerate(("零〇○", "一壹幺", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for c in cs
}
_POWERS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_D = "".join(_DIGITS)
_RUN = re.compile(rf"[{_D}十拾百佰千仟万亿\d](?:[{_D}十拾百佰千仟万亿\d]|点(?=[{_D}](?![十百])))*")
_ZH_UNIT = re.compile(rf"\s*(?:{UNIT_PATTERN})")
GAP = "\0"
"""Between what must not be read as one: 周五十点 is no 50."""
_WEEKDAY = re.compile(rf"((?:周|星期|礼拜)[一二三四五六])(?=[{_D}十])")
_COUNTING = {"pieces", "digits"}
_HALF_BETWEEN = re.compile(r"(?<![\d.])(\d+)个半(小时|钟头|月)")
_HALF_BEFORE = re.compile(r"半(?=个(?:小时|钟头|月)|小时|年|天|月|斤|匹|米|公斤)")
_HALF_AFTER = re.compile(r"(?<![\d.])(\d+)(个)?(匹|小时|钟头|年|米|公斤|斤|天|月|升|倍)半(?!价)")

_WORDS = re.compile(
    r"一(?:下|些|般|样|直|起|定|旦|律|并|切|会儿?|边|共|致|向|旁|面|方面|系列|目了然|一|路|时|番|同|再|心|概|应|经)|(?<![午晨上间夜])一点(?!钟|半|整|到|至|前|[零一二三四五十\d])|再.{0,3}一[次遍回]|[上下这有]一次|"
    r"万一|统一|唯一|单一|同一|之一|逐一|每一|任一|进一步|第一(?!天|年|个月)|再三|三方|两者|两边|两侧|两种?样|十分(?!钟|之)|百分之|百分点|"
    r"千万(?=[别不要记勿请小注])|千(?=克|瓦|米|帕)|四川|三亚|九江|六安|百度|百货|五金|七夕|双十[一二]|十一假|五一(?!\d)|三星(?!级)|"
    r"(?:周|星期|礼拜)[一二三四五六]|四季|三包|八成|乱七八糟|五花八门"
)  # fmt: skip

_EN_SMALL = {
    word: n
    for n, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_EN_TENS = {
    word: 10 * n
    for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_EN_ORDINALS = {
    word: n
    for n, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 1
    )
}
_EN_ONES = "|".join((*_EN_SMALL, *_EN_TENS))
_EN_PART = rf"(?:(?:hundred|thousand|million)(?:\s+and(?=\s+(?:{_EN_ONES})\b))?|(?:{_EN_ONES}|dozen))\b"
_EN_NUMBER = re.compile(
    rf"\b(?:an?\s+(?=hundred|thousand|million|dozen))?{_EN_PART}(?:[\s-]+{_EN_PART})*", re.IGNORECASE
)
_EN_COUNTED = re.compile(rf"[\s-]*(?:{UNIT_PATTERN})(?![a-z])|\s+(?:to|or)\s+(?:{_EN_ONES}|\d)", re.IGNORECASE)
_EN_ORDINAL = re.compile(rf"\b({'|'.join(_EN_ORDINALS)})(?=\s+(?:floor|storey|day|time|year|month))", re.IGNORECASE)
_EN_REWRITES = tuple(
    (re.compile(pattern, re.IGNORECASE), figures)
    for pattern, figures in (
        (r"\bhalf an?\s+(?=hour|year|day|month|metre|meter)", "0.5 "),
        (r"\b(an?|one) (hour|year|day|month|metre|meter) and a half\b", r"1.5 \2s"),
        (
            r"\b(for|within|in|after|takes|lasts) (?:an?) (?=(?:whole )?(?:year|month|week|day|hour|minute)\b)",
            r"\1 1 ",
        ),
        (r"\b(\d+)(?:st|nd|rd|th)(?=\s+(?:floor|storey))", r"\1"),
        (r"\btwice\b", "2 times"),
        (r"\bonce\b(?=\s*(?:[.,;!?]|$|within|per|an?\s|every))", "1 times"),
    )
)


def in_figures(text: str) -> str:
    """The text with every numeral in figures, of both languages, in NFKC."""
    text = text.replace("，", ", ")  # not the comma in 2,399
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in unicodedata.normalize("NFKC", text))
    return _english(_chinese(text.translate(_SIMPLIFIED)))


_SIMPLIFIED = str.maketrans("兩萬億點號鐘個幾時後開週後層樓歲", "两万亿点号钟个几时后开周后层楼岁")


def _chinese(text: str) -> str:
    text = _WEEKDAY.sub(rf"\1{GAP}", text)
    kept = [match.span() for match in _WORDS.finditer(text)]

    def figures(match: re.Match[str]) -> str:
        run, after = match[0], text[match.end() :]
        # Only a run that is inside such a word: 二万一千 is a number, though it holds 万一.
        if run.isdigit() or any(a <= match.start() and match.end() <= b for a, b in kept):
            return run
        unit = _ZH_UNIT.match(after)
        if (
            run in "一壹百佰千仟万亿"
            and (unit is None or unit_of(unit[0].strip()) in _COUNTING)
            and not after.startswith(("个半", "点"))
        ):
            return run
        return _figures(run, after)

    text = _RUN.sub(figures, text)
    text = _HALF_BETWEEN.sub(r"\1.5个\2", text)
    text = _HALF_AFTER.sub(lambda m: f"{m[1]}.5{m[2] or ''}{m[3]}", text)
    text = re.sub(r"百分之(\d+(?:\.\d+)?)", r"\1%", text)
    return _HALF_BEFORE.sub("0.5", text)


def _figures(run: str, after: str) -> str:
    if all(c in _DIGITS or c.isdecimal() for c in run):
        digits = "".join(str(_DIGITS.get(c, c)) for c in run)
        if len(run) == 2 and not any(c.isdecimal() for c in run):
            if after.startswith("折"):
                return f"{digits[0]}.{digits[1]}"
            if (digits[0] != "0" and int(digits[1]) == int(digits[0]) + 1) or digits == "35":
                return f"{digits[0]}到{digits[1]}"  # 两三天, 三五天
        return digits
    whole, _, fraction = run.partition("点")
    if fraction:
        return f"{_whole(whole)}.{''.join(str(_DIGITS.get(c, c)) for c in fraction)}"
    return str(_whole(whole))


def _whole(run: str) -> int:
    """两千三百九十九 2399, 一百二 120, 2万 20000."""
    total = section = 0
    number: int | None = None
    last = 1
    for part in re.findall(r"\d+|.", run):
        if part.isdecimal():
            number = int(part)
        elif part in _DIGITS:
            number = (number or 0) * 10 + _DIGITS[part] if number is not None else _DIGITS[part]
            last = 1 if part in "零〇○" else last
        elif part in _POWERS:
            section += (1 if number is None else number) * _POWERS[part]
            number, last = None, _POWERS[part]
        else:
            section += number or 0
            total = (total + (section or 1)) * _MYRIADS[part]
            section, number, last = 0, None, _MYRIADS[part]
    if number is not None and 0 < number < 10 and last > 10:
        number *= last // 10
    return total + section + (number or 0)


def _english(text: str) -> str:
    for pattern, figures in _EN_REWRITES:
        text = pattern.sub(figures, text)
    text = _EN_ORDINAL.sub(lambda m: str(_EN_ORDINALS[m[1].lower()]), text)
    text = _EN_NUMBER.sub(_english_figures, text)
    return re.sub(r"\bclass (\d)\b", r"\1 class", text, flags=re.IGNORECASE)


def _english_figures(match: re.Match[str]) -> str:
    words = re.findall(r"[a-z]+", match[0].lower())
    after = match.string[match.end() :]
    if words == ["one"] and not _EN_COUNTED.match(after):
        return match[0]
    if len(words) > 1 and all(w in _EN_SMALL and _EN_SMALL[w] < 10 for w in words):
        # Said digit by digit: a number, an order.
        return "".join(str(_EN_SMALL[w]) for w in words)
    total = section = 0
    for word in words:
        if word in ("a", "an", "and"):
            continue
        if word in _EN_SMALL or word in _EN_TENS:
            section += _EN_SMALL.get(word, 0) + _EN_TENS.get(word, 0)
        elif word == "hundred":
            section = (section or 1) * 100
        elif word == "dozen":
            section = (section or 1) * 12
        else:
            total += (section or 1) * (1000 if word == "thousand" else 1_000_000)
            section = 0
    return str(total + section)
