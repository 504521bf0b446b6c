"""The first words of an answer: chosen at once, fitting, and never the same ones twice running."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.application import load_prompts
from agent.config import Settings
from agent.events import Intent, Sentiment
from agent.pipeline.openers import choose, is_too_late

OPENERS = load_prompts(Settings()).openers("zh")


def opener(
    intent: Intent,
    sentiment: Sentiment = "neutral",
    *,
    sure: float = 0.9,
    known: bool = False,
    apologised: bool = False,
    last: str = "",
) -> str | None:
    return choose(OPENERS, intent, sure, sentiment, sure, number_known=known, apologised=apologised, last=last)


@pytest.mark.parametrize(
    ("intent", "sentiment", "sure", "apologised", "kind"),
    [
        ("order_status", "neutral", 0.9, False, "order_status"),
        ("installation", "positive", 0.9, False, "installation"),
        # Whoever is upset hears first that we are sorry, but only once.
        ("repair", "negative", 0.9, False, "apology"),
        ("repair", "angry", 0.9, False, "apology"),
        ("repair", "angry", 0.9, True, "repair"),
        # A guess promises nothing in particular.
        ("repair", "angry", 0.4, False, "other"),
        ("human_agent", "neutral", 0.9, False, "other"),
    ],
)
def test_the_opener_fits_the_wish_and_the_mood(
    intent: Intent, sentiment: Sentiment, sure: float, apologised: bool, kind: Intent
) -> None:
    assert opener(intent, sentiment, sure=sure, apologised=apologised) in OPENERS[kind]


def test_once_a_number_is_known_it_is_acknowledged() -> None:
    assert opener("order_status", known=True) in OPENERS["noted"]
    assert opener("other", sure=0.3, known=True) in OPENERS["noted"]
    assert opener("order_status", "angry", known=True) in OPENERS["apology"]


@pytest.mark.parametrize("intent", ["greeting", "chitchat", "goodbye", "praise"])
def test_small_talk_needs_none(intent: Intent) -> None:
    assert opener(intent) is None


@given(
    st.lists(st.sampled_from(["order_status", "repair", "other", "refund_return"]), max_size=12),
    st.sampled_from(["neutral", "angry"]),
)
def test_the_same_words_are_never_said_twice_running(intents: list[Intent], sentiment: Sentiment) -> None:
    last, apologised = None, False
    for intent in intents:
        said = opener(intent, sentiment, apologised=apologised, last=last or "")
        assert said is not None and said != last
        last, apologised = said, apologised or said in OPENERS["apology"]


@pytest.mark.parametrize(
    ("why", "state", "late"),
    [
        ("the opener has long to go", {"has_opener": True, "only_opener_is_heard": True, "remaining_ms": 900}, False),
        ("the opener is nearly over", {"has_opener": True, "only_opener_is_heard": True, "remaining_ms": 300}, True),
        (
            "more than the opener is ready",
            {"has_opener": True, "only_opener_is_heard": False, "remaining_ms": 0},
            False,
        ),
        ("nothing is heard yet", {"waited_ms": 200}, False),
        ("nothing is heard for too long", {"waited_ms": 900}, True),
        ("its first clause is with the voice", {"waited_ms": 900, "has_clause": True}, False),
    ],
)
def test_a_slow_model_is_not_waited_for(why: str, state: dict[str, Any], late: bool) -> None:
    usual = {"has_opener": False, "only_opener_is_heard": False, "remaining_ms": 0, "has_clause": False, "waited_ms": 0}
    assert is_too_late(**{**usual, **state}) is late, why
