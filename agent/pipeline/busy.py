"""All lines are busy: what a caller hears instead of the bot. Nothing here computes, so that the calls that are going
on do not notice.
"""

from typing import Literal

from pipecat.frames.frames import Frame, InputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.clock import TICK_MS
from agent.events import Event, LlmReply, RouteChanged
from agent.pipeline.call import Call
from agent.pipeline.frames import AnswerEndFrame, AnswerStartFrame, ClauseFrame
from agent.prompts import Phrase

CHOICE_MS = 5000
"""So long after the offer a caller may take to press the key."""

BREATH_MS = 200
"""After a last sentence; also how long a sentence may take to come out of the cache."""

Step = Literal["listen", "confirm", "hang_up"]


def next_step(*, offered: bool, chosen: bool, confirmed: bool, silent_ms: int) -> Step:
    """What happens now.

    Args:
        offered: a callback was offered.
        chosen: the caller has asked for it.
        confirmed: and was told that it is noted.
        silent_ms: since the last sentence was spoken; 0 while one is.
    """
    if chosen and not confirmed:
        return "confirm"
    patience_ms = CHOICE_MS if offered and not confirmed else BREATH_MS
    return "listen" if silent_ms < patience_ms else "hang_up"


class Busy(FrameProcessor):
    """The stage: says the sentence, waits for a key where a callback was offered, confirms, hangs up.

    Args:
        sentence: what the caller is told.
        offers: whether the sentence offers a callback.
    """

    def __init__(self, call: Call, sentence: Phrase, *, offers: bool) -> None:
        super().__init__(enable_direct_mode=True)
        self._call = call
        self._sentence = sentence
        self._offers = offers
        self._begun = False
        self._chosen: RouteChanged | None = None
        self._confirmed = False
        self._silent_ms = 0
        call.timeline.subscribe(self._on_event)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, InputAudioRawFrame):
            await self.push_frame(frame, direction)
            return
        if not self._begun:
            self._begun = True
            await self._say(self._sentence)
        else:
            self._silent_ms = 0 if self._call.playout.busy else self._silent_ms + TICK_MS
        step = next_step(
            offered=self._offers,
            chosen=self._chosen is not None,
            confirmed=self._confirmed,
            silent_ms=self._silent_ms,
        )
        if step == "confirm" and self._chosen is not None:
            self._confirmed = True
            self._call.interrupt(self._call.clock.now_ms)
            await self._call.leg.clear()
            await self._say("callback_noted", minutes=str(self._chosen.callback_due_minutes))
        elif step == "hang_up":
            self._call.hang_up("bot", "all lines are busy")

    def _on_event(self, event: Event) -> None:
        if isinstance(event.body, RouteChanged):
            self._chosen = event.body

    async def _say(self, phrase: Phrase, **values: str) -> None:
        call = self._call
        self._silent_ms = 0
        text = call.prompts.phrase(phrase, call.language, **values)
        call.timeline.append(LlmReply(turn=0, text=text, language=call.language, source="phrase", phrase=phrase))
        await self.push_frame(AnswerStartFrame(0))
        await self.push_frame(ClauseFrame(text, call.language))
        await self.push_frame(AnswerEndFrame(0))
