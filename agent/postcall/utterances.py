"""What was really said in a call, by whom, in order: the ground that every fact of a summary must stand on."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agent.events import AsrFinal, CallStarted, Dtmf, Event, Language, LlmReply, TtsEnded
from agent.postcall.patterns import patterns
from agent.postcall.written import write

COMPLETE_NUMBER_DIGITS = 8
"""A number of so many digits needs no second half: order numbers have 8, mobile numbers 11."""

_KEYS_END = re.compile(r"[#*]")
_END_DIGITS = re.compile(r"(\d[\d\s,，、\-]*)[\s,，。.、…]*$")
_START_DIGITS = re.compile(r"^(\d[\d\s,，、\-]*)(.?)")


@dataclass(frozen=True)
class Utterance:
    """One thing said. ``keys``: pressed on the telephone. ``asked``: what the bot had said before it.

    ``turns``: (offset in text, turn) pairs; more than one where a number was broken over two turns, whose texts are
    then joined by a line feed.
    """

    speaker: Literal["caller", "bot", "keys"]
    turns: tuple[tuple[int, int], ...]
    text: str
    language: Language
    asked: str = ""

    @property
    def turn(self) -> int:
        """The turn in which it was finished."""
        return self.turns[-1][1]

    def turn_at(self, offset: int) -> int:
        """The turn that a place of the text belongs to."""
        return next(turn for start, turn in reversed(self.turns) if start <= offset)


def utterances(events: Iterable[Event]) -> tuple[Utterance, ...]:
    """Everything said or keyed in, in order. Of the bot's answers only what the caller heard; nothing that is blank."""
    said: list[Utterance] = []
    language: Language = "zh"
    asked, turn, keys = "", 0, ""
    reply_language: dict[int, Language] = {}
    for event in events:
        body = event.body
        if isinstance(body, CallStarted):
            language = body.language
        elif isinstance(body, LlmReply):
            reply_language[body.turn] = body.language
        elif isinstance(body, AsrFinal) and body.text.strip():
            turn, language = body.turn, body.language
            said.append(Utterance("caller", ((0, turn),), body.text, language, asked))
        elif isinstance(body, TtsEnded) and body.heard.strip():
            turn, asked = body.turn, body.heard
            said.append(Utterance("bot", ((0, turn),), body.heard, reply_language.get(turn, language)))
        elif isinstance(body, Dtmf):
            if said and said[-1].speaker == "keys" and not _KEYS_END.search(keys):
                keys += body.digit
                said[-1] = replace(said[-1], text=keys)
            else:
                keys = body.digit
                said.append(Utterance("keys", ((0, turn),), keys, language, asked))
    return tuple(said)


def join_broken_numbers(said: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """The same, with the caller's turns put together where a number stops at the end of one and goes on in the next."""
    joined: list[Utterance] = []
    last_caller = -1
    for utterance in said:
        if utterance.speaker == "caller":
            if last_caller >= 0 and _goes_on(joined[last_caller], utterance):
                first = joined[last_caller]
                offset = len(first.text) + 1
                joined[last_caller] = replace(
                    first,
                    text=f"{first.text}\n{utterance.text}",
                    turns=(*first.turns, (offset, utterance.turn)),
                )
                continue
            last_caller = len(joined)
        joined.append(utterance)
    return tuple(joined)


def _goes_on(first: Utterance, second: Utterance) -> bool:
    last_text = first.text[first.turns[-1][0] :]
    end = _END_DIGITS.search(write(last_text).text)
    zh, en = patterns("zh"), patterns("en")
    lead = zh.compile(rf"^(?:(?:{zh.words('fillers')}|{en.words('fillers')}|[\s,，。.、…])+)")
    text = write(second.text).text
    text = text[match.end() :] if (match := lead.search(text)) else text
    start = _START_DIGITS.search(text)
    if end is None or start is None:
        return False
    if len(_digits(start[1])) == 1 and zh.compile(rf"^(?:{zh.words('measures')})").search(start[2]):
        return False
    before, after = _digits(end[1]), _digits(start[1])
    if max(len(before), len(after)) >= COMPLETE_NUMBER_DIGITS and not re.fullmatch(r"1[3-9]\d{9}", before + after):
        return False
    # A caller who begins again from the start does not go on.
    return len(before) >= 2 and not after.startswith(before)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
