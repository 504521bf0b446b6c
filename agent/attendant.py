"""One call's dialogue under way: what happens is told to the policy, and what it decides is carried out.

The policy (`agent.dialogue`) is pure and knows no time; whoever speaks and listens is an `Outlet`. Between them stands
the attendant: it searches the knowledge for what was said, asks the back end, and tells routing where a person is
needed. All of it leaves its trace on the call's timeline.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from loguru import logger

from agent.dialogue import Playbook, State, decide
from agent.dialogue.acts import Act, CallBack, CallTool, HangUp, Say, Transfer, Write
from agent.dialogue.choosing import errand_by_intent
from agent.dialogue.moments import (
    Began,
    Chosen,
    Garbled,
    Heard,
    Interrupted,
    Known,
    Moment,
    Returned,
    Routed,
    Silence,
    Tone,
    Wrote,
    tone_of,
)
from agent.dialogue.rules_talk import SURE
from agent.events import (
    AlertEscalated,
    AlertRaised,
    CallerKnown,
    KnowledgeFound,
    Language,
    NluResult,
    PersonWanted,
    RouteChanged,
    ToolCalled,
    ToolReturned,
)
from agent.events import Transfer as Transferred
from agent.knowledge.found import NOTHING, Found
from agent.timeline import Timeline
from agent.tools import Desk, ToolResult

CLOSING_S = 5.0
"""After the call, what the back end is still doing is waited for so long: longer than any tool may take."""

Search = Callable[[str, Language], Found]
"""Blocks for some milliseconds."""


@dataclass(frozen=True)
class Briefing:
    """What one call's dialogue goes by.

    Args:
        search: looks up what was said; None for a company that has written nothing down.
        caller_number: who calls, where somebody could be rung there; else empty.
        language: in which the caller is greeted.
        people: whether a person can be reached now.
        voices: of the synthesizer, by language; ``pace``: 1 is a voice's own.
    """

    book: Playbook
    desk: Desk
    search: Search | None
    caller_number: str
    language: Language
    today: date
    people: bool
    voices: Mapping[Language, str]
    pace: float


@dataclass(frozen=True)
class Answer:
    """What is spoken in one go, and what happens once it has been. ``then`` is None where the caller is to go on."""

    turn: int
    parts: tuple[Say | Write, ...]
    then: Transfer | HangUp | None = None


class Outlet(Protocol):
    """Who speaks for the attendant."""

    async def speak(self, answer: Answer) -> str | None:
        """Hand an answer to the voice; returns before it has been heard. Returns what was written, if anything was."""
        ...

    async def compute(self, work: Callable[[], Any]) -> tuple[Any, int]:
        """Do what blocks, aside. Returns its result and how long it took, in ms."""
        ...


class Attendant:
    """One call's. ``timeline``: read for routes and alerts, and told what is asked of the back end."""

    def __init__(self, briefing: Briefing, timeline: Timeline, outlet: Outlet) -> None:
        self._briefing = briefing
        self._book = briefing.book
        self._desk = briefing.desk
        self._search = briefing.search
        self._timeline = timeline
        self._outlet = outlet
        self._state = State()
        self._speaking = asyncio.Lock()
        self._asking: set[asyncio.Task[None]] = set()
        self._route: RouteChanged | None = None
        self._tone: Tone = "asked"
        self._garbled = 0
        self._looked_up = False
        self._customer: Mapping[str, Any] = {}
        self._closed = False

    @property
    def language(self) -> Language:
        """The one in which the bot speaks now."""
        return self._state.language

    # What happens

    async def begin(self) -> None:
        """The call is answered."""
        await self._attend(self._begun(self._briefing.language), 0)

    def expect(self) -> None:
        """The caller is in the menu: who calls is looked up meanwhile, so that the errand need not ask."""
        self._recognise(self._briefing.caller_number)

    async def take_over(self, turn: int, target: str, language: Language, heard: Heard | None) -> bool:
        """The caller comes from the menu, where they were greeted. Returns whether their words are still to be given to
        `hear`: what was understood is weighed against all that the bot knows, not against the menu alone.

        Args:
            target: what they chose: ``flow:<name>``, ``callback``, ``bot``; anything else is a person.
            heard: the words by which they chose; None where it was by key, or by saying nothing.
        """
        flow = target.removeprefix("flow:") if target.startswith("flow:") else ""
        if target == "callback":
            flow = self._book.conduct.callback_flow
        self._route = self._route_taken()
        began = self._begun(language, greeted=True)
        meant = heard is not None and errand_by_intent(self._book, heard, SURE)
        if heard is not None and (target == "bot" or (flow and meant == flow)):
            await self._attend(began, turn)
            return True
        chosen = Chosen(flow, person=not flow and target != "bot", heard=heard)
        await self._carry_out((*self._tell(began), *self._tell(chosen)), turn)
        return False

    async def hear(
        self, turn: int, text: str, language: Language, nlu: NluResult | None, *, keys: bool = False
    ) -> None:
        """The caller's turn. What it means is on the timeline already, and so is the route that follows from it."""
        self._garbled = 0
        heard = as_heard(turn, text, language, nlu, keys=keys)
        routed = self._rerouted(heard)
        if routed is not None:
            await self._attend(routed, turn)
            return
        if not keys:
            heard = await self._with_knowledge(heard)
        await self._attend(heard, turn)

    async def miss(self, turn: int, *, failed: bool) -> None:
        """The caller spoke, and nothing was understood; ``failed``: by our own fault."""
        self._garbled += 1
        await self._attend(Garbled(self._garbled, failed), turn)

    async def wait(self, turn: int, count: int) -> None:
        """Nobody has spoken for a while, for the ``count``-th time running."""
        await self._attend(Silence(count), turn)

    def interrupted(self, heard: str) -> None:
        """The caller spoke over the answer; ``heard``: what they heard of it."""
        self._tell(Interrupted(heard))

    async def refused(self, turn: int) -> None:
        """The caller could not be put through. Where the call goes now is on the timeline already."""
        route = self._timeline.last(RouteChanged)
        self._route = route
        await self._attend(Routed("callback", "asked"), turn)

    async def settled(self) -> None:
        """Returns once nothing is asked of the back end any more."""
        while self._asking:
            await asyncio.wait(self._asking)

    async def close(self) -> None:
        """The call is over: what was asked of the back end is waited for, so that it is known what came of it. Nothing
        more is asked.
        """
        self._closed = True
        if self._asking:
            await asyncio.wait(self._asking, timeout=CLOSING_S)
        for task in self._asking:
            task.cancel()

    # What is done about it

    def _tell(self, moment: Moment) -> tuple[Act, ...]:
        self._state, acts = decide(self._book, self._state, moment)
        return acts

    def _begun(self, language: Language, *, greeted: bool = False) -> Began:
        told = self._briefing
        self._recognise(told.caller_number)
        return Began(
            self._timeline.call_id,
            told.caller_number,
            language,
            told.today,
            customer=self._customer,
            people=told.people,
            greeted=greeted,
        )

    async def _attend(self, moment: Moment, turn: int) -> None:
        await self._carry_out(self._tell(moment), turn)

    async def _carry_out(self, acts: Sequence[Act], turn: int) -> None:
        # First what must happen whatever becomes of the words: a caller who speaks over them stops only the words.
        for act in acts:
            if isinstance(act, CallTool):
                self._ask(act, turn)
            elif isinstance(act, CallBack):
                self._want_person(turn, act.reason, callback=True)
            elif isinstance(act, Transfer):
                self._want_person(turn, act.reason, callback=False)
        answer = _answer(turn, acts)
        if not answer.parts and answer.then is None:
            return
        async with self._speaking:
            written = await self._outlet.speak(answer)
        if written is not None:
            self._tell(Wrote(written))

    def _ask(self, call: CallTool, turn: int) -> None:
        self._timeline.append(ToolCalled(turn=turn, tool=call.tool, arguments=dict(call.arguments), key=call.key))
        task = asyncio.ensure_future(self._asked(call, turn))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _asked(self, call: CallTool, turn: int) -> None:
        try:
            result = await self._desk.call(call.tool, call.arguments, key=call.key)
        except Exception as error:
            logger.opt(exception=error).error("tool {} failed in call {}", call.tool, self._timeline.call_id)
            result = ToolResult("down")
        self._timeline.append(
            ToolReturned(
                turn=turn,
                tool=call.tool,
                code=result.code,
                value=dict(result.value),
                reason=result.reason,
                attempts=result.attempts,
                took_ms=result.took_ms,
            )
        )
        if not self._closed:
            await self._attend(Returned(call.number, call.tool, result.code, result.value, result.reason), turn)

    def _want_person(self, turn: int, reason: str, *, callback: bool) -> None:
        """Routing is told, unless it is where the call goes because routing told us."""
        if self._route is None or self._route.destination not in ("human", "complaint_specialist"):
            self._timeline.append(PersonWanted(turn=turn, reason=reason, callback=callback))
            self._route = self._timeline.last(RouteChanged)

    def _recognise(self, caller_number: str) -> None:
        """Look up who calls, once, while the greeting is spoken."""
        known = self._timeline.last(CallerKnown)
        if known is not None:
            # A rule asked for it before.
            self._looked_up, self._customer = True, known.fields
            return
        tool = self._book.tools.tools.get(self._book.conduct.lookup_tool)
        if self._looked_up or tool is None or not caller_number.isdecimal():
            return
        self._looked_up = True
        task = asyncio.ensure_future(self._recognised(caller_number))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _recognised(self, caller_number: str) -> None:
        result = await self._desk.call(self._book.conduct.lookup_tool, {"phone": caller_number})
        if result.code == "ok":
            self._timeline.append(CallerKnown(fields=dict(result.value), took_ms=result.took_ms))
            # Before the dialogue has begun it is kept for its beginning.
            self._customer = dict(result.value)
            self._tell(Known(result.value))

    # What is known

    async def _with_knowledge(self, heard: Heard) -> Heard:
        if self._search is None:
            return heard
        search = self._search
        try:
            found, took_ms = await self._outlet.compute(lambda: search(heard.text, heard.language))
        except Exception as error:
            logger.opt(exception=error).error("the search failed in call {}", self._timeline.call_id)
            return heard
        if found is not NOTHING:
            self._timeline.append(
                KnowledgeFound(
                    turn=heard.turn,
                    entry=found.entry,
                    confidence=round(found.confidence, 4),
                    approved=found.answer is not None,
                    took_ms=took_ms,
                )
            )
        return replace(heard, found=found)

    def _rerouted(self, heard: Heard) -> Routed | None:
        """Where the call goes, if that changed since the caller was last told."""
        route, tone = self._timeline.last(RouteChanged), self._tone_of_alert()
        if route is None or route is self._route:
            return None
        known, self._route = self._route, route
        known_tone, self._tone = self._tone, tone
        # An alert that got worse may raise the priority; the caller need not hear the same promise twice.
        if known is not None and known.destination == route.destination and known_tone == tone:
            return None
        return Routed(route.destination, tone, heard)

    def _route_taken(self) -> RouteChanged | None:
        """The route that the call has come back from: nobody need be told of it any more."""
        route: RouteChanged | None = None
        taken = self._route
        for event in self._timeline:
            if isinstance(event.body, RouteChanged):
                route = event.body
            elif isinstance(event.body, Transferred) and event.body.accepted:
                taken = route
        return taken

    def _tone_of_alert(self) -> Tone:
        """How the caller of the alert as it stands is spoken to."""
        alerts = [e.body for e in self._timeline if isinstance(e.body, AlertRaised | AlertEscalated)]
        return tone_of(alerts[-1].causes) if alerts else "asked"


def as_heard(turn: int, text: str, language: Language, nlu: NluResult | None, *, keys: bool = False) -> Heard:
    """The caller's turn as the dialogue takes it."""
    heard = Heard(turn, text, language, keys=keys)
    if nlu is None:
        return heard
    return replace(
        heard,
        intent=nlu.intent,
        intent_probability=nlu.intent_probability,
        sentiment=nlu.sentiment,
        sentiment_probability=nlu.sentiment_probability,
    )


def _answer(turn: int, acts: Sequence[Act]) -> Answer:
    parts: list[Say | Write] = []
    then: Transfer | HangUp | None = None
    for act in acts:
        if isinstance(act, Say | Write):
            parts.append(act)
        elif isinstance(act, CallTool) and act.before is not None:
            parts.append(act.before)
        elif isinstance(act, Transfer | HangUp):
            then = act
    return Answer(turn, tuple(parts), then)
