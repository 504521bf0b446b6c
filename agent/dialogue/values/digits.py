"""Numbers that are known by their digits: order numbers, their last four, phones, tax numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.dialogue.values.figures import Figures
from agent.dialogue.values.picking import Candidate, pick
from agent.dialogue.values.reading import Reading
from agent.dialogue.values.words import alternation, pattern, table

ORDER_DIGITS = 8
"""Of the company's own orders. Others are understood, but doubtful: a digit may have got lost."""
_OTHER_ORDER_DIGITS = range(6, 21)
TAIL_DIGITS = 4
MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d)\d{8}|0[3-9]\d{2}\d{7,8}|[48]00\d{7}")
_LOCAL = re.compile(r"[2-8]\d{6,7}")
_LOOK_BACK = 18
_LONGEST_GAP = 14
_TAX_LENGTHS = (18, 20, 17, 15)
_TAX_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Of a unified social credit code (GB 32100): none that is easily mistaken for a figure."""


@dataclass(frozen=True)
class Number:
    """Digits that belong together. ``label``: what the words before them call them (order, phone, other) or "";
    ``tail``: they are said to be the last of a number.
    """

    start: int
    end: int
    digits: str
    label: str = ""
    tail: bool = False


def read_order_number(written: Figures) -> Reading | None:
    """Eight digits, or doubtful 6 to 20. A mobile number is none, unless the caller calls it an order number."""
    found = [one for one in numbers(written) if one.label not in ("other", "phone") and not one.tail]
    whole = [one for one in found if len(one.digits) == ORDER_DIGITS]
    if not whole:
        whole = [
            one for one in found
            if len(one.digits) in _OTHER_ORDER_DIGITS and (one.label == "order" or not _is_phone(one.digits))
        ]  # fmt: skip
    return pick(written, [_candidate(one, one.digits, len(one.digits) != ORDER_DIGITS) for one in whole])


def read_order_tail(written: Figures) -> Reading | None:
    """Four digits, or the last four of a whole order number."""
    # 手机尾号5678 answers another question; 打电话给我，2946 does not.
    found = [
        one for one in numbers(written)
        if one.label != "other" and not (one.label == "phone" and (one.tail or len(one.digits) > TAIL_DIGITS))
    ]  # fmt: skip
    tails = [one for one in found if len(one.digits) == TAIL_DIGITS]
    if any(one.tail for one in tails):
        tails = [one for one in tails if one.tail]
    tails += [one for one in found if len(one.digits) == ORDER_DIGITS]
    if not tails:
        tails = [one for one in found if len(one.digits) in _OTHER_ORDER_DIGITS and not _is_phone(one.digits)]
    doubtful = {len(one.digits) for one in tails} - {TAIL_DIGITS, ORDER_DIGITS} != set()
    return pick(written, [_candidate(one, one.digits[-TAIL_DIGITS:], doubtful) for one in tails])


def read_phone(written: Figures) -> Reading | None:
    """A mobile number of mainland China without country code, or a landline with its area code; doubtful without."""
    found = [one for one in numbers(written) if one.label != "other"]
    for shape, doubtful in ((MOBILE, False), (_LANDLINE, False), (_LOCAL, True)):
        fitting = [one for one in found if shape.fullmatch(one.digits) and not (doubtful and one.label == "order")]
        if fitting:
            return pick(written, [_candidate(one, one.digits, doubtful) for one in fitting])
    return None


def misheard(written: Figures) -> Figures | None:
    """The same with what sounds like a digit taken for one, where it stands between two; None if nothing does."""
    sounds = table("numbers", "digits_misheard")
    found = [
        (match.start(), match.end(), sounds[match[0]])
        for match in re.finditer(rf"(?<=\d)[{''.join(sounds)}](?=\d)", written.text)
    ]
    return written.replace(found) if found else None


def _is_phone(digits: str) -> bool:
    return (MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits)) is not None


def _candidate(number: Number, value: str, doubtful: bool) -> Candidate:
    return Candidate(number.start, number.end, value, doubtful)


def numbers(written: Figures) -> list[Number]:
    """Every number that is more than a count, in order."""
    found: list[Number] = []
    end_before = 0
    for run in _runs(written.text):
        for part in _split(run):
            before = written.text[max(end_before, part.start - _LOOK_BACK) : part.start]
            # What two numbers share, the first one's label, does not hold across a sentence.
            tail = _ends_near(pattern("numbers", "tail"), before)
            found.append(replace(part, label=_label(before), tail=tail))
            end_before = part.end
    return found


def _label(before: str) -> str:
    """The kind whose words end last in what stands before."""
    nearest, at = "", -1
    for kind in ("other", "phone", "order"):
        for match in pattern("numbers", "labels", kind).finditer(before):
            if match.end() > at:
                nearest, at = kind, match.end()
    return nearest


def _ends_near(words: re.Pattern[str], before: str) -> bool:
    return any(len(before) - match.end() <= 8 for match in words.finditer(before))


def _runs(text: str) -> Iterator[list[Number]]:
    """Pieces of digits with nothing but pauses between them."""
    run: list[Number] = []
    for match in re.finditer(r"\d+", text):
        start, digits = match.start(), match[0]
        counted = _counted().match(text, match.end()) is not None and len(digits) <= 3
        measured = _measured().match(text, match.end()) is not None
        if counted or measured or re.search(r"[A-Z]-?$|第$|\d[:：]$|[¥￥$]\s?$", text[max(0, start - 3) : start]):
            # A count, an amount, a time, or the end of a model or tracking number.
            if run:
                yield run
            run = []
            continue
        gap = text[run[-1].end : start] if run else ""
        complete = sum(len(one.digits) for one in run) >= ORDER_DIGITS
        paused = re.search(r"[^\s\-–—]", gap) is not None
        if run and (
            len(gap) > _LONGEST_GAP
            or not _pause().fullmatch(gap)
            or (complete and paused and not _mobile_ahead(run, digits))
            or (paused and len(digits) >= TAIL_DIGITS and _corrects_one(text, run))
        ):
            yield run
            run = []
        run.append(Number(start, match.end(), digits))
    if run:
        yield run


def _corrects_one(text: str, run: list[Number]) -> bool:
    """不是五，是四，2946: the four is not the number's first digit."""
    one = run[0]
    return (
        len(run) == 1
        and len(one.digits) < TAIL_DIGITS
        and re.search(r"(?:是|not|it's) ?$", text[max(0, one.start - 5) : one.start]) is not None
    )


def _mobile_ahead(run: list[Number], digits: str) -> bool:
    """1381，2345，678 goes on: it begins as a mobile number does."""
    joined = "".join(one.digits for one in run) + digits
    return re.fullmatch(r"(?:86)?1[3-9]\d{6,9}|0\d{8,11}", joined) is not None


def _split(run: list[Number]) -> list[Number]:
    """The numbers in a run: a mobile number stands by itself, and a number said twice is one."""
    bounds, length = {0: 0}, 0
    for i, one in enumerate(run):
        length += len(one.digits)
        bounds[length] = i + 1
    joined = "".join(one.digits for one in run)
    if _LANDLINE.fullmatch(joined):
        return [_join(run)]
    for at, i in bounds.items():
        for size in (13, 11):
            end = at + size
            rest = len(joined) - end
            match = re.fullmatch(r"(?:86)?(1[3-9]\d{9})", joined[at:end])
            if end in bounds and match and _whole(at) and _whole(rest):
                before, after = run[:i], run[bounds[end] :]
                mobile = replace(_join(run[i : bounds[end]]), digits=match[1])
                return [*(_split(before) if before else []), mobile, *(_split(after) if after else [])]
    half = len(joined) // 2
    if half >= TAIL_DIGITS and half in bounds and joined[:half] == joined[half:]:
        return [_join(run[bounds[half] :])]
    for first in (ORDER_DIGITS, TAIL_DIGITS):
        rest = len(joined) - first
        if first in bounds and {first, rest} == {ORDER_DIGITS, TAIL_DIGITS}:
            return [_join(run[: bounds[first]]), _join(run[bounds[first] :])]
    return [_join(run)]


def _whole(digits: int) -> bool:
    return digits in (0, TAIL_DIGITS, ORDER_DIGITS) or digits >= 11


def _join(run: list[Number]) -> Number:
    return Number(run[0].start, run[-1].end, "".join(one.digits for one in run))


def _counted() -> re.Pattern[str]:
    return pattern("numbers", "counted")


def _measured() -> re.Pattern[str]:
    return pattern("numbers", "measured")


def _pause() -> re.Pattern[str]:
    return _compiled(f"(?:{alternation('numbers', 'pause')})*")


def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)


def read_tax_number(written: Figures) -> Reading | None:
    """Digits and capital letters, 15 to 20 of them; sure where it is a unified social credit code that adds up."""
    candidates = []
    for start, end, value in _codes(written.text):
        sure = len(value) == 18 and adds_up(value)
        candidates.append(Candidate(start, end, value, not sure))
    return pick(written, candidates)


def adds_up(code: str) -> bool:
    """Whether the last character of a unified social credit code is the check on the 17 before it (GB 32100-2015)."""
    if len(code) != 18 or any(character not in _TAX_CHARACTERS for character in code):
        return False
    total = sum(_TAX_CHARACTERS.index(code[i]) * pow(3, i, 31) for i in range(17))
    return _TAX_CHARACTERS.index(code[17]) == -total % 31


def _codes(text: str) -> Iterator[tuple[int, int, str]]:
    run: list[re.Match[str]] = []
    for match in [*re.finditer(r"[0-9A-Za-z]+", text), None]:
        word = match is not None and re.fullmatch(r"[A-Za-z]*[a-z][A-Za-z]+", match[0]) is not None
        gap = text[run[-1].end() : match.start()] if run and match else ""
        if run and (match is None or word or len(gap) > 3 or re.search(r"[^\s,，.、\-–—]", gap)):
            yield from _code(run)
            run = []
        if match is not None and not word:
            run.append(match)


def _code(run: list[re.Match[str]]) -> Iterator[tuple[int, int, str]]:
    """ "it's a 9111…": a letter too many at the beginning is a word."""
    for skipped in (0, 1):
        parts = run[skipped:]
        value = "".join(part[0] for part in parts).upper()
        if len(value) > 30:
            return
        if len(value) == 18:
            # The code has neither letter, so a recogniser that writes one heard a figure.
            value = value.replace("O", "0").replace("I", "1")
        if parts and len(value) in _TAX_LENGTHS and sum(character.isdigit() for character in value) >= 8:
            yield parts[0].start(), parts[-1].end(), value
            return
