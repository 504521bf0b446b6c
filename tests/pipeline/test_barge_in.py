"""What the bot does with a sound over its own voice: goes on, holds its breath, or gives up its answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config import TurnSettings
from agent.events import Language
from agent.pipeline.barge_in import Backchannels, is_worth_a_look, when_understood, while_heard

SETTINGS = TurnSettings()
BACKCHANNELS = Backchannels.load()


@pytest.mark.parametrize(
    ("over_ms", "audible", "expected"),
    [
        # A cough or a short 嗯 does not even make it pause.
        (100, True, "go_on"),
        (200, True, "go_on"),
        (220, True, "hold"),
        (880, True, "hold"),
        # Nobody says 嗯 for a second.
        (900, True, "give_up"),
        # An answer that nobody hears yet waits at the first sign that the caller goes on.
        (80, False, "go_on"),
        (100, False, "hold"),
        (900, False, "give_up"),
    ],
)
def test_the_longer_the_sound_the_less_the_bot_insists(over_ms: int, audible: bool, expected: str) -> None:
    assert while_heard(over_ms, audible=audible, settings=SETTINGS) == expected


def test_the_bot_is_silent_within_300_ms() -> None:
    latest_ms = next(ms for ms in range(0, 2000, 20) if while_heard(ms, audible=True, settings=SETTINGS) != "go_on")
    assert latest_ms <= 300


@given(st.integers(0, 5000), st.integers(0, 5000), st.booleans())
def test_a_longer_sound_never_makes_it_bolder(a: int, b: int, audible: bool) -> None:
    order = ["go_on", "hold", "give_up"]
    short, long = sorted((a, b))
    first = while_heard(short, audible=audible, settings=SETTINGS)
    then = while_heard(long, audible=audible, settings=SETTINGS)
    assert order.index(first) <= order.index(then)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("嗯", "zh", "resume"),
        ("嗯嗯，对对对。", "zh", "resume"),
        ("好的好的", "zh", "resume"),
        ("Uh-huh, okay.", "en", "resume"),
        # A cough, a slammed door: nothing was understood.
        ("", "zh", "resume"),
        ("等一下", "zh", "give_up"),
        ("好的，但是我想问一下", "zh", "give_up"),
        ("对，就是那个订单", "zh", "give_up"),
        ("不对", "zh", "give_up"),
        ("Okay, but wait", "en", "give_up"),
        ("no", "en", "give_up"),
    ],
)
def test_only_words_that_mean_something_make_it_give_up(text: str, language: Language, expected: str) -> None:
    assert when_understood(text, language, BACKCHANNELS) == expected


@given(st.text(max_size=20), st.sampled_from(["zh", "en"]))
def test_whatever_was_heard_there_is_a_decision(text: str, language: Language) -> None:
    assert when_understood(text, language, BACKCHANNELS) in ("resume", "give_up")


def test_a_sound_shorter_than_a_word_is_not_looked_at() -> None:
    assert not is_worth_a_look(280)
    assert is_worth_a_look(300)
