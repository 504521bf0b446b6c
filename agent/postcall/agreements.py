"""What our side and the caller have settled, as it stands at the end of the call.

The bot promises, and in a call without people that is all. A person may take back what the bot promised, put another
day in its place, offer what the caller must accept, or accept what the caller asks for; and the caller may refuse.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from agent.events import Language
from agent.postcall.due import names_a_time
from agent.postcall.patterns import Patterns, patterns
from agent.postcall.promises import is_promise, whole_sentences
from agent.postcall.utterances import Utterance

How = Literal["promised", "accepted", "granted"]
"""``accepted``: our side offered it, the caller said yes. ``granted``: the caller asked for it, our side said yes."""

_CLAUSES = {"zh": re.compile(r"(?<=[，,；;。.！!？?])"), "en": re.compile(r"(?<=[,;.!?])\s|\s(?=but\b)")}


@dataclass(frozen=True)
class Agreement:
    """``words``: the utterance cut down to what was settled, of whoever said it. ``by``: of our side, who is bound by
    it. ``topics``: what it is about, as in ``patterns``. ``done``: nothing is left to do.
    """

    words: Utterance
    by: Utterance
    how: How
    topics: frozenset[str]
    timed: bool
    done: bool = False


@dataclass(frozen=True)
class Settled:
    """``standing``: in order, each once. ``declined``: the caller wants none of what was offered, and nothing more."""

    standing: tuple[Agreement, ...]
    declined: bool = False


NOTHING_SETTLED = Settled(())


def settled(said: Sequence[Utterance]) -> Settled:
    """What stands at the end of a talk."""
    talk = _Talk()
    for utterance in said:
        if utterance.speaker == "bot":
            talk.bot(utterance)
        elif utterance.speaker == "seat":
            talk.person(utterance)
        elif utterance.speaker == "caller":
            talk.caller(utterance)
    unique: dict[tuple[str, str], Agreement] = {}
    for one in talk.standing:
        unique.setdefault((one.by.seat, one.words.text.rstrip("。.！!")), one)
    return Settled(tuple(unique.values()), declined=talk.declined and not any(one.by.seat for one in unique.values()))


class _Talk:
    """The course of a talk. ``_offered``: what a person asked the caller; ``_asked``: what the caller asked for."""

    def __init__(self) -> None:
        self.standing: list[Agreement] = []
        self._offered: Agreement | None = None
        self._asked: Utterance | None = None
        self._asked_about = frozenset[str]()
        self._latest: tuple[Agreement, ...] = ()
        self._closing = False
        self._person: Utterance | None = None
        self.declined = False

    def bot(self, utterance: Utterance) -> None:
        for sentence in whole_sentences(utterance):
            if is_promise(sentence, utterance.language):
                self.standing.append(_made(replace(utterance, text=sentence), utterance, "promised"))

    def person(self, utterance: Utterance) -> None:
        words = patterns(utterance.language)
        self._person, self._latest, self._closing = utterance, (), False
        asked, self._asked = self._asked, None
        for sentence in whole_sentences(utterance):
            self._closing = self._closing or words.one("anything_else").search(sentence) is not None
            self._said_by_person(utterance, sentence, words)
        if asked is not None and not self._latest and self._offered is None and _assents(utterance):
            self._settle(_made(asked, utterance, "granted", self._asked_about))

    def _said_by_person(self, utterance: Utterance, sentence: str, words: Patterns) -> None:
        kept, taken_back = _without_denials(sentence, words)
        about: frozenset[str] = frozenset()
        for clause in taken_back:
            about |= self._take_back(_topics(clause, words) or _topics(sentence, words))
        if not kept:
            return
        said = replace(utterance, text=kept)
        is_question = re.search(r"[？?]$|吗[。.]?$", kept) is not None or _asks(kept, words)
        moves, timed = words.one("moved").search(kept) is not None, names_a_time(said)
        promises = words.one("person_promise").search(kept) is not None or is_promise(kept, utterance.language)
        if words.one("done").search(kept) and not timed and not is_question:
            self._settle(replace(_made(said, utterance, "promised"), done=True))
            return
        if not (promises or (moves and timed) or (timed and bool(about))):
            return
        made = _made(said, utterance, "accepted" if is_question else "promised", about)
        if is_question:
            # A question without a time ("需要我给您安排吗") settles nothing by being asked.
            self._offered = made
        elif not words.one("not_promise").search(kept):
            self._settle(made, moves=moves)

    def caller(self, utterance: Utterance) -> None:
        if self._person is None:
            return  # the bot's talk is the dialogue's to settle
        refuses, assents, timed = _refuses(utterance), _assents(utterance), names_a_time(utterance)
        offered, self._offered = self._offered, None
        if refuses and not (self._closing and not _topics(utterance.text, patterns(utterance.language)) and not timed):
            words = patterns(utterance.language)
            declines = words.one("declined").search(words.one("asked_whether").sub("", utterance.text)) is not None
            self.declined = declines and bool(self._latest or offered is not None)
            for one in self._latest:
                if one in self.standing:
                    self.standing.remove(one)
            if offered is None and not self._latest:
                self._take_back(_topics(utterance.text, patterns(utterance.language)), last=False)
        elif offered is not None and assents:
            self._settle(replace(offered, by=self._person))
        if timed and (refuses or not assents or offered is None):
            kept = _without_refusals(utterance)
            self._asked = kept if kept is not None and names_a_time(kept) else None
            latest = self._latest if offered is None else (offered,)
            self._asked_about = frozenset[str]().union(*(one.topics for one in latest))
        self._latest = ()

    def _settle(self, made: Agreement, *, moves: bool = False) -> None:
        """It stands, in the place of what a person's words put another time to."""
        if made.by.speaker == "seat" and made.timed and not made.done:
            before = [one for one in self.standing if _gives_way(one, made, moves=moves)]
            for one in before:
                self.standing.remove(one)
            inherited = frozenset[str]().union(*(one.topics for one in before))
            made = replace(made, topics=made.topics or inherited)
        self.standing.append(made)
        self._latest = (*self._latest, made)

    def _take_back(self, topics: frozenset[str], *, last: bool = True) -> frozenset[str]:
        """Nothing of what was settled on these stands any more; where none is named, the last. Returns what it was."""
        open_ones = [one for one in self.standing if not one.done]
        gone = [one for one in open_ones if one.topics & topics] if topics else open_ones[-1:] if last else []
        for one in gone:
            self.standing.remove(one)
        return topics.union(*(one.topics for one in gone)) if gone else frozenset()


def _gives_way(earlier: Agreement, made: Agreement, *, moves: bool) -> bool:
    """Whether a person's new time stands in the place of this: of the bot's and their own; of a colleague's only where
    they say that it is moved.
    """
    same = bool(earlier.topics & made.topics) or not made.topics or not earlier.topics
    theirs = moves or earlier.by.seat in ("", made.by.seat)
    return same and theirs and not earlier.done and (earlier.timed or moves)


def _made(words: Utterance, by: Utterance, how: How, about: frozenset[str] = frozenset()) -> Agreement:
    named = _topics(words.text, patterns(words.language))
    return Agreement(words, by, how, named or about, names_a_time(words))


def _topics(text: str, words: Patterns) -> frozenset[str]:
    return frozenset(name for name, pattern in words.named("topics").items() if pattern.search(text))


def _asks(text: str, words: Patterns) -> bool:
    return words.one("asked_whether").search(text) is not None


def _assents(utterance: Utterance) -> bool:
    words = patterns(utterance.language)
    return words.one("assent").search(utterance.text) is not None and not _refuses(utterance)


def _refuses(utterance: Utterance) -> bool:
    words = patterns(utterance.language)
    return words.one("refusal").search(words.one("asked_whether").sub("", utterance.text)) is not None


def _without_denials(sentence: str, words: Patterns) -> tuple[str, list[str]]:
    """The longest run of clauses that take nothing back, and those that do."""
    denied, runs = list[str](), [""]
    for clause in _clauses(sentence, words.language):
        if words.one("withdrawn").search(words.one("asked_whether").sub("", clause)):
            denied.append(clause)
            runs.append("")
        else:
            runs[-1] += clause
    # The last of the longest: what comes after "但是" is what holds.
    kept = max(reversed(runs), key=lambda run: (names_a_time(_bare(run, words.language)), len(run)))
    return kept.strip().strip("，, ").strip(), denied


def _without_refusals(utterance: Utterance) -> Utterance | None:
    """What the caller would rather have: ``周四不行，周五可以吗`` is Friday."""
    words = patterns(utterance.language)
    kept = ""
    for clause in _clauses(utterance.text, utterance.language):
        if words.one("refusal").search(words.one("asked_whether").sub("", clause)) is None:
            kept += clause
    kept = kept.strip().strip("，, ").strip()
    return replace(utterance, text=kept) if kept else None


def _clauses(text: str, language: Language) -> list[str]:
    """Cut behind their marks; together they are the text."""
    cuts = [0, *(match.start() for match in _CLAUSES[language].finditer(text)), len(text)]
    return [text[begin:end] for begin, end in pairwise(cuts) if begin < end]


def _bare(text: str, language: Language) -> Utterance:
    return Utterance("seat", ((0, 0),), text, language)
