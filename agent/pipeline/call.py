"""One call as its stages see it: the leg, the timeline, what the bot is saying, and the shared models."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Literal, TypeVar

from loguru import logger

from agent.attendant import Briefing
from agent.bridge import Bridge
from agent.clock import AudioClock, samples_per_tick
from agent.config import Settings
from agent.errors import HotlineError
from agent.events import (
    BargeIn,
    CallEnded,
    CallStarted,
    Destination,
    ErrorRaised,
    Language,
    RouteChanged,
    Stage,
    TtsEnded,
    Waterfall,
)
from agent.ingress.leg import CallLeg
from agent.pipeline.engines import Engines
from agent.pipeline.milestones import Milestones
from agent.pipeline.placing import Placing
from agent.pipeline.playout import Heard, Playout
from agent.pipeline.recorder import Recorder
from agent.prompts import Phrase, Prompts
from agent.timeline import Timeline
from models.errors import ModelError
from models.llm import ChatModel

if TYPE_CHECKING:
    from agent.pipeline.survey import Surveyor

T = TypeVar("T")
EndedBy = Literal["caller", "bot", "transfer", "error", "operator"]


@dataclass
class Call:
    """Created when a call arrives, gone with it. Everything mutable that the stages share is here."""

    leg: CallLeg
    settings: Settings
    engines: Engines
    prompts: Prompts
    recorder: Recorder | None
    chat: ChatModel | None = None
    """This call's slot of the language model; None for calls that do without."""
    briefing: Briefing | None = None
    """What the dialogue of this company goes by; None where no company is set up."""
    clock: AudioClock = field(default_factory=AudioClock)
    surveyor: "Surveyor | None" = None
    """Asks how it was before the call ends; None where nobody asks."""
    turn: int = 0
    hear_last_words: Callable[[], Awaitable[None]] | None = None
    """Set by the listener: writes down what was being said when the line went dead."""
    hear_last_of_seats: Callable[[], Awaitable[None]] | None = None
    """Set by the seats' listeners: writes down what people on our side were saying when the call ended."""
    number_of: Callable[[Destination], str] | None = None
    """Set by the hotline: where a person is reached now: a number, or ``queue:SKILL``; empty for nowhere."""
    put_through: Callable[[str, RouteChanged], Awaitable[bool]] | None = None
    """Set by the switchboard: the caller is to wait for a person with this skill. False where nobody will come."""
    placing: Callable[[Destination], Placing] | None = None
    """Set by the front desk: how this caller waits for this destination by the company's rules. None: as everybody."""
    finishes_sentence: bool = False
    """What is being said is heard to its end, whoever speaks over it."""
    waits_for_person: bool = False
    """The caller was put through and nobody has answered yet: the bot speaks for the queue alone."""
    say: Callable[[str, str], Awaitable[None]] | None = None
    """Set by the dialogue: speaks a sentence that somebody else thought of, after what is being said. The second
    argument names it."""
    ask_survey: Callable[[str], Awaitable[bool]] | None = None
    """Set by the survey: says first what is given, then asks the caller how it was, and hangs up. False where this
    caller is not asked: then nothing was said."""
    settle: Callable[[], Awaitable[None]] | None = None
    """Set by the dialogue: waits for what it has asked the back end, so that the timeline tells what came of it."""
    menu_timeout_ms: int | None = None
    """Set while the caller is in the menu: every key is taken by itself, and so long a silence is told; None elsewhere.
    """
    milestones: Milestones | None = None
    """Of the turn that is being answered, until its answer is on the wire."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    end: CallEnded | None = None

    def __post_init__(self) -> None:
        self.language: Language = self.leg.info.language
        self.timeline = Timeline(self.leg.info.call_id, self.clock)
        self.playout = Playout(self.tick_bytes)
        self.bridge = Bridge(self.leg.sample_rate_hz, tell=self.timeline.append)

    @property
    def tick_bytes(self) -> int:
        """Bytes of 20 ms of 16-bit mono audio on this line."""
        return samples_per_tick(self.leg.sample_rate_hz) * 2

    @property
    def person_on_line(self) -> bool:
        """Whether a person of ours has the call in hand."""
        return self.bridge.person_on_line

    @property
    def bot_is_silent(self) -> bool:
        """Whether the bot only listens, as it does while a person talks: nothing that it says would be heard."""
        return not self.bridge.bot_speaks

    @property
    def others_have_the_word(self) -> bool:
        """Whether the caller's silence says nothing: a person talks, or they wait on hold."""
        return self.bot_is_silent or self.bridge.caller_on_hold

    def start(self) -> None:
        """The call is answered."""
        info = self.leg.info
        self.timeline.append(
            CallStarted(
                caller_number=info.caller_number,
                called_number=info.called_number,
                channel=info.channel,
                language=info.language,
            )
        )

    def fail(self, stage: Stage, error: Exception, spoken: Phrase | None = None) -> None:
        """The one place where an exception becomes an event. ``spoken``: what the caller is told about it."""
        code, retryable = ("internal", False)
        if isinstance(error, HotlineError | ModelError):
            code, retryable = error.code, error.retryable
        else:
            logger.opt(exception=error).error("{} failed in call {}", stage, self.leg.info.call_id)
        message = str(error) or type(error).__name__
        self.timeline.append(ErrorRaised(stage=stage, code=code, message=message, retryable=retryable, spoken=spoken))

    def interrupt(self, speech_start_ms: int) -> None:
        """The caller speaks over the bot: fall silent and note what was heard."""
        heard = self.playout.interrupt()
        if heard is not None:
            self.timeline.append(BargeIn(turn=heard.turn, speech_start_ms=speech_start_ms))
            self.fell_silent(heard)

    def hush(self) -> None:
        """A person talks now: what the bot was saying is over, as far as it got."""
        heard = self.playout.interrupt()
        if heard is not None:
            self.fell_silent(heard)

    def fell_silent(self, heard: Heard) -> None:
        """The bot has ended an answer, or was made to."""
        self.timeline.append(
            TtsEnded(turn=heard.turn, heard=heard.text, complete=heard.complete, longest_gap_ms=heard.longest_gap_ms)
        )

    def answered(self, turn: int) -> Waterfall | None:
        """The answer to a turn goes on the wire: how the caller's wait was spent, if they waited for this."""
        milestones, self.milestones = self.milestones, None
        return milestones.on_wire() if milestones is not None and milestones.turn == turn else None

    def hang_up(self, ended_by: EndedBy, reason: str) -> None:
        """The call is over. Only the first reason counts."""
        if self.end is None:
            self.end = CallEnded(ended_by=ended_by, reason=reason, duration_ms=self.clock.now_ms)
            self.ended.set()

    async def compute(self, work: Callable[[], T]) -> tuple[T, int]:
        """Run a model in a thread (in virtual time: in place). Returns its result and how long it took, in ms."""
        return await asyncio.get_running_loop().run_in_executor(None, timed(work))


def timed(work: Callable[[], T]) -> Callable[[], tuple[T, int]]:
    """The same work, telling how long it took in ms of real time: a measurement, never an input to a decision."""

    def run() -> tuple[T, int]:
        start = perf_counter()
        result = work()
        return result, round((perf_counter() - start) * 1000)

    return run
