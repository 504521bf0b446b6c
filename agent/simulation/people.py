"""How people at seats behave: they come and go, take what rings, talk, write down what there was, and have breaks."""

from collections.abc import Mapping, Sequence
from random import Random

from agent.routing.floor.decisions import Offer, SeatMissed
from agent.routing.floor.inputs import (
    CallFinished,
    SeatAnswered,
    SeatOnBreak,
    SeatReady,
    SeatSignedIn,
    SeatSignedOff,
    WrapUpDone,
)
from agent.simulation.clock import VirtualFloor
from agent.simulation.staffing import AtWork, Staffing

MINUTE_MS = 60_000
LOOK_AGAIN_MS = 30_000
"""A break that a call has delayed: looked at again after so long."""


class People:
    """``seed``: each seat has a generator of its own."""

    def __init__(self, world: VirtualFloor, staffing: Staffing, seed: int) -> None:
        self._world = world
        self._staffing = staffing
        self._chances: Mapping[str, Random] = {seat.id: Random(f"{seed} seat {seat.id}") for seat in world.policy.seats}

    def come(self, people: Sequence[AtWork], midnight_ms: int) -> None:
        """Plan a day."""
        for one in people:
            seat = one.seat.id
            for begin, end in one.hours:
                self._world.at(midnight_ms + begin * MINUTE_MS, self._sign_in, seat)
                self._world.at(midnight_ms + end * MINUTE_MS, self._world.give, SeatSignedOff(seat=seat))
            for begin, end in one.breaks:
                self._world.at(midnight_ms + begin * MINUTE_MS, self._rest, seat, (end - begin) * MINUTE_MS)

    def offered(self, offer: Offer) -> None:
        chance = self._chances[offer.seat]
        takes, after_s = chance.random() >= self._staffing.misses, self._staffing.answers_in.draw(chance)
        if takes:
            self._world.after(round(after_s * 1000), self._answer, offer, self._world.now_ms)

    def missed(self, missed: SeatMissed) -> None:
        """Once too often: they notice after a while that they are on break."""
        if missed.on_break:
            after_ms = self._draw_ms(missed.seat)
            self._world.after(after_ms, self._back, missed.seat, 0)

    def talks(self, seat: str, call: str, talk_ms: int) -> None:
        self._world.after(talk_ms, self._finish, seat, call)

    def _draw_ms(self, seat: str) -> int:
        return round(self._staffing.back_after.draw(self._chances[seat]) * 1000)

    def _sign_in(self, seat: str) -> None:
        self._world.give(SeatSignedIn(seat=seat))
        self._world.give(SeatReady(seat=seat))

    def _answer(self, offer: Offer, since_ms: int) -> None:
        seat = self._world.floor.seats[offer.seat]
        if seat.state == "ringing" and seat.call_id == offer.call and seat.since_ms == since_ms:
            self._world.give(SeatAnswered(seat=offer.seat, call=offer.call))

    def _finish(self, seat: str, call: str) -> None:
        self._world.give(CallFinished(seat=seat, call=call))
        wraps_ms = round(self._staffing.wrap_up.draw(self._chances[seat]) * 1000)
        # The floor ends it at the policy's time at the latest.
        if wraps_ms < self._world.policy.after_call.wrap_up_s * 1000:
            self._world.after(wraps_ms, self._wrapped_up, seat, self._world.now_ms)

    def _wrapped_up(self, seat: str, since_ms: int) -> None:
        now = self._world.floor.seats[seat]
        if now.state == "wrap_up" and now.since_ms == since_ms:
            self._world.give(WrapUpDone(seat=seat))

    def _rest(self, seat: str, for_ms: int) -> None:
        now = self._world.floor.seats[seat]
        if now.state in ("offline", "on_break") or now.then != "ready":
            return
        self._world.give(SeatOnBreak(seat=seat))
        self._world.after(for_ms, self._back, seat, for_ms)

    def _back(self, seat: str, rests_ms: int) -> None:
        """They come back once they have rested so long."""
        now = self._world.floor.seats[seat]
        if now.state == "on_break":
            left_ms = now.since_ms + rests_ms - self._world.now_ms
            if left_ms > 0:
                self._world.after(left_ms, self._back, seat, rests_ms)
            else:
                self._world.give(SeatReady(seat=seat))
        elif now.then == "on_break":
            self._world.after(LOOK_AGAIN_MS, self._back, seat, rests_ms)
