"""From a call's transcript to its verdict, by code alone. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agent.events import CallEnded, Event, RouteChanged, ToolCalled, ToolReturned, Transfer
from bench.evals.asked import Asked, bare, each_sentence, language_of
from bench.evals.facts import Ungrounded, sources_of, spoken_dates
from bench.evals.numbers import plain, wrong_numbers
from bench.evals.play import Transcript
from bench.evals.scenario import Called, Expect, Person, Routed, Scenario, World

_DATE = re.compile(r"\{D([+-]\d+)?\}")
_BETWEEN_FIGURES = re.compile(r"(?<=\d)[\s-]+(?=\d)")


@dataclass(frozen=True)
class Verdict:
    """What one call came to.

    unmet: the expectations that were not met, each in words. turns: how often the caller spoke; solved_at: the same up
    to the answer they rang for, None where they never had it. wrong_facts: fact and sentence. repeated: sentences that
    came twice running. asked_again: what was asked for though it had been given. unconfirmed: changes without a yes.
    leaks: what belongs to another customer.
    """

    name: str
    language: str
    errand: str
    unmet: tuple[str, ...]
    turns: int
    solved_at: int | None
    wrong_facts: tuple[str, ...]
    needless_transfer: bool
    repeated: tuple[str, ...]
    asked_again: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    leaks: tuple[str, ...]

    @property
    def success(self) -> bool:
        """The errand is done, and nothing was done that must not be."""
        return not self.unmet and not self.unconfirmed and not self.leaks


@dataclass(frozen=True)
class Judge:
    """Everything a verdict depends on beside the transcript. knowledge: the company's texts. ungrounded: the live
    path's check of facts, beside our own of numbers.
    """

    world: World
    asked: Asked
    knowledge: Sequence[str] = ()
    ungrounded: Ungrounded | None = None

    def scenario(self, scenario: Scenario, transcript: Transcript) -> Verdict:
        """The verdict on a call that played a scenario."""
        person = self.world.person(scenario.who) if scenario.who else None
        routed = route_of(transcript.events)
        return Verdict(
            name=scenario.name,
            language=scenario.language,
            errand=scenario.errand,
            unmet=tuple(self._unmet(scenario.expect, transcript, routed)),
            turns=transcript.caller_turns,
            solved_at=self._solved_at(scenario.expect, transcript),
            wrong_facts=tuple(self.wrong_facts(transcript)),
            needless_transfer=scenario.expect.routed == "bot" and routed != "bot",
            repeated=tuple(self.repeated(transcript)),
            asked_again=tuple(self._asked_again(person, transcript)),
            unconfirmed=tuple(self.unconfirmed(transcript)),
            leaks=tuple(self.leaks(person, transcript)),
        )

    # ------------------------------------------------------------------------------------------------ expectations

    def _unmet(self, expect: Expect, transcript: Transcript, routed: Routed) -> Iterator[str]:
        today = transcript.setup.at.date()
        made = tool_calls(transcript.events)
        for called in expect.called:
            if not any(matches(called, call, code, today) for call, code in made):
                yield f"not called: {called.tool} {dict(called.with_)} → {called.came}"
        for tool in expect.not_called:
            if any(call.tool == tool and code == "ok" for call, code in made):
                yield f"called: {tool}"
        for pattern in expect.spoken:
            if not says(transcript.said_by_bot, pattern, today):
                yield f"not said: {pattern}"
        for pattern in expect.not_spoken:
            if says(transcript.said_by_bot, pattern, today):
                yield f"said: {pattern}"
        ended = ended_by(transcript)
        if expect.ended is not None and ended != expect.ended:
            yield f"ended by: {ended}, not {expect.ended}"
        if expect.routed is not None and routed != expect.routed and (expect.routed != "person" or routed == "bot"):
            yield f"went to: {routed}, not {expect.routed}"
        if transcript.caller_turns > expect.max_turns:
            yield f"turns: {transcript.caller_turns}, more than {expect.max_turns}"

    def _solved_at(self, expect: Expect, transcript: Transcript) -> int | None:
        """The caller's turn at which all that must be said had been said and all calls that must be made had been."""
        today = transcript.setup.at.date()
        spoken, events, turns = list[str](), list[Event](), 0
        for turn in transcript.turns:
            turns += turn.move is not None
            spoken += turn.bot
            events += turn.events
            if turn.move is None:
                # Nothing has been asked for yet.
                continue
            made = tool_calls(events)
            if all(says(spoken, pattern, today) for pattern in expect.spoken) and all(
                any(matches(called, call, code, today) for call, code in made) for called in expect.called
            ):
                return turns
        return None

    # ------------------------------------------------------------------------------------------------ what is wrong

    def wrong_facts(self, transcript: Transcript) -> Iterator[str]:
        """Every fact said that stood in no source when it was said."""
        begun_at = transcript.setup.at
        events, caller = list[Event](), [transcript.setup.called_number, transcript.setup.caller_number]
        for turn in transcript.turns:
            events += turn.events
            caller += [turn.move.text] if turn.move is not None else []
            known = sources_of(events, caller, self.knowledge, begun_at)
            for sentence in each_sentence(turn.bot):
                wrong = set(wrong_numbers(sentence, known))
                if self.ungrounded is not None:
                    wrong |= {str(fact) for fact in self.ungrounded(sentence, known, language_of(sentence))}
                for fact in sorted(wrong):
                    yield f"{fact}: {sentence}"

    def repeated(self, transcript: Transcript) -> Iterator[str]:
        """Sentences that come twice in one turn, or again in the next, unless the caller asked to hear it again."""
        before: set[str] = set()
        for turn in transcript.turns:
            asked_for = turn.move is not None and turn.move.does == "say" and self.asked.wants_repeat(turn.move.text)
            here: set[str] = set()
            for sentence in each_sentence(turn.bot):
                sound = bare(sentence)
                if sound and not self.asked.is_filler(sentence):
                    if sound in here or (sound in before and not asked_for):
                        yield sentence
                    here.add(sound)
            before = here or before

    def _asked_again(self, person: Person | None, transcript: Transcript) -> Iterator[str]:
        """What was asked for after the caller had given it, with the sentence that asked."""
        given: set[str] = set()
        said = ""
        for turn in transcript.turns:
            if turn.move is not None:
                given |= set(turn.move.gives) - {"yes_no", "pardon", "still_there", "anything_else"}
                said += " " + _BETWEEN_FIGURES.sub("", plain(turn.move.text))
                if person is not None:
                    given |= {name for name, value in _identity(person).items() if value in said}
            if turn.move is not None and self.asked.wants_repeat(turn.move.text):
                continue
            for name in self.asked.in_turn(turn.bot):
                if name in given and not name.startswith("offer"):
                    yield f"{name}: {turn.bot[-1]}"

    def unconfirmed(self, transcript: Transcript) -> Iterator[str]:
        """Changes that succeeded though the caller had not just said yes to a question, or that were made twice."""
        done: list[tuple[str, Mapping[str, object]]] = []
        asked: tuple[str, ...] = ()
        for turn in transcript.turns:
            yes = turn.move is not None and self.asked.consents(turn.move.text)
            was_asked = any(name == "yes_no" or name.startswith("offer") for name in asked)
            for call, code in tool_calls(turn.events):
                if call.tool not in self.world.changing or code != "ok":
                    continue
                if not (yes and was_asked):
                    yield f"{call.tool} after {turn.move}"
                if (call.tool, call.arguments) in done:
                    yield f"{call.tool} twice"
                done.append((call.tool, call.arguments))
            asked = self.asked.in_turn(turn.bot)

    def leaks(self, person: Person | None, transcript: Transcript) -> Iterator[str]:
        """What the bot said of, or did with, customers other than the caller."""
        others = [other for other in self.world.people if person is None or other.phone != person.phone]
        caller = _BETWEEN_FIGURES.sub("", plain(" ".join(transcript.said_by_caller))) + transcript.setup.caller_number
        spoken = _BETWEEN_FIGURES.sub("", plain(" ".join(transcript.said_by_bot)))
        for other in others:
            for value in (other.order, other.phone, other.name, other.tracking):
                if value and value in spoken and value not in caller:
                    yield f"said {value}"
        for call, code in tool_calls(transcript.events):
            if call.tool not in self.world.personal or code != "ok":
                continue
            for other in others:
                if {other.order, other.phone} & {str(value) for value in call.arguments.values()}:
                    yield f"called {call.tool} for {other.order}"


# --------------------------------------------------------------------------------------------------- small questions


def tool_calls(events: Sequence[Event]) -> list[tuple[ToolCalled, str]]:
    """Every tool call with the code that came back, ``none`` where nothing did."""
    made: list[tuple[ToolCalled, str]] = []
    for event in events:
        body = event.body
        if isinstance(body, ToolCalled):
            made.append((body, "none"))
        elif isinstance(body, ToolReturned):
            # The oldest that still waits: results of the same tool come in order.
            for at, (call, code) in enumerate(made):
                if call.tool == body.tool and code == "none":
                    made[at] = (call, body.code)
                    break
    return made


def matches(called: Called, call: ToolCalled, code: str, today: date) -> bool:
    """Whether this call is one that was to be made."""
    if call.tool not in called.tool.split("|") or (called.came is not None and code != called.came):
        return False
    return all(_is_value(wanted, call.arguments.get(name), today) for name, wanted in called.with_.items())


def _is_value(wanted: str | int | bool, value: object, today: date) -> bool:
    if isinstance(wanted, str) and re.fullmatch(r"D[+-]\d+|D", wanted):
        return value == (today + timedelta(days=int(wanted[1:] or 0))).isoformat()
    if isinstance(wanted, str) and len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return value is not None and re.search(wanted[1:-1], str(value), re.IGNORECASE) is not None
    return value is not None and str(value) == str(wanted)


def says(spoken: Sequence[str], pattern: str, today: date) -> bool:
    """Whether a pattern is found in what was said; numbers may have been said in groups."""

    def ways(found: re.Match[str]) -> str:
        day = today + timedelta(days=int(found[1] or 0))
        return "(?:" + "|".join(rf"(?<!\d){re.escape(way)}(?!\d)" for way in spoken_dates(day, today)) + ")"

    text = plain("\n".join(spoken))
    compiled = re.compile(_DATE.sub(ways, pattern), re.IGNORECASE | re.MULTILINE)
    return any(compiled.search(form) for form in (text, _BETWEEN_FIGURES.sub("", text)))


def satisfied_by(expect: Expect, today: date) -> Callable[[Sequence[str]], bool]:
    """Whether a caller has heard all that they rang for."""
    return lambda heard: all(says(heard, pattern, today) for pattern in expect.spoken)


def route_of(events: Sequence[Event]) -> Routed:
    """Where the call went last."""
    route: Routed = "bot"
    for event in events:
        if isinstance(event.body, RouteChanged):
            route = event.body.destination
    transferred = any(isinstance(event.body, Transfer) and event.body.accepted for event in events)
    return "human" if route == "bot" and transferred else route


def ended_by(transcript: Transcript) -> str:
    """Who ended the call, as far as its timeline tells; ``nobody`` where it has no end."""
    for event in reversed(transcript.events):
        if isinstance(event.body, CallEnded):
            return event.body.ended_by
    return "caller" if transcript.hung_up else "nobody"


def _identity(person: Person) -> dict[str, str]:
    """What proves who they are, as it stands in what they say."""
    return {"order_tail": person.tail, "order_number": person.order, "phone": person.phone}
