"""A small desk: every seat is ready as it says, calls come when the test lets one ring, and a tick drives the line.

What the seat says is kept, and it hears a tone of 440 Hz.
"""

import asyncio
import math
import wave
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from agent.seats.desk import SeatError, Send
from agent.seats.from_page import FollowUpTask, TransferCall, WrapUpDone
from agent.seats.screen_pop import ScreenPop
from agent.seats.to_page import (
    Colleague,
    Connected,
    Ended,
    Held,
    LiveCalls,
    MyDay,
    Named,
    Queues,
    QueueStatus,
    Ringing,
    SignedIn,
    State,
    Supervising,
    ToPage,
    Transferring,
    Withdrawn,
    WrapUp,
)
from agent.seats.webrtc_leg import SAMPLE_RATE_HZ, TICK_SAMPLES, SeatLeg, SeatLine
from agent.seats.words import SeatState, Supervision

PEOPLE = {
    "lin": SignedIn(
        seat="S1",
        name="林晓雨",
        skills=(Named(id="service", name="客服"), Named(id="complaint", name="投诉")),
        queues=(
            Named(id="service", name="客服"),
            Named(id="complaint", name="投诉"),
            Named(id="repair", name="维修"),
            Named(id="english", name="英语"),
        ),
    ),
    "wang": SignedIn(
        seat="S9",
        name="王建国",
        supervisor=True,
        skills=(Named(id="complaint", name="投诉"),),
        queues=(Named(id="service", name="客服"), Named(id="complaint", name="投诉")),
    ),
}
FLOOR = Queues(
    queues=(
        QueueStatus(skill="service", name="客服", waiting=3, longest_wait_s=84, ready=0),
        QueueStatus(skill="complaint", name="投诉", waiting=1, longest_wait_s=12, ready=1),
        QueueStatus(skill="repair", name="维修", waiting=0, ready=2),
    ),
    mine=MyDay(answered=12, missed=1, average_talk_s=221, average_wrap_up_s=40),
    colleagues=(
        Colleague(seat="S1", name="林晓雨", state="ready", skills=("客服", "投诉")),
        Colleague(seat="S2", name="李强", state="talking", skills=("维修",)),
        Colleague(seat="S3", name="赵敏", state="ready", skills=("英语", "客服")),
        Colleague(seat="S4", name="陈立", state="on_break", skills=("客服",)),
        Colleague(seat="S5", name="孙悦", state="offline", skills=("投诉",)),
    ),
)


class FakeDesk:
    """Keeps in ``asked`` what seats wanted, as tuples of the method's name and what it was given."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.sends: dict[str, Send] = {}
        self.states: dict[str, State] = {}
        self.lines: dict[str, SeatLine] = {}
        self.legs: dict[str, SeatLeg] = {}
        self.pops: dict[str, ScreenPop] = {}
        self.spoken: list[bytes] = []
        self.played_ticks = 0
        self.loop: asyncio.AbstractEventLoop | None = None
        self._clock: asyncio.Task[None] | None = None

    # For the test, from its own thread

    def loudest_dbfs(self) -> float:
        """Of what seats said in the last second, the loudest 20 ms."""
        return max((level_dbfs(pcm) for pcm in list(self.spoken)[-50:]), default=-120.0)

    def tell(self, seat: str, *messages: ToPage) -> None:
        assert self.loop is not None
        done = asyncio.run_coroutine_threadsafe(self._tell(seat, messages), self.loop)
        done.result(5)

    def ring(self, seat: str, pop: ScreenPop, briefing: str = "", kind: Any = "call") -> None:
        self.pops[seat] = pop
        until = datetime.now(UTC) + timedelta(seconds=20)
        self._set(seat, "ringing")
        self.tell(
            seat,
            self.states[seat],
            Ringing(call_id=pop.call_id, pop=pop, briefing=briefing, kind=kind, until=until),
        )

    async def _tell(self, seat: str, messages: tuple[ToPage, ...]) -> None:
        for message in messages:
            self.sends[seat](message)

    def _set(self, seat: str, state: SeatState, **more: Any) -> None:
        self.states[seat] = State(state=state, since=datetime.now(UTC), **more)

    def _now(self, seat: str, state: SeatState, **more: Any) -> None:
        self._set(seat, state, **more)
        self.sends[seat](self.states[seat])

    # What the socket wants of a desk

    async def sign_in(self, login: str) -> SignedIn:
        if login not in PEOPLE:
            raise SeatError("unknown_login", f"nobody has the login {login!r}")
        return PEOPLE[login]

    async def subscribe(self, seat: str, send: Send) -> None:
        self.loop = asyncio.get_running_loop()
        self.asked.append(("subscribe", seat))
        self.sends[seat] = send
        if seat not in self.states:
            self._set(seat, "offline")
        send(self.states[seat])
        if seat in self.pops and self.states[seat].state == "talking":
            pop = self.pops[seat]
            send(Connected(call_id=pop.call_id, since=self.states[seat].since, pop=pop))
        send(FLOOR)

    async def sign_out(self, seat: str) -> None:
        self.asked.append(("sign_out", seat))
        self.sends.pop(seat, None)
        self.states.pop(seat, None)

    async def vanished(self, seat: str) -> None:
        self.asked.append(("vanished", seat))
        self.sends.pop(seat, None)
        self.states.pop(seat, None)

    async def attach_line(self, seat: str, line: SeatLine) -> None:
        self.asked.append(("attach_line", seat))
        self.lines[seat] = line
        if seat in self.legs and self.states[seat].state == "talking":
            self._join(seat)

    async def line_lost(self, seat: str, line: SeatLine) -> None:
        self.asked.append(("line_lost", seat))
        if self.lines.get(seat) is line:
            del self.lines[seat]

    async def set_state(self, seat: str, state: Any) -> None:
        self.asked.append(("set_state", seat, state))
        if self.states[seat].state == "talking":
            since = self.states[seat].since
            self.states[seat] = State(state="talking", since=since, break_after=state == "on_break")
            self.sends[seat](self.states[seat])
        else:
            self._now(seat, state)

    async def answer(self, seat: str, call_id: str) -> None:
        self.asked.append(("answer", seat, call_id))
        pop = self.pops.get(seat)
        if pop is None or pop.call_id != call_id:
            raise SeatError("not_your_call", f"call {call_id} does not ring here")
        self._now(seat, "talking")
        self._join(seat)
        self.sends[seat](Connected(call_id=call_id, since=datetime.now(UTC), pop=pop))

    async def decline(self, seat: str, call_id: str) -> None:
        self.asked.append(("decline", seat, call_id))
        self.sends[seat](Withdrawn(call_id=call_id, reason="declined"))
        self._now(seat, "ready")

    async def hold(self, seat: str) -> None:
        self.asked.append(("hold", seat))
        self.sends[seat](Held(call_id=self.pops[seat].call_id, held=True, since=datetime.now(UTC)))

    async def resume(self, seat: str) -> None:
        self.asked.append(("resume", seat))
        self.sends[seat](Held(call_id=self.pops[seat].call_id, held=False, since=datetime.now(UTC)))

    async def transfer(self, seat: str, transfer: TransferCall) -> None:
        self.asked.append(("transfer", seat, transfer))
        self._transferring(seat, transfer, "talking" if transfer.mode == "warm" else "done")

    async def complete_transfer(self, seat: str) -> None:
        self.asked.append(("complete_transfer", seat))

    async def cancel_transfer(self, seat: str) -> None:
        self.asked.append(("cancel_transfer", seat))
        self._transferring(seat, TransferCall(target="seat:S2", mode="warm"), "cancelled")

    def _transferring(self, seat: str, transfer: TransferCall, state: Any) -> None:
        call_id = self.pops[seat].call_id
        self.sends[seat](
            Transferring(call_id=call_id, target=transfer.target, name="李强", mode=transfer.mode, state=state)
        )

    async def hang_up(self, seat: str, survey: bool) -> None:
        self.asked.append(("hang_up", seat, survey))
        call_id = self.pops[seat].call_id
        self.legs.pop(seat).close()
        self.sends[seat](Ended(call_id=call_id, reason="hung_up"))
        until = datetime.now(UTC) + timedelta(seconds=60)
        self._now(seat, "wrap_up", until=until)
        self.sends[seat](
            WrapUp(
                call_id=call_id,
                summary="客户反映洗衣机第三次漏水，要求退货并称将向 12315 投诉。已道歉，答应明天 14 点前回电。",
                outcome="follow-up",
                follow_up=FollowUpTask(
                    task="回电商定退货或换新", owner="after_sales", due=datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
                ),
                until=until,
            )
        )

    async def wrap_up(self, seat: str, done: WrapUpDone) -> None:
        self.asked.append(("wrap_up", seat, done))
        self._now(seat, "ready")

    async def call_back(self, seat: str, callback_id: str) -> None:
        self.asked.append(("call_back", seat, callback_id))

    async def supervise(self, seat: str, call_id: str, mode: Supervision) -> None:
        self.asked.append(("supervise", seat, call_id, mode))
        if not next(one for one in PEOPLE.values() if one.seat == seat).supervisor:
            raise SeatError("not_a_supervisor", "only supervisors may listen")
        self.sends[seat](Supervising(call_id=call_id, mode=mode, pop=self.pops.get(seat)))

    async def stop_supervising(self, seat: str) -> None:
        self.asked.append(("stop_supervising", seat))
        self.sends[seat](Supervising())
        self.sends[seat](LiveCalls(calls=()))

    async def let_in(self, seat: str, call_id: str) -> None:
        self.asked.append(("let_in", seat, call_id))
        self.sends[seat](LiveCalls(calls=()))

    # The line

    def _join(self, seat: str) -> None:
        self.legs[seat] = self.lines[seat].join("seat")
        if self._clock is None:
            self._clock = asyncio.ensure_future(self._tick())

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due, tone = loop.time(), tone_of(440)
        while True:
            for leg in list(self.legs.values()):
                leg.play(tone(self.played_ticks))
                self.played_ticks += 1
                pcm = leg.pull()
                if pcm is not None:
                    self.spoken.append(pcm)
                    del self.spoken[:-150]
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))


def tone_of(hz: float, level: float = 0.25) -> Callable[[int], bytes]:
    """20 ms of a tone by the number of the tick; without a click between two. ``level``: peak, 1 is full scale."""

    def tick(number: int) -> bytes:
        at = (np.arange(TICK_SAMPLES) + number * TICK_SAMPLES) / SAMPLE_RATE_HZ
        return (np.sin(2 * math.pi * hz * at) * level * 32767).astype(np.int16).tobytes()

    return tick


def level_dbfs(pcm: bytes) -> float:
    """RMS against full scale: a full sine has -3 dBFS, silence -120."""
    samples = np.frombuffer(pcm, np.int16).astype(np.float64) / 32768
    return 10 * math.log10(float(np.mean(samples**2)) + 1e-12) if len(samples) else -120.0


def pitch_hz(pcm: bytes) -> float:
    """The loudest frequency of 16 kHz sound."""
    samples = np.frombuffer(pcm, np.int16)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * SAMPLE_RATE_HZ / len(samples))


def write_beeps(file: Path, hz: float, seconds: int) -> None:
    """Beeps for a browser's microphone, 48 kHz mono: a steady tone would be taken for noise, and suppressed."""
    at = np.arange(48_000 * seconds) / 48_000
    loud = np.where((at * 4).astype(int) % 2 == 0, 12_000, 600)
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 48_000, 0, "NONE", ""))
        out.writeframes((np.sin(2 * math.pi * hz * at) * loud).astype(np.int16).tobytes())
