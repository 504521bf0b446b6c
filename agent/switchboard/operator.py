"""Carries out what the floor decides: rings seats, puts people on the line, tells callers how it stands."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from loguru import logger

from agent.errors import HotlineError
from agent.events import Language
from agent.routing.floor import Decision, decisions, inputs
from agent.routing.floor.words import announcement, callback_promise, farewell
from agent.seats.screen_pop import ScreenPop
from agent.seats.to_page import Connected, Ringing, Withdrawn
from agent.switchboard import pages
from agent.switchboard.briefing import briefing
from agent.switchboard.live import LiveCall

if TYPE_CHECKING:
    from agent.switchboard.switchboard import Switchboard


class Operator:
    """The switchboard's hands. It decides nothing."""

    def __init__(self, board: "Switchboard") -> None:
        self._board = board

    def act(self, decision: Decision) -> None:
        """Carry it out. Never waits and never raises: what takes time goes on aside."""
        try:
            self._carry_out(decision)
        except Exception:
            logger.exception("{} was not carried out", decision.type)

    def _carry_out(self, decision: Decision) -> None:
        match decision:
            case decisions.Offer(seat=seat, call=call_id):
                self._board.do(self._offer(seat, call_id))
            case decisions.Withdraw(seat=seat, call=call_id, reason=reason):
                self._withdraw(seat, call_id, reason)
            case decisions.SeatMissed(seat=seat, call=call_id, reason=reason):
                self._missed(seat, call_id, reason)
            case decisions.Connect(seat=seat, call=call_id, warm_from=warm_from):
                self._board.do(self._connect(seat, call_id, warm_from))
            case decisions.RefuseAnswer(seat=seat, call=call_id, reason=reason):
                self._refuse(seat, call_id, reason)
            case decisions.Announce():
                self._board.do(self._announce(decision))
            case decisions.PlaceCallback():
                self._place_callback(decision)
            case decisions.Moved(call=call_id, skill=skill, priority=priority):
                self._moved(call_id, skill, priority)
            case decisions.GiveUp():
                self._board.do(self._give_up(decision))
            case decisions.Requeued(call=call_id):
                self._board.do(self._requeued(call_id))
            case decisions.CallbackNoted():
                self._board.do(self._noted(decision))
            case decisions.CallbackRefused(call=call_id):
                self._board.do(self._say(call_id, self._board.queue_words.callback_refused.of, "callback_refused"))
            case decisions.TransferRefused():
                self._transfer_refused(decision)
            case decisions.CallbackFailed() | decisions.Ignored():
                logger.info("floor: {}", decision.model_dump_json())
            case decisions.Overflow():
                self._board.broadcast.soon()

    async def _offer(self, seat: str, call_id: str) -> None:
        live = self._board.live.get(call_id)
        if live is None:
            return
        # `CallQueued` is decided on before the caller is told: their place comes first on the timeline.
        await asyncio.sleep(0)
        pop = live.pop()
        said = briefing(live.events, pop, self._board.words, lambda cause: self._board.label(cause, "zh"))
        live.offered(seat)
        outdoors = self._board.outdoors
        if outdoors is not None and self._board.policy.is_outside(seat):
            # Who is at a telephone is told before they are on the line of the call.
            live.prepare_whisper("")
            taken = inputs.SeatAnswered(seat=seat, call=call_id)
            outdoors.seats.ring(seat, call_id, said, lambda: self._board.tell(taken))
        else:
            live.prepare_whisper(said)
        kind = "transfer" if live.passed_by else "call"
        ringing = Ringing(call_id=call_id, pop=pop, briefing=said, kind=kind, until=self._board.until(seat))
        self._board.pages.tell(seat, ringing)

    def _refuse(self, seat: str, call_id: str, reason: decisions.RefusedReason) -> None:
        outdoors = self._board.outdoors
        self._board.pages.tell(seat, Withdrawn(call_id=call_id, reason=reason))
        if outdoors is not None and self._board.policy.is_outside(seat):
            self._board.do(outdoors.seats.let_go(seat, self._board.words.outside.gone.zh))

    def _withdraw(self, seat: str, call_id: str, reason: str) -> None:
        if self._board.outdoors is not None:
            self._board.outdoors.withdraw(seat, call_id)
        known = reason if reason in ("no_answer", "declined", "caller_gone") else "withdrawn"
        self._board.pages.tell(seat, Withdrawn.model_validate({"call_id": call_id, "reason": known}))
        live = self._board.live.get(call_id)
        if live is not None and not live.is_over:
            live.missed(seat, "withdrawn")

    def _missed(self, seat: str, call_id: str, reason: str) -> None:
        if self._board.outdoors is not None:
            self._board.outdoors.withdraw(seat, call_id)
        self._board.pages.of(seat).tally.missed += 1
        told_as = reason if reason in ("no_answer", "declined") else "withdrawn"
        self._board.pages.tell(seat, Withdrawn.model_validate({"call_id": call_id, "reason": told_as}))
        live = self._board.live.get(call_id)
        if live is not None and reason in ("no_answer", "declined", "vanished"):
            live.missed(seat, reason)  # type: ignore[arg-type]

    async def _connect(self, seat: str, call_id: str, warm_from: str | None) -> None:
        live = self._board.live.get(call_id)
        line = self._board.pages.of(seat).line
        if live is None:
            return
        if line is None or not line.is_open:
            await self._board.vanish(seat)
            return
        name = self._board.name_of(seat)
        pop = live.pop()
        self._board.pages.of(seat).tally.answered += 1
        try:
            await live.connect(line.join("seat"), name, self._briefing_of(live), consults=warm_from)
        except HotlineError as error:
            live.call.fail("bridge", error)
            await self._board.vanish(seat)
            return
        if seat not in live.call.bridge.legs:
            return
        self._board.pages.tell(seat, Connected(call_id=call_id, since=pages.at(self._board.now_ms()), pop=pop))
        if warm_from is not None:
            self._board.pages.tell(warm_from, self._board.transferring(live, seat, "talking"))

    def _briefing_of(self, live: LiveCall) -> str:
        return briefing(live.events, live.pop(), self._board.words, lambda cause: self._board.label(cause, "zh"))

    async def _announce(self, decision: decisions.Announce) -> None:
        live = self._board.live.get(decision.call)
        if live is None or not live.waits:
            return
        live.announced(decision.position, decision.expected_wait_s, offers_callback=decision.offer_callback)
        await live.say(announcement(self._board.queue_words, live.language, decision), "queue_announcement")

    def _moved(self, call_id: str, skill: str, priority: int) -> None:
        live = self._board.live.get(call_id)
        if live is not None and live.waits:
            live.skill = skill
            live.stands(priority, self._board.place_of(call_id))

    async def _give_up(self, decision: decisions.GiveUp) -> None:
        """Where it did not wait yet, the bot has not let go of the caller, and tells them itself."""
        live = self._board.live.get(decision.call)
        if live is None or not live.waits:
            return
        live.wait_no_more("callback" if decision.callback is not None else "returned")
        callback = None if decision.callback is None else self._board.keeper.floor.callbacks.get(decision.callback)
        due = None if callback is None else self._board.at(callback.due_ms)
        text = farewell(self._board.queue_words, live.language, decision.reason, due, self._board.at())
        await live.say_goodbye(text, f"give_up_{decision.reason}", f"nobody came: {decision.reason}")

    async def _noted(self, decision: decisions.CallbackNoted) -> None:
        """Only who has just chosen it is told: they still wait on the line, and on the floor no more."""
        self._board.broadcast.soon()
        await asyncio.sleep(0)
        live = self._board.live.get(decision.call)
        if live is None or not live.waits or live.is_over or live.id in self._board.keeper.floor.waiting:
            return
        live.wait_no_more("callback")
        due = self._board.at(decision.due_ms)
        text = callback_promise(self._board.queue_words, live.language, due, self._board.at())
        await live.say_goodbye(text, "callback_noted", "chose to be rung back")

    async def _requeued(self, call_id: str) -> None:
        live = self._board.live.get(call_id)
        if live is None or live.is_over:
            return
        waiting = self._board.keeper.floor.waiting.get(call_id)
        live.without_people("vanished")
        live.wait_for(live.skill, 0 if waiting is None else waiting.priority, None)
        if live.had_person:
            await live.say(self._board.queue_words.requeued.of(live.language), "requeued")
        else:
            # Rung back by us, and the person went away as they picked up.
            greeting = self._board.queue_words.callback_greeting.of(live.language)
            await live.say(greeting.format(company=live.company), "callback_greeting")

    async def _say(self, call_id: str, text: Callable[[Language], str], name: str) -> None:
        live = self._board.live.get(call_id)
        if live is not None and live.waits:
            await live.say(text(live.language), name)

    def _place_callback(self, decision: decisions.PlaceCallback) -> None:
        if self._board.outdoors is not None and self._board.policy.is_outside(decision.seat):
            self._board.outdoors.callbacks.ask(decision)
        callback = self._board.keeper.floor.callbacks.get(decision.callback)
        skill = "" if callback is None else callback.skill
        pop = ScreenPop(call_id=decision.callback, number=decision.number, skill=skill)
        ringing = Ringing(call_id=decision.callback, pop=pop, kind="callback", until=self._board.until(decision.seat))
        self._board.pages.tell(decision.seat, ringing)

    def _transfer_refused(self, decision: decisions.TransferRefused) -> None:
        problems = self._board.words.problems
        why = {
            "unknown_target": problems.unknown_target,
            "nobody_there": problems.nobody_there,
            "no_number": problems.no_number,
        }[decision.reason]
        live = self._board.live.get(decision.call)
        if live is not None:
            self._board.pages.tell(decision.seat, self._board.transferring(live, "", "failed", why.zh))
