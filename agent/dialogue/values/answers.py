"""Yes and no. Nothing is changed in the back end without a yes, so what might be something else is none:

好，那运费多少钱 is a question, 好像不是 and 对不起 only begin alike, 可以是可以，但是… comes with a condition.
"""

import re
from functools import cache

from agent.dialogue.values.words import alternation, pattern, plain, table

_BREAK = re.compile(r"[\s，。,.！!、；;…~～—-]*")
_MOST_OPENINGS = 6
_A_NOT_A = re.compile(r"([\u4e00-\u9fff])不\1")
"""行不行, 收不收: a question."""


def says_yes(text: str) -> bool:
    """Whether a caller agrees, and does nothing but agree."""
    said = _said(text)
    if pattern("answers", "question").search(said) or _A_NOT_A.search(said) or pattern("answers", "but").search(said):
        return False
    if says_no(text):
        return False
    start = _after_openings(said)
    match = _yes().match(said, start)
    if match is None:
        # 嗯 is an opening of something else, and a yes where nothing follows.
        match = _yes().match(said)
    return match is not None


def says_no(text: str) -> bool:
    """Whether a caller refuses, or says that something is wrong; more may follow (不对，是四栋)."""
    said = _said(text)
    if re.search(r"[?？]|[吗么][。.]?$", said) or _A_NOT_A.search(said):
        return False
    harmless = [match.span() for match in pattern("answers", "not_no").finditer(said)]
    first = pattern("answers", "no_first").match(said, _after_openings(said))
    refusals = [*([first] if first else []), *pattern("answers", "no_anywhere").finditer(said)]
    return any(not any(one.start() < end and start < one.end() for start, end in harmless) for one in refusals)


def _said(text: str) -> str:
    return plain(text).strip()


def _after_openings(said: str) -> int:
    """Where the sentence begins behind 嗯，那个 and the like."""
    at = 0
    for _ in range(_MOST_OPENINGS):
        match = re.compile(r"[\s，,。.、…—-]*").match(said, at)
        at = match.end() if match else at
        opening = pattern("answers", "opening").match(said, at)
        if opening is None or opening.end() == len(said):
            break
        at = opening.end()
    return at


@cache
def _yes() -> re.Pattern[str]:
    """One yes after another, the last of which is followed by a pause, the end, or what may go on from a yes."""
    yes, after = alternation("answers", "assent"), alternation("answers", "after_assent")
    plain_yes = "|".join(f"(?<={word})" for word in table("answers", "plain_assent"))
    end = rf"[，。,.！!、；;…~～—-]|$|\s(?![a-z])|(?:{plain_yes})\s|\s?{after}"
    return re.compile(rf"{_BREAK.pattern}(?:{yes}[\s，,、。.]{{0,3}}){{0,8}}{yes}(?:{end})", re.IGNORECASE)
