"""What an utterance means, asked of the classifier."""

from dataclasses import dataclass

from agent.events import AsrFinal
from agent.pipeline.call import Call
from models.nlu import CONTEXT_TURNS, Understanding


@dataclass(frozen=True)
class Classified:
    """The classifier's answer, and how long it took."""

    understanding: Understanding
    took_ms: int


async def classify(call: Call, text: str) -> Classified | Exception:
    """What the classifier makes of words, knowing what this caller said before; or why it could not."""
    earlier = [said.text for said in call.timeline.bodies(AsrFinal)][-CONTEXT_TURNS:]
    try:
        return Classified(*await call.compute(lambda: call.engines.classifier.understand(text, context=earlier)))
    except Exception as error:
        return error
