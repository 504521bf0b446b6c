"""Customers who are rung back: a person is there first, then the customer's telephone rings, and their call begins."""

from loguru import logger

from agent.dialling import NotReached, NumberError, Ringing, Trunk
from agent.events import CallbackPlaced
from agent.ingress.leg import CallInfo
from agent.ingress.media_stream import new_call_id
from agent.routing.floor import Callback, decisions, inputs
from agent.routing.lines import caller_region, locate
from agent.seats.to_page import Withdrawn
from agent.switchboard import pages
from agent.switchboard.live import LiveCall
from agent.switchboard.outside_seats import OutsideSeats
from agent.switchboard.switchboard import Switchboard


class CallbackCalls:
    """Those that are being placed."""

    def __init__(self, board: Switchboard, trunk: Trunk, seats: OutsideSeats) -> None:
        self._board = board
        self._trunk = trunk
        self._seats = seats
        self._ringing: dict[str, Ringing] = {}
        self._becoming: dict[str, Callback] = {}

    def ask(self, decision: decisions.PlaceCallback) -> None:
        """Ring the telephone of a seat outside for this callback."""
        callback = self._board.keeper.floor.callbacks.get(decision.callback)
        skill = "" if callback is None else pages.skill_name(self._board.policy, callback.skill)
        words = self._board.words.outside
        seat, callback_id = decision.seat, decision.callback

        async def accepted() -> None:
            if await self.accept(seat, callback_id):
                await self._seats.tell(seat, words.dialling.zh)
            else:
                await self._seats.let_go(seat, words.gone.zh)

        self._seats.ring(seat, callback_id, words.callback.zh.format(skill=skill), accepted)

    async def accept(self, seat: str, callback_id: str) -> bool:
        """The person is there: ring the customer. False where this seat is not to place it any more."""
        board = self._board
        await board.tell(inputs.CallbackAccepted(seat=seat, callback=callback_id))
        callback = board.keeper.floor.callbacks.get(callback_id)
        if callback is None or callback.seat_id != seat or not callback.accepted:
            return False
        if callback_id in self._ringing:
            return True
        info = CallInfo(
            call_id=new_call_id(),
            caller_number=callback.number,
            called_number=self._trunk.caller_number,
            channel="media-stream",
            started_at=pages.at(board.now_ms()),
            language=callback.language,
            rung_by_us=True,
        )
        try:
            ringing = self._trunk.ring(callback.number, board.policy.callback.ring_s, info)
        except NumberError as error:
            logger.error("callback {}: {}", callback_id, error)
            await board.tell(inputs.CallbackOutcome(callback=callback_id, outcome="failed"))
            return False
        self._ringing[callback_id] = ringing
        self._becoming[info.call_id] = callback
        board.do(self._wait(seat, callback_id, ringing, info.call_id))
        return True

    def stop(self, callback_id: str, seat: str) -> bool:
        """The customer is not to be rung any more; the person at the telephone is told. False where they are not."""
        ringing = self._ringing.get(callback_id)
        if ringing is None:
            return False
        self._trunk.cancel(ringing)
        self._board.do(self._seats.let_go(seat, self._board.words.outside.not_reached.zh))
        return True

    async def _wait(self, seat: str, callback_id: str, ringing: Ringing, call_id: str) -> None:
        board = self._board
        try:
            await ringing.answered()
        except NotReached as why:
            self._becoming.pop(call_id, None)
            if why.outcome == "cancelled" and ringing.cancelled:
                return
            logger.info("callback {} was not reached: {}", callback_id, why)
            outcome = "failed" if why.outcome == "cancelled" else why.outcome
            given = {"callback": callback_id, "outcome": outcome}
            await board.tell(inputs.CallbackOutcome.model_validate(given))
            board.pages.tell(seat, Withdrawn(call_id=callback_id, reason="no_answer"))
            await self._seats.let_go(seat, board.words.outside.not_reached.zh)
        finally:
            del self._ringing[callback_id]

    def admit(self, live: LiveCall) -> None:
        """A call begins: one that we rang is not greeted by the bot, it is for the person who waits."""
        callback = self._becoming.pop(live.id, None)
        if callback is not None:
            live.call.waits_for_person = True
            live.skill = callback.skill
            self._board.do(self._begin(live, callback))

    async def _begin(self, live: LiveCall, callback: Callback) -> None:
        board, timeline = self._board, live.call.timeline
        timeline.append(caller_region(locate(callback.number)))
        timeline.append(
            CallbackPlaced(callback_id=callback.id, earlier_call_id=callback.call_id, attempt=callback.attempts + 1)
        )
        await board.tell(inputs.CallbackOutcome(callback=callback.id, outcome="reached", call=live.id))
        floor = board.keeper.floor
        if live.id in floor.talking or live.id in floor.waiting or live.is_over:
            return
        # It was called off as they picked up. Whom we have rung is not left with nobody.
        await board.tell(
            inputs.CallQueued(
                call=live.id,
                caller_number=callback.number,
                skill=callback.skill,
                language=callback.language,
                priority=callback.priority,
            )
        )
        live.wait_for(callback.skill, callback.priority, board.place_of(live.id))
        greeting = board.queue_words.callback_greeting.of(live.language)
        await live.say(greeting.format(company=live.company), "callback_greeting")
