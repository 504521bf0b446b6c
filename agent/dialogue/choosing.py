"""Which errand a caller's words ask for."""

from agent.dialogue.moments import Heard
from agent.dialogue.playbook import Playbook


def errand_in_words(book: Playbook, heard: Heard) -> str | None:
    """The flow that is asked for in so many words; of several the one with the most to show for it."""
    asked = {name: flow.asked_for_by(heard.text, heard.language) for name, flow in book.flows.items()}
    best = max(asked, key=lambda name: asked[name], default=None)
    return best if best is not None and asked[best] > 0 else None


def errand_by_intent(book: Playbook, heard: Heard, sure: float) -> str | None:
    """The flow of the intent, where the intent is as sure as that."""
    if heard.intent is None or heard.intent_probability < sure:
        return None
    return next((name for name, flow in book.flows.items() if heard.intent in flow.starts.intents), None)
