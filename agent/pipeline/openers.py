"""The first words of an answer, said at once while the rest is still being written. Pure."""

from collections.abc import Mapping, Sequence

from agent.events import Intent, Sentiment
from agent.prompts import OpenerKind

UPSET: frozenset[Sentiment] = frozenset({"angry", "negative"})
NEEDS_NONE: frozenset[Intent] = frozenset({"greeting", "goodbye", "chitchat", "praise"})
"""Intents to which small talk is the answer: an opener would promise work where none is asked for."""
SURE = 0.5
"""Below this probability an intent or a mood chooses no opener of its own."""


def choose(
    openers: Mapping[OpenerKind, Sequence[str]],
    intent: Intent,
    intent_probability: float,
    sentiment: Sentiment,
    sentiment_probability: float,
    *,
    number_known: bool,
    apologised: bool,
    last: str | None,
) -> str | None:
    """The opener of this answer; None where none fits.

    Args:
        openers: by intent, and ``apology`` and ``other``.
        number_known: the caller has named an order or phone number: work is under way.
        apologised: the bot has said sorry in this call already: once is polite, at every turn it is a tic.
        last: the opener of the answer before, which is not said again.
    """
    if intent in NEEDS_NONE and intent_probability >= SURE:
        return None
    kind: OpenerKind = intent if intent in openers and intent_probability >= SURE else "other"
    if number_known:
        kind = "noted"
    if sentiment in UPSET and sentiment_probability >= SURE and not apologised:
        kind = "apology"
    return next((opener for opener in openers.get(kind, ()) if opener != last), None)


LEAD_MS = 500
"""A clause of usual length takes some 1.3 s to speak on two cores: begun with less than this of the opener to go, the
silence after it would be heard as one."""
PATIENCE_MS = 700
"""So long an answer without an opener waits for the model's first clause. With the half second before the turn was over
and the voice after it, more would be a silence that callers take for a dead line."""


def is_too_late(
    *, has_opener: bool, only_opener_is_heard: bool, remaining_ms: int, has_clause: bool, waited_ms: int
) -> bool:
    """Whether the language model is no longer waited for.

    Args:
        only_opener_is_heard: the opener is being spoken, and nothing after it is with the voice.
        remaining_ms: speech that is ready and not yet heard.
        has_clause: the model has written a clause that will be spoken.
        waited_ms: since it was asked.
    """
    if has_opener:
        return only_opener_is_heard and remaining_ms < LEAD_MS
    return not has_clause and waited_ms > PATIENCE_MS
