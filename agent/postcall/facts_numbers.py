"""Amounts of money, and what a run of digits is: a phone number, an order number, a tracking number …"""

import re
from dataclasses import dataclass
from decimal import Decimal

from agent.postcall.page import TAKEN, Page
from agent.postcall.patterns import Patterns, patterns
from agent.postcall.utterances import COMPLETE_NUMBER_DIGITS

MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
"""A mobile number of mainland China, with or without the country code."""
_LANDLINE = re.compile(r"0\d{9,11}|[48]00\d{7}")
_LOCAL_LANDLINE = re.compile(r"[2-8]\d{6,7}")
UNCLEAR_PHONE = "unclear_phone"
"""A telephone number with a digit too many or too few: kept as it was heard, for somebody to ask again."""
_UNCLEAR_DIGITS = 7
_ORDER_DIGITS = range(6, 21)
_LOOK_BACK = 24
_LOOK_AHEAD = 6
_UNPUBLISHED = "private"
"""Bank cards, ID cards, codes: never part of a summary."""


def find_amounts(page: Page) -> None:
    """Take amounts from the page, written "1299元", "12.5元", "1299 yuan", "50 dollars"."""
    for words in page.languages:
        for pattern in words.many("amount"):
            for match in page.matches(pattern):
                value = _amount(words, match.groupdict())
                if value:
                    page.take("amount", value, match.start(), match.end())


def _amount(words: Patterns, parts: dict[str, str | None]) -> str | None:
    number = Decimal(str(parts["number"]).replace(",", ""))
    number *= 10_000 if parts.get("ten_thousand") else 1
    number += Decimal(parts.get("jiao") or 0) / 10 + Decimal(parts.get("fen") or 0) / 100
    if number == 0:
        return None
    unit = "yuan"
    if words.language == "en":
        units, symbols = words.words("units_written"), words.words("symbols_written")
        unit = units[str(parts["unit"]).lower()] if parts.get("unit") else symbols.get(parts.get("symbol"), "yuan")
    written = f"{number:f}"
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return str(words.words("amount_written")).format(number=written, more=parts.get("more") or "", unit=unit)


@dataclass(frozen=True)
class _Chunk:
    """Digits spoken in one breath, and what separates them from the chunk before."""

    start: int
    end: int
    digits: str
    gap: str


def find_digit_runs(page: Page) -> None:
    """Take every number that is known by its digits. A run that fits nothing is left out rather than guessed at."""
    _take_tax_numbers(page)
    end_before = 0
    for run in _runs(page):
        for segment in _segments(run):
            start, end = segment[0].start, segment[-1].end
            digits = "".join(chunk.digits for chunk in segment)
            kind = _kind(page, digits, end_before, start, end)
            prefix = _letters_before(page.text[end_before:start]) if kind not in ("phone", None) else ""
            end_before = end
            if kind is None:
                continue
            mobile = MOBILE.fullmatch(digits)
            value = mobile[1] if kind == "phone" and mobile else "".join(filter(str.isalnum, prefix)) + digits
            if kind == _UNPUBLISHED:
                page.blot(start, end)
            else:
                page.take(kind, value, start - len(prefix), end)


def _take_tax_numbers(page: Page) -> None:
    """Tax numbers mix digits and letters, so they are not runs of digits."""
    for words in page.languages:
        label = words.words("contexts")["tax_number"]
        pattern = words.compile(
            rf"(?:{label})(?:是|\sis|：|:|,|，|\s)*(?P<value>[\dA-Z](?:[\s,，-]?[\dA-Z]){{14,19}})(?![\dA-Z])"
        )
        for match in page.matches(pattern):
            value = "".join(filter(str.isalnum, match["value"])).upper()
            if sum(character.isdigit() for character in value) >= 8:
                page.take("tax_number", value, match.start("value"), match.end("value"))


def _runs(page: Page) -> list[list[_Chunk]]:
    """Chunks of digits with only pauses and fillers between them. Counted things ("3次") are no part of a number."""
    zh, en = patterns("zh"), patterns("en")
    measure = re.compile(rf"(?:{zh.words('measures')}|{en.words('measures')})", re.IGNORECASE)
    between = re.compile(
        rf"(?:[\s,，、.。…;；\-–—·]|{zh.words('fillers')}|{en.words('fillers')}){{0,8}}", re.IGNORECASE
    )
    runs: list[list[_Chunk]] = []
    end_before = -1
    for match in re.finditer(r"\+?\d+", page.text):
        digits = match[0].lstrip("+")
        counted = len(digits) <= 3 and (
            measure.match(page.text, match.end()) or page.text[: match.start()].endswith("第")
        )
        if counted:
            end_before = -1
            continue
        gap = page.text[end_before : match.start()] if end_before >= 0 else TAKEN
        if between.fullmatch(gap):
            last = runs[-1][-1]
            if re.fullmatch(r"[\s\-–—]*", gap) and "\n" not in gap:
                runs[-1][-1] = _Chunk(last.start, match.end(), last.digits + digits, last.gap)
            else:
                runs[-1].append(_Chunk(match.start(), match.end(), digits, gap))
        else:
            runs.append([_Chunk(match.start(), match.end(), digits, "")])
        end_before = match.end()
    return runs


def _segments(run: list[_Chunk]) -> list[list[_Chunk]]:
    """The numbers in a run: a mobile number stands by itself, a complete number ends with its sentence."""
    for first in range(len(run)):
        for last in range(len(run), first, -1):
            rest = (_count(run[:first]), _count(run[last:]))
            if MOBILE.fullmatch("".join(chunk.digits for chunk in run[first:last])) and all(
                n == 0 or n >= 6 for n in rest
            ):
                left, right = run[:first], run[last:]
                return [
                    *(_segments(left) if left else []),
                    run[first:last],
                    *(_segments(right) if right else []),
                ]
    segments: list[list[_Chunk]] = [[]]
    for chunk in run:
        whole = _count(segments[-1]) >= COMPLETE_NUMBER_DIGITS
        if whole and (re.search(r"[。.；;\n]", chunk.gap) or len(chunk.digits) >= COMPLETE_NUMBER_DIGITS):
            segments.append([])
        segments[-1].append(chunk)
    return segments


def _count(chunks: list[_Chunk]) -> int:
    return sum(len(chunk.digits) for chunk in chunks)


def _kind(page: Page, digits: str, end_before: int, start: int, end: int) -> str | None:
    before = page.text[max(end_before, start - _LOOK_BACK) : start]
    context = _nearest_context(page, before)
    if len(digits) == 4 and any(words.one("ending").search(before[-10:]) for words in page.languages):
        return "number_ending"
    if MOBILE.fullmatch(digits):
        ordered = any(
            re.search(rf"(?:{words.words('strict_order')})[^\d]{{0,4}}$", before, re.IGNORECASE)
            for words in page.languages
        )
        return (
            "order_number" if ordered and context == "order_number" else context if context == _UNPUBLISHED else "phone"
        )
    context = (
        context
        or _nearest_context(page, page.text[end : end + _LOOK_AHEAD])
        or _nearest_context(page, page.utterance.asked)
    )
    if context == "phone" or (context is None and _LANDLINE.fullmatch(digits)):
        if _LANDLINE.fullmatch(digits) or _LOCAL_LANDLINE.fullmatch(digits):
            return "phone"
        return UNCLEAR_PHONE if len(digits) >= _UNCLEAR_DIGITS else None
    if context is not None:
        return context if len(digits) in _ORDER_DIGITS or context == _UNPUBLISHED else None
    return "order_number" if COMPLETE_NUMBER_DIGITS <= len(digits) < _ORDER_DIGITS.stop else None


def _nearest_context(page: Page, text: str) -> str | None:
    """The kind whose words end last in the text; of words that end together, the first in the file."""
    nearest, at = None, -1
    for words in page.languages:
        for kind, pattern in words.named("contexts").items():
            for match in pattern.finditer(text):
                if match.end() > at:
                    nearest, at = kind, match.end()
    return nearest


def _letters_before(text: str) -> str:
    """The letters that an order number begins with ("JD88472619"), with what stands between them and the digits."""
    match = re.search(r"(?:(?<![A-Za-z])[A-Z]{1,4}|(?:(?<![A-Za-z])[A-Z][\s.-]){2,4})-?\s?$", text)
    if match is None or match[0].strip(" -").lower() in {"id", "no", "is", "sn", "i"}:
        return ""
    return match[0]
