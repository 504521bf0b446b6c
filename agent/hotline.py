"""Where a call is wired: a leg, a pipeline, the escalation loop, storage and whoever watches."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from loguru import logger

from agent.admission import Limits
from agent.after_call import Summaries
from agent.capacity_meter import CapacityMeter
from agent.config import Settings
from agent.errors import HotlineError, StorageError
from agent.escalation import Escalation, Rulebook
from agent.events import CallerHistory, Event
from agent.front_desk import Arrival, FrontDesk
from agent.incoming import Incoming, LegEvents, reach_of
from agent.ingress.leg import CallInfo, CallLeg
from agent.pipeline.call import Call
from agent.pipeline.conversation import messages
from agent.pipeline.engines import Engines
from agent.pipeline.listener import ListenerWords
from agent.pipeline.pipeline import build_busy_pipeline, build_pipeline, run_pipeline
from agent.pipeline.recorder import Recorder
from agent.pipeline.writing import WritingPrompts, instructions_of
from agent.postcall.prompts import PostcallPrompts
from agent.prompts import Phrase, Prompts
from agent.reception import Receptions
from agent.routing import can_call_back
from agent.switchboard import Switchboard
from agent.timeline import Reader, Timeline
from models.llm import ChatModel


class CallStore(Protocol):
    """What the hotline needs of storage."""

    def begin(self, info: CallInfo) -> None:
        """A call begins. Raises StorageError."""

    def record(self, info: CallInfo, sample_rate_hz: int) -> Recorder:
        """A recorder for it. Raises StorageError."""

    def earlier_calls(self, info: CallInfo, days: int) -> int:
        """Calls from the same number in so many days before this one. Blocks. Raises StorageError."""
        ...

    def write(self, event: Event) -> None:
        """Take an event; never blocks, never raises."""


class Hotline:
    """Answers calls. One per process.

    Args:
        readers: see every event of every call, after storage.
        call_readers: make a reader for one call from what is known when it begins.
        receptions: the companies that are called; without one, callers are only asked what it is about, and somebody
            rings back.
        writing: what the language model is told where it answers from a company's texts.
        switchboard: where people take calls at seats, those of the first company; None where nobody does.
        front_desk: what live calls to a company come through before the bot; None where they come straight to it.
    """

    def __init__(
        self,
        settings: Settings,
        engines: Engines,
        prompts: Prompts,
        postcall_prompts: PostcallPrompts,
        rulebook: Rulebook,
        store: CallStore,
        readers: Sequence[Reader] = (),
        call_readers: Sequence[Callable[[CallInfo], Reader]] = (),
        receptions: Receptions | None = None,
        writing: WritingPrompts | None = None,
        switchboard: Switchboard | None = None,
        front_desk: FrontDesk | None = None,
    ) -> None:
        self.settings = settings
        self._engines = engines
        self._prompts = prompts
        self._words = ListenerWords.load()
        self._store = store
        self._readers = readers
        self._call_readers = call_readers
        self._incoming = Incoming(settings, engines, prompts, rulebook, receptions, switchboard)
        self._writing = writing or {}
        self._switchboard = switchboard
        self._front_desk = front_desk
        self._live: dict[str, Call] = {}
        self._summaries = Summaries(engines.background_chat, postcall_prompts)
        limits = Limits(max_calls=settings.server.max_calls, response_target_ms=settings.server.response_target_ms)
        self._meter = CapacityMeter(limits, lambda: self.live_calls)

    @property
    def live_calls(self) -> int:
        return len(self._live)

    @property
    def capacity(self) -> int:
        """Calls that this machine carries at once, as far as it has been measured."""
        return self._meter.calls

    @property
    def is_full(self) -> bool:
        """Whether one more call would be one too many."""
        return self._meter.is_full

    def calibrate(self, turn_ms: float) -> None:
        """The first measurement, before any call: what one turn takes, in ms."""
        self._meter.calibrate(turn_ms)

    async def run_call(self, leg: CallLeg) -> Timeline:
        """Run one call from answer to summary. Never raises for what goes wrong inside the call: that is on its
        timeline.
        """
        with self._engines.chats.lease() as chat:
            call = self._incoming.call(leg, chat)
            arrival = self._admit(call)
            self._wire(call, arrival)
            self._live[leg.info.call_id] = call
            try:
                door, menu = (None, None) if arrival is None else arrival.stages()
                await asyncio.gather(
                    self._warm(call, chat),
                    self._recall(call),
                    run_pipeline(call, build_pipeline(call, self._words, self._writing, door=door, menu=menu)),
                )
                await self._close(call)
                company = self._incoming.company_of(call)
                if arrival is not None and self._front_desk is not None and company is not None:
                    await self._front_desk.dismiss(call, company, arrival)
            finally:
                self._live.pop(leg.info.call_id, None)
        await self._summaries.write(call)
        if self._switchboard is not None:
            self._switchboard.forget(call)
        return call.timeline

    async def turn_away(self, leg: CallLeg) -> None:
        """All lines are busy: say so at once, and offer to call back whoever can be called. Nothing of it slows the
        calls that are going on but a sentence from the cache.
        """
        call = self._incoming.call(leg)
        self._wire(call)
        can_be_called = can_call_back(leg.info.caller_number)
        sentence: Phrase = "lines_busy_offer" if can_be_called else "lines_busy"
        full = HotlineError("lines_busy", f"{self.live_calls} calls are live, this machine carries {self.capacity}")
        call.fail("ingress", full, sentence)
        await run_pipeline(call, build_busy_pipeline(call, sentence, offers=can_be_called))
        await self._close(call)

    def _admit(self, call: Call) -> Arrival | None:
        """The call comes through the front desk, if there is one for it."""
        company = self._incoming.company_of(call)
        return None if self._front_desk is None or company is None else self._front_desk.admit(call, company)

    def _wire(self, call: Call, arrival: Arrival | None = None) -> None:
        """Who reads the timeline, in which order: what decides comes before what shows."""
        info = call.leg.info
        call.timeline.subscribe(
            Escalation(
                call.timeline,
                self._incoming.rulebook_of(call),
                call.settings.routing,
                reach=reach_of(call),
                dialogue_asks=call.briefing is not None,
            )
        )
        if arrival is not None:
            call.timeline.subscribe(arrival.read)
        call.timeline.subscribe(call.leg.observe)
        call.timeline.subscribe(self._store.write)
        if self._switchboard is not None:
            self._switchboard.admit(call)
        call.timeline.subscribe(self._meter.follow(call.timeline))
        for reader in (*self._readers, *(make(info) for make in self._call_readers)):
            call.timeline.subscribe(reader)
        call.leg.events = LegEvents(call)
        refused: StorageError | None = None
        try:
            self._store.begin(info)
            call.recorder = self._store.record(info, call.leg.sample_rate_hz)
        except StorageError as error:
            refused = error
        call.start()
        if refused is not None:
            call.fail("storage", refused)

    async def _warm(self, call: Call, chat: ChatModel) -> None:
        """Let the language model read its instructions while the greeting is being spoken. A replay begins from
        nothing; on a live line what earlier calls have left of the same instructions is as good.
        """
        if call.briefing is None:
            instructions = messages(self._prompts.system(call.language), (), "")
        else:
            instructions = instructions_of(self._writing, call.language)
        is_replay = call.leg.info.channel == "replay"
        try:
            await call.compute(lambda: chat.warm(instructions, fresh=is_replay))
        except Exception as error:
            # The reply stage meets the same error when it needs the model, and tells the caller then.
            logger.warning("cannot warm the language model: {}", error)

    async def _recall(self, call: Call) -> None:
        """Look up how often this number has called of late. A withheld number is anybody's, and a replay nobody's."""
        info, history = call.leg.info, self._incoming.rulebook_of(call).risk.history
        if history is None or info.channel == "replay" or not can_call_back(info.caller_number):
            return
        try:
            earlier, _ = await call.compute(lambda: self._store.earlier_calls(info, history.days))
        except StorageError as error:
            logger.warning("cannot look up earlier calls of {}: {}", info.call_id, error)
            return
        if earlier:
            call.timeline.append(CallerHistory(earlier_calls=earlier, days=history.days))

    async def _close(self, call: Call) -> None:
        if call.hear_last_words is not None:
            await call.hear_last_words()
        if call.settle is not None:
            await call.settle()
        if self._switchboard is not None:
            await self._switchboard.leave(call)
        if call.recorder is not None:
            try:
                await call.compute(call.recorder.close)
            except StorageError as error:
                call.fail("storage", error)
        assert call.end is not None
        call.timeline.append(call.end)
        try:
            await call.leg.hang_up(call.end.reason)
        except Exception as error:
            # Whatever becomes of the line, the call is over, and its summary is still to be written.
            logger.warning("the line of call {} was not closed properly: {}", call.leg.info.call_id, error)
