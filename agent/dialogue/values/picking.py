"""Which of several values in one utterance is meant: 2964，哎不对，是2946 and 明天不行，后天吧."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.dialogue.values.figures import Figures
from agent.dialogue.values.reading import Reading
from agent.dialogue.values.words import pattern

_CLAUSE_END = re.compile(r"[，。,.！!？?；;\n]|(?<=[\u4e00-\u9fff])\s")
_LOOK_AROUND = 24


@dataclass(frozen=True)
class Candidate:
    """A value that stands at ``text[start:end]`` of the figures."""

    start: int
    end: int
    value: str
    doubtful: bool = False


def pick(written: Figures, candidates: Sequence[Candidate], refused: re.Pattern[str] | None = None) -> Reading | None:
    """The value that is meant: of what was not taken back or ruled out the last, for people correct themselves.

    Of two that will both do the first, doubtful. ``refused``: words that rule out the value in their clause.
    """
    ordered = sorted(candidates, key=lambda one: (one.start, -one.end))
    left = [one for i, one in enumerate(ordered) if not _ruled_out(written.text, ordered, i, refused)]
    if not left:
        return None
    wrong = _last_end(pattern("numbers", "taken_back"), written.text)
    after = [one for one in left if one.start >= max(wrong, _last_end(pattern("numbers", "instead"), written.text))]
    if after:
        left = after
    elif wrong and left[-1].end <= wrong:
        # Taken back: perhaps all of it, with nothing said in its place, perhaps something else.
        empty = written.text[wrong:].strip(" ，。,.！!吧") == ""
        return None if empty else _reading(written, left[-1], True)
    if len(left) > 1 and left[0].value != left[-1].value and _either_will_do(written.text, left[-2], left[-1]):
        return _reading(written, left[-2], True)
    return _reading(written, left[-1], False)


def _reading(written: Figures, chosen: Candidate, doubtful: bool) -> Reading:
    return Reading(chosen.value, written.said(chosen.start, chosen.end), chosen.doubtful or doubtful)


def _last_end(words: re.Pattern[str], text: str) -> int:
    """Where the last of the words ends, 0 for none. Sorry at the beginning is only polite."""
    return max((match.end() for match in words.finditer(text) if match.start() > 0), default=0)


def _ruled_out(text: str, ordered: Sequence[Candidate], i: int, refused: re.Pattern[str] | None) -> bool:
    one = ordered[i]
    before = text[max(ordered[i - 1].end if i else 0, one.start - _LOOK_AROUND, 0) : one.start]
    if pattern("numbers", "denied_before").search(before):
        return True
    if refused is None:
        return False
    stop = ordered[i + 1].start if i + 1 < len(ordered) else len(text)
    after = text[one.end : max(one.end, min(stop, one.end + _LOOK_AROUND))]
    # Between two values, what rules one out follows it: 上午不行晚上可以.
    shared = i > 0 and len(_CLAUSE_END.split(before)) == 1
    parts = [_CLAUSE_END.split(after)[0], *([] if shared else [_CLAUSE_END.split(before)[-1]])]
    return any(refused.search(part) for part in parts)


def _either_will_do(text: str, first: Candidate, second: Candidate) -> bool:
    between = text[first.end : max(first.end, second.start)][:_LOOK_AROUND]
    return pattern("numbers", "alternatives").fullmatch(between) is not None
