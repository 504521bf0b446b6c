"""What a caller is called, and text that is taken as it was said."""

import re
from functools import cache

from agent.dialogue.values.figures import Figures
from agent.dialogue.values.reading import Reading
from agent.dialogue.values.words import alternation, pattern, table
from agent.events import Language

_LONGEST_TEXT = 200
_ENGLISH_NAME = r"(?-i:[A-Z][A-Za-z'-]*(?: [A-Z][A-Za-z'-]*\.?){0,3})"


def read_person_name(original: str, language: Language, *, strict: bool = False) -> Reading | None:
    """王, 李晓梅, 王女士, Tom Baker. ``strict``: only where the caller says that it is their name.

    Doubtful: a Chinese name without a known surname, an English one that was written without capitals.
    """
    lead = alternation("places", "name_lead_strict" if strict else "name_lead")
    readers = (_chinese_name, _english_name) if language == "zh" else (_english_name, _chinese_name)
    for reader in readers:
        if reading := reader(original, lead, strict):
            return reading
    return None


def _chinese_name(original: str, lead: str, strict: bool) -> Reading | None:
    given = r"[\u4e00-\u9fff·]"
    titles = alternation("places", "titles")
    known = rf"(?:{'|'.join(table('places', 'surnames').split())})"
    stop = r"(?=[，,。.！!、；;\s吧啊呀]|$|的(?!\w)|我|这|订|电话|手机|想|要)"
    for surname, doubtful in ((known, False), (rf"{given}", True)):
        tail = rf"(?P<name>{surname}(?:{titles}|{given}{{1,2}}?{titles}?|))"
        expression = rf"(?:{lead}[\s，,]*){tail}{stop}" + (
            "" if strict else rf"|^\W*(?:嗯+|呃|那个)?\W*{tail.replace('?P<name>', '?P<bare>')}{stop}"
        )
        for match in _compiled(expression).finditer(original):
            name = match["name"] or match.groupdict().get("bare") or ""
            if name and not any(word in name for word in table("places", "not_names").split() if word not in _titles()):
                return Reading(name, name, doubtful or (len(name) == 1 and not match["name"]))
    return None


def _titles() -> list[str]:
    return str(table("places", "titles")["zh"]).strip().split("|")


def _english_name(original: str, lead: str, strict: bool) -> Reading | None:
    match = _compiled(rf"{lead}[\s,]+(?P<name>{_ENGLISH_NAME})").search(original)
    bare = re.fullmatch(rf"\W*(?:(?:Yes|It's|Um|Uh|Sure|Okay|Mr|Mrs|Ms)[,.\s]+)*(?P<name>{_ENGLISH_NAME})\W*", original)
    match = match or (None if strict else bare)
    if match is not None and not _no_name(match["name"]):
        return Reading(match["name"].strip(" ."), match["name"], False)
    if strict:
        return None
    low = re.fullmatch(
        r"\W*(?P<name>[a-z'-]{2,20}(?: [a-z'-]{2,20}){0,2})\W*", _compiled(rf"^\W*{lead}[\s,]+").sub("", original)
    )
    if low is not None and not _no_name(low["name"]):
        return Reading(low["name"].title(), low["name"], True)
    return None


def _no_name(name: str) -> bool:
    return any(word in table("places", "not_names_en").split() for word in name.lower().split())


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)


def read_text(written: Figures) -> Reading | None:
    """What was said, without the words that lead in to it; None where nothing is left."""
    text = written.original.strip()
    for _ in range(4):
        rest = pattern("places", "text_lead").sub("", text, count=1)
        if rest == text or not re.search(r"\w", rest):
            break
        text = rest
    text = re.sub(r"[\s，,。.、]*(?:谢谢你?|please|thanks)?[\s，,。.！!]*$", "", text)[:_LONGEST_TEXT].strip()
    left = pattern("places", "text_empty").sub("", text)
    return Reading(text, text) if re.search(r"\w", left) else None
