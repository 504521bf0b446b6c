"""What the bot does next. Pure: from what happened to one act; the reply stage carries it out."""

from dataclasses import dataclass, field
from typing import Literal

from agent.dialogue.moments import Tone
from agent.events import Destination, Intent, NluResult, RouteChanged
from agent.prompts import Phrase

Then = Literal["hang_up", "transfer"]

MAX_PARDONS = 2
"""Asking a third time helps nobody: from then on the silence rules apply."""
SURE = 0.5
"""An intent below this probability does not end a call or move it."""


@dataclass(frozen=True)
class Say:
    """A fixed sentence, and what happens when it has been spoken."""

    phrase: Phrase
    values: dict[str, str] = field(default_factory=dict)
    then: Then | None = None


@dataclass(frozen=True)
class Write:
    """An answer by the language model, reminded of what this intent calls for."""

    intent: Intent


@dataclass(frozen=True)
class Nothing:
    """Say nothing."""


Act = Say | Write | Nothing


ERRANDS: frozenset[Intent] = frozenset(
    {
        "order_status", "logistics", "refund_return", "repair", "installation", "billing_invoice", "account_service",
        "cancel_service",
    }
)  # fmt: skip
"""What callers come for; a number that they name belongs to it."""
APPROVED: dict[Intent, Phrase] = {"praise": "praise", "complaint": "complaint", "product_inquiry": "product_inquiry"}
"""Where a wrong word does harm, or a fact would have to be made up, an approved sentence answers."""


ANNOUNCED: dict[Tone, tuple[Phrase, Phrase]] = {
    "alert": ("alert_transfer", "alert_callback"),
    "danger": ("danger_transfer", "danger_callback"),
    "care": ("care_transfer", "care_callback"),
}
"""What is said where a person is reachable, and where somebody will call back."""


def on_understood(
    nlu: NluResult | None,
    keys: str | None,
    new_route: RouteChanged | None,
    last_phrase: Phrase | None = None,
    errand: Intent | None = None,
    tone: Tone = "alert",
) -> Act:
    """The answer to a turn.

    Args:
        nlu: what it means; None for keyed digits and where the classifier failed.
        keys: the digits, where they were keyed.
        new_route: the call's route changed because of this very turn.
        last_phrase: the bot's last answer, where it was a fixed sentence: it is not said twice running.
        errand: what the caller has come for, where this turn does no more than name a number for it.
        tone: of the alert behind the new route.
    """
    if new_route is not None:
        return _announce(new_route, tone)
    if keys is not None and nlu is None:
        return Say("keys_received" if len(keys) >= 4 else "keys_unknown", {"digits": keys})
    if errand is not None:
        return Write(errand)
    if nlu is None:
        return Write("other")
    if nlu.intent == "goodbye" and nlu.intent_probability >= SURE:
        return Say("goodbye", then="hang_up")
    approved = APPROVED.get(nlu.intent)
    if approved is not None and nlu.intent_probability >= SURE and approved != last_phrase:
        return Say(approved)
    return Write(nlu.intent)


def _announce(route: RouteChanged, tone: Tone) -> Say:
    minutes = {"minutes": str(route.callback_due_minutes or 30)}
    transfer, callback = ANNOUNCED[tone]
    in_distress = route.alert_id is not None and tone != "alert"
    by_destination: dict[Destination, Say] = {
        "complaint_specialist": Say(transfer, then="transfer"),
        "human": Say(transfer if in_distress else "human_transfer", then="transfer"),
        "callback": Say(callback if route.alert_id else "human_callback", minutes),
        "bot": Say("transfer_failed"),
    }
    return by_destination[route.destination]


def on_silence(count: int, max_prompts: int) -> Say:
    """Nobody spoke for a while, for the ``count``-th time running."""
    return Say("still_there") if count <= max_prompts else Say("silence_goodbye", then="hang_up")


def on_unintelligible(count: int, failures: int, failed: bool) -> Act:
    """Nothing was understood of what the caller said, the ``count``-th time running; ``failures``: by our own fault."""
    if failed:
        return Say("trouble") if failures <= 1 else Say("trouble_goodbye", then="hang_up")
    return Say("pardon") if count <= MAX_PARDONS else Nothing()
