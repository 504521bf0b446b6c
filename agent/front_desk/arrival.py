"""One live call at the front desk: looked up, judged, sent on its way; and its way looked at anew when it changes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from loguru import logger

from agent.company.company import Company
from agent.events import (
    AsrFinal,
    CallEnded,
    CallerKnown,
    Destination,
    Dtmf,
    Event,
    KeptWithSpecialist,
    Language,
    RouteChanged,
    RuleMatched,
    Transfer,
)
from agent.front_desk.facts import Standing, facts_of, standing_of
from agent.front_desk.memory import NOTHING, Memory, Remembered, look_up
from agent.front_desk.straight import Straight
from agent.front_desk.ways import BOT, Way, way_in, way_to_person
from agent.ingress.leg import CallInfo
from agent.number_marks import NumberMarks
from agent.pipeline.call import Call
from agent.pipeline.door import Door
from agent.pipeline.ivr import Guide, Ivr
from agent.routing import can_call_back
from agent.routing.lines import caller_region, locate
from agent.routing.menu import Visit, build_menu
from agent.routing.rules import Facts
from agent.routing.spam import Act, Caller, Challenge, HangUp, Mark, Pass, Refuse, before_answer
from agent.routing.targets import split_target
from agent.spam_watch import SpamWatch
from agent.switchboard.switchboard import SKILLS, Switchboard
from agent.tools import Desk

T = TypeVar("T")

RINGS_AT_MOST_S = 0.3
"""What is not known by then does not count: the caller is answered."""
TICK_S = 0.2
DESTINATIONS: Mapping[str, Destination] = {skill: destination for destination, skill in SKILLS.items()}
"""What a queue is called in a call's route; any other is people of ours."""

Kept = Callable[[CallInfo], KeptWithSpecialist | None]


class Arrival:
    """As `agent.pipeline.door.Doorkeeper` has it, and who is asked where the call goes later on."""

    def __init__(
        self,
        call: Call,
        company: Company,
        memory: Memory,
        board: Switchboard | None,
        *,
        marks: NumberMarks | None = None,
        kept: Kept | None = None,
    ) -> None:
        self._call, self._company, self._memory, self._board = call, company, memory, board
        self._marks, self._kept = marks, kept
        self._remembered: Remembered = NOTHING
        self._way = Way()
        self._words_came = False
        self._with_people = False
        self._key = ""
        self._work: set[asyncio.Task[Any]] = set()
        self._ticking: asyncio.Task[None] | None = None
        self._watch = None if company.spam is None else SpamWatch(call.timeline, company.spam, self._do)
        self._number_of = call.number_of
        call.number_of = self.number_of
        call.placing = self.placing

    def stages(self) -> tuple[Door, Ivr]:
        """What the caller comes through, made once the call is wired."""
        self.door = Door(self._call, self)
        self.ivr = Ivr(self._call, None, self.go)
        return self.door, self.ivr

    # Coming in

    @property
    def holds_the_call(self) -> bool:
        return self._watch is not None and not self._met_people and self._watch.holds_the_call

    @property
    def asks_the_silent(self) -> bool:
        watch = self._watch
        if watch is None or watch.settled or self._is_in_menu or self._met_people:
            return False
        return not watch.state.said and not watch.state.keyed

    @property
    def _is_in_menu(self) -> bool:
        return self._call.menu_timeout_ms is not None

    @property
    def _met_people(self) -> bool:
        """Whether the caller is with people of ours, or was: then they are no matter for the filter any more."""
        self._with_people = self._with_people or self._call.waits_for_person or self._call.bot_is_silent
        return self._with_people

    async def opens(self) -> bool:
        """The line is open, or the caller was let in after all."""
        call, company = self._call, self._company
        if self._ticking is None and self._watch is not None:
            await self._look(self._watch)
            if self._watch.holds_the_call:
                return False
        elif self._watch is None:
            await self._look(None)
        self._way = way_in(company, self.facts(), call.leg.info.call_id, self.takes, call.language)
        if company.rules is not None or company.numbers is not None:
            call.timeline.append(self._way.matched())
        guide = self._guide(self._way.target)
        if guide is not None:
            self.ivr.lead(guide)
        return True

    async def _look(self, watch: SpamWatch | None) -> None:
        """What is known of the caller, put on the timeline; and the filter begins with it."""
        call, info, company = self._call, self._call.leg.info, self._company
        call.timeline.append(caller_region(locate(info.caller_number)))
        remembered, kept, marks, known = await self._in_time(
            (self._remember(), NOTHING), (self._keep(), None), (self._marked(), ()), (self._customer(), None)
        )
        self._remembered = remembered
        if kept is not None:
            call.timeline.append(kept)
        if known is not None:
            call.timeline.append(known)
        if watch is None or company.spam is None:
            return
        now_ms = round(info.started_at.timestamp() * 1000)
        caller = Caller(info.caller_number, call.language, remembered.override)
        watch.begin(before_answer(company.spam, caller, remembered.history, marks, now_ms))
        self._ticking = asyncio.ensure_future(self._tick(watch))

    async def _in_time(self, *asked: tuple[Awaitable[Any], Any]) -> list[Any]:
        """What each of them answers; what comes late, or not at all, is what stands beside it."""
        tasks = [asyncio.ensure_future(one) for one, _ in asked]
        done, late = await asyncio.wait(tasks, timeout=RINGS_AT_MOST_S)
        for task in late:
            task.cancel()
        answers = []
        for task, (_, otherwise) in zip(tasks, asked, strict=True):
            if task not in done:
                logger.warning("call {} is answered before all is looked up", self._call.leg.info.call_id)
            elif task.exception() is not None:
                logger.warning("not looked up for call {}: {}", self._call.leg.info.call_id, task.exception())
            answers.append(task.result() if task in done and task.exception() is None else otherwise)
        return answers

    async def _remember(self) -> Remembered:
        info, company = self._call.leg.info, self._company
        return await self._aside(lambda: look_up(self._memory, info, company.spam, company.rules))

    async def _keep(self) -> KeptWithSpecialist | None:
        kept, info = self._kept, self._call.leg.info
        return None if kept is None else await self._aside(lambda: kept(info))

    async def _marked(self) -> tuple[Mark, ...]:
        return () if self._marks is None else await self._marks.of(self._call.leg.info.caller_number)

    async def _customer(self) -> CallerKnown | None:
        """Who calls, where a rule asks for it; else the dialogue looks it up by itself."""
        briefing, number, rules = self._call.briefing, self._call.leg.info.caller_number, self._company.rules
        asked = rules is not None and any(one.name == "record" for held in rules.conditions for one in held)
        if briefing is None or not asked or not can_call_back(number) or not number.isdecimal():
            return None
        return await _customer_of(briefing.desk, briefing.book.conduct.lookup_tool, number)

    async def _aside(self, work: Callable[[], T]) -> T:
        return (await self._call.compute(work))[0]

    def _guide(self, target: str) -> Guide | None:
        """Who leads the caller there; None where the bot has them at once."""
        kind, name = split_target(target)
        if kind == "menu" and self._company.menus is not None:
            flows = self._company.flows.items()
            errands = {intent: flow for flow, one in flows for intent in one.starts.intents}
            return Visit(build_menu(self._company.menus, name, errands))
        return None if target == BOT else Straight(self._company, target)

    # The filter under way

    def let_in(self, by: str) -> bool:
        """A supervisor takes back what the filter is about to do. False where it does nothing to this call."""
        return self._watch is not None and not self._met_people and self._watch.allow(by)

    def read(self, event: Event) -> None:
        """A reader of the timeline."""
        body = event.body
        if isinstance(body, RouteChanged):
            self._rerouted(body)
        if isinstance(body, CallEnded) and self._ticking is not None:
            self._ticking.cancel()
        if self._watch is None or (self._met_people and not isinstance(body, CallEnded)):
            return
        self._words_came = isinstance(body, AsrFinal)
        self._key = body.digit if isinstance(body, Dtmf) else ""
        self._watch(event)
        self._words_came, self._key = False, ""

    async def _tick(self, watch: SpamWatch) -> None:
        while not watch.settled and self._call.end is None and not self._met_people:
            await asyncio.sleep(TICK_S)
            # The menu has its own way with who says nothing.
            if not self._is_in_menu and not self._met_people:
                watch.tick()

    def _do(self, act: Act) -> None:
        company, call = self._company, self._call
        assert company.spam is not None
        match act:
            case Challenge(sentence=sentence) | Refuse(sentence=sentence):
                text = company.spam.sentences[sentence].of(call.language)
                text = text.replace("{company}", company.profile.name.of(call.language))
                self._aside_of_the_call(self.door.say(text, call.language, f"spam.{sentence}"))
            case HangUp():
                call.hang_up("bot", "refused as spam")
            case Pass() if not self._words_came:
                self._aside_of_the_call(self._let_in(self._key))
            case _:
                # The words that were just heard let them in, and come to the bot by themselves.
                pass

    async def _let_in(self, key: str) -> None:
        if not await self.door.let_in(key) and self._call.say is not None:
            phrases = self._company.phrases[self._call.language]
            names = self._company.profile
            values = {"company": names.name.of(self._call.language), "bot": names.bot_name.of(self._call.language)}
            await self._call.say(phrases.of("go_on", **values)[0], "go_on")

    def _aside_of_the_call(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    # Where it goes

    def facts(self) -> Facts:
        """What is known now."""
        call, board = self._call, self._board
        standing = Standing() if board is None else standing_of(board.keeper.floor, board.policy, board.now_ms())
        return facts_of(
            self._company,
            call.leg.info,
            self._remembered,
            call.timeline,
            after_ms=call.clock.now_ms,
            language=call.language,
            standing=standing,
        )

    def takes(self, target: str) -> bool:
        """Whether the target can take a call now."""
        kind, name = split_target(target)
        match kind:
            case "queue":
                return self._board is not None and self._board.takes(name)
            case "menu":
                return self._company.menus is not None and name in self._company.menus.menus
            case "callback":
                return can_call_back(self._call.leg.info.caller_number)
            case _:
                return True

    def to_person(self) -> Way | None:
        """Where the rules send a caller who is to have a person."""
        return way_to_person(self._company, self.facts(), self.takes, self._call.language)

    def number_of(self, destination: Destination) -> str:
        """As `Call.number_of` has it: what the rules say, else where this destination always is."""
        way = self.to_person() if destination in SKILLS else None
        if way is None or (destination == "complaint_specialist" and way.target == "callback"):
            return "" if self._number_of is None else self._number_of(destination)
        return "" if way.target == "callback" else way.target

    def placing(self, destination: Destination) -> tuple[str, int]:
        """As `Call.placing` has it."""
        skill, priority = SKILLS.get(destination, SKILLS["human"]), self._way.priority
        way = self.to_person()
        if way is None:
            return skill, priority
        kind, name = split_target(way.target)
        return (name if kind == "queue" else skill), max(priority, way.priority)

    def _rerouted(self, route: RouteChanged) -> None:
        """Which rule it was that decided whom the caller gets."""
        way = self.to_person() if route.destination != "bot" else None
        last = self._call.timeline.last(RuleMatched)
        if way is not None and (last is None or (last.rule, last.target) != (way.rule, way.target)):
            self._call.timeline.append(way.matched())

    # On its way

    async def go(self, target: str) -> bool:
        """As `agent.pipeline.ivr.OnTarget` has it."""
        kind, name = split_target(target)
        match kind:
            case "queue":
                return await self._to_queue(name)
            case "number":
                return await self._to_number(name)
            case "refuse":
                self._call.hang_up("bot", "refused by a rule")
                return True
            case _:
                return False

    async def _to_queue(self, skill: str) -> bool:
        call = self._call
        if not self.takes(f"queue:{skill}") or call.put_through is None:
            return False
        before = call.timeline.last(RouteChanged)
        # A caller who chose a person in the menu has asked for one.
        by_rule = self._way.target == f"queue:{skill}"
        reason = self._way.why if by_rule else self._company.reasons.of(self._language).asked_human
        route = RouteChanged(
            previous=BOT if before is None else before.destination,
            destination=DESTINATIONS.get(skill, "human"),
            priority=max(self._way.priority if by_rule else 0, 0 if before is None else before.priority),
            reason=reason,
        )
        call.timeline.append(route)
        accepted = await call.put_through(skill, route)
        call.timeline.append(Transfer(destination=f"queue:{skill}", accepted=accepted, reason=reason))
        return accepted

    async def _to_number(self, number: str) -> bool:
        call = self._call
        accepted = await call.leg.transfer(number)
        call.timeline.append(Transfer(destination=number, accepted=accepted, reason=self._way.why))
        if accepted:
            call.hang_up("transfer", f"transferred to {number}")
        return accepted

    @property
    def _language(self) -> Language:
        return self._call.language

    async def close(self) -> None:
        """The call is over."""
        if self._ticking is not None:
            self._ticking.cancel()
        for task in tuple(self._work):
            task.cancel()


async def _customer_of(desk: Desk, tool: str, number: str) -> CallerKnown | None:
    result = await desk.call(tool, {"phone": number})
    return CallerKnown(fields=dict(result.value), took_ms=result.took_ms) if result.code == "ok" else None
