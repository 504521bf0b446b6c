"""Where a call is wired: a leg, a pipeline, the escalation loop, storage and whoever watches."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, Protocol

from loguru import logger

from agent.admission import Answered, Capacity, Limits, admits, at_start, observe, unmeasured
from agent.company.company import Company
from agent.config import Settings
from agent.errors import HotlineError, StorageError
from agent.escalation import Escalation, Rulebook
from agent.events import CallerHistory, Destination, Dtmf, Event, SummaryReady, TtsEnded, TtsStarted
from agent.front_desk import Arrival, FrontDesk
from agent.ingress.leg import CallInfo, CallLeg
from agent.pipeline.call import Call
from agent.pipeline.conversation import messages
from agent.pipeline.engines import Engines
from agent.pipeline.listener import ListenerWords
from agent.pipeline.pipeline import build_busy_pipeline, build_pipeline, run_pipeline
from agent.pipeline.recorder import Recorder
from agent.pipeline.writing import WritingPrompts, instructions_of
from agent.postcall.prompts import PostcallPrompts
from agent.postcall.summarize import summarize
from agent.prompts import Phrase, Prompts
from agent.reception import Receptions
from agent.routing import Reach, can_call_back
from agent.switchboard import Switchboard
from agent.timeline import Reader, Timeline
from models.llm import ChatModel

SUMMARIES_AT_ONCE = 1
"""Nobody waits for a summary; several at a time would take the processor from callers who are still talking."""


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


class _LegEvents:
    """What the leg reports, as events of its call."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def dtmf(self, digit: str) -> None:
        self._call.timeline.append(Dtmf(digit=digit))

    def failed(self, error: HotlineError) -> None:
        self._call.fail("ingress", error)

    def closed(self, ended_by: Literal["caller", "operator", "error"], reason: str) -> None:
        self._call.hang_up(ended_by, reason)


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
        self._postcall_prompts = postcall_prompts
        self._rulebook = rulebook
        self._words = ListenerWords.load()
        self._store = store
        self._readers = readers
        self._call_readers = call_readers
        self._receptions = receptions
        self._writing = writing or {}
        self._switchboard = switchboard
        self._front_desk = front_desk
        self._live: dict[str, Call] = {}
        self._summaries = asyncio.Semaphore(SUMMARIES_AT_ONCE)
        server = settings.server
        self._limits = Limits(max_calls=server.max_calls, response_target_ms=server.response_target_ms)
        self._capacity = unmeasured(os.cpu_count() or 1, self._limits)

    @property
    def live_calls(self) -> int:
        return len(self._live)

    @property
    def capacity(self) -> int:
        """Calls that this machine carries at once, as far as it has been measured."""
        return self._capacity.calls

    @property
    def is_full(self) -> bool:
        """Whether one more call would be one too many."""
        return not admits(self._capacity, len(self._live))

    def calibrate(self, turn_ms: float) -> None:
        """The first measurement, before any call: what one turn takes, in ms."""
        self._set_capacity(at_start(turn_ms, self._limits))

    def _measure(self, timeline: Timeline) -> Reader:
        """Every answer of a call is another measurement."""

        def read(event: Event) -> None:
            started = timeline.last(TtsStarted)
            if not isinstance(event.body, TtsEnded) or started is None or started.waterfall is None:
                return
            answered = Answered(len(self._live), started.waterfall.wire_ms, event.body.longest_gap_ms or 0)
            self._set_capacity(observe(self._capacity, answered, self._limits))

        return read

    def _set_capacity(self, capacity: Capacity) -> None:
        if capacity.calls != self._capacity.calls:
            logger.info("this machine carries {} calls at once", capacity.calls)
        self._capacity = capacity

    async def run_call(self, leg: CallLeg) -> Timeline:
        """Run one call from answer to summary. Never raises for what goes wrong inside the call: that is on its
        timeline.
        """
        with self._engines.chats.lease() as chat:
            call = self._call(leg, chat)
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
                if arrival is not None and self._front_desk is not None:
                    await self._front_desk.dismiss(call, self._company_of(call), arrival)
            finally:
                self._live.pop(leg.info.call_id, None)
        async with self._summaries:
            await self._summarize(call)
        if self._switchboard is not None:
            self._switchboard.forget(call)
        return call.timeline

    def _call(self, leg: CallLeg, chat: ChatModel | None = None) -> Call:
        """A call to whichever company has the number, and to the people that it has there now."""
        info, settings = leg.info, self.settings
        if self._receptions is None:
            return Call(leg, settings, self._engines, self._prompts, recorder=None, chat=chat)
        reception = self._receptions.of(info.called_number)
        board = self._switchboard if reception.company.id == self._receptions.companies.all[0].id else None
        rung_back_by = reception.rung_back_by(info.started_at)
        if board is not None:
            rung_back_by = max(rung_back_by, board.rung_back_by() or rung_back_by)
        routing = reception.routing(settings.routing, info.started_at, rung_back_by)
        named: Mapping[Destination, str] = {
            "human": routing.human_number,
            "complaint_specialist": routing.specialist_number,
        }

        def number_of(destination: Destination) -> str:
            number = named.get(destination, "")
            return number if board is None else board.number_of(destination, number)

        return Call(
            leg,
            settings.model_copy(update={"routing": routing}),
            self._engines,
            self._prompts,
            recorder=None,
            chat=chat,
            briefing=reception.briefing(info, people=bool(number_of("human")), rung_back_by=rung_back_by),
            number_of=number_of,
        )

    async def turn_away(self, leg: CallLeg) -> None:
        """All lines are busy: say so at once, and offer to call back whoever can be called. Nothing of it slows the
        calls that are going on but a sentence from the cache.
        """
        call = self._call(leg)
        self._wire(call)
        can_be_called = can_call_back(leg.info.caller_number)
        sentence: Phrase = "lines_busy_offer" if can_be_called else "lines_busy"
        full = HotlineError("lines_busy", f"{self.live_calls} calls are live, this machine carries {self.capacity}")
        call.fail("ingress", full, sentence)
        await run_pipeline(call, build_busy_pipeline(call, sentence, offers=can_be_called))
        await self._close(call)

    def _company_of(self, call: Call) -> Company:
        assert self._receptions is not None, "only a company has a front desk"
        return self._receptions.of(call.leg.info.called_number).company

    def _admit(self, call: Call) -> Arrival | None:
        """The call comes through the front desk, if there is one for it."""
        if self._front_desk is None or self._receptions is None:
            return None
        return self._front_desk.admit(call, self._company_of(call))

    def _wire(self, call: Call, arrival: Arrival | None = None) -> None:
        """Who reads the timeline, in which order: what decides comes before what shows."""
        info = call.leg.info
        call.timeline.subscribe(
            Escalation(
                call.timeline,
                self._rulebook_of(call),
                call.settings.routing,
                reach=_reach(call),
                dialogue_asks=call.briefing is not None,
            )
        )
        if arrival is not None:
            call.timeline.subscribe(arrival.read)
        call.timeline.subscribe(call.leg.observe)
        call.timeline.subscribe(self._store.write)
        if self._switchboard is not None:
            self._switchboard.admit(call)
        call.timeline.subscribe(self._measure(call.timeline))
        for reader in (*self._readers, *(make(info) for make in self._call_readers)):
            call.timeline.subscribe(reader)
        call.leg.events = _LegEvents(call)
        refused: StorageError | None = None
        try:
            self._store.begin(info)
            call.recorder = self._store.record(info, call.leg.sample_rate_hz)
        except StorageError as error:
            refused = error
        call.start()
        if refused is not None:
            call.fail("storage", refused)

    def _rulebook_of(self, call: Call) -> Rulebook:
        return self._rulebook if self._receptions is None else self._receptions.of(call.leg.info.called_number).rulebook

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
        info, history = call.leg.info, self._rulebook_of(call).risk.history
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

    async def _summarize(self, call: Call) -> None:
        """Whatever the language model does, a summary is written: the second try goes without it."""
        events, started_at = tuple(call.timeline), call.leg.info.started_at
        for llm in (self._engines.background_chat, None):
            try:
                summary, took_ms = await call.compute(
                    partial(summarize, events, started_at, llm, self._postcall_prompts)
                )
            except Exception as error:
                call.fail("postcall", error)
            else:
                call.timeline.append(SummaryReady(summary=summary, took_ms=took_ms))
                return


def _reach(call: Call) -> Callable[[], Reach] | None:
    """Who can be reached now, for routing."""
    number_of = call.number_of
    if number_of is None:
        return None
    return lambda: Reach(specialist_number=number_of("complaint_specialist"), human_number=number_of("human"))
