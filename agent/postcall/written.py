"""Spoken numbers in written form, with every character still knowing which words of the transcript it came from.

Ready-made inverse text normalisation (WeText, cn2an's transform) keeps no positions and splits order numbers
("88472 619"), so the runs are found here and only the arithmetic of Chinese cardinals is left to cn2an.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cn2an

from agent.postcall.patterns import patterns

_SEPARATORS = r"[\s,，、.。\-–—·…;；]*"


@dataclass(frozen=True)
class Written:
    """``text`` is ``original`` with its numbers as digits; ``spans[i]`` is where character i of it came from."""

    original: str
    text: str
    spans: tuple[tuple[int, int], ...]

    def quote(self, start: int, end: int) -> str:
        """The words of the transcript behind ``text[start:end]``."""
        first, last = self.origin(start, end)
        return self.original[first:last].strip()

    def origin(self, start: int, end: int) -> tuple[int, int]:
        return self.spans[start][0], self.spans[end - 1][1]

    def replace(self, replacements: list[tuple[int, int, str]]) -> "Written":
        """A copy with non-overlapping, ordered pieces replaced; each new character comes from the whole old piece."""
        text, position = "", 0
        spans: list[tuple[int, int]] = []
        for start, end, new in replacements:
            text += self.text[position:start] + new
            spans += self.spans[position:start]
            spans += [self.origin(start, end)] * len(new)
            position = end
        return Written(self.original, text + self.text[position:], (*spans, *self.spans[position:]))


def write(original: str) -> Written:
    """Narrow and Simplified characters, and digits for number words, Chinese and English, mixed or not."""
    narrow = "".join(_narrow(character) for character in original)
    written = Written(original, narrow, tuple((i, i + 1) for i in range(len(narrow))))
    for step in _STEPS:
        written = written.replace(list(step(written.text)))
    return written


def _narrow(character: str) -> str:
    character = patterns("zh").words("traditional").get(character, character)
    narrow = unicodedata.normalize("NFKC", character)
    # Only where the length stays the same, and not for punctuation whose Chinese form tells where a sentence ends.
    return narrow if len(narrow) == 1 and narrow.isalnum() else character


def _digit_class() -> str:
    return "0-9" + "".join(patterns("zh").words("digits"))


def _value(digit: str) -> str:
    return str(patterns("zh").words("digits").get(digit, digit))


def _misheard_ones(text: str) -> Iterator[tuple[int, int, str]]:
    digits, ones = _digit_class(), patterns("zh").words("one_misheard")
    for match in re.finditer(rf"(?<=[{digits}])[{ones}](?=[{digits}])|[{ones}](?=[{digits}]{{2}})", text):
        yield match.start(), match.end(), "1"


def _repeated_digits(text: str) -> Iterator[tuple[int, int, str]]:
    """ "三个八" inside a number is 888. Only beside another digit: "三个八升的桶" is something else."""
    digits, counts = _digit_class(), {"两": 2, **{str(n): n for n in range(2, 7)}}
    counts |= {word: n for word, n in patterns("zh").words("digits").items() if 2 <= n <= 6}
    measures = patterns("zh").words("measures")
    pattern = rf"([{''.join(counts)}])个([{digits}])(?!(?:{measures}))"
    for match in re.finditer(pattern, text):
        before = re.search(rf"[{digits}]{_SEPARATORS}$", text[: match.start()])
        after = re.match(rf"{_SEPARATORS}[{digits}]", text[match.end() :])
        if before or after:
            yield match.start(), match.end(), _value(match[2]) * counts[match[1]]


def _chinese_cardinals(text: str) -> Iterator[tuple[int, int, str]]:
    han = "".join(d for d in patterns("zh").words("digits") if d != "幺")
    pattern = rf"[{han}两]*[十百千万亿][{han}两十百千万亿]*|\d+(?:\.\d+)?[百千万][{han}两\d百千十]*"
    for match in re.finditer(pattern, text):
        decimal = text[: match.start()].endswith("点") and match[0][-1] in "万亿"
        if match[0][0] in "百千万亿" or decimal or _is_approximate(text, match.start(), match.end()):
            continue
        try:
            number = cn2an.cn2an(match[0].replace("〇", "零").replace("○", "零"), "smart")
        except (ValueError, LookupError):  # not a number after all; for "0万11" cn2an fails with a KeyError
            continue
        yield match.start(), match.end(), f"{number:g}" if number < 1e6 else str(int(number))


def _chinese_digits(text: str) -> Iterator[tuple[int, int, str]]:
    han = "".join(patterns("zh").words("digits"))
    for match in re.finditer(rf"[{han}]+|两(?=(?:{patterns('zh').words('measures')}))", text):
        if not _is_approximate(text, match.start(), match.end()):
            # One by one, so that each digit keeps its own place.
            yield from (
                (i, i + 1, "2" if text[i] == "两" else _value(text[i])) for i in range(match.start(), match.end())
            )


def _is_approximate(text: str, start: int, end: int) -> bool:
    """ "三五天", "七八百": roughly so many. Left as it was said."""
    words = text[start:end]
    digits = patterns("zh").words("digits")
    if len(words) < 2 or words[0] not in digits or words[1] not in digits or {"零", "幺"} & set(words[:2]):
        return False
    if len(words) == 2:
        following = re.match(patterns("zh").words("approximate_after"), text[end:])
        before = text[start - 1] if start else ""
        return following is not None and not before.isdigit() and abs(digits[words[0]] - digits[words[1]]) <= 2
    return words[2] in "十百千万"


def _ambiguous_ones(text: str) -> Iterator[tuple[int, int, str]]:
    one = patterns("zh").words("one_ambiguous")
    for match in re.finditer(rf"(?<=\d){one}(?=\d)", text):
        yield match.start(), match.end(), "1"
    for match in re.finditer(rf"(?<!\d){one}(?=([3-9]\d(?:{_SEPARATORS}\d)+))", text):
        # A whole mobile number but for its first digit, which is always 1.
        if sum(character.isdigit() for character in match[1]) == 10:
            yield match.start(), match.end(), "1"


def _decimals(text: str) -> Iterator[tuple[int, int, str]]:
    """ "12点5元" is 12.5 yuan; "3点5分" stays a time."""
    for match in re.finditer(r"(?<=\d)点(?=\d{1,2}(?:元|块|万))", text):
        yield match.start(), match.end(), "."


@cache
def _english() -> tuple[re.Pattern[str], dict[str, int]]:
    en = patterns("en")
    values = {**en.words("digits"), **en.words("teens"), **en.words("tens"), **en.words("scales")}
    words = "|".join(sorted((*values, *en.words("ordinals"), *en.words("repeats")), key=len, reverse=True))
    return re.compile(rf"\b(?:{words}|o)\b", re.IGNORECASE), values


def _english_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    en = patterns("en")
    pattern, _ = _english()
    tokens = [(m.start(), m.end(), m[0].lower()) for m in pattern.finditer(text)]
    groups: list[list[tuple[int, int, str]]] = []
    for token in tokens:
        glued = groups and re.fullmatch(r"[\s-]+(?:and\s)?", text[groups[-1][-1][1] : token[0]])
        joins = glued and _continues([word for _, _, word in groups[-1]], token[2])
        if joins:
            groups[-1].append(token)
        else:
            groups.append([token])
    for group in groups:
        words = [word for _, _, word in group]
        start, end = group[0][0], group[-1][1]
        if words == ["oh"] or words == ["o"]:
            beside_digit = re.search(rf"(?:\d|{'|'.join(en.words('digits'))})[\s,-]*$", text[:start], re.IGNORECASE)
            if not beside_digit:
                continue
        new = _english_value(words)
        if new is not None:
            yield start, end, new


def _continues(words: list[str], word: str) -> bool:
    """Whether a number word belongs to the number before it: "twenty" + "six", "two" + "hundred", "double" + "five"."""
    en = patterns("en")
    last, below_ten = words[-1], set(en.words("digits")) - {"zero", "oh"}
    if last in en.words("repeats"):
        return word in en.words("digits")
    if words[0] in en.words("repeats") or last in en.words("ordinals"):
        return False
    if word in en.words("scales"):
        return last not in ("zero", "oh", "o")
    small_ordinal = en.words("ordinals").get(word, 100) < 10
    if last in en.words("tens"):
        return word in below_ten or small_ordinal
    return last in en.words("scales") and word not in ("zero", "oh", "o") and word not in en.words("repeats")


def _english_value(words: list[str]) -> str | None:
    en = patterns("en")
    if words[0] in en.words("repeats"):
        if len(words) == 1:
            return None
        return str(en.words("digits").get(words[1], 0)) * int(en.words("repeats")[words[0]])
    ordinal = words[-1] in en.words("ordinals") and words[-1] not in en.words("digits")
    values = {"o": 0, **en.words("ordinals"), **_english()[1]}
    total, current = 0, 0
    for word in words:
        if word == "thousand":
            total, current = total + max(current, 1) * 1000, 0
        elif word == "hundred":
            current = max(current, 1) * 100
        else:
            current += values[word]
    number = total + current
    if not ordinal:
        return str(number)
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


_STEPS = (
    _misheard_ones, _repeated_digits, _chinese_cardinals, _chinese_digits, _ambiguous_ones, _decimals, _english_numbers,
)  # fmt: skip
