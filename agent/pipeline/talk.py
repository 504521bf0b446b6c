"""The dialogue of a company's call: what was understood in, the attendant's answers out to the voice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

from pipecat.frames.frames import Frame, InterruptionFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.attendant import Answer, Attendant, Briefing, as_heard
from agent.clock import TICK_MS
from agent.dialogue.acts import HangUp, Say, Transfer, Write
from agent.dialogue.cues import plainly_in
from agent.dialogue.moments import Heard
from agent.events import ErrorRaised, Event, Language, LlmReply, RouteChanged, TtsEnded
from agent.events import Transfer as Transferred
from agent.pipeline.call import Call
from agent.pipeline.clauses import spoken_pieces
from agent.pipeline.frames import (
    AnswerEndFrame,
    AnswerStartFrame,
    ClauseFrame,
    GreetFrame,
    SilenceFrame,
    TakeOverFrame,
    UnderstoodFrame,
    UnintelligibleFrame,
)
from agent.pipeline.pieces import iterate_in_executor
from agent.pipeline.writing import Proofreader, WritingPrompts, stream

QUEUE = "queue:"
"""What the place begins with where our own people take calls."""
PATIENCE_MS = 3000
"""So long the caller hears nothing after "let me see" before the language model is no longer waited for."""

GOODBYES = ("goodbye", "said goodbye")
"""Reasons of a hang-up with which a call has come to its end as it should."""


class _Afterwards(NamedTuple):
    """What happens once the answer of this number is over."""

    number: int
    turn: int
    act: Transfer | HangUp


class Talk(FrameProcessor):
    """The stage. It speaks; what is said the attendant decides."""

    def __init__(self, call: Call, briefing: Briefing, prompts: WritingPrompts) -> None:
        super().__init__()
        self._call = call
        self._prompts = prompts
        self._given = 0
        self._over = 0
        self._afterwards: _Afterwards | None = None
        self._attendant = Attendant(briefing, call.timeline, self)
        call.settle = self._attendant.close
        call.say = self.say
        call.timeline.subscribe(self._on_event)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        call, attendant = self._call, self._attendant
        match frame:
            case GreetFrame() | UnderstoodFrame() | SilenceFrame() | UnintelligibleFrame() if (
                call.bot_is_silent or call.waits_for_person
            ):
                # A person talks with the caller, or is to. What was said is on the timeline, for them to read.
                pass
            case GreetFrame(by_menu=True):
                attendant.expect()
            case GreetFrame():
                await attendant.begin()
            case TakeOverFrame(turn=turn, target=target, language=language, heard=heard):
                if await attendant.take_over(turn, target, language, _as_heard(heard)) and heard is not None:
                    await self.queue_frame(heard)
            case UnderstoodFrame(turn=turn, text=text, language=language, nlu=nlu, keys=keys):
                await attendant.hear(turn, text, language, nlu, keys=keys)
            case SilenceFrame(count=count):
                await attendant.wait(call.turn, count)
            case UnintelligibleFrame(failed=failed):
                await attendant.miss(call.turn, failed=failed)
            case _:
                if isinstance(frame, InterruptionFrame):
                    self._drop()
                await self.push_frame(frame, direction)

    # What the attendant needs

    async def speak(self, answer: Answer) -> str | None:
        """As `agent.attendant.Outlet` has it."""
        call = self._call
        if call.end is not None or call.bot_is_silent:
            return None
        if not answer.parts:
            if answer.then is not None:
                self._do(answer.turn, answer.then)
            return None
        if await self._is_surveyed(answer):
            return None
        self._given += 1
        if answer.then is not None:
            self._afterwards = _Afterwards(self._given, answer.turn, answer.then)
        write = next((part for part in answer.parts if isinstance(part, Write)), None)
        if write is None:
            self._note(answer, [part.text for part in answer.parts if isinstance(part, Say)])
        await self.push_frame(AnswerStartFrame(answer.turn, self._given))
        texts, written = list[str](), None
        for part in answer.parts:
            if isinstance(part, Say):
                texts.append(part.text)
                await self._say(part)
            else:
                written = await self._write(part)
                texts.append(written)
        if write is not None:
            self._note(answer, texts)
        await self.push_frame(AnswerEndFrame(answer.turn))
        return written

    async def _is_surveyed(self, answer: Answer) -> bool:
        """The survey says goodbye in our place, once it has its answer: then ours was none."""
        call, then = self._call, answer.then
        if call.ask_survey is None or not isinstance(then, HangUp) or then.reason not in GOODBYES:
            return False
        said = [part.text for part in answer.parts if isinstance(part, Say) and part.name != "goodbye"]
        asked = await call.ask_survey(joined(said, answer.parts[-1].language))
        if asked:
            self._attendant.interrupted("")
        return asked

    async def compute(self, work: Callable[[], Any]) -> tuple[Any, int]:
        return await self._call.compute(work)

    async def say(self, text: str, name: str) -> None:
        """As `Call.say` has it."""
        # Who went straight to a queue has not told the bot yet which language they speak.
        call, said = self._call, Say(text, name, plainly_in(text) or self._attendant.language)
        self._given += 1
        self._note(Answer(call.turn, (said,)), [text])
        await self.push_frame(AnswerStartFrame(call.turn, self._given))
        await self._say(said)
        await self.push_frame(AnswerEndFrame(call.turn))

    async def _say(self, say: Say) -> None:
        for piece in spoken_pieces(say.text, say.language):
            await self.push_frame(ClauseFrame(piece, say.language))

    def _note(self, answer: Answer, texts: list[str]) -> None:
        """The whole answer, on the timeline."""
        language = answer.parts[-1].language
        names = [part.name for part in answer.parts if isinstance(part, Say)]
        wrote = any(isinstance(part, Write) for part in answer.parts)
        self._call.timeline.append(
            LlmReply(
                turn=answer.turn,
                text=joined(texts, language),
                language=language,
                source="llm" if wrote else "phrase",
                phrase=None if wrote else " ".join(names),
            )
        )

    async def _write(self, write: Write) -> str:
        """What the language model writes, as far as it stands in the passages; else the sentence that is said
        otherwise. Returns what was spoken.
        """
        call, written = self._call, list[str]()
        reader = Proofreader(write, self._prompts)

        async def speak(clauses: list[str]) -> None:
            for clause in clauses:
                written.append(clause)
                await self.push_frame(ClauseFrame(clause, write.language))

        try:
            assert call.chat is not None, "a call that is answered has a language model"
            chat, most = call.chat, call.settings.llm.max_reply_tokens
            async for piece in self._in_time(stream(write, self._prompts, chat, max_tokens=most)):
                await speak(reader.feed(piece))
            await speak(reader.rest())
        except Exception as error:
            call.fail("reply", error)
        if not written:
            written.append(write.otherwise.text)
            await self._say(write.otherwise)
        return joined(written, write.language)

    async def _in_time(self, pieces: Any) -> AsyncIterator[str]:
        """The pieces, as long as the caller need not wait too long for the next."""
        playout, loop = self._call.playout, asyncio.get_running_loop()
        heard_s = loop.time()
        source = iterate_in_executor(pieces)
        while True:
            step = asyncio.ensure_future(anext(source, None))
            while not step.done():
                await asyncio.wait({step}, timeout=TICK_MS / 1000)
                if playout.remaining_ms:
                    heard_s = loop.time()
                if not step.done() and (loop.time() - heard_s) * 1000 > PATIENCE_MS:
                    step.cancel()
                    return
            piece = step.result()
            if piece is None:
                return
            yield piece

    # What happens to what was spoken

    def _on_event(self, event: Event) -> None:
        body = event.body
        if isinstance(body, TtsEnded):
            self._over = self._call.playout.done
            if not body.complete:
                self._over = self._given
                self._attendant.interrupted(body.heard)
                self._settle(interrupted=True)
            else:
                self._settle()
        elif isinstance(body, ErrorRaised) and body.stage == "tts":
            # A sentence that cannot be spoken has nothing to wait for: a call without a voice still ends.
            self._over = self._given
            self._settle()

    def _drop(self) -> None:
        """The caller spoke before the answer was begun: they have heard nothing of it."""
        if self._over < self._given:
            self._over = self._given
            self._attendant.interrupted("")
            self._settle(interrupted=True)

    def _settle(self, *, interrupted: bool = False) -> None:
        """What was to happen once the answer was over, happens now; but a goodbye that was spoken over is none."""
        waiting = self._afterwards
        if waiting is None or self._over < waiting.number:
            return
        self._afterwards = None
        if isinstance(waiting.act, Transfer) or not interrupted:
            self._do(waiting.turn, waiting.act)

    def _do(self, turn: int, act: Transfer | HangUp) -> None:
        if self._call.bot_is_silent:
            # What the bot had promised, the person who has the call now sees to.
            return
        if isinstance(act, HangUp):
            self._call.hang_up("bot", "said goodbye" if act.reason == "goodbye" else act.reason)
        else:
            self.create_task(self._transfer(turn))

    async def _transfer(self, turn: int) -> None:
        call, routing = self._call, self._call.settings.routing
        route = call.timeline.last(RouteChanged)
        assert route is not None, "a call is put through where its route goes to a person"
        if call.number_of is not None:
            destination = call.number_of(route.destination)
        elif route.destination == "complaint_specialist":
            destination = routing.specialist_number
        else:
            destination = routing.human_number
        accepted = bool(destination) and await self._pass_on(destination, route)
        call.timeline.append(Transferred(destination=destination, accepted=accepted, reason=route.reason))
        if not accepted:
            await self._attendant.refused(turn)
        elif not call.waits_for_person:
            call.hang_up("transfer", f"transferred to {destination}")

    async def _pass_on(self, destination: str, route: RouteChanged) -> bool:
        """To a queue of ours, or by the line to wherever it can."""
        if not destination.startswith(QUEUE):
            return await self._call.leg.transfer(destination)
        put_through = self._call.put_through
        return put_through is not None and await put_through(destination.removeprefix(QUEUE), route)


def _as_heard(frame: UnderstoodFrame | None) -> Heard | None:
    return as_heard(frame.turn, frame.text, frame.language, frame.nlu) if frame is not None else None


def joined(texts: list[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(texts)
