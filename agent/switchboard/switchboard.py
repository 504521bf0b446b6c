"""The switchboard: what the floor decides happens here, to live calls and open pages. It decides nothing itself."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from loguru import logger

from agent.company.hours import Hours
from agent.event_base import Destination
from agent.events import (
    AlertEscalated,
    AlertRaised,
    AsrFinal,
    Dtmf,
    Event,
    Language,
    RouteChanged,
    SpamJudged,
    SummaryReady,
)
from agent.pipeline.call import Call
from agent.pipeline.placing import Placing
from agent.routing.floor import (
    Decision,
    FloorPolicy,
    Input,
    Place,
    inputs,
    place_of,
)
from agent.routing.floor.match import is_there
from agent.routing.floor.promises import promised_ms
from agent.routing.floor.words import QueueWords
from agent.seats.to_page import Ended, Supervising, Transferring, WrapUp
from agent.switchboard import pages
from agent.switchboard.broadcast import Broadcast
from agent.switchboard.follow import told
from agent.switchboard.form import filled_in
from agent.switchboard.keeper import FloorKeeper, Journal
from agent.switchboard.live import LiveCall
from agent.switchboard.opening import Opening
from agent.switchboard.operator import Operator
from agent.switchboard.pages import Pages
from agent.switchboard.words import Words

if TYPE_CHECKING:
    from agent.switchboard.outdoors import Outdoors

QUEUE = "queue:"
SKILLS: dict[Destination, str] = {"human": "service", "complaint_specialist": "complaint"}
"""The queue behind each destination of a route."""


class Switchboard:
    """One per process: the floor, its seats' pages, and the calls that need a person.

    Args:
        label: what supervisors call a cause of alerts.
        now_ms: the wall clock, ms since the epoch.
        hours: when people are there; None for always.
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
        hours: Hours | None = None,
    ) -> None:
        self.policy = policy
        self.pages = Pages()
        self.words = words.model_copy(
            update={"skills": {skill: pages.skill_name(policy, skill) for skill in policy.skills}}
        )
        self.live: dict[str, LiveCall] = {}
        self._last_call: dict[str, str] = {}
        self.queue_words = queue_words
        self.label = label
        self.now_ms = now_ms
        self.outdoors: Outdoors | None = None
        """Set where telephones outside can be rung."""
        self.broadcast = Broadcast(self)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.keeper = FloorKeeper(policy, journal, Operator(self).act, now_ms)
        self._zone = UTC if hours is None else hours.timezone
        self.opening = Opening(self, hours)

    # Its life

    async def start(self) -> None:
        await self.keeper.start()
        await self.opening.start()
        if self.outdoors is not None:
            await self.outdoors.start()

    async def close(self) -> None:
        """No more decisions; what is being carried out is carried out."""
        if self.outdoors is not None:
            self.outdoors.close()
        self.opening.close()
        self.keeper.close()
        self.broadcast.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)

    # What the hotline asks

    def number_of(self, destination: Destination, otherwise: str) -> str:
        """Where this destination is reached now: its queue, where somebody is there to take calls from it."""
        skill = SKILLS.get(destination)
        if skill is None:
            return ""
        return f"{QUEUE}{skill}" if self.takes(skill) else otherwise

    def admit(self, call: Call) -> None:
        """A call begins."""
        live = self.live[call.leg.info.call_id] = LiveCall(call, self.words, self.now_ms)
        call.put_through = lambda skill, route: self._put_through(live, skill, route)
        call.timeline.subscribe(lambda event: self._read(live, event))
        if self.outdoors is not None:
            self.outdoors.admit(live)

    async def leave(self, call: Call) -> None:
        """The call is over: whoever had it is free, and what was promised is noted."""
        live = self.live.get(call.leg.info.call_id)
        if live is None:
            return
        if self.outdoors is not None:
            self.outdoors.leave(live)
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
            placing = self._placing(live, "complaint_specialist" if route.alert_id else "human")
            wanted = inputs.CallbackRequested(
                call=live.id,
                number=live.number,
                skill=placing.skill,
                language=live.language,
                priority=route.priority,
                skill_level=placing.skill_level,
                due_ms=due_ms,
            )
            await self.tell(wanted)

    def forget(self, call: Call) -> None:
        """Its summary is written: nothing more will be shown of it."""
        self.live.pop(call.leg.info.call_id, None)

    async def tell(self, given: Input) -> tuple[Decision, ...]:
        """What happened on the floor."""
        made = await self.keeper.tell(given)
        self.broadcast.changes()
        return made

    async def _put_through(self, live: LiveCall, skill: str, route: RouteChanged) -> bool:
        placing = self._placing(live, route.destination)
        priority = max(route.priority, placing.priority)
        queued = inputs.CallQueued(
            call=live.id,
            caller_number=live.number,
            skill=skill,
            language=live.language,
            priority=priority,
            # Who chose another queue than the rules would is not asked for by their level.
            skill_level=placing.skill_level if placing.skill == skill else 0,
            sticky=placing.sticky or None,
        )
        live.skill = skill
        await self.tell(queued)
        if live.id not in self.keeper.floor.waiting:
            return False
        live.wait_for(skill, priority, self.place_of(live.id))
        return True

    # What happens in calls

    def _read(self, live: LiveCall, event: Event) -> None:
        body = event.body
        if isinstance(body, Dtmf) and body.digit == "1" and live.offered_callback:
            live.offered_callback = False
            self.do(self._choose_callback(live))
        elif isinstance(body, RouteChanged) and live.waits and body.destination in SKILLS:
            placing = self._placing(live, body.destination)
            raised = inputs.Raised(
                call=live.id,
                priority=max(body.priority, placing.priority),
                skill=placing.skill,
                skill_level=placing.skill_level,
            )
            self.do(self.tell(raised))
        elif isinstance(body, AlertRaised | AlertEscalated):
            self.broadcast.soon()
        elif isinstance(body, SummaryReady):
            self._fill_in(live, body)
        watching = self._watching(live)
        if watching:
            for message in told(event, live.events, self.words):
                for seat in watching:
                    self.pages.tell(seat, message)
        if isinstance(body, AsrFinal | AlertRaised | SpamJudged):
            self.broadcast.soon()

    async def _choose_callback(self, live: LiveCall) -> None:
        await self.tell(inputs.CallbackChosen(call=live.id))

    def _watching(self, live: LiveCall) -> set[str]:
        """Seats whose pages show this call: those that talk or ring for it, and supervisors."""
        floor = self.keeper.floor
        seats = {seat.id for seat in floor.seats.values() if seat.call_id == live.id}
        return seats | set(self.pages.supervising(live.id))

    def _fill_in(self, live: LiveCall, ready: SummaryReady) -> None:
        for seat in self.wrapping_up(live.id):
            self.pages.tell(seat, filled_in(ready.summary, live.events, seat, self.until(seat)))

    def off_the_line(self, live: LiveCall, seat: str, reason: str) -> None:
        """For the page of this seat the call is over; what is to be written down of it is asked for."""
        self._last_call[seat] = live.id
        ended = reason if reason in ("hung_up", "caller_gone", "transferred", "vanished") else "failed"
        live.disconnect(seat, ended if ended != "failed" else "hung_up")  # type: ignore[arg-type]
        self.pages.tell(seat, Ended.model_validate({"call_id": live.id, "reason": ended}))
        self.pages.tell(seat, WrapUp(call_id=live.id, summary="", until=self.until(seat)))

    # Seats that go

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

    # What pages need to know

    def place_of(self, call_id: str) -> Place | None:
        return place_of(self.keeper.floor, self.policy, call_id)

    def at(self, ms: int | None = None) -> datetime:
        """This moment, or now, by the company's clock."""
        return datetime.fromtimestamp((self.now_ms() if ms is None else ms) / 1000, self._zone)

    def rung_back_by(self) -> datetime | None:
        """By when the next who is to be rung back can be promised that; None while the desk is open."""
        due_ms = promised_ms(self.keeper.floor, self.policy, self.policy.default_skill, self.now_ms())
        return None if due_ms is None else self.at(due_ms)

    def name_of(self, seat: str) -> str:
        known = self.policy.by_id.get(seat)
        return known.name if known is not None else seat

    def until(self, seat: str) -> datetime | None:
        """When the seat's state ends by itself."""
        return pages.state(self.keeper.floor.seats[seat]).until if seat in self.keeper.floor.seats else None

    def wrapping_up(self, call_id: str) -> list[str]:
        """Seats that have just had this call, and write down what came of it."""
        return [
            seat
            for seat, last in self._last_call.items()
            if last == call_id and self.keeper.floor.seats[seat].state == "wrap_up"
        ]

    def transferring(
        self,
        live: LiveCall,
        target: str,
        state: Literal["ringing", "talking", "done", "failed", "cancelled"],
        why: str = "",
    ) -> Transferring:
        name = self.name_of(target.removeprefix("seat:")) if not target.startswith(QUEUE) else target
        return Transferring(call_id=live.id, target=target, name=name, mode="warm", state=state, why=why)

    # How

    def _placing(self, live: LiveCall, destination: Destination) -> Placing:
        """How the company's rules let this caller wait."""
        asked = live.call.placing
        return Placing(SKILLS.get(destination, SKILLS["human"])) if asked is None else asked(destination)

    def takes(self, skill: str) -> bool:
        """Whether somebody is there to take calls from this queue."""
        wanted = (
            {skill, *(over.to for over in self.policy.skills[skill].overflow)} if skill in self.policy.skills else set()
        )
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
