"""A caller's words with the numbers in figures, each character still knowing the words it came from.

Done once for all readers: 六五三八, six five three eight, eighty-eight, 三个八 and double four become 6538, 6 5 3 8,
88, 888 and 44. Whisper and `models.written_form` write most numbers in figures, but neither single digits nor English.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cn2an

from agent.dialogue.values.words import heard, table

_GLUE = re.compile(r"[\s-]+(?:and\s+)?")
_LONGEST_GLUE = 8

Replacement = tuple[int, int, str]


@dataclass(frozen=True)
class Figures:
    """``origins[i]``: the piece of ``original`` that character i of ``text`` came from."""

    original: str
    text: str
    origins: tuple[tuple[int, int], ...]

    def said(self, start: int, end: int) -> str:
        """The caller's words behind ``text[start:end]``."""
        if start >= end:
            return ""
        first, last = self.origins[start][0], self.origins[end - 1][1]
        return self.original[first:last].strip()

    def replace(self, replacements: list[Replacement]) -> "Figures":
        """A copy with ordered pieces replaced that do not overlap."""
        parts: list[str] = []
        origins: list[tuple[int, int]] = []
        at = 0
        for start, end, new in replacements:
            parts += [self.text[at:start], new]
            origins += self.origins[at:start]
            origins += [(self.origins[start][0], self.origins[end - 1][1])] * len(new)
            at = end
        return Figures(self.original, "".join([*parts, self.text[at:]]), (*origins, *self.origins[at:]))


@lru_cache(maxsize=256)
def figures(text: str) -> Figures:
    """The end of a text in figures, as much as is looked at."""
    original = heard(text)
    narrow = "".join(_narrow(character) for character in original)
    written = Figures(original, narrow, tuple((i, i + 1) for i in range(len(narrow))))
    for step in (_chinese, _english, _between_digits, _letter_o, _repeats_zh, _repeats_en):
        written = written.replace(list(step(written.text)))
    return written


def _narrow(character: str) -> str:
    """Full-width letters and figures as usual ones; punctuation stays, its width tells nothing and costs nothing."""
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if len(narrow) == 1 and narrow.isalnum() else "'" if character == "’" else character


def _chinese(text: str) -> Iterator[Replacement]:
    digits, units = table("numbers", "digits"), table("numbers", "units")
    # Runs longer than any cardinal are digits, which may be cut anywhere.
    for match in re.finditer(rf"[{''.join(digits)}{units}]{{1,14}}", text):
        words, after = match[0], text[match.end() : match.end() + 1]
        if any(unit in words for unit in units):
            number = _cardinal(words)
            if number is not None:
                yield match.start(), match.end(), _apart(text, match.start(), number)
        elif words == "两":
            if after and after in table("numbers", "roughly") + "个周星礼":
                yield match.start(), match.end(), _apart(text, match.start(), "2")
        elif not _rough(words, after):
            yield from ((i, i + 1, digits[text[i]]) for i in range(match.start(), match.end()))


def _apart(text: str, start: int, number: str) -> str:
    """0338两个: the count does not belong to the number before it."""
    return f" {number}" if start > 0 and text[start - 1].isdigit() else number


def _cardinal(words: str) -> str | None:
    if words[0] in "百千万" or "幺" in words:
        return None
    try:
        return str(int(cn2an.cn2an(words.replace("〇", "零").replace("○", "零"), "smart")))
    except (ValueError, LookupError):  # no number after all; for some that are none cn2an fails with a KeyError
        return None


def _rough(words: str, after: str) -> bool:
    """三五天, 七八个: about so many."""
    if len(words) != 2 or after == "" or after not in table("numbers", "roughly") or {"零", "幺"} & set(words):
        return False
    first, second = (int(table("numbers", "digits")[word]) for word in words)
    return 0 < abs(second - first) <= 2


def _english(text: str) -> Iterator[Replacement]:
    words = table("numbers", "words") | table("numbers", "ordinals")
    tokens = re.compile(
        rf"(?<![A-Za-z0-9])(?:{'|'.join(sorted(words, key=len, reverse=True))})(?![A-Za-z0-9'])", re.IGNORECASE
    )
    group: list[re.Match[str]] = []
    for match in tokens.finditer(text):
        if match[0].lower() in ("o", "oh") and not _beside_number(text, match, tokens):
            continue
        if group and not _continues(text, group, match):
            yield group[0].start(), group[-1].end(), _value([token[0].lower() for token in group])
            group = []
        group.append(match)
    if group:
        yield group[0].start(), group[-1].end(), _value([token[0].lower() for token in group])


def _beside_number(text: str, match: re.Match[str], tokens: re.Pattern[str]) -> bool:
    """Oh is zero only in a number: Oh, three of them."""
    before = text[max(0, match.start() - 12) : match.start()]
    after = re.compile(r"[\s-]{0,2}").match(text, match.end())
    end = after.end() if after else match.end()
    follows = tokens.match(text, end) is not None or text[end : end + 1].isdigit()
    return (
        follows
        or re.search(r"(?:\d|zero|one|two|three|four|five|six|seven|eight|nine)[\s,-]{1,2}$", before) is not None
    )


def _continues(text: str, group: list[re.Match[str]], match: re.Match[str]) -> bool:
    """Whether a word belongs to the number before it: twenty + six, two + hundred. Not six + five."""
    gap = text[group[-1].end() : match.start()]
    if len(gap) > _LONGEST_GLUE or not _GLUE.fullmatch(gap):
        return False
    words, ordinals = table("numbers", "words"), table("numbers", "ordinals")
    last, word = group[-1][0].lower(), match[0].lower()
    value = words.get(word, ordinals.get(word, 0))
    if last in ordinals or value == 0 or len(group) > 6:
        return False
    before = words[last]
    if value in (100, 1000) and word in words:
        return bool(0 < before < 100 or before == 100 < value)
    if before in (100, 1000):
        return bool(value < before)
    return bool(before >= 20 and value < 10)


def _value(words: list[str]) -> str:
    cardinals, ordinals = table("numbers", "words"), table("numbers", "ordinals")
    total = current = 0
    for word in words:
        value = cardinals.get(word, ordinals.get(word, 0))
        if value == 1000:
            total, current = total + max(current, 1) * 1000, 0
        else:
            current = max(current, 1) * 100 if value == 100 else current + value
    number = total + current
    if words[-1] not in ordinals:
        return str(number)
    return f"{number}{_ordinal_ending(number)}"


def _ordinal_ending(number: int) -> str:
    return "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _between_digits(text: str) -> Iterator[Replacement]:
    digits = table("numbers", "digits_between")
    # 要 is an everyday word: only inside a number, or before the other ten digits of a mobile number.
    for match in re.finditer(
        rf"(?<=\d)[{''.join(digits)}](?=\d)|[妖腰夭洞](?=\d\d)|(?<!\d)要(?=[3-9]\d[\s,，]?\d{{4}}[\s,，]?\d{{4}}(?!\d))",
        text,
    ):
        yield match.start(), match.end(), digits[match[0]]


def _letter_o(text: str) -> Iterator[Replacement]:
    for match in re.finditer(r"(?<=\d)[oO](?=\d)|(?<![A-Za-z\d])[oO](?=\d\d)|(?<=\d\d)[oO](?![A-Za-z'])", text):
        yield match.start(), match.end(), "0"


def _repeats_zh(text: str) -> Iterator[Replacement]:
    """三个八 is 888, but only beside another digit: three of size 8 are something else."""
    for match in re.finditer(r"([2-6])个(\d)(?=[\s,，、]?\d|[\s,，。.]*$)", text):
        if re.search(r"\d[\s,，、]?$", text[max(0, match.start() - 2) : match.start()]) or match.end() < len(
            text.rstrip("。. ")
        ):
            yield match.start(), match.end(), match[2] * int(match[1])


def _repeats_en(text: str) -> Iterator[Replacement]:
    counts = table("numbers", "repeats")
    for match in re.finditer(rf"(?<![A-Za-z])({'|'.join(counts)})[\s-](\d)(?!\d)", text, re.IGNORECASE):
        yield match.start(), match.end(), match[2] * int(counts[match[1].lower()])
