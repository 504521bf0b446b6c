"""The satisfaction survey on the line: where the bot would say goodbye, or a person has hung up, the caller is asked
how it was first.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from pipecat.frames.frames import Frame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.clock import TICK_MS
from agent.events import AlertEscalated, AlertRaised, Body, Dtmf, ErrorRaised, Event, Language, LlmReply, TtsEnded
from agent.pipeline.call import Call
from agent.pipeline.frames import (
    AnswerEndFrame,
    AnswerStartFrame,
    ClauseFrame,
    SilenceFrame,
    UnderstoodFrame,
    UnintelligibleFrame,
)

WISH = 0.6
"""From this probability on what is no score is taken for another wish."""
NO_WISH = frozenset({"goodbye", "greeting", "chitchat", "praise", "complaint", "other"})


class Turn(Protocol):
    """What the survey says to one more moment. ``phrase`` names the sentence for the log; ``notes`` go on the timeline.
    ``over``: then the call may end; ``gives_back``: what was said is for the bot to answer.
    """

    @property
    def text(self) -> str: ...
    @property
    def phrase(self) -> str: ...
    @property
    def notes(self) -> Sequence[Body]: ...
    @property
    def over(self) -> bool: ...
    @property
    def gives_back(self) -> bool: ...


class Surveyor(Protocol):
    """One call's survey; what it says and when it is over it decides by itself."""

    def begin(self, events: Sequence[Event], language: Language) -> Turn | None:
        """The call would end now. None where this caller is not asked."""
        ...

    def key(self, key: str, language: Language) -> Turn: ...
    def said(self, text: str, language: Language, *, wish: bool) -> Turn: ...
    def nothing(self, language: Language) -> Turn: ...


class Survey(FrameProcessor):
    """The stage: stands before all that answers, and while it asks, what the caller says goes no further."""

    def __init__(self, call: Call, surveyor: Surveyor) -> None:
        super().__init__()
        self._call, self._surveyor = call, surveyor
        self._asking = self._ending = self._alarmed = False
        call.ask_survey = self._begin
        call.timeline.subscribe(self._on_event)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case UnderstoodFrame(keys=True, nlu=None) if self._asking:
                pass  # each key counted when it was pressed
            case UnderstoodFrame() if self._asking and (self._alarmed or self._ending or frame.keys):
                # An alert, a word over the goodbye, the key for a person: no longer a matter of marks.
                self._asking = False
                await self.push_frame(frame, direction)
            case UnderstoodFrame(text=text, language=language) if self._asking:
                nlu = frame.nlu
                wish = nlu is not None and nlu.intent not in NO_WISH and nlu.intent_probability >= WISH
                turn = self._surveyor.said(text, language, wish=wish)
                await self._do(turn)
                if turn.gives_back:
                    await self.push_frame(frame, direction)
            case SilenceFrame() | UnintelligibleFrame() if self._asking:
                await self._do(self._surveyor.nothing(self._call.language))
            case _:
                await self.push_frame(frame, direction)

    async def _begin(self, before: str) -> bool:
        """Ask, after what else was to be said. False where this caller is not asked."""
        turn = None if self._asking else self._surveyor.begin(tuple(self._call.timeline), self._call.language)
        if turn is not None:
            self._asking, self._ending, self._alarmed = True, False, False
            await self._do(turn, before)
        return turn is not None

    async def _do(self, turn: Turn, before: str = "") -> None:
        call = self._call
        for note in turn.notes:
            call.timeline.append(note)
        self._asking = not turn.gives_back
        if not turn.text:
            return
        self._ending = turn.over
        text, language = before + turn.text, call.language
        reply = LlmReply(turn=call.turn, text=text, language=language, source="phrase", phrase=turn.phrase)
        call.timeline.append(reply)
        await self.push_frame(AnswerStartFrame(call.turn))
        for clause in (before, turn.text):
            if clause:
                await self.push_frame(ClauseFrame(clause, language))
        await self.push_frame(AnswerEndFrame(call.turn))

    def _on_event(self, event: Event) -> None:
        match event.body:
            case Dtmf(digit=digit) if self._asking and not self._ending and digit != "0":
                self.create_task(self._key(digit))
            case AlertRaised() | AlertEscalated():
                self._alarmed = True
            case TtsEnded(complete=complete) if self._ending:
                self._ending = False
                if complete:
                    self._call.hang_up("bot", "said goodbye")
                else:
                    self._asking = False  # spoken over: the caller goes on, and so does the call
            case ErrorRaised(stage="tts") if self._ending:
                self._call.hang_up("bot", "said goodbye")
            case _:
                pass

    async def _key(self, digit: str) -> None:
        # The listener first silences what is being said; the answer to the key must not be silenced with it.
        await asyncio.sleep(2 * TICK_MS / 1000)
        if self._asking:
            await self._do(self._surveyor.key(digit, self._call.language))
