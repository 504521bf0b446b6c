"""What was really said in a call, by whom, in order: the ground that every fact of a summary must stand on."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agent.events import AsrFinal, CallStarted, Dtmf, Event, Language, LlmReply, SeatConnected, SeatSaid, TtsEnded
from agent.postcall.patterns import patterns
from agent.postcall.written import write

COMPLETE_NUMBER_DIGITS = 8
"""A number of so many digits needs no second half: order numbers have 8, mobile numbers 11."""

_KEYS_END = re.compile(r"[#*]")
_END_DIGITS = re.compile(r"(\d[\d\s,，、\-]*)[\s,，。.、…]*$")
_START_DIGITS = re.compile(r"^(\d[\d\s,，、\-]*)(.?)")


@dataclass(frozen=True)
class Utterance:
    """One thing said. ``keys``: pressed on the telephone. ``asked``: what the bot, or the person, had said before it.

    ``turns``: (offset in text, turn) pairs; more than one where a number was broken over two turns, whose texts are
    then joined by a line feed. What a person says belongs to the turn before it. ``seat``, ``name``: of the person.
    ``began_ms``, ``at_ms``: when it was begun, where that is known, and when it had been said, by the call's clock.
    """

    speaker: Literal["caller", "bot", "keys", "seat"]
    turns: tuple[tuple[int, int], ...]
    text: str
    language: Language
    asked: str = ""
    seat: str = ""
    name: str = ""
    began_ms: int | None = None
    at_ms: int = 0

    @property
    def turn(self) -> int:
        """The turn in which it was finished."""
        return self.turns[-1][1]

    def turn_at(self, offset: int) -> int:
        """The turn that a place of the text belongs to."""
        return next(turn for start, turn in reversed(self.turns) if start <= offset)


def utterances(events: Iterable[Event]) -> tuple[Utterance, ...]:
    """Everything said or keyed in, in order. Of the bot's answers only what the caller heard; nothing that is blank.

    What people say is written down later than what callers say: it stands where it was said.
    """
    said: list[Utterance] = []
    language: Language = "zh"
    turn, keys = 0, ""
    reply_language: dict[int, Language] = {}
    names: dict[str, str] = {}
    for event in events:
        body = event.body
        if isinstance(body, CallStarted):
            language = body.language
        elif isinstance(body, LlmReply):
            reply_language[body.turn] = body.language
        elif isinstance(body, AsrFinal) and body.text.strip():
            turn, language = body.turn, body.language
            ended_ms = body.end_ms or event.audio_ms
            said.append(Utterance("caller", ((0, turn),), body.text, language, began_ms=body.start_ms, at_ms=ended_ms))
        elif isinstance(body, TtsEnded) and body.heard.strip():
            turn = body.turn
            spoken = reply_language.get(turn, language)
            said.append(Utterance("bot", ((0, turn),), body.heard, spoken, at_ms=event.audio_ms))
        elif isinstance(body, SeatConnected):
            names[body.seat] = body.name
        elif isinstance(body, SeatSaid) and body.text.strip():
            _put_in(said, body, names.get(body.seat, ""))
        elif isinstance(body, Dtmf):
            if said and said[-1].speaker == "keys" and not _KEYS_END.search(keys):
                keys += body.digit
                said[-1] = replace(said[-1], text=keys)
            else:
                keys = body.digit
                said.append(Utterance("keys", ((0, turn),), keys, language))
    return tuple(_with_questions(said))


def _put_in(said: list[Utterance], body: SeatSaid, name: str) -> None:
    """Before what the caller, or a colleague, began to say after it."""
    at = len(said)
    while at and (said[at - 1].began_ms or 0) > body.start_ms:
        at -= 1
    turn = said[at - 1].turn if at else 0
    spoken = Utterance("seat", ((0, turn),), body.text, body.language, seat=body.seat, name=name)
    said.insert(at, replace(spoken, began_ms=body.start_ms, at_ms=body.end_ms))


def _with_questions(said: Iterable[Utterance]) -> Iterator[Utterance]:
    """Each with what our side had said before it."""
    asked = ""
    for utterance in said:
        if utterance.speaker in ("bot", "seat"):
            asked = utterance.text
            yield utterance
        else:
            yield replace(utterance, asked=asked)


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
