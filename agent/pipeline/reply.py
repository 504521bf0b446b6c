"""The reply: chooses the next act (`policy`), lets the language model write where it may, and hands clauses to the
voice.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from time import perf_counter

from loguru import logger
from pipecat.frames.frames import Frame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.clock import TICK_MS
from agent.dialogue.cues import gives_number
from agent.dialogue.moments import Tone, tone_of
from agent.events import (
    AlertEscalated,
    AlertRaised,
    ErrorRaised,
    Event,
    Intent,
    Language,
    LlmReply,
    NluResult,
    RouteChanged,
    Transfer,
    TtsEnded,
)
from agent.pipeline.call import Call
from agent.pipeline.clauses import ClauseSplitter, agrees, is_grounded, speakable
from agent.pipeline.conversation import caller_words, messages, names_number
from agent.pipeline.frames import (
    AnswerEndFrame,
    AnswerStartFrame,
    ClauseFrame,
    GreetFrame,
    SilenceFrame,
    UnderstoodFrame,
    UnintelligibleFrame,
)
from agent.pipeline.openers import choose, is_too_late
from agent.pipeline.pieces import iterate_in_executor
from agent.pipeline.policy import (
    ERRANDS,
    SURE,
    Act,
    Nothing,
    Say,
    Then,
    on_silence,
    on_understood,
    on_unintelligible,
)
from agent.prompts import Phrase

HAND_OVER_ROUNDS = 50
"""Rounds of the event loop, some microseconds each; the next stage's queues take about ten."""


class Reply(FrameProcessor):
    """The stage."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self._call = call
        self._announced: RouteChanged | None = None
        self._announced_tone: Tone = "alert"
        self._unintelligible = 0
        self._failures = 0
        self._afterwards: tuple[int, Then] | None = None
        self._last_answer = ""
        self._last_phrase: Phrase | None = None
        self._last_opener: str | None = None
        self._apologised = False
        self._errand: Intent | None = None
        call.timeline.subscribe(self._on_event)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if self._call.bot_is_silent and isinstance(frame, UnderstoodFrame | SilenceFrame | UnintelligibleFrame):
            # A person talks with the caller. What was said is on the timeline, for them to read.
            return
        if isinstance(frame, GreetFrame):
            await self._do(Say("greeting"), 0, self._call.language)
        elif isinstance(frame, UnderstoodFrame):
            self._unintelligible = 0
            keys = frame.text if frame.keys else None
            errand = self._errand if gives_number(frame.text) and not frame.keys else None
            tone = self._tone()
            act = on_understood(frame.nlu, keys, self._new_route(tone), self._last_phrase, errand, tone)
            if frame.nlu is not None and frame.nlu.intent in ERRANDS and frame.nlu.intent_probability >= SURE:
                self._errand = frame.nlu.intent
            await self._do(act, frame.turn, frame.language, frame.nlu)
        elif isinstance(frame, SilenceFrame):
            await self._do(
                on_silence(frame.count, self._call.settings.turn.silence_prompts),
                self._call.turn,
                self._call.language,
            )
        elif isinstance(frame, UnintelligibleFrame):
            self._unintelligible += 1
            self._failures += frame.failed
            act = on_unintelligible(self._unintelligible, self._failures, frame.failed)
            await self._do(act, self._call.turn, self._call.language)
        else:
            await self.push_frame(frame, direction)

    def _tone(self) -> Tone:
        """That of the call's alert as it stands."""
        alerts = [e.body for e in self._call.timeline if isinstance(e.body, AlertRaised | AlertEscalated)]
        return tone_of(alerts[-1].causes) if alerts else "alert"

    def _new_route(self, tone: Tone) -> RouteChanged | None:
        """The route, if it changed since the caller was last told."""
        route = self._call.timeline.last(RouteChanged)
        if route is None or route is self._announced:
            return None
        known, self._announced = self._announced, route
        known_tone, self._announced_tone = self._announced_tone, tone
        # An alert that got worse may raise the priority; the caller need not hear the same promise twice.
        same = known is not None and known.destination == route.destination and known_tone == tone
        return None if same else route

    async def _do(self, act: Act, turn: int, language: Language, nlu: NluResult | None = None) -> None:
        if isinstance(act, Nothing):
            return
        if isinstance(act, Say):
            await self._say(act, turn, language)
        else:
            await self._write(act.intent, turn, language, self._open(nlu, language))

    async def _say(self, act: Say, turn: int, language: Language) -> None:
        text = self._call.prompts.phrase(act.phrase, language, **act.values)
        self._afterwards = (turn, act.then) if act.then else None
        self._last_phrase = act.phrase
        self._call.timeline.append(
            LlmReply(turn=turn, text=text, language=language, source="phrase", phrase=act.phrase)
        )
        await self.push_frame(AnswerStartFrame(turn))
        await self.push_frame(ClauseFrame(text, language))
        await self.push_frame(AnswerEndFrame(turn))

    def _open(self, nlu: NluResult | None, language: Language) -> str | None:
        """The first words, where some are ready that fit."""
        if nlu is None:
            return None
        openers = self._call.prompts.openers(language)
        opener = choose(
            openers,
            nlu.intent,
            nlu.intent_probability,
            nlu.sentiment,
            nlu.sentiment_probability,
            number_known=names_number(self._call.timeline),
            apologised=self._apologised,
            last=self._last_opener,
        )
        self._apologised = self._apologised or opener in openers["apology"]
        self._last_opener = opener
        return opener

    def _decide(self, intent: Intent, language: Language) -> str:
        """What is to be answered. Where that was just said and the caller has given what was asked for, they are asked
        what else there is.
        """
        prompts, known = self._call.prompts, names_number(self._call.timeline)
        reference = prompts.reference(intent, language, number_known=known)
        if known and reference == self._last_answer:
            return prompts.reference("other", language, number_known=True)
        return reference

    async def _write(self, intent: Intent, turn: int, language: Language, opener: str | None) -> None:
        """Stream the model's answer clause by clause, after its opener. Whatever goes wrong, the caller hears a
        sentence.
        """
        call = self._call
        self._afterwards = None
        self._last_phrase = None
        await self.push_frame(AnswerStartFrame(turn))
        if opener is not None:
            await self.push_frame(ClauseFrame(opener, language))
            await self._let_the_voice_begin()
        written: list[str] = []
        start, first_token_ms = perf_counter(), None
        splitter = ClauseSplitter()
        known = caller_words(call.timeline) + call.prompts.system(language)
        reference = self._decide(intent, language)
        failed = False
        try:
            async for piece in self._in_time(self._pieces(reference, language, opener), opener, written):
                if first_token_ms is None:
                    first_token_ms = round((perf_counter() - start) * 1000)
                    if call.milestones is not None and opener is None:
                        call.milestones.first_token()
                for clause in splitter.feed(piece):
                    await self._speak(clause, reference, known, written, language)
            for clause in splitter.rest():
                await self._speak(clause, reference, known, written, language)
        except Exception as error:
            failed = True
            call.fail("reply", error, spoken=None if written else "no_answer")
        took_ms = round((perf_counter() - start) * 1000)
        phrase: str | None = None
        if not written:
            # What the model wrote is not to be said. Where it knew what to say, that is said as it was decided.
            repeats = reference == self._last_answer
            phrase = "no_answer" if failed or repeats else "reference"
            written = [call.prompts.phrase("no_answer", language) if phrase == "no_answer" else reference]
            await self.push_frame(ClauseFrame(written[0], language))
        self._last_answer = _joined(written, language)
        call.timeline.append(
            LlmReply(
                turn=turn,
                text=_joined([opener, *written] if opener is not None else written, language),
                language=language,
                source="llm" if phrase is None else "phrase",
                phrase=phrase,
                opener=opener,
                first_token_ms=first_token_ms,
                took_ms=took_ms,
            )
        )
        await self.push_frame(AnswerEndFrame(turn))

    async def _let_the_voice_begin(self) -> None:
        """An opener that is ready goes out before the model is asked, even where all run on one thread."""
        for _ in range(HAND_OVER_ROUNDS):
            if self._call.playout.clips_added:
                return
            await asyncio.sleep(0)

    async def _in_time(
        self, pieces: AsyncIterator[str], opener: str | None, written: Sequence[str]
    ) -> AsyncIterator[str]:
        """The pieces, as long as they come in time; else the answer is given as it was decided, from audio that is
        ready, rather than after a silence.
        """
        playout, loop = self._call.playout, asyncio.get_running_loop()
        begun_s = loop.time()
        while True:
            step = asyncio.ensure_future(anext(pieces, None))
            while not step.done():
                await asyncio.wait({step}, timeout=TICK_MS / 1000)
                if not step.done() and is_too_late(
                    has_opener=opener is not None,
                    only_opener_is_heard=playout.speaking and playout.clips_added == 1,
                    remaining_ms=playout.remaining_ms,
                    has_clause=bool(written),
                    waited_ms=round((loop.time() - begun_s) * 1000),
                ):
                    step.cancel()
                    return
            piece = step.result()
            if piece is None:
                return
            yield piece

    def _read_ahead(self) -> None:
        """Let the model read what has been said: of the next turn only the caller's own words remain."""
        call = self._call
        if call.chat is None:
            return
        model, chat = call.chat, messages(call.prompts.system(call.language), call.timeline, "")

        async def read() -> None:
            try:
                await call.compute(lambda: model.warm(chat))
            except Exception as error:
                # The next answer meets the same error, and tells the caller then.
                logger.debug("cannot read ahead: {}", error)

        self.create_task(read())

    async def _speak(self, clause: str, reference: str, known: str, written: list[str], language: Language) -> None:
        """One clause to the voice, unless it strays from what is to be said, claims a number that nobody said, or
        repeats the last answer.
        """
        clause = speakable(clause)
        repeats = not written and clause in self._last_answer
        if clause and agrees(clause, reference, language) and is_grounded(clause, known) and not repeats:
            written.append(clause)
            await self.push_frame(ClauseFrame(clause, language))

    async def _pieces(self, reference: str, language: Language, opener: str | None) -> AsyncIterator[str]:
        call = self._call
        chat = messages(
            call.prompts.system(language),
            call.timeline,
            call.prompts.reminder(reference, language),
            opener,
        )
        llm = call.settings.llm
        assert call.chat is not None, "a call that is answered by the language model has one"
        stream = call.chat.stream(chat, max_tokens=llm.max_reply_tokens, temperature=llm.temperature)
        async for piece in iterate_in_executor(stream):
            yield piece

    def _on_event(self, event: Event) -> None:
        """What was to happen once the answer was spoken, happens now."""
        if isinstance(event.body, TtsEnded) and event.body.turn > 0 and self._afterwards is None:
            # Not after a goodbye: nothing follows that would have to be read for.
            self._read_ahead()
        if self._afterwards is None:
            return
        turn, then = self._afterwards
        # A sentence that cannot be spoken has nothing to wait for: a call without a voice still ends.
        unspoken = isinstance(event.body, ErrorRaised) and event.body.stage == "tts"
        spoken = isinstance(event.body, TtsEnded) and event.body.turn == turn
        if not unspoken and not spoken:
            return
        self._afterwards = None
        if self._call.bot_is_silent:
            # What the bot had promised, the person who has the call now sees to.
            return
        if then == "transfer":
            # Even if the caller spoke over the announcement: a promised transfer is kept.
            self.create_task(self._transfer())
        elif not isinstance(event.body, TtsEnded) or event.body.complete:
            self._call.hang_up("bot", "said goodbye")

    async def _transfer(self) -> None:
        call = self._call
        route = call.timeline.last(RouteChanged)
        if route is None:
            return
        routing = call.settings.routing
        destination = routing.specialist_number if route.destination == "complaint_specialist" else routing.human_number
        accepted = await call.leg.transfer(destination)
        call.timeline.append(Transfer(destination=destination, accepted=accepted, reason=route.reason))
        if accepted:
            call.hang_up("transfer", f"transferred to {destination}")
        else:
            await self._say(Say("transfer_failed"), call.turn, call.language)


def _joined(clauses: Sequence[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(clauses)
