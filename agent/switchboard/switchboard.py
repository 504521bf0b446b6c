"""The switchboard: what the floor decides happens here, to live calls and open pages. It decides nothing itself."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Literal

from loguru import logger

from agent.errors import HotlineError
from agent.event_base import Destination
from agent.events import (
    AlertEscalated,
    AlertRaised,
    AsrFinal,
    Dtmf,
    Event,
    Language,
    RouteChanged,
    SummaryReady,
)
from agent.pipeline.call import Call
from agent.routing.floor import (
    Decision,
    Floor,
    FloorPolicy,
    Input,
    decisions,
    inputs,
    place_of,
)
from agent.routing.floor.match import is_there
from agent.routing.floor.words import QueueWords, announcement, callback_promise, farewell
from agent.seats.desk import SeatError
from agent.seats.from_page import TransferCall
from agent.seats.screen_pop import ScreenPop
from agent.seats.to_page import Connected, Ended, LiveCalls, Ringing, Supervising, Transferring, Withdrawn, WrapUp
from agent.switchboard import pages
from agent.switchboard.briefing import briefing
from agent.switchboard.follow import told
from agent.switchboard.keeper import FloorKeeper, Journal
from agent.switchboard.live import LiveCall
from agent.switchboard.live_list import live_calls
from agent.switchboard.pages import Pages
from agent.switchboard.words import Pair, Words

QUEUE = "queue:"
SKILLS: dict[Destination, str] = {"human": "service", "complaint_specialist": "complaint"}
"""The queue behind each destination of a route."""
BROADCAST_S = 0.5
"""Pages learn how the queues stand this long after something changed: many changes make one message."""


class Switchboard:
    """One per process: the floor, its seats' pages, and the calls that need a person.

    Args:
        label: what supervisors call a cause of alerts.
        now_ms: the wall clock, ms since the epoch.
    """

    def __init__(
        self,
        policy: FloorPolicy,
        queue_words: QueueWords,
        words: Words,
        journal: Journal | None,
        *,
        label: Callable[[str, Language], str],
        now_ms: Callable[[], int],
    ) -> None:
        self.policy = policy
        self.pages = Pages()
        self.words = words
        self.live: dict[str, LiveCall] = {}
        self._last_call: dict[str, str] = {}
        self._queue_words = queue_words
        self._label = label
        self.now_ms = now_ms
        self._shown: Floor | None = None
        self._broadcast: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self.keeper = FloorKeeper(policy, journal, self._act, now_ms)

    # Its life

    async def start(self) -> None:
        await self.keeper.start()

    async def close(self) -> None:
        """No more decisions; what is being carried out is carried out."""
        self.keeper.close()
        if self._broadcast is not None:
            self._broadcast.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)

    # What the hotline asks

    def number_of(self, destination: Destination, otherwise: str) -> str:
        """Where this destination is reached now: its queue, where somebody is there to take calls from it."""
        skill = SKILLS.get(destination)
        if skill is None:
            return ""
        return f"{QUEUE}{skill}" if self._anybody(skill) else otherwise

    def admit(self, call: Call) -> None:
        """A call begins."""
        live = self.live[call.leg.info.call_id] = LiveCall(call, self.words, self.now_ms)
        call.put_through = lambda skill, route: self._put_through(live, skill, route)
        call.timeline.subscribe(lambda event: self._read(live, event))

    async def leave(self, call: Call) -> None:
        """The call is over: whoever had it is free, and what was promised is noted."""
        live = self.live.get(call.leg.info.call_id)
        if live is None:
            return
        floor = self.keeper.floor
        if live.id in floor.waiting or live.id in floor.talking:
            live.wait_no_more("abandoned")
            talking = floor.talking.get(live.id)
            await self.tell(inputs.CallerGone(call=live.id))
            if talking is not None:
                self.off_the_line(live, talking.seat_id, "caller_gone")
        for supervisor in self.pages.supervising(live.id):
            await self.stop_supervising(supervisor)
        route = call.timeline.last(RouteChanged)
        if route is not None and route.destination == "callback":
            due_ms = None if route.callback_due_minutes is None else self.now_ms() + route.callback_due_minutes * 60_000
            wanted = inputs.CallbackRequested(
                call=live.id,
                number=live.number,
                skill=SKILLS["complaint_specialist" if route.alert_id else "human"],
                language=live.language,
                priority=route.priority,
                due_ms=due_ms,
            )
            await self.tell(wanted)

    def forget(self, call: Call) -> None:
        """Its summary is written: nothing more will be shown of it."""
        self.live.pop(call.leg.info.call_id, None)

    async def tell(self, given: Input) -> tuple[Decision, ...]:
        """What happened on the floor."""
        made = await self.keeper.tell(given)
        self._show_changes()
        return made

    async def _put_through(self, live: LiveCall, skill: str, route: RouteChanged) -> bool:
        queued = inputs.CallQueued(
            call=live.id,
            caller_number=live.number,
            skill=skill,
            language=live.language,
            priority=route.priority,
        )
        live.skill = skill
        await self.tell(queued)
        if live.id not in self.keeper.floor.waiting:
            return False
        live.wait_for(skill, route.priority, place_of(self.keeper.floor, self.policy, live.id))
        return True

    # What happens in calls

    def _read(self, live: LiveCall, event: Event) -> None:
        body = event.body
        if isinstance(body, Dtmf) and body.digit == "1" and live.offered_callback:
            live.offered_callback = False
            self.do(self._choose_callback(live))
        elif isinstance(body, RouteChanged) and live.waits and body.destination in SKILLS:
            self.do(self.tell(inputs.Raised(call=live.id, priority=body.priority, skill=SKILLS[body.destination])))
        elif isinstance(body, AlertRaised | AlertEscalated):
            self._broadcast_soon()
        elif isinstance(body, SummaryReady):
            self._fill_in(live, body)
        watching = self._watching(live)
        if watching:
            for message in told(event, live.events, self.words):
                for seat in watching:
                    self.pages.tell(seat, message)
        if isinstance(body, AsrFinal | AlertRaised):
            self._broadcast_soon()

    async def _choose_callback(self, live: LiveCall) -> None:
        await self.tell(inputs.CallbackChosen(call=live.id))

    def _watching(self, live: LiveCall) -> set[str]:
        """Seats whose pages show this call: those that talk or ring for it, and supervisors."""
        floor = self.keeper.floor
        seats = {seat.id for seat in floor.seats.values() if seat.call_id == live.id}
        return seats | set(self.pages.supervising(live.id))

    def _fill_in(self, live: LiveCall, ready: SummaryReady) -> None:
        summary = ready.summary
        text = "\n".join([summary.wanted, *summary.agreed, *summary.unresolved])
        for seat in self.wrapping_up(live.id):
            self.pages.tell(seat, WrapUp(call_id=live.id, summary=text, until=self.until(seat)))

    # What is decided

    def _act(self, decision: Decision) -> None:
        """Carry it out. Never waits and never raises: what takes time goes on aside."""
        try:
            self._carry_out(decision)
        except Exception:
            logger.exception("{} was not carried out", decision.type)

    def _carry_out(self, decision: Decision) -> None:
        match decision:
            case decisions.Offer(seat=seat, call=call_id):
                self.do(self._offer(seat, call_id))
            case decisions.Withdraw(seat=seat, call=call_id, reason=reason):
                self._withdraw(seat, call_id, reason)
            case decisions.SeatMissed(seat=seat, call=call_id, reason=reason):
                self._missed(seat, call_id, reason)
            case decisions.Connect(seat=seat, call=call_id, warm_from=warm_from):
                self.do(self._connect(seat, call_id, warm_from))
            case decisions.RefuseAnswer(seat=seat, call=call_id, reason=reason):
                self.pages.tell(seat, Withdrawn(call_id=call_id, reason=reason))
            case decisions.Announce():
                self.do(self._announce(decision))
            case decisions.PlaceCallback():
                self._place_callback(decision)
            case decisions.Moved(call=call_id, skill=skill, priority=priority):
                self._moved(call_id, skill, priority)
            case decisions.GiveUp():
                self.do(self._give_up(decision))
            case decisions.Requeued(call=call_id):
                self.do(self._requeued(call_id))
            case decisions.CallbackNoted():
                self.do(self._noted(decision))
            case decisions.CallbackRefused(call=call_id):
                self.do(self._say(call_id, self._queue_words.callback_refused.of, "callback_refused"))
            case decisions.TransferRefused():
                self._transfer_refused(decision)
            case decisions.CallbackFailed() | decisions.Ignored():
                logger.info("floor: {}", decision.model_dump_json())
            case decisions.Overflow():
                self._broadcast_soon()

    async def _offer(self, seat: str, call_id: str) -> None:
        live = self.live.get(call_id)
        if live is None:
            return
        # `CallQueued` is decided on before the caller is told: their place comes first on the timeline.
        await asyncio.sleep(0)
        pop = live.pop()
        said = briefing(live.events, pop, self.words, lambda cause: self._label(cause, "zh"))
        live.prepare_whisper(said)
        live.offered(seat)
        kind = "transfer" if live.passed_by else "call"
        ringing = Ringing(call_id=call_id, pop=pop, briefing=said, kind=kind, until=self.until(seat))
        self.pages.tell(seat, ringing)

    def _withdraw(self, seat: str, call_id: str, reason: str) -> None:
        known = reason if reason in ("no_answer", "declined", "caller_gone") else "withdrawn"
        self.pages.tell(seat, Withdrawn.model_validate({"call_id": call_id, "reason": known}))
        live = self.live.get(call_id)
        if live is not None and not live.is_over:
            live.missed(seat, "withdrawn")

    def _missed(self, seat: str, call_id: str, reason: str) -> None:
        self.pages.of(seat).tally.missed += 1
        told_as = reason if reason in ("no_answer", "declined") else "withdrawn"
        self.pages.tell(seat, Withdrawn.model_validate({"call_id": call_id, "reason": told_as}))
        live = self.live.get(call_id)
        if live is not None and reason in ("no_answer", "declined", "vanished"):
            live.missed(seat, reason)  # type: ignore[arg-type]

    async def _connect(self, seat: str, call_id: str, warm_from: str | None) -> None:
        live = self.live.get(call_id)
        line = self.pages.of(seat).line
        if live is None:
            return
        if line is None or not line.is_open:
            await self.vanish(seat)
            return
        name = self.name_of(seat)
        pop = live.pop()
        self.pages.of(seat).tally.answered += 1
        try:
            await live.connect(line.join("seat"), name, self._briefing_of(live), consults=warm_from)
        except HotlineError as error:
            live.call.fail("bridge", error)
            await self.vanish(seat)
            return
        if seat not in live.call.bridge.legs:
            return
        self.pages.tell(seat, Connected(call_id=call_id, since=pages.at(self.now_ms()), pop=pop))
        if warm_from is not None:
            self.pages.tell(warm_from, self._transferring(live, seat, "talking"))

    def _briefing_of(self, live: LiveCall) -> str:
        return briefing(live.events, live.pop(), self.words, lambda cause: self._label(cause, "zh"))

    async def _announce(self, decision: decisions.Announce) -> None:
        live = self.live.get(decision.call)
        if live is None or not live.waits:
            return
        live.announced(decision.position, decision.expected_wait_s, offers_callback=decision.offer_callback)
        await live.say(announcement(self._queue_words, live.language, decision), "queue_announcement")

    def _moved(self, call_id: str, skill: str, priority: int) -> None:
        live = self.live.get(call_id)
        if live is not None and live.waits:
            live.skill = skill
            live.stands(priority, place_of(self.keeper.floor, self.policy, call_id))

    async def _give_up(self, decision: decisions.GiveUp) -> None:
        """Where it did not wait yet, the bot has not let go of the caller, and tells them itself."""
        live = self.live.get(decision.call)
        if live is None or not live.waits:
            return
        live.wait_no_more("callback" if decision.callback is not None else "returned")
        callback = None if decision.callback is None else self.keeper.floor.callbacks.get(decision.callback)
        due_in_ms = None if callback is None else max(0, callback.due_ms - self.now_ms())
        text = farewell(self._queue_words, live.language, decision.reason, due_in_ms)
        await live.say_goodbye(text, f"give_up_{decision.reason}", f"nobody came: {decision.reason}")

    async def _noted(self, decision: decisions.CallbackNoted) -> None:
        """Only who has just chosen it is told: they still wait on the line, and on the floor no more."""
        self._broadcast_soon()
        await asyncio.sleep(0)
        live = self.live.get(decision.call)
        if live is None or not live.waits or live.is_over or live.id in self.keeper.floor.waiting:
            return
        live.wait_no_more("callback")
        due_in_ms = max(0, decision.due_ms - self.now_ms())
        text = callback_promise(self._queue_words, live.language, due_in_ms)
        await live.say_goodbye(text, "callback_noted", "chose to be rung back")

    async def _requeued(self, call_id: str) -> None:
        live = self.live.get(call_id)
        if live is None or live.is_over:
            return
        waiting = self.keeper.floor.waiting.get(call_id)
        live.wait_for(live.skill, 0 if waiting is None else waiting.priority, None)
        await live.say(self._queue_words.requeued.of(live.language), "requeued")

    async def _say(self, call_id: str, text: Callable[[Language], str], name: str) -> None:
        live = self.live.get(call_id)
        if live is not None and live.waits:
            await live.say(text(live.language), name)

    def off_the_line(self, live: LiveCall, seat: str, reason: str) -> None:
        """For the page of this seat the call is over; what is to be written down of it is asked for."""
        self._last_call[seat] = live.id
        ended = reason if reason in ("hung_up", "caller_gone", "transferred", "vanished") else "failed"
        live.disconnect(seat, ended if ended != "failed" else "hung_up")  # type: ignore[arg-type]
        self.pages.tell(seat, Ended.model_validate({"call_id": live.id, "reason": ended}))
        self.pages.tell(seat, WrapUp(call_id=live.id, summary="", until=self.until(seat)))

    # What people ask for that takes more than one step

    async def hang_up(self, seat: str, live: LiveCall, *, survey: bool) -> None:
        """The person ends the call; in a warm transfer, their part in it."""
        others = self._others(seat, live)
        await self.tell(inputs.CallFinished(seat=seat, call=live.id))
        self.off_the_line(live, seat, "hung_up")
        if others or live.id in self.keeper.floor.waiting:
            return
        if survey and live.call.ask_survey is not None:
            live.back_to_bot()
            await live.call.ask_survey()
            return
        live.call.hang_up("operator", f"{self.name_of(seat)} hung up")

    async def pass_on(self, seat: str, live: LiveCall, asked: inputs.TransferAsked, transfer: TransferCall) -> None:
        made = await self.tell(asked)
        if any(isinstance(one, decisions.TransferRefused) for one in made):
            return
        live.passed_on(seat, transfer.target, transfer.mode)
        waiting = self.keeper.floor.waiting.get(live.id)
        if transfer.mode == "warm" and waiting is not None and waiting.held_by == seat:
            self.pages.tell(seat, self._transferring(live, transfer.target, "ringing"))
            return
        self.off_the_line(live, seat, "transferred")
        if waiting is not None:
            live.wait_for(waiting.skill, waiting.priority, place_of(self.keeper.floor, self.policy, live.id))
            await live.say(self._queue_words.passed_on.of(live.language), "passed_on")

    async def complete_transfer(self, seat: str, live: LiveCall) -> None:
        talking = self.keeper.floor.talking.get(live.id)
        if talking is None or talking.leaving != seat:
            raise self._problem("not_now", self.words.problems.nobody_there)
        other = talking.seat_id
        await self.tell(inputs.CallFinished(seat=seat, call=live.id))
        self.pages.tell(seat, self._transferring(live, other, "done"))
        self.off_the_line(live, seat, "transferred")

    async def cancel_transfer(self, seat: str, live: LiveCall) -> None:
        """The person keeps the call; whoever was rung or spoken to is let go."""
        talking = self.keeper.floor.talking.get(live.id)
        target = ""
        if talking is not None and talking.leaving == seat:
            target = talking.seat_id
            await self.tell(inputs.CallFinished(seat=target, call=live.id))
            self.off_the_line(live, target, "hung_up")
        else:
            await self.tell(inputs.TransferCancelled(seat=seat, call=live.id))
        self.pages.tell(seat, self._transferring(live, target, "cancelled"))

    async def vanish(self, seat: str) -> None:
        """Nobody is at the other end any more."""
        await self.tell(inputs.SeatVanished(seat=seat))

    async def stop_supervising(self, seat: str) -> None:
        desk = self.pages.of(seat)
        if desk.supervises is None:
            return
        live = self.live.get(desk.supervises)
        desk.supervises = None
        if live is not None:
            live.stop_supervising(seat)
        self.pages.tell(seat, Supervising())

    async def take_callback(self, seat: str, callback_id: str) -> None:
        """The person rings the number by a telephone of theirs: from now on it counts as their call."""
        callback = self.keeper.floor.callbacks.get(callback_id)
        if callback is None or callback.state != "placing" or callback.seat_id != seat:
            raise self._problem("unknown_callback", self.words.problems.unknown_callback)
        await self.tell(inputs.CallbackOutcome(callback=callback_id, outcome="reached"))

    async def finish_outside(self, seat: str, call_id: str) -> None:
        await self.tell(inputs.CallFinished(seat=seat, call=call_id))
        self.pages.tell(seat, Ended(call_id=call_id, reason="hung_up"))
        self.pages.tell(seat, WrapUp(call_id=call_id, summary="", until=self.until(seat)))

    def _place_callback(self, decision: decisions.PlaceCallback) -> None:
        callback = self.keeper.floor.callbacks.get(decision.callback)
        skill = "" if callback is None else callback.skill
        pop = ScreenPop(call_id=decision.callback, number=decision.number, skill=skill)
        ringing = Ringing(call_id=decision.callback, pop=pop, kind="callback", until=self.until(decision.seat))
        self.pages.tell(decision.seat, ringing)

    def _transfer_refused(self, decision: decisions.TransferRefused) -> None:
        problems = self.words.problems
        why = {
            "unknown_target": problems.unknown_target,
            "nobody_there": problems.nobody_there,
            "no_number": problems.no_number,
        }[decision.reason]
        live = self.live.get(decision.call)
        if live is not None:
            self.pages.tell(decision.seat, self._transferring(live, "", "failed", why.zh))

    def _transferring(
        self,
        live: LiveCall,
        target: str,
        state: Literal["ringing", "talking", "done", "failed", "cancelled"],
        why: str = "",
    ) -> Transferring:
        name = self.name_of(target.removeprefix("seat:")) if not target.startswith(QUEUE) else target
        return Transferring(call_id=live.id, target=target, name=name, mode="warm", state=state, why=why)

    def _others(self, seat: str, live: LiveCall) -> bool:
        """Whether somebody else of ours is in the conversation."""
        return any(name != seat and leg.role != "supervisor" for name, leg in live.call.bridge.legs.items())

    def _problem(self, code: str, words: Pair) -> SeatError:
        return SeatError(code, words.zh)

    # What pages need to know

    def name_of(self, seat: str) -> str:
        known = self.policy.by_id.get(seat)
        return known.name if known is not None else seat

    def until(self, seat: str) -> datetime | None:
        """When the seat's state ends by itself."""
        return pages.state(self.keeper.floor.seats[seat]).until if seat in self.keeper.floor.seats else None

    def wrapping_up(self, call_id: str) -> list[str]:
        """Seats that have just had this call."""
        return [seat for seat, last in self._last_call.items() if last == call_id and self.pages.of(seat).send is not None]

    def show_floor(self, seat: str) -> None:
        """How the queues stand; to supervisors, which calls are going on too."""
        self.pages.tell(seat, pages.queues(self.keeper.floor, self.policy, self.now_ms(), self.pages.of(seat).tally))
        known = self.policy.by_id.get(seat)
        if known is not None and known.supervisor:
            self.pages.tell(seat, LiveCalls(calls=tuple(live_calls(self.live.values(), self.keeper.floor, self.name_of))))

    # Pages

    def _show_changes(self) -> None:
        """Every seat whose state is another is told, and soon everybody how the queues stand."""
        floor, shown = self.keeper.floor, self._shown
        if floor is shown:
            return
        self._shown = floor
        for seat in floor.seats.values():
            before = None if shown is None else shown.seats.get(seat.id)
            if before is None or (before.state, before.since_ms, before.then) != (seat.state, seat.since_ms, seat.then):
                self.pages.tell(seat.id, pages.state(seat))
        self._broadcast_soon()

    def _broadcast_soon(self) -> None:
        if self._broadcast is None:
            self._broadcast = asyncio.get_running_loop().call_later(BROADCAST_S, self._broadcast_now)

    def _broadcast_now(self) -> None:
        self._broadcast = None
        self._show_changes()
        for seat in self.pages.open():
            self.show_floor(seat)

    def _anybody(self, skill: str) -> bool:
        wanted = {skill, *(over.to for over in self.policy.skills[skill].overflow)} if skill in self.policy.skills else set()
        return any(is_there(seat) and not wanted.isdisjoint(seat.skills) for seat in self.keeper.floor.seats.values())

    def do(self, work: Coroutine[Any, Any, Any]) -> None:
        """Go on with this aside; what goes wrong is logged."""
        task = asyncio.ensure_future(self._safely(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _safely(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Exception:
            logger.exception("the switchboard could not go on")

