"""A scripted caller: says what the scenario has for what the bot asks, and otherwise what any caller would. Exact: the
same sentences always get the same words. Pure.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from agent.events import Language
from bench.evals.asked import Asked, language_of
from bench.evals.scenario import Attack, Interjection, Person, Scenario

MOST_TURNS = 20
"""A caller who has spoken so often hangs up; nobody has more patience."""
Does = Literal["say", "press", "wait", "hang_up"]
_ACTION = re.compile(r"\[(?:(keys) ([0-9*#]+)|(silence)|(hangs up))\]")
AGAIN = "[again]"


@dataclass(frozen=True)
class Move:
    """What a caller does next. text: the words, or the keys. gives: what the bot need not ask for again after it."""

    does: Does
    text: str = ""
    gives: tuple[str, ...] = ()

    def __str__(self) -> str:
        return {"say": self.text, "press": f"[keys {self.text}]", "wait": "[silence]", "hang_up": "[hangs up]"}[
            self.does
        ]


def move_of(text: str, gives: Sequence[str] = ()) -> Move:
    """A move as it is written in a scenario."""
    action = _ACTION.fullmatch(text.strip())
    if action is None:
        return Move("say", text, tuple(gives))
    if action[1]:
        return Move("press", action[2], tuple(gives))
    return Move("wait") if action[3] else Move("hang_up")


class Caller(Protocol):
    """Whoever is at the other end. Not told when the call has ended; then nobody asks for a move."""

    def reply(self, heard: Sequence[str]) -> Move:
        """What the caller does after what the bot has just said: first of all after its greeting."""
        ...


class ScriptedCaller:
    """Plays a scenario.

    Args:
        person: the customer that the scenario's caller is; None: nobody known.
        satisfied: whether what the bot has said so far, all of it, holds what the caller rang for.
    """

    def __init__(
        self, scenario: Scenario, person: Person | None, asked: Asked, satisfied: Callable[[Sequence[str]], bool]
    ) -> None:
        self._scenario = scenario
        self._person = person
        self._asked = asked
        self._satisfied = satisfied
        self._interjections = list(scenario.then)
        self._wishes = list(scenario.wishes)
        self._times_asked: dict[str, int] = {}
        self._heard: list[str] = []
        self._bot_turns = 0
        self._moves = 0
        self._nudges = 0
        self._insisted = False
        self._bid_goodbye = False
        self._last = Move("wait")

    def reply(self, heard: Sequence[str]) -> Move:
        self._bot_turns += 1
        self._heard.extend(heard)
        move = self._next(heard)
        if move.text == AGAIN:
            move = self._last
        elif move.does in ("say", "press") and not self._bid_goodbye:
            self._last = move
        self._moves += 1
        return move

    def _next(self, heard: Sequence[str]) -> Move:
        scenario = self._scenario
        if self._moves >= MOST_TURNS or self._bid_goodbye:
            return Move("hang_up")
        if self._bot_turns == 1:
            return move_of(scenario.opening, scenario.volunteers)
        asked = self._asked.in_turn(heard)
        for interjection in self._interjections:
            if self._occurs(interjection, asked, heard):
                self._interjections.remove(interjection)
                return move_of(interjection.say, interjection.gives)
        language = language_of(heard[-1]) if heard else scenario.language
        if "anything_else" in asked:
            return self._done(language)
        answer = self._answer(asked, language)
        return answer if answer is not None else self._unasked(language)

    def _occurs(self, interjection: Interjection, asked: Sequence[str], heard: Sequence[str]) -> bool:
        if interjection.turn is not None:
            return self._bot_turns == interjection.turn
        if interjection.asked is not None:
            return interjection.asked in asked or (interjection.asked == "yes_no" and "offer" in asked)
        return any(re.search(interjection.heard or "", text, re.IGNORECASE) for text in heard)

    def _answer(self, asked: Sequence[str], language: Language) -> Move | None:
        """The answers to all that was asked at once; None where there is none to give."""
        # "I did not catch that, what was the order number?" asks for the number, not for the last words.
        wanted = [name for name in asked if name != "pardon"] or list(asked)
        texts, gives, last = list[str](), list[str](), ""
        for name in wanted:
            text, settled = self._text_for(name, language)
            if text:
                texts += [] if text == last else [text]
                gives += [name] if settled else []
                last = text
        if not texts:
            return None
        if any(_ACTION.fullmatch(text) or text == AGAIN for text in texts):
            return move_of(texts[0], gives)
        return Move("say", ("，" if language_of(texts[0]) == "zh" else ", ").join(texts), tuple(gives))

    def _text_for(self, name: str, language: Language) -> tuple[str, bool]:
        """What is said to this, empty where nothing is; and whether it is the last word on it."""
        texts = self._scenario.answers.get(name)
        time = self._times_asked.get(name, 0)
        self._times_asked[name] = time + 1
        if texts is not None:
            return self._fill(texts[min(time, len(texts) - 1)]), time >= len(texts) - 1
        if name == "offer":
            return (
                self._text_for("yes_no", language)
                if "yes_no" in self._scenario.answers
                else (self._asked.refusal[language], True)
            )
        if name == "offer_human":
            return self._consent_to_human(language), True
        return self._fill(self._asked.asks[name].answer.get(language, "")), True

    def _consent_to_human(self, language: Language) -> str:
        if self._scenario.expect.routed == "bot":
            return self._asked.refusal[language]
        return self._asked.asks["yes_no"].answer[language]

    def _fill(self, text: str) -> str:
        """What the caller knows, filled in; empty where they know no such thing."""
        known = {"opening": self._scenario.opening}
        if self._person is not None:
            known |= self._person.model_dump() | {"tail": self._person.tail}
        try:
            return text.format(**known)
        except KeyError:
            return ""

    def _done(self, language: Language) -> Move:
        """The bot asks what else there is."""
        if self._wishes:
            return move_of(self._fill(self._wishes.pop(0)))
        if self._scenario.again is not None and not self._insisted and not self._satisfied(self._heard):
            self._insisted = True
            return move_of(self._fill(self._scenario.again))
        self._bid_goodbye = True
        return Move("say", self._asked.goodbye[language])

    def _unasked(self, language: Language) -> Move:
        """The bot said something and waits, though it has asked nothing that the caller could answer."""
        if self._wishes or self._satisfied(self._heard):
            return self._done(language)
        nudges = self._asked.nudges[language]
        if self._nudges == len(nudges):
            return Move("hang_up")
        self._nudges += 1
        return Move("say", nudges[self._nudges - 1])


class ReadingCaller:
    """Says one thing after the other, whatever the bot says, and hangs up: how an attack is made."""

    def __init__(self, attack: Attack) -> None:
        self._says = list(attack.says)

    def reply(self, heard: Sequence[str]) -> Move:
        return move_of(self._says.pop(0)) if self._says else Move("hang_up")
