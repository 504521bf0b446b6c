"""A person passes a call on to a number outside. They keep it until somebody answers there: it is never lost."""

from dataclasses import dataclass

from loguru import logger

from agent.bridge import BridgeError
from agent.dialling import NotReached, NumberError, OutsideLine, Ringing, Trunk, plain_number
from agent.dialling.outside_line import Gone
from agent.routing.floor import inputs
from agent.seats.desk import SeatError
from agent.seats.to_page import Transferring
from agent.seats.words import Mode
from agent.switchboard.live import LiveCall
from agent.switchboard.switchboard import Switchboard
from agent.switchboard.words import Pair

RING_S = 30
"""So long a number outside rings."""


@dataclass(eq=False)
class _Passing:
    """One call on its way to a number. ``held``: whether the caller was put on hold for it."""

    seat: str
    number: str
    mode: Mode
    ringing: Ringing
    held: bool
    done: bool = False


class OutsideTransfers:
    """Those under way, and calls that are outside now.

    Args:
        own: the hotline's own numbers, as `plain_number` gives them.
    """

    def __init__(self, board: Switchboard, trunk: Trunk, own: frozenset[str]) -> None:
        self._board = board
        self._trunk = trunk
        self._own = own | {trunk.caller_number}
        self._passing: dict[str, _Passing] = {}

    def is_passing(self, live: LiveCall) -> bool:
        passing = self._passing.get(live.id)
        return passing is not None and not passing.done

    def begin(self, seat: str, live: LiveCall, text: str, mode: Mode) -> None:
        """Raises SeatError, and nothing has changed then."""
        number = self._checked(live, text)
        held = mode == "cold" and not live.call.bridge.caller_on_hold
        if held:
            live.hold(held=True)
        passing = _Passing(seat, number, mode, self._trunk.ring(number, RING_S), held)
        self._passing[live.id] = passing
        self._tell(live, passing, "ringing")
        self._board.do(self._wait(live, passing))

    async def complete(self, live: LiveCall) -> None:
        """Warm: the two talk on without the person who passed it on. Raises SeatError before somebody has answered."""
        passing = self._passing[live.id]
        if passing.number not in live.call.bridge.legs:
            raise self._problem("not_now", self._board.words.problems.not_reached)
        live.call.bridge.apply(live.call.bridge.hearing.merge())
        await self._hand_over(live, passing)

    def cancel(self, live: LiveCall) -> None:
        """The person keeps the call; whoever was rung or spoken to is let go."""
        passing = self._passing.pop(live.id)
        self._drop(live, passing)
        self._tell(live, passing, "cancelled")

    def leave(self, live: LiveCall) -> None:
        """The call is over."""
        passing = self._passing.pop(live.id, None)
        if passing is not None:
            self._trunk.cancel(passing.ringing)

    def _checked(self, live: LiveCall, text: str) -> str:
        board, problems = self._board, self._board.words.problems
        try:
            number = plain_number(text)
        except NumberError as error:
            raise SeatError("malformed_number", problems.malformed_number.zh.format(number=text)) from error
        if number in self._own | {_plain(live.number), _plain(live.call.leg.info.called_number)}:
            raise self._problem("own_number", problems.own_number)
        for one in board.policy.seats:
            if one.number and _plain(one.number) == number:
                raise SeatError("seat_number", problems.seat_number.zh.format(name=one.name))
        talking = board.keeper.floor.talking.get(live.id)
        if self.is_passing(live) or live.id in board.keeper.floor.waiting or (talking and talking.leaving):
            raise self._problem("passing_already", problems.passing_already)
        if talking is not None and talking.transfers >= board.policy.queue.max_transfers:
            raise self._problem("too_many_transfers", problems.too_many_transfers)
        return number

    async def _wait(self, live: LiveCall, passing: _Passing) -> None:
        problems = self._board.words.problems
        try:
            line = await passing.ringing.answered()
        except NotReached as why:
            if self._passing.get(live.id) is passing:
                logger.info("{} was not reached from call {}: {}", passing.number, live.id, why)
                self._failed(live, passing, problems.busy if why.outcome == "busy" else problems.not_reached)
            return
        assert line is not None, "a number that a call is passed on to is a line and no call of its own"
        if self._passing.get(live.id) is not passing or live.is_over:
            line.hang_up()
            return
        try:
            await self._join(live, passing, line)
        except BridgeError as error:
            live.call.fail("bridge", error)
            line.hang_up()
            self._failed(live, passing, problems.not_reached)

    async def _join(self, live: LiveCall, passing: _Passing, line: OutsideLine) -> None:
        """Raises BridgeError."""
        bridge = live.call.bridge
        bridge.join(line.join(passing.number))
        line.on_gone = lambda how: self._gone(live, passing, how)
        if passing.mode == "warm":
            bridge.apply(bridge.hearing.consult(passing.seat, passing.number))
            self._tell(live, passing, "talking")
            return
        bridge.apply(bridge.hearing.connect(passing.number))
        await self._hand_over(live, passing)

    async def _hand_over(self, live: LiveCall, passing: _Passing) -> None:
        """From now on the call is outside: on the floor nobody has it any more."""
        passing.done = True
        live.passed_on(passing.seat, f"number:{passing.number}", passing.mode)
        await self._board.tell(inputs.CallFinished(seat=passing.seat, call=live.id))
        self._tell(live, passing, "done")
        self._board.off_the_line(live, passing.seat, "transferred")

    def _gone(self, live: LiveCall, passing: _Passing, how: Gone) -> None:
        """Who was outside hung up."""
        bridge = live.call.bridge
        if passing.number in bridge.legs:
            bridge.leave(passing.number, how.replace("_", " "))
        if self._passing.get(live.id) is passing and not passing.done:
            self._failed(live, passing, self._board.words.problems.hung_up)
        elif not bridge.person_on_line:
            live.call.hang_up("operator", f"{passing.number} hung up")

    def _failed(self, live: LiveCall, passing: _Passing, why: Pair) -> None:
        self._passing.pop(live.id, None)
        self._drop(live, passing)
        self._tell(live, passing, "failed", why.zh)

    def _drop(self, live: LiveCall, passing: _Passing) -> None:
        self._trunk.cancel(passing.ringing)
        if live.is_over:
            return
        if passing.number in live.call.bridge.legs:
            live.call.bridge.leave(passing.number, "let go")
        if passing.held or passing.mode == "warm":
            live.hold(held=False)

    def _tell(self, live: LiveCall, passing: _Passing, state: str, why: str = "") -> None:
        told = {"call_id": live.id, "target": f"number:{passing.number}", "name": passing.number, "mode": passing.mode}
        self._board.pages.tell(passing.seat, Transferring.model_validate({**told, "state": state, "why": why}))

    def _problem(self, code: str, words: Pair) -> SeatError:
        return SeatError(code, words.zh)


def _plain(text: str) -> str:
    try:
        return plain_number(text)
    except NumberError:
        return text
