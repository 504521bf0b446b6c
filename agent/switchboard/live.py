"""One call as the switchboard handles it: it waits, hears how it stands, has people on the line and loses them."""

import asyncio
from collections.abc import Callable
from typing import Literal

from loguru import logger

from agent.bridge import CALLER, BridgeError, BridgeLeg, Changed
from agent.event_base import Language
from agent.events import (
    Event,
    LegRole,
    QueueAnnounced,
    Queued,
    QueueLeft,
    SeatConnected,
    SeatDisconnected,
    SeatMissed,
    SeatOffered,
    SeatTransferred,
)
from agent.pipeline.call import Call
from agent.routing.floor import Place
from agent.seats.screen_pop import ScreenPop
from agent.switchboard.pop import language_of, screen_pop
from agent.switchboard.voice import pcm_of
from agent.switchboard.words import Words

LeftBecause = Literal["connected", "abandoned", "callback", "overflow", "returned"]
BRIEFING_AT_MOST_S = 6.0
"""A whisper that has not been made or said by then is left out: the caller has waited long enough."""
LAST_SENTENCE_AT_MOST_S = 20.0
"""So long a goodbye may take to be spoken."""


class LiveCall:
    """A reader's and writer's view of one `Call`; gone with it."""

    def __init__(self, call: Call, words: Words, now_ms: Callable[[], int]) -> None:
        self.call = call
        self.id = call.leg.info.call_id
        self.number = call.leg.info.caller_number
        self.skill = ""
        self.began_ms = now_ms()
        self.waits_since_ms: int | None = None
        self.offered_callback = False
        self.note = ""
        self.passed_by = ""
        self.whisper: asyncio.Task[bytes] | None = None
        self._words = words
        self._now_ms = now_ms

    # What it shows

    @property
    def is_over(self) -> bool:
        return self.call.end is not None

    @property
    def had_person(self) -> bool:
        """Whether somebody of ours was on the line."""
        return self.call.timeline.last(SeatConnected) is not None

    @property
    def waits(self) -> bool:
        return self.waits_since_ms is not None

    @property
    def waited_s(self) -> int:
        return 0 if self.waits_since_ms is None else max(0, self._now_ms() - self.waits_since_ms) // 1000

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(self.call.timeline)

    @property
    def language(self) -> Language:
        return language_of(self.call.timeline, self.call.language)

    @property
    def company(self) -> str:
        """What the company is called in the caller's language."""
        settings = self.call.settings
        return settings.company if self.language == "zh" else settings.company_en

    def pop(self) -> ScreenPop:
        return screen_pop(
            self.events,
            self._words,
            number=self.number,
            skill=self.skill,
            waited_s=self.waited_s,
            from_seat=self.passed_by,
            note=self.note,
        )

    # Waiting

    def wait_for(self, skill: str, priority: int, place: Place | None) -> None:
        """The caller waits from now on, with music, and the bot speaks for the queue alone."""
        self.skill = skill
        if self.waits_since_ms is None:
            self.waits_since_ms = self._now_ms()
        self.call.waits_for_person = True
        self._apply(lambda: self.call.bridge.hearing.hold(CALLER))
        self.stands(priority, place)

    def stands(self, priority: int, place: Place | None) -> None:
        """Its place in the queue is another."""
        position, wait_s = (1, None) if place is None else (place.position, place.expected_wait_s)
        self.call.timeline.append(
            Queued(skill=self.skill, priority=priority, position=position, expected_wait_s=wait_s)
        )

    def wait_no_more(self, why: LeftBecause) -> None:
        if self.waits_since_ms is None:
            return
        waited_ms = max(0, self._now_ms() - self.waits_since_ms)
        self.waits_since_ms = None
        self.offered_callback = False
        self.call.timeline.append(QueueLeft(reason=why, waited_ms=waited_ms))

    def back_to_bot(self) -> None:
        """Nobody will come: the bot has the caller again."""
        self.call.waits_for_person = False
        self._apply(lambda: self.call.bridge.hearing.resume(CALLER))

    def announced(self, position: int, expected_wait_s: int | None, *, offers_callback: bool) -> None:
        self.offered_callback = self.offered_callback or offers_callback
        self.call.timeline.append(QueueAnnounced(position=position, expected_wait_s=expected_wait_s))

    async def say(self, text: str, name: str) -> None:
        """The bot says this to the caller; ``name``: which sentence it is."""
        if self.call.say is not None and not self.is_over:
            await self.call.say(text, name)

    async def say_goodbye(self, text: str, name: str, reason: str) -> None:
        """Say this, and hang up once it was heard."""
        await self.say(text, name)
        until_s = asyncio.get_running_loop().time() + LAST_SENTENCE_AT_MOST_S
        while self.call.playout.busy and not self.is_over and asyncio.get_running_loop().time() < until_s:
            await asyncio.sleep(0.1)
        self.call.hang_up("bot", reason)

    # People

    def offered(self, seat: str) -> None:
        self.call.timeline.append(SeatOffered(seat=seat))

    def missed(self, seat: str, reason: Literal["no_answer", "declined", "vanished", "withdrawn"]) -> None:
        self.call.timeline.append(SeatMissed(seat=seat, reason=reason))

    async def connect(self, leg: BridgeLeg, name: str, briefing: str, *, consults: str | None = None) -> None:
        """Put a person on the line: they hear the briefing first, the caller none of it. ``consults``: the seat that
        passes the call on warm; the two talk aside then. Raises BridgeError.
        """
        bridge = self.call.bridge
        if leg.name in bridge.legs:
            bridge.leave(leg.name, "a new line took its place")
        bridge.join(leg)
        if briefing and consults is None:
            await self._brief(leg.name)
        if self.is_over or leg.name not in bridge.legs:
            return
        if consults is not None and consults in bridge.legs:
            bridge.apply(bridge.hearing.consult(consults, leg.name))
        else:
            bridge.apply(bridge.hearing.connect(leg.name))
        self.call.waits_for_person = False
        self.call.timeline.append(
            SeatConnected(seat=leg.name, name=name, mode="cold" if consults is None else "warm", briefing=briefing)
        )
        if consults is None:
            self.wait_no_more("connected")

    def prepare_whisper(self, text: str) -> None:
        """Have it spoken while it rings, so that nobody waits for it."""
        self.whisper = asyncio.ensure_future(self._spoken(text)) if text else None

    def reconnect(self, leg: BridgeLeg) -> None:
        """A seat that talks has a new line."""
        bridge = self.call.bridge
        if leg.name in bridge.legs:
            bridge.leave(leg.name, "a new line took its place")
        bridge.join(leg)
        bridge.apply(bridge.hearing.connect(leg.name))

    def disconnect(self, seat: str, reason: Literal["hung_up", "transferred", "vanished", "caller_gone"]) -> None:
        if seat in self.call.bridge.legs:
            self.call.bridge.leave(seat, reason)
        self.call.timeline.append(SeatDisconnected(seat=seat, reason=reason))

    def without_people(self, reason: Literal["vanished"]) -> None:
        """Whoever of ours was on the line is gone: as long as their leg is there, the bot is not heard."""
        for name in [name for name, leg in self.call.bridge.legs.items() if leg.role in _PEOPLE]:
            self.disconnect(name, reason)

    def hold(self, *, held: bool) -> None:
        """Raises BridgeError."""
        hearing = self.call.bridge.hearing
        self.call.bridge.apply(hearing.hold(CALLER) if held else hearing.resume(CALLER))

    def passed_on(self, seat: str, target: str, mode: Literal["cold", "warm"]) -> None:
        self.call.timeline.append(SeatTransferred(seat=seat, target=target, mode=mode))

    # Supervisors

    def supervise(self, leg: BridgeLeg | None, supervisor: str, mode: Literal["listen", "whisper", "barge"]) -> None:
        """``leg``: where they are not on this call yet. Raises BridgeError."""
        bridge = self.call.bridge
        if leg is not None:
            bridge.join(leg)
        if mode == "listen":
            bridge.apply(bridge.hearing.listen(supervisor))
        elif mode == "barge":
            bridge.apply(bridge.hearing.barge_in(supervisor))
        else:
            person = next((name for name, one in bridge.legs.items() if one.role in _PEOPLE), None)
            if person is None:
                raise BridgeError("nobody is on the line to whisper to; listen, or barge in")
            bridge.apply(bridge.hearing.whisper(supervisor, person))

    def stop_supervising(self, supervisor: str) -> None:
        if supervisor in self.call.bridge.legs:
            self.call.bridge.leave(supervisor, "hung up")

    # How

    def _apply(self, change: Callable[[], Changed]) -> None:
        try:
            self.call.bridge.apply(change())
        except BridgeError as error:
            self.call.fail("bridge", error)

    async def _brief(self, seat: str) -> None:
        if self.whisper is None:
            return
        loop, bridge = asyncio.get_running_loop(), self.call.bridge
        until_s = loop.time() + BRIEFING_AT_MOST_S
        try:
            pcm = await asyncio.wait_for(asyncio.shield(self.whisper), BRIEFING_AT_MOST_S / 2)
        except Exception as error:
            logger.warning("seat {} is not briefed: {}", seat, error or type(error).__name__)
            return
        if seat not in bridge.legs or self.is_over:
            return
        bridge.brief(seat, pcm)
        while bridge.briefing_ms and seat in bridge.legs and not self.is_over and loop.time() < until_s:
            await asyncio.sleep(0.02)

    async def _spoken(self, text: str) -> bytes:
        """16-bit PCM at the line's rate."""
        call = self.call
        voice, speed = None, call.settings.tts.speed
        if call.briefing is not None:
            voice, speed = call.briefing.voices["zh"], call.briefing.pace
        speech, _ = await call.compute(
            lambda: call.engines.synthesizer.synthesize(text, language="zh", voice=voice, speed=speed)
        )
        return pcm_of(speech, call.leg.sample_rate_hz)


_PEOPLE: frozenset[LegRole] = frozenset({"seat", "outside"})
