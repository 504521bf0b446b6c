"""The menu on a live line: keys, words and silence in, prompts out, and the call handed over once something is chosen.

It stands before the dialogue (`agent.pipeline.talk`), which hears nothing until the caller comes to it. What is said
and where it leads the guide decides (`agent.routing.menu`, which this room knows only by its shape).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pipecat.frames.frames import Frame, InterruptionFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.events import (
    ErrorRaised,
    Event,
    Intent,
    Language,
    LlmReply,
    MenuChosen,
    MenuEntered,
    RouteChanged,
    SeatDisconnected,
    TtsEnded,
)
from agent.pipeline.call import Call
from agent.pipeline.clauses import spoken_pieces
from agent.pipeline.frames import (
    AnswerEndFrame,
    AnswerStartFrame,
    ClauseFrame,
    GreetFrame,
    KeyFrame,
    SilenceFrame,
    TakeOverFrame,
    UnderstoodFrame,
    UnintelligibleFrame,
)

OnTarget = Callable[[str], Awaitable[bool]]
"""Told where the call goes from the menu. Returns whether somebody takes it from here; where nobody does, the bot does
what it can: the errand, a person by the company's number, a callback.
"""


class Guidance(Protocol):
    """What is to be done, in this order: note the events, speak the sentences (each in a language), go to the target.

    ``target`` is empty while the caller stays; ``said``: their last words led there.
    """

    @property
    def events(self) -> Sequence[MenuChosen | MenuEntered]: ...
    @property
    def sentences(self) -> Sequence[tuple[str, Language]]: ...
    @property
    def language(self) -> Language: ...
    @property
    def node(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def said(self) -> bool: ...
    @property
    def timeout_ms(self) -> int: ...


class Guide(Protocol):
    """Who knows the menu, and where in it this caller is."""

    def enter(self, language: Language) -> Guidance: ...
    def key(self, key: str) -> Guidance: ...
    def said(self, text: str, intent: Intent | None, probability: float, language: Language) -> Guidance: ...
    def silence(self) -> Guidance: ...


async def nobody(target: str) -> bool:
    """No switchboard: the bot takes every call."""
    return False


@dataclass(frozen=True)
class _Leaving:
    turn: int
    target: str
    heard: UnderstoodFrame | None


class Ivr(FrameProcessor):
    """The stage. ``on_target`` is told once, when the last sentence of the menu is over.

    While somebody else has the call, what the caller says stops here; `hand_to_bot` lets the dialogue have it.
    """

    def __init__(self, call: Call, guide: Guide | None = None, on_target: OnTarget = nobody) -> None:
        super().__init__()
        self._call = call
        self._guide = guide
        self._on_target = on_target
        self._at: Literal["menu", "leaving", "elsewhere", "bot"] = "bot" if guide is None else "menu"
        self._leaving: _Leaving | None = None
        self._held: list[UnderstoodFrame] = []
        self._speaking = False
        self._person_left = False
        call.timeline.subscribe(self._on_event)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case InterruptionFrame():
                self._cut_short()
                await self.push_frame(frame, direction)
            case KeyFrame() | GreetFrame() | UnderstoodFrame() | SilenceFrame() | UnintelligibleFrame():
                await self._attend(frame, direction)
            case _:
                await self.push_frame(frame, direction)

    def lead(self, guide: Guide) -> None:
        """This caller comes here first: to be told before the greeting."""
        self._guide, self._at = guide, "menu"

    async def hand_to_bot(self, target: str = "bot") -> None:
        """The dialogue takes the caller over, as if they had chosen this; does nothing where it has them already."""
        await self._to_bot(_Leaving(self._call.turn, target, None))

    # What the caller does

    async def _attend(self, frame: Frame, direction: FrameDirection) -> None:
        if self._at == "bot":
            # A key that was still on its way belongs to the menu.
            if not isinstance(frame, KeyFrame):
                await self.push_frame(frame, direction)
        elif self._at == "leaving":
            # Nothing that is said is lost: whoever takes the call hears it.
            if isinstance(frame, UnderstoodFrame):
                self._held.append(frame)
        elif self._at == "menu" and self._guide is not None:
            await self._guided(frame, self._guide)
        elif isinstance(frame, UnderstoodFrame) and self._person_left and not self._is_with_somebody:
            # The caller is still there, and wants something else.
            await self._to_bot(_Leaving(frame.turn, "bot", frame))

    @property
    def _is_with_somebody(self) -> bool:
        return self._call.bot_is_silent or self._call.waits_for_person

    async def _guided(self, frame: Frame, guide: Guide) -> None:
        call = self._call
        match frame:
            case GreetFrame():
                await self.push_frame(GreetFrame(by_menu=True))
                await self._follow(guide.enter(call.language))
            case KeyFrame(key=key):
                await self._follow(guide.key(key))
            case UnderstoodFrame(text=text, language=language, nlu=nlu):
                if call.timeline.last(RouteChanged) is not None:
                    # An alert moves this very call: the dialogue tells the caller, whatever the menu makes of it.
                    self._leave(_Leaving(frame.turn, "bot", frame))
                    return
                intent, probability = (nlu.intent, nlu.intent_probability) if nlu is not None else (None, 0.0)
                await self._follow(guide.said(text, intent, probability, language), frame)
            case SilenceFrame():
                await self._follow(guide.silence())
            case UnintelligibleFrame():
                await self._follow(guide.said("", None, 0.0, call.language))

    # What is done about it

    async def _follow(self, guidance: Guidance, heard: UnderstoodFrame | None = None) -> None:
        call = self._call
        for event in guidance.events:
            call.timeline.append(event)
        call.language = guidance.language
        call.menu_timeout_ms = guidance.timeout_ms
        leaving = _Leaving(call.turn, guidance.target, heard if guidance.said else None)
        if guidance.target and not guidance.sentences:
            self._leave(leaving)
        elif guidance.sentences:
            stopped = self._stop()
            if guidance.target:
                # Noted before anything is waited for: a caller who speaks now does not stop what they have chosen.
                self._at, self._leaving = "leaving", leaving
            if stopped:
                await self._fall_silent()
            await self._speak(guidance)

    async def _speak(self, guidance: Guidance) -> None:
        call, language = self._call, guidance.language
        text = ("" if language == "zh" else " ").join(sentence for sentence, _ in guidance.sentences)
        name = f"menu.{guidance.node}"
        call.timeline.append(LlmReply(turn=call.turn, text=text, language=language, source="phrase", phrase=name))
        self._speaking = True
        await self.push_frame(AnswerStartFrame(call.turn))
        for sentence, voice in guidance.sentences:
            for piece in spoken_pieces(sentence, voice):
                await self.push_frame(ClauseFrame(piece, voice))
        await self.push_frame(AnswerEndFrame(call.turn))

    def _stop(self) -> bool:
        """A prompt that is on its way, or half spoken, is not heard to its end by somebody who has chosen. Returns
        whether there was one.
        """
        stopped, self._speaking = self._speaking, False
        if stopped:
            self._call.interrupt(self._call.clock.now_ms)
        return stopped

    async def _fall_silent(self) -> None:
        await self.push_frame(InterruptionFrame())
        await self._call.leg.clear()

    def _on_event(self, event: Event) -> None:
        body = event.body
        if isinstance(body, SeatDisconnected):
            self._person_left = True
        if isinstance(body, TtsEnded) or (isinstance(body, ErrorRaised) and body.stage == "tts"):
            self._cut_short()

    def _cut_short(self) -> None:
        """What was spoken is over, to its end or not: what was to happen then happens now."""
        self._speaking = False
        leaving, self._leaving = self._leaving, None
        if leaving is not None:
            # Not here: whoever is told may take its time, and an interruption must not stop it.
            self.create_task(self._hand_over(leaving))

    # How it ends

    def _leave(self, leaving: _Leaving) -> None:
        self._at = "leaving"
        self.create_task(self._hand_over(leaving))

    async def _hand_over(self, leaving: _Leaving) -> None:
        self._call.menu_timeout_ms = None
        if self._stop():
            await self._fall_silent()
        try:
            taken = await self._on_target(leaving.target)
        except Exception as error:
            self._call.fail("routing", error)
            taken = False
        if not taken:
            await self._to_bot(leaving)
        elif self._at == "leaving":
            self._at = "elsewhere"

    async def _to_bot(self, leaving: _Leaving) -> None:
        if self._at == "bot":
            return
        self._at = "bot"
        self._call.menu_timeout_ms = None
        held, self._held = self._held, []
        await self.push_frame(TakeOverFrame(leaving.turn, leaving.target, self._call.language, leaving.heard))
        for frame in held:
            await self.push_frame(frame)
