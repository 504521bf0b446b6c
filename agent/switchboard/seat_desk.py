"""What people at their pages do: each request becomes an input of the floor, or a change of who hears whom."""

import asyncio
from collections.abc import Callable
from typing import Literal

from agent.errors import HotlineError
from agent.routing.floor import decisions, inputs
from agent.seats.desk import SeatError, Send
from agent.seats.from_page import TransferCall
from agent.seats.from_page import WrapUpDone as WrapUpWritten
from agent.seats.to_page import Connected, Ended, Held, Ringing, SignedIn, Supervising, WrapUp
from agent.seats.webrtc_leg import SeatLine
from agent.seats.words import Supervision
from agent.switchboard import pages
from agent.switchboard.hanging_up import hang_up
from agent.switchboard.live import LiveCall
from agent.switchboard.switchboard import Switchboard
from agent.switchboard.words import Pair

WriteDown = Callable[[str, WrapUpWritten], None]
"""Keeps what a person wrote after a call: the name of who wrote it, and what. May block and raise StorageError."""


LetIn = Callable[[str, str], None]
"""Lets in the live call of that id, in the name of that person. Raises HotlineError where that is not possible."""


class SeatsAtSwitchboard:
    """A `agent.seats.desk.SeatDesk`, whose methods it documents."""

    def __init__(self, board: Switchboard, write_down: WriteDown, let_in: LetIn) -> None:
        self._board = board
        self._write_down = write_down
        self._let_in = let_in

    # Coming and going

    async def sign_in(self, login: str) -> SignedIn:
        policy = self._board.policy
        for seat in policy.seats:
            if login and login == seat.login:
                return pages.signed_in(policy, seat.id, seat.name, tuple(seat.skills), supervisor=seat.supervisor)
        raise self._problem("unknown_login", self._board.words.problems.unknown_login)

    async def subscribe(self, seat: str, send: Send) -> None:
        board = self._board
        board.pages.of(seat).send = send
        await board.tell(inputs.SeatSignedIn(seat=seat))
        send(pages.state(board.keeper.floor.seats[seat]))
        call = self._call_of(seat)
        if call is not None and board.keeper.floor.seats[seat].state == "talking":
            held = call.call.bridge.caller_on_hold
            since = pages.at(board.keeper.floor.seats[seat].since_ms)
            send(Connected(call_id=call.id, since=since, pop=call.pop(), held=held))
        elif call is not None:
            send(Ringing(call_id=call.id, pop=call.pop(), until=board.until(seat)))
        board.broadcast.floor(seat)

    async def sign_out(self, seat: str) -> None:
        await self.stop_supervising(seat)
        call = self._call_of(seat)
        if call is not None and self._talks(seat):
            await hang_up(self._board, seat, call, survey=False)
        await self._board.tell(inputs.SeatSignedOff(seat=seat))
        self._forget(seat)

    async def vanished(self, seat: str) -> None:
        await self.stop_supervising(seat)
        if self._rings_outside(seat):
            # The telephone is still there: they go home after the call that they have.
            await self._board.tell(inputs.SeatSignedOff(seat=seat))
            self._board.pages.of(seat).send = None
            return
        await self._board.vanish(seat)
        self._forget(seat)

    async def attach_line(self, seat: str, line: SeatLine) -> None:
        board = self._board
        desk = board.pages.of(seat)
        if self._rings_outside(seat):
            return
        desk.line = line
        call = self._call_of(seat)
        if call is not None and self._talks(seat) and seat in call.call.bridge.hearing.parts:
            call.reconnect(line.join("seat"))
        elif desk.supervises is not None and desk.supervises in board.live:
            call = board.live[desk.supervises]
            call.stop_supervising(seat)
            call.supervise(line.join("supervisor"), seat, "listen")

    async def line_lost(self, seat: str, line: SeatLine) -> None:
        if self._board.pages.of(seat).line is line:
            self._board.pages.of(seat).line = None

    async def set_state(self, seat: str, state: Literal["ready", "on_break"]) -> None:
        if state == "ready" and not self._rings_outside(seat):
            desk = self._board.pages.of(seat)
            if desk.line is None or not desk.line.is_open:
                raise self._problem("no_line", self._board.words.problems.no_line)
        await self._board.tell(inputs.SeatReady(seat=seat) if state == "ready" else inputs.SeatOnBreak(seat=seat))

    # A call

    async def answer(self, seat: str, call_id: str) -> None:
        board = self._board
        if self._rings_outside(seat):
            raise self._problem("by_telephone", board.words.problems.by_telephone)
        if call_id in board.keeper.floor.callbacks:
            await self._take_callback(seat, call_id)
            return
        await board.tell(inputs.SeatAnswered(seat=seat, call=call_id))

    async def decline(self, seat: str, call_id: str) -> None:
        await self._board.tell(inputs.SeatDeclined(seat=seat, call=call_id))

    async def hold(self, seat: str) -> None:
        self._hold(seat, held=True)

    async def resume(self, seat: str) -> None:
        self._hold(seat, held=False)

    async def hang_up(self, seat: str, survey: bool) -> None:
        floor_seat = self._board.keeper.floor.seats.get(seat)
        if floor_seat is not None and floor_seat.state == "talking" and floor_seat.call_id not in self._board.live:
            # A callback that the person dialled by another telephone: nothing of it is on our lines.
            await self._finish_outside(seat, floor_seat.call_id or "")
            return
        await hang_up(self._board, seat, self._in_call(seat), survey=survey)

    async def transfer(self, seat: str, transfer: TransferCall) -> None:
        call = self._in_call(seat)
        kind, _, name = transfer.target.partition(":")
        outdoors = self._board.outdoors
        if kind == "number":
            if outdoors is None:
                raise self._problem("outside_numbers", self._board.words.problems.outside_numbers)
            outdoors.transfers.begin(seat, call, name, transfer.mode)
            return
        if outdoors is not None and outdoors.transfers.is_passing(call):
            raise self._problem("passing_already", self._board.words.problems.passing_already)
        call.note, call.passed_by = transfer.note, self._board.name_of(seat)
        asked = inputs.TransferAsked(
            seat=seat,
            call=call.id,
            to_skill=name if kind == "queue" else None,
            to_seat=name if kind == "seat" else None,
            warm=transfer.mode == "warm",
        )
        await self._pass_on(seat, call, asked, transfer)

    async def complete_transfer(self, seat: str) -> None:
        call, outdoors = self._in_call(seat), self._board.outdoors
        if outdoors is not None and outdoors.transfers.is_passing(call):
            await outdoors.transfers.complete(call)
        else:
            await self._complete(seat, call)

    async def cancel_transfer(self, seat: str) -> None:
        call, outdoors = self._in_call(seat), self._board.outdoors
        if outdoors is not None and outdoors.transfers.is_passing(call):
            outdoors.transfers.cancel(call)
        else:
            await self._cancel(seat, call)

    async def wrap_up(self, seat: str, done: WrapUpWritten) -> None:
        await asyncio.to_thread(self._write_down, self._board.name_of(seat), done)
        await self._board.tell(inputs.WrapUpDone(seat=seat))

    async def call_back(self, seat: str, callback_id: str) -> None:
        await self._take_callback(seat, callback_id)

    # Supervisors

    async def supervise(self, seat: str, call_id: str, mode: Supervision) -> None:
        board = self._board
        problems = board.words.problems
        self._check_supervisor(seat)
        live, desk = board.live.get(call_id), board.pages.of(seat)
        if live is None or live.is_over:
            raise self._problem("call_gone", problems.call_gone)
        if desk.line is None or not desk.line.is_open:
            raise self._problem("no_line", problems.no_line)
        if desk.supervises not in (None, call_id):
            await self.stop_supervising(seat)
        joins = seat not in live.call.bridge.legs
        live.supervise(desk.line.join("supervisor") if joins else None, seat, mode)
        desk.supervises = call_id
        board.pages.tell(seat, Supervising(call_id=call_id, mode=mode, pop=live.pop() if joins else None))

    async def stop_supervising(self, seat: str) -> None:
        await self._board.stop_supervising(seat)

    async def let_in(self, seat: str, call_id: str) -> None:
        self._check_supervisor(seat)
        try:
            self._let_in(call_id, self._board.name_of(seat))
        except HotlineError as error:
            raise self._problem("not_in_doubt", self._board.words.problems.not_in_doubt) from error

    def _check_supervisor(self, seat: str) -> None:
        known = self._board.policy.by_id.get(seat)
        if known is None or not known.supervisor:
            raise self._problem("not_a_supervisor", self._board.words.problems.not_a_supervisor)

    # What takes more than one step

    async def _pass_on(self, seat: str, live: LiveCall, asked: inputs.TransferAsked, transfer: TransferCall) -> None:
        made = await self._board.tell(asked)
        if any(isinstance(one, decisions.TransferRefused) for one in made):
            return
        live.passed_on(seat, transfer.target, transfer.mode)
        waiting = self._board.keeper.floor.waiting.get(live.id)
        if transfer.mode == "warm" and waiting is not None and waiting.held_by == seat:
            self._board.pages.tell(seat, self._board.transferring(live, transfer.target, "ringing"))
            return
        self._board.off_the_line(live, seat, "transferred")
        if waiting is not None:
            live.wait_for(waiting.skill, waiting.priority, self._board.place_of(live.id))
            await live.say(self._board.queue_words.passed_on.of(live.language), "passed_on")

    async def _complete(self, seat: str, live: LiveCall) -> None:
        talking = self._board.keeper.floor.talking.get(live.id)
        if talking is None or talking.leaving != seat:
            raise self._problem("not_now", self._board.words.problems.nobody_there)
        other = talking.seat_id
        await self._board.tell(inputs.CallFinished(seat=seat, call=live.id))
        self._board.pages.tell(seat, self._board.transferring(live, other, "done"))
        self._board.off_the_line(live, seat, "transferred")

    async def _cancel(self, seat: str, live: LiveCall) -> None:
        """The person keeps the call; whoever was rung or spoken to is let go."""
        talking = self._board.keeper.floor.talking.get(live.id)
        target = ""
        if talking is not None and talking.leaving == seat:
            target = talking.seat_id
            await self._board.tell(inputs.CallFinished(seat=target, call=live.id))
            self._board.off_the_line(live, target, "hung_up")
        else:
            await self._board.tell(inputs.TransferCancelled(seat=seat, call=live.id))
        self._board.pages.tell(seat, self._board.transferring(live, target, "cancelled"))

    async def _take_callback(self, seat: str, callback_id: str) -> None:
        """The customer is rung; where nobody rings out, the person does it by a telephone of theirs, and from now on it
        counts as their call.
        """
        callback = self._board.keeper.floor.callbacks.get(callback_id)
        if callback is None or callback.state != "placing" or callback.seat_id != seat:
            raise self._problem("unknown_callback", self._board.words.problems.unknown_callback)
        if self._board.outdoors is not None:
            await self._board.outdoors.callbacks.accept(seat, callback_id)
            return
        await self._board.tell(inputs.CallbackOutcome(callback=callback_id, outcome="reached"))

    async def _finish_outside(self, seat: str, call_id: str) -> None:
        await self._board.tell(inputs.CallFinished(seat=seat, call=call_id))
        self._board.pages.tell(seat, Ended(call_id=call_id, reason="hung_up"))
        self._board.pages.tell(seat, WrapUp(call_id=call_id, summary="", until=self._board.until(seat)))

    # How

    def _hold(self, seat: str, *, held: bool) -> None:
        call = self._in_call(seat)
        call.hold(held=held)
        since = pages.at(self._board.now_ms())
        self._board.pages.tell(seat, Held(call_id=call.id, held=held, since=since))

    def _rings_outside(self, seat: str) -> bool:
        """Whether they speak by a telephone, and their page is for all but that."""
        return self._board.outdoors is not None and self._board.policy.is_outside(seat)

    def _forget(self, seat: str) -> None:
        desk = self._board.pages.of(seat)
        desk.send, desk.line = None, None

    def _call_of(self, seat: str) -> LiveCall | None:
        """The call that it rings or talks for, if that is on our lines."""
        floor_seat = self._board.keeper.floor.seats.get(seat)
        return None if floor_seat is None or floor_seat.call_id is None else self._board.live.get(floor_seat.call_id)

    def _talks(self, seat: str) -> bool:
        return self._board.keeper.floor.seats[seat].state == "talking"

    def _in_call(self, seat: str) -> LiveCall:
        call = self._call_of(seat)
        if call is None or not self._talks(seat):
            raise self._problem("not_in_call", self._board.words.problems.not_in_call)
        return call

    def _problem(self, code: str, words: Pair) -> SeatError:
        return SeatError(code, words.zh)
