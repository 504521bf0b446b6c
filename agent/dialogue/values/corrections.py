"""A part of a value taken back: 不是三，是四; no, not three, four; 最后一位是5; 错了，应该是2946."""

import re
from dataclasses import dataclass

from agent.dialogue.values.figures import Figures, figures
from agent.dialogue.values.words import pattern
from agent.events import Language

_WORD = r"[^\s，,。.！!？?；;、是不]{1,16}"
_STOP = r"(?=[\s，,。.！!？?；;、吧啊的了]|$)"
_ENGLISH_WORD = r"[A-Za-z0-9'-]+(?: [A-Za-z0-9'-]+)?"
_CHINESE = (
    re.compile(
        rf"(?<![是要对])不是(?P<old>{_WORD}?)[\s，,。.、]*(?:而是|应该是|，?是|改成|[，,])(?P<new>{_WORD}?){_STOP}"
    ),
    re.compile(rf"(?<!不)(?:应该)?是(?P<new>{_WORD}?)[\s，,。.、]*(?<![是要对])(?:而)?不是(?P<old>{_WORD}?){_STOP}"),
    re.compile(rf"把(?P<old>{_WORD}?)(?:改|换)[成为到](?P<new>{_WORD}?){_STOP}"),
)
_ENGLISH = (
    re.compile(
        rf"(?<![a-z])not (?:the |a |number |on )?(?P<old>{_ENGLISH_WORD}?)(?:,| but| it's| it is|\.)+\s*"
        rf"(?:but |it's |it is |it should be |should be |the )*(?P<new>{_ENGLISH_WORD}?)(?=[,.!]|$| please)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:^|(?<![a-z])(?:it's|it is|that's|no|should be|said|meant))[,\s]+(?P<new>{_ENGLISH_WORD}?),? "
        rf"(?:and )?not (?:the |a )?(?P<old>{_ENGLISH_WORD}?)(?=[,.!]|$)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![a-z])not (?:the |a )?(?P<old>\d{1,12})[\s,.]+(?P<new>\d{1,12})(?!\d)", re.IGNORECASE),
    re.compile(
        r"(?<![a-z])(?P<new>[a-z]+ \d+),? (?:and )?not (?P<old>[a-z]+ \d+)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(r"(?:change|replace) (?:the )?(?P<old>\d+) (?:to|with|by) (?:an? )?(?P<new>\d+)", re.IGNORECASE),
)
_PLACE = (
    re.compile(r"(?P<last>(?:倒数第1|最后[1一]?|末尾那?[1一]?|末)[位个](?:数字?)?)(?:应该)?是(?P<new>\d)(?!\d)"),
    re.compile(r"第(?P<place>\d{1,2})[位个](?:数字?)?(?:应该)?是(?P<new>\d)(?!\d)"),
    re.compile(
        r"(?P<last>last) (?:digit|number|figure|1) (?:is|should be|was) (?:an? )?(?P<new>\d)(?!\d)", re.IGNORECASE
    ),
    re.compile(
        r"(?P<place>\d{1,2})(?:st|nd|rd|th) (?:digit|number|figure|1) (?:is|should be|was) (?:an? )?(?P<new>\d)(?!\d)",
        re.IGNORECASE,
    ),
)
_PLACES = re.compile(r"(?:最后|后面?|末)(?P<count>[23])[位个](?:数字?)?(?:应该)?是(?P<new>\d{2,3})(?!\d)")
_WHOLE = re.compile(
    r"(?:[\s，,。.]|是|应该|it's|it is|it)*(\d(?:[\s,，-]?\d){1,19})[\s，,。.！!吧的]*(?:please|thanks)?[.!]?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Correction:
    """``new`` stands for ``old``, or for as many characters from ``place`` on (0; -1 is the last), or for the whole
    value where both are None.
    """

    old: str | None
    new: str
    place: int | None = None


def corrects(text: str, language: Language) -> Correction | None:
    """What a caller puts right, in figures; None where nothing is."""
    written = figures(text)
    for shape in _PLACE:
        if match := shape.search(written.text):
            parts = match.groupdict()
            return Correction(None, match["new"], -1 if parts.get("last") else int(parts["place"] or 1) - 1)
    if (match := _PLACES.search(written.text)) and len(match["new"]) == int(match["count"]):
        return Correction(None, match["new"], -len(match["new"]))
    shapes = (*_CHINESE, *_ENGLISH) if language == "zh" else (*_ENGLISH, *_CHINESE)
    for shape in shapes:
        for match in shape.finditer(written.text):
            old, new = _clean(match["old"]), _clean(match["new"])
            if old and new and old != new:
                return Correction(old, new)
    return _whole(written)


def _clean(part: str) -> str:
    """Digits without what stands between and behind them."""
    part = part.strip(" ,，。.'")
    digits = re.sub(r"[\s\-]", "", part)
    counted = re.fullmatch(r"(\d+)[号位个]?", digits)
    return counted[1] if counted and not re.search(r"号$", part) else digits if digits.isdigit() else part


def _whole(written: Figures) -> Correction | None:
    """错了，应该是2946: a number, and nothing else, behind the words that take back."""
    marks = [
        match.end() for name in ("taken_back", "instead") for match in pattern("numbers", name).finditer(written.text)
    ]
    match = _WHOLE.fullmatch(written.text, max(marks)) if marks else None
    return Correction(None, re.sub(r"\D", "", match[1])) if match else None


def apply(correction: Correction, value: str) -> str | None:
    """The value put right; None where the correction does not fit it, or fits in several places."""
    old, new = correction.old, correction.new
    if correction.place is not None:
        place = correction.place % len(value) if -len(value) <= correction.place < len(value) else None
        return None if place is None else value[:place] + new + value[place + len(new) :]
    whole = new if new.isdigit() and value.isdigit() and len(new) == len(value) else None
    if old is None:
        return whole
    if whole is not None and len(old) == len(value):
        return whole
    if value.count(old) == 1 and not _inside_number(value, old):
        return value.replace(old, new)
    near = re.fullmatch(r"\d+", old) and [
        match for match in re.finditer(r"\d+", value) if match[0] == old and not value.isdigit()
    ]
    if near and len(near) == 1:
        return value[: near[0].start()] + new + value[near[0].end() :]
    return None


def _inside_number(value: str, old: str) -> bool:
    """6 is a part of 16栋, and no correction of it; in a value of digits alone it is one of them."""
    if value.isdigit() or not old.isdigit():
        return False
    at = value.index(old)
    return value[:at][-1:].isdigit() or value[at + len(old) :][:1].isdigit()
