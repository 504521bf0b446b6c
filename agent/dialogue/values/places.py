"""Where a caller lives and gets mail: addresses with their flat numbers, e-mail addresses typed or spoken."""

import re
from functools import cache

from agent.dialogue.values.figures import Figures
from agent.dialogue.values.reading import Reading
from agent.dialogue.values.words import alternation, pattern, table

_LONGEST_ADDRESS = 120
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_HOUSE = re.compile(r"\d+\s*(?:号|弄|栋|幢|座|单元|室|楼|层|院)|(?:路|街|道|巷|弄|园|苑|村|区|厦)\s*\d")
_ENGLISH_HOUSE = re.compile(r"\d")
_MARKS = "._+-"


ON_FILE = "on_file"
"""The value of an address that the company has of the caller already."""


def read_address(written: Figures) -> Reading | None:
    """The address whole, figures for house and flat numbers, without politeness. Doubtful without a house number."""
    start, end = _trim(written.text, "address_lead", "address_tail")
    text = written.text[start:end][:_LONGEST_ADDRESS]
    chinese = len(_CHINESE.findall(text)) * 3 > len(text)
    value, size = _chinese_address(written, start, text) if chinese else _english_address(text)
    # 9栋1201 alone is a part of one.
    if not value or not pattern("places", "address_where").search(value):
        return None
    sure = (_HOUSE if chinese else _ENGLISH_HOUSE).search(value) and pattern("places", "address_street").search(value)
    return Reading(value, written.said(start, start + size), doubtful=not sure)


def _trim(text: str, lead: str, tail: str) -> tuple[int, int]:
    """Where the text begins and ends without the words around it, which may come one after another."""
    start, end = 0, len(text)
    for _ in range(4):
        match = pattern("places", lead).match(text[start:])
        if match is None or match.end() == 0 or start + match.end() >= len(text):
            break
        start += match.end()
    match = pattern("places", tail).search(text[start:])
    return start, start + match.start() if match else end


def _chinese_address(written: Figures, start: int, text: str) -> tuple[str, int]:
    """Clauses that belong to an address, joined, and how much of the text they take."""
    value, size = "", 0
    for match in re.finditer(r"[^，,。.！!？?；;、\n]+", text):
        clause = match[0]
        part = pattern("places", "address_part").search(clause) or re.fullmatch(r"[\d\s\-A-Za-z]{1,10}", clause)
        if not part or re.search(r"[吗呢]|怎么|什么|多少|订单|我想|我要|帮我|麻烦|不是|不对|错", clause):
            if value:
                break
            continue
        value += _place_names(written, start + match.start(), start + match.end())
        size = match.end()
    return (re.sub(r"\s+", "", value), size) if len(value) >= 3 else ("", 0)


def _place_names(written: Figures, start: int, end: int) -> str:
    """Only what counts houses, floors and rooms, or ends the address, is a number: 三里屯 keeps its name."""
    parts, at = [], start
    counts = table("places", "address_counts")
    for match in re.finditer(
        rf"\d[\d\s\-]*(?=[{counts}]|$|[A-Za-z]|[，,。])|(?<=[{counts}])\d+", written.text[start:end]
    ):
        first, last = start + match.start(), start + match.end()
        parts += [written.said(at, first), written.text[first:last]]
        at = last
    return "".join([*parts, written.said(at, end)])


def _english_address(text: str) -> tuple[str, int]:
    end = re.search(r"[.!?](?:\s|$)(?!\d)", text)
    value = text[: end.start()] if end and not re.search(r"(?:no|st|rd|apt|ave)$", text[: end.start()], re.I) else text
    value = re.sub(r"\s+", " ", value).strip(" ,.!?")
    return (value, len(value)) if len(value) >= 6 else ("", 0)


def read_email(written: Figures) -> Reading | None:
    """Lower case. Doubtful where a word before it may belong to it (zhang san at …)."""
    spoken = _spelled(_marked(written))
    found = None
    for match in _email().finditer(spoken.text):
        before = spoken.text[: match.start()].rstrip()[-16:].lower()
        word = re.search(r"[a-z']+$", before)
        doubtful = spoken.text[match.start() - 1 : match.start()] == " " and word is not None
        doubtful = doubtful and word is not None and word[0] not in table("places", "email_lead")
        value = f"{match['user'].strip(_MARKS)}@{match['host'].strip(_MARKS)}".lower()
        if not value.startswith("@"):
            found = Reading(value, spoken.said(*match.span()), doubtful)
    return found


@cache
def _email() -> re.Pattern[str]:
    return re.compile(
        r"(?<![A-Za-z0-9._+-])(?P<user>[A-Za-z0-9][A-Za-z0-9._+-]{0,63})@(?P<host>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})",
        re.ASCII,
    )


def _marked(written: Figures) -> Figures:
    """艾特 and "at" as @, 点 and "dot" as a dot, without spaces around them."""
    marks = table("places", "email_marks")
    words = "|".join(rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else word for word in marks)
    at = re.compile(rf"\s*(?:@|{alternation('places', 'email_at')})\s*", re.IGNORECASE)
    text = written.replace([(match.start(), match.end(), "@") for match in at.finditer(written.text)])
    mark = re.compile(rf"\s*({words}|[._])\s*(?=[A-Za-z0-9@])", re.IGNORECASE)
    return text.replace(
        [
            (match.start(), match.end(), marks.get(match[1].lower(), match[1]))
            for match in mark.finditer(text.text)
            if re.search(r"[A-Za-z0-9]$", text.text[max(0, match.start() - 1) : match.start()])
        ]
    )


def _spelled(written: Figures) -> Figures:
    """t o m, T-O-M and 1 6 3 as one word each."""
    found = []
    for match in re.finditer(
        r"(?<![A-Za-z0-9])[A-Za-z0-9](?:[\s,-]{1,2}(?:[A-Za-z]|\d+)(?![A-Za-z0-9]))+", written.text
    ):
        found.append((match.start(), match.end(), re.sub(r"[\s,-]", "", match[0])))
    joined = written.replace(found)
    gaps = re.finditer(r"(?<=\d)[\s-]+(?=\d)|(?<=[A-Za-z]{2})\s+(?=\d+@)", joined.text)
    return joined.replace([(match.start(), match.end(), "") for match in gaps])
