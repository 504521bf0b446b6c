"""Where an utterance gives a reason for worry, and which of the caller's own words say so. Pure text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.risk.rules import RiskRules, Signal

# One character for one character, so that a match in the tidied text stands at the same place in the spoken.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if not 0xFF1A <= code <= 0xFF20}
_FIGURES = {ord(word): figure for word, figure in zip("〇零一二三四五六七八九幺", "001234567891", strict=True)}
# Whisper writes Chinese with either punctuation; patterns know the Chinese one. Marks inside numbers (3.15) stay.
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ASCII_MARK = re.compile(r"(?<!\d)[,.!?;:]|[,.!?;:](?!\d)")
_CHINESE_MARK = dict(zip(",.!?;:", "，。！？；：", strict=True))
_CLAUSE_END = re.compile(r"[，。！？；：,!?;\n]|\.(?!\d)")
_NEAR = 40
_LONGEST_CLAUSE = 60
"""Characters of a quote, one line of a supervisor's screen. Unpunctuated speech is cut around the words."""


@dataclass(frozen=True)
class Finding:
    """A signal and the place of its words in the utterance."""

    signal: Signal
    start: int
    end: int


def find(text: str, rules: RiskRules) -> list[Finding]:
    """At most one finding a signal, the one with the longest words, in the rules' order."""
    readings = _readings(text)
    found: list[Finding] = []
    for signal in rules.signal:
        hits = list(_hits(readings, signal, rules))
        if hits:
            start, end = max(hits, key=lambda hit: (hit[1] - hit[0], -hit[0]))
            found.append(Finding(signal, start, end))
    return found


def harmless(text: str, rules: RiskRules) -> frozenset[str]:
    """The signals whose words are there, but only in a harmless way: 我是律师, 我老公还说打 12315，打什么打.

    What the classifier hears of these it hears in such words, and is not believed.
    """
    readings = _readings(text)
    return frozenset(signal.name for signal in rules.signal if _only_harmless(readings, signal, rules))


def find_retraction(text: str, rules: RiskRules) -> tuple[int, int] | None:
    """Where the caller takes back what they said, if they do."""
    tidied = _tidied(text)
    hits = [match.span() for pattern in rules.retraction.patterns for match in pattern.finditer(tidied)]
    return min(hits, default=None)


def _readings(text: str) -> tuple[str, ...]:
    """As spoken, and with Chinese digits as figures where there are any."""
    spoken = _tidied(text)
    written = spoken.translate(_FIGURES)
    return (spoken,) if written == spoken else (spoken, written)


def _only_harmless(readings: tuple[str, ...], signal: Signal, rules: RiskRules) -> bool:
    if any(_hits(readings, signal, rules)):
        return False
    anywhere = tuple(pattern for name in signal.contexts for pattern in rules.contexts[name].anywhere)
    words = signal.patterns + signal.exclusions + anywhere
    return any(pattern.search(reading) for reading in readings for pattern in words)


def _tidied(text: str) -> str:
    half_width = text.translate(_HALF_WIDTH)
    if not _HAN.search(half_width):
        return half_width
    return _ASCII_MARK.sub(lambda mark: _CHINESE_MARK[mark[0]], half_width)


def _hits(readings: tuple[str, ...], signal: Signal, rules: RiskRules) -> Iterator[tuple[int, int]]:
    """Places of the signal's words; what makes them harmless may stand in either reading (一看, 1看)."""
    spans = _spans(signal.patterns, readings)
    if not spans:
        return
    excluded = _spans(signal.exclusions, readings)
    for start, end in spans:
        if any(start < other_end and other_start < end for other_start, other_end in excluded):
            continue
        if not any(_defused(reading, start, end, signal, rules) for reading in readings):
            yield start, end


def _spans(patterns: tuple[re.Pattern[str], ...], readings: tuple[str, ...]) -> list[tuple[int, int]]:
    return [match.span() for reading in readings for pattern in patterns for match in pattern.finditer(reading)]


def _defused(text: str, start: int, end: int, signal: Signal, rules: RiskRules) -> bool:
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    near = text[max(0, start - _NEAR) : end + _NEAR]
    contexts = [rules.contexts[name] for name in signal.contexts]
    return any(
        pattern.search(words)
        for context in contexts
        for patterns, words in ((context.before, before), (context.after, after), (context.anywhere, near))
        for pattern in patterns
    )


def quote(text: str, start: int, end: int) -> str:
    """The clause around the words, exactly as the caller said it: a bare 法院 tells a supervisor little."""
    left, right = _clause(text, start, end)
    if right - left > _LONGEST_CLAUSE:
        room = max(0, _LONGEST_CLAUSE - (end - start)) // 2
        left, right = _whole_words(text, max(left, start - room), min(right, end + room))
    return text[left:right].strip()


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    left = max((match.end() for match in _CLAUSE_END.finditer(text, 0, start)), default=0)
    after = _CLAUSE_END.search(text, end)
    return left, after.start() if after else len(text)


def _whole_words(text: str, left: int, right: int) -> tuple[int, int]:
    """Widen a cut that falls inside a Latin word or a number."""
    while left > 0 and _joined(text, left):
        left -= 1
    while right < len(text) and _joined(text, right):
        right += 1
    return left, right


def _joined(text: str, place: int) -> bool:
    return all(character.isascii() and character.isalnum() for character in text[place - 1 : place + 1])
