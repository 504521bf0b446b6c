"""What the caller wants and how they feel: an utterance in, the same with its meaning out."""

from collections.abc import Mapping

from pipecat.frames.frames import Frame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.events import NluResult
from agent.pipeline.call import Call
from agent.pipeline.classification import Classified
from agent.pipeline.frames import UnderstoodFrame, UtteranceFrame
from models.nlu import Understanding

SHOWN = 3
"""Likeliest labels that are kept on the timeline."""

SIGNAL_FROM = 0.05
"""Signals less probable than this are left out of the timeline."""

HUMAN_KEY = "0"
"""The key that asks for a person on every Chinese hotline."""


class Nlu(FrameProcessor):
    """The stage. Risk and routing read its result from the timeline before the reply is chosen."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self._call = call

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, UtteranceFrame):
            await self.push_frame(frame, direction)
            return
        nlu = self._keyed(frame) if frame.keys else self._said(frame)
        if self._call.milestones is not None:
            self._call.milestones.understood()
        await self.push_frame(UnderstoodFrame(frame.turn, frame.text, frame.language, nlu, frame.keys))

    def _said(self, frame: UtteranceFrame) -> NluResult | None:
        """Classified while it was still uncertain whether the turn was over. Where that failed, the reply can do
        without: the language model has the words themselves.
        """
        if isinstance(frame.classified, Exception):
            self._call.fail("nlu", frame.classified)
            return None
        return note(self._call, frame.turn, frame.classified) if frame.classified is not None else None

    def _keyed(self, frame: UtteranceFrame) -> NluResult | None:
        """Keys say nothing of a mood, and of a wish only where a key has a meaning by itself."""
        if frame.text != HUMAN_KEY:
            return None
        result = NluResult(
            turn=frame.turn,
            intent="human_agent",
            intent_probability=1.0,
            sentiment="neutral",
            sentiment_probability=1.0,
        )
        self._call.timeline.append(result)
        return result


def note(call: Call, turn: int, classified: Classified) -> NluResult:
    """Put a classification on the timeline."""
    result = to_event(turn, classified.understanding, classified.took_ms)
    call.timeline.append(result)
    return result


def to_event(turn: int, understanding: Understanding, took_ms: int) -> NluResult:
    """The classifier's answer as an event; probabilities to four places, so that they read well and compare."""
    return NluResult.model_validate(
        {
            "turn": turn,
            "intent": understanding.intent,
            "intent_probability": round(understanding.intent_probability, 4),
            "sentiment": understanding.sentiment,
            "sentiment_probability": round(understanding.sentiment_probability, 4),
            "intents": _likeliest(understanding.intents),
            "sentiments": _likeliest(understanding.sentiments),
            "signals": {name: round(float(p), 4) for name, p in understanding.signals.items() if p >= SIGNAL_FROM},
            "took_ms": took_ms,
        }
    )


def _likeliest(probabilities: Mapping[str, float]) -> dict[str, float]:
    pairs = sorted(probabilities.items(), key=lambda pair: -pair[1])[:SHOWN]
    return {name: round(float(probability), 4) for name, probability in pairs}
