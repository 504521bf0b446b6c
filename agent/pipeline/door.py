"""The door of a live call: before anything is answered it is known where the call goes; and while a caller whom the
spam filter doubts is asked what they want, nobody else answers what they say.

It stands behind the understanding and before all that answers. What it says is heard to its end.
"""

from typing import Protocol

from pipecat.frames.frames import Frame, InterruptionFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.events import ErrorRaised, Event, Language, LlmReply, TtsEnded
from agent.pipeline.call import Call
from agent.pipeline.clauses import spoken_pieces
from agent.pipeline.frames import (
    AnswerEndFrame,
    AnswerStartFrame,
    ClauseFrame,
    GreetFrame,
    KeyFrame,
    SilenceFrame,
    UnderstoodFrame,
    UnintelligibleFrame,
)


class Doorkeeper(Protocol):
    """Who decides."""

    @property
    def holds_the_call(self) -> bool:
        """Whether what the caller says is for the filter, and nobody else is to answer it."""
        ...

    @property
    def asks_the_silent(self) -> bool:
        """Whether the filter is about to ask who has not said a word yet: twice need nobody be asked."""
        ...

    async def opens(self) -> bool:
        """The line is open. Returns whether the caller is greeted; else the door has been told what to say instead."""
        ...


class Door(FrameProcessor):
    """The stage."""

    def __init__(self, call: Call, keeper: Doorkeeper) -> None:
        super().__init__()
        self._call = call
        self._keeper = keeper
        self._greeted = False
        self._held: UnderstoodFrame | None = None
        self._key = ""
        self._asking = False
        call.timeline.subscribe(self._on_event)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case GreetFrame():
                # Aside: what is looked up takes its time, and no sound on the line is to stop it.
                self.create_task(self._open())
            case UnderstoodFrame(keys=True, text=key) if key == self._key:
                self._key = ""  # by which they came in: it answers no question of the bot
            case UnderstoodFrame() | SilenceFrame() | UnintelligibleFrame() | KeyFrame() if self._is_held:
                if isinstance(frame, UnderstoodFrame) and not frame.keys:
                    self._held = frame
            case SilenceFrame() if self._keeper.asks_the_silent:
                pass
            case UnderstoodFrame():
                self._held = None
                await self._fall_silent()
                await self.push_frame(frame, direction)
            case _:
                await self.push_frame(frame, direction)

    @property
    def _is_held(self) -> bool:
        return self._keeper.holds_the_call or not self._greeted

    async def _open(self) -> None:
        try:
            greets = await self._keeper.opens()
        except Exception as error:
            # Whatever cannot be decided, the caller is answered.
            self._call.fail("routing", error)
            greets = True
        if greets:
            self._greeted = True
            await self.push_frame(GreetFrame())

    async def say(self, text: str, language: Language, name: str) -> None:
        """Now, in the place of whatever is being said, and to its end."""
        call = self._call
        call.hush()
        await self._clear()
        self._asking = call.finishes_sentence = True
        call.timeline.append(LlmReply(turn=call.turn, text=text, language=language, source="phrase", phrase=name))
        await self.push_frame(AnswerStartFrame(call.turn))
        for piece in spoken_pieces(text, language):
            await self.push_frame(ClauseFrame(piece, language))
        await self.push_frame(AnswerEndFrame(call.turn))

    async def let_in(self, key: str = "") -> bool:
        """The caller may come in, other than by the words that were just heard: by this key, or for want of doubt.
        Returns whether somebody answers them now: the greeting, or the answer to what they had said before.
        """
        self._key = key
        await self._fall_silent()
        if not self._greeted:
            await self._open()
            return True
        held, self._held = self._held, None
        if held is not None:
            await self.push_frame(held)
        return held is not None

    async def _fall_silent(self) -> None:
        """Who has been let in need not hear our question to its end."""
        if self._asking:
            self._over()
            self._call.hush()
            await self._clear()

    async def _clear(self) -> None:
        await self.push_frame(InterruptionFrame())
        await self._call.leg.clear()

    def _on_event(self, event: Event) -> None:
        body = event.body
        if isinstance(body, TtsEnded) or (isinstance(body, ErrorRaised) and body.stage == "tts"):
            self._over()

    def _over(self) -> None:
        self._asking = self._call.finishes_sentence = False
