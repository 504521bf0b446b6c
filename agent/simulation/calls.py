"""How callers behave, and what the line does with them: the bot first, then whatever the rules say."""

from collections import Counter, deque
from dataclasses import replace
from typing import assert_never

from agent.routing.floor import Decision
from agent.routing.floor import decisions as said
from agent.routing.floor.inputs import (
    CallbackAccepted,
    CallbackChosen,
    CallbackOutcome,
    CallbackRequested,
    CallerGone,
    CallQueued,
    Raised,
)
from agent.routing.targets import split_target
from agent.simulation.callers import DAY_MS, Caller
from agent.simulation.chances import Duration
from agent.simulation.clock import VirtualFloor
from agent.simulation.people import People
from agent.simulation.record import Call, Ending, RingBack
from agent.simulation.router import Router, Way
from agent.simulation.traffic import Line

PRESSES_AFTER_MS = 6_000
"""From the beginning of an announcement to the key that takes the callback it offers."""


class Calls:
    """All of them, in the order of their coming. ``talk``: how long a person talks, by skill."""

    def __init__(self, line: Line, talk: dict[str, Duration]) -> None:
        self.all: list[Call] = []
        self.rules: Counter[str] = Counter()
        self._line = line
        self._talk = talk
        self._live: dict[str, Call] = {}
        self._promised: dict[str, Call] = {}
        self._on_line = 0
        self._ringing: deque[Call] = deque()

    def join(self, world: VirtualFloor, router: Router, people: People) -> None:
        self._world, self._router, self._people = world, router, people

    @property
    def going_on(self) -> int:
        """Calls on the line, and promises to ring back that are not settled."""
        return len(self._live) + len(self._promised)

    @property
    def open_promises(self) -> int:
        return len(self._promised)

    def arrive(self, caller: Caller, again: bool = False) -> None:
        call = Call(caller.id, caller, self._world.now_ms, again)
        self.all.append(call)
        self._live[call.id] = call
        way = self._router.at_first(call, self._world.now_ms)
        if way.target == "refuse":
            self._follow(call, way)
        elif self._on_line < self._line.calls_at_once:
            self._take(call, way)
        else:
            self._ringing.append(call)
            self._world.after(caller.rings_ms, self._rings_in_vain, call)

    def _take(self, call: Call, way: Way) -> None:
        self._on_line += 1
        call.stage = "bot"
        self._world.after(call.caller.answered_ms, self._answered, call, way)

    def _rings_in_vain(self, call: Call) -> None:
        if call.stage == "rings":
            self._ringing.remove(call)
            self._end(call, "unanswered")

    def _answered(self, call: Call, way: Way) -> None:
        call.answered_ms = self._world.now_ms
        caller = call.caller
        if caller.alert_ms is not None:
            self._world.after(caller.alert_ms, self._alert, call)
        self._world.after(min(caller.understood_ms, caller.bot_ms), self._understood, call)
        if caller.asks_ms is not None:
            self._world.after(max(caller.asks_ms, caller.understood_ms), self._wants_person, call)
        self._world.after(max(caller.bot_ms, caller.understood_ms), self._bot_done, call)
        self._follow(call, way)

    def _understood(self, call: Call) -> None:
        if call.stage == "bot":
            caller = call.caller
            self._follow(call, self._router.by_rules(call, self._world.now_ms, caller.intent, caller.sentiment))

    def _bot_done(self, call: Call) -> None:
        if call.stage != "bot":
            return
        if call.caller.solved:
            self._end(call, "solved")
        else:
            self._wants_person(call)

    def _wants_person(self, call: Call) -> None:
        """They asked for one, or the bot can do no more. Where the rules would rather not, they are rung back."""
        if call.stage != "bot":
            return
        way = self._router.by_rules(call, self._world.now_ms, "human_agent", call.caller.sentiment)
        if _is_bot(way.target):
            way = replace(way, target="callback")
        if _is_bot(way.overflow or ""):
            way = replace(way, overflow="callback")
        self._follow(call, way)

    def _alert(self, call: Call) -> None:
        if call.stage not in ("bot", "waits", "talks"):
            return
        call.alerted_ms, call.alerted_in = self._world.now_ms, call.stage
        way = self._router.by_rules(call, self._world.now_ms, call.caller.intent, call.caller.sentiment)
        kind, skill = split_target(way.target)
        if call.stage == "bot":
            self._follow(call, way)
        else:
            self._count(call, way)
            to, level = (skill, way.skill_level) if kind == "queue" else (None, None)
            self._world.give(Raised(call=call.id, priority=way.priority, skill=to, skill_level=level))

    def _count(self, call: Call, way: Way) -> None:
        if call.rule:
            self.rules[call.rule] -= 1
        call.rule = way.rule
        if way.rule:
            self.rules[way.rule] += 1

    def _follow(self, call: Call, way: Way) -> None:
        self._count(call, way)
        kind, name = split_target(way.target)
        match kind:
            case "queue" if way.overflow is not None and not self._takes(name):
                self._follow(call, replace(way, target=way.overflow, overflow=None))
            case "queue":
                self._queue(call, name, way)
            case "callback":
                self._promise(call, way)
            case "refuse":
                self._end(call, "refused")
            case "number":
                self._end(call, "outside")
            # With a menu too, as what callers choose in it is not known here.
            case _:
                call.stage = "bot" if call.stage == "rings" else call.stage

    def _takes(self, skill: str) -> bool:
        """Whether somebody has signed in who takes such calls, now or later on."""
        floor, policy = self._world.floor, self._world.policy.skills.get(skill)
        if policy is None or skill in floor.closed:
            return False
        skills = {skill, *(over.to for over in policy.overflow)}
        return any(seat.state != "offline" and not skills.isdisjoint(seat.skills) for seat in floor.seats.values())

    def _queue(self, call: Call, skill: str, way: Way) -> None:
        call.stage, call.skill, call.queued_ms = "waits", skill, self._world.now_ms
        self._world.after(call.caller.patience_ms, self._loses_patience, call)
        self._world.give(
            CallQueued(
                call=call.id,
                caller_number=call.caller.number,
                skill=skill,
                language=call.caller.language,
                priority=way.priority,
                skill_level=way.skill_level,
            )
        )

    def _loses_patience(self, call: Call) -> None:
        if call.stage != "waits":
            return
        self._end(call, "abandoned")
        self._world.give(CallerGone(call=call.id))
        again_ms = call.caller.again_ms
        if again_ms is not None:
            days = (*call.caller.called_days_ago, (again_ms + self._world.now_ms - call.began_ms) / DAY_MS)
            caller = replace(call.caller, id=f"{call.id}-again", called_days_ago=days, again_ms=None)
            self._world.after(again_ms, self.arrive, caller, True)

    def _promise(self, call: Call, way: Way) -> None:
        call.skill = call.skill or self._world.policy.default_skill
        self._world.give(
            CallbackRequested(
                call=call.id,
                number=call.caller.number,
                skill=call.skill,
                language=call.caller.language,
                priority=way.priority,
                skill_level=way.skill_level,
                not_before_ms=self._world.now_ms + self._world.policy.callback.pause_s * 1000,
            )
        )

    def _end(self, call: Call, how: Ending) -> None:
        now_ms = self._world.now_ms
        if call.stage == "waits":
            call.left_ms = now_ms
        if call.stage != "rings":
            self._on_line -= 1
        call.stage, call.ended_ms, call.ending = "over", now_ms, how
        call.ended_times += 1
        del self._live[call.id]
        if self._ringing and self._on_line < self._line.calls_at_once:
            waiting = self._ringing.popleft()
            self._take(waiting, self._router.at_first(waiting, now_ms))

    def act(self, decision: Decision) -> None:
        """What the floor decided, as far as callers notice."""
        match decision:
            case said.Offer():
                self._people.offered(decision)
            case said.Connect():
                self._connected(decision)
            case said.SeatMissed():
                self._people.missed(decision)
            case said.Announce():
                self._told(decision)
            case said.CallbackNoted():
                self._noted(decision)
            case said.CallbackRefused():
                self._no_number(decision.call)
            case said.GiveUp():
                if decision.callback is None:
                    self._no_number(decision.call)
            case said.PlaceCallback():
                self._rung_back(decision)
            case said.CallbackFailed():
                self._settled(decision.callback, failed=True)
            case said.Overflow():
                if decision.call in self._live:
                    self._live[decision.call].overflowed = True
            case said.Moved():
                if decision.call in self._live:
                    self._live[decision.call].skill = decision.skill
            case said.Withdraw() | said.RefuseAnswer() | said.Requeued() | said.TransferRefused() | said.Ignored():
                pass
            case _:
                assert_never(decision)

    def _connected(self, connect: said.Connect) -> None:
        now_ms = self._world.now_ms
        call = self._live.get(connect.call)
        if call is None:
            call = self._settled(connect.call, failed=False)
            skill = call.skill
        else:
            call.stage, call.left_ms, call.connected_ms = "talks", now_ms, now_ms
            skill = call.skill
            ends_ms = self._talk_ms(call, skill)
            self._world.after(ends_ms, self._talked, call)
        self._people.talks(connect.seat, connect.call, self._talk_ms(call, skill))

    def _talk_ms(self, call: Call, skill: str) -> int:
        return max(1, round(self._talk[skill].at(*call.caller.talk) * 1000))

    def _talked(self, call: Call) -> None:
        self._end(call, "talked")

    def _told(self, announce: said.Announce) -> None:
        call = self._live[announce.call]
        if announce.offer_callback and call.caller.takes_callback and not call.offered_callback:
            call.offered_callback = True
            self._world.after(PRESSES_AFTER_MS, self._presses_one, call)

    def _presses_one(self, call: Call) -> None:
        if call.stage == "waits":
            self._world.give(CallbackChosen(call=call.id))

    def _noted(self, noted: said.CallbackNoted) -> None:
        call = self._live[noted.call]
        closed = noted.skill in self._world.floor.closed
        call.ring_back = RingBack(self._world.now_ms, noted.due_ms, closed)
        self._promised[noted.callback] = call
        self._end(call, "callback")

    def _no_number(self, call_id: str) -> None:
        call = self._live[call_id]
        # Who chose it without a number waits on.
        if call.stage == "bot" or call_id not in self._world.floor.waiting:
            self._end(call, "no_number")

    def _rung_back(self, place: said.PlaceCallback) -> None:
        call = self._promised[place.callback]
        assert call.ring_back is not None
        call.ring_back.attempts = place.attempt
        # Nobody at a page is slow to say that they are there.
        self._world.after(0, self._world.give, CallbackAccepted(seat=place.seat, callback=place.callback))
        tries = call.caller.callbacks
        picks_up, after_ms = tries[min(place.attempt, len(tries)) - 1]
        if picks_up and after_ms < self._world.policy.callback.ring_s * 1000:
            self._world.after(after_ms, self._picks_up, place, self._world.now_ms)

    def _picks_up(self, place: said.PlaceCallback, since_ms: int) -> None:
        seat = self._world.floor.seats[place.seat]
        if seat.call_id == place.callback and seat.state == "ringing" and seat.since_ms == since_ms:
            self._world.give(CallbackOutcome(callback=place.callback, outcome="reached", call=place.callback))

    def _settled(self, callback: str, *, failed: bool) -> Call:
        call = self._promised.pop(callback)
        assert call.ring_back is not None
        call.ring_back.failed = failed
        if not failed:
            call.ring_back.answered_ms = self._world.now_ms
        return call


def _is_bot(target: str) -> bool:
    return split_target(target)[0] in ("bot", "menu")
