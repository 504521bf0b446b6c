"""When a turn is over: from how it sounded, what was said and how long it has been quiet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config import TurnSettings
from agent.events import Language
from agent.pipeline.turn import UnfinishedWords, is_dictating, required_silence_ms, settle_language

WORDS = UnfinishedWords.load()
SETTINGS = TurnSettings(complete_silence_ms=300, incomplete_silence_ms=1400, dictation_silence_ms=1900)
COMPLETE, INCOMPLETE, DICTATION = 300, 1400, 1900


@pytest.mark.parametrize(
    ("text", "language", "smart_turn", "expected_ms"),
    [
        ("我想查一下我的订单什么时候到。", "zh", 0.9, COMPLETE),
        ("我想查一下我的订单什么时候到。", "zh", 0.1, INCOMPLETE),
        # However finished it sounds, nobody ends a sentence on these words.
        ("我昨天买了一台洗衣机，然后", "zh", 0.99, INCOMPLETE),
        ("我想退货因为…", "zh", 0.99, INCOMPLETE),
        ("I bought a washing machine and", "en", 0.99, INCOMPLETE),
        ("It broke because.", "en", 0.99, INCOMPLETE),
        # "brand" ends on the letters of "and", not on the word.
        ("I want another brand.", "en", 0.99, COMPLETE),
        # A number that is being read out.
        ("我的订单号是88472913", "zh", 0.9, COMPLETE),
        ("我的订单号是8847", "zh", 0.99, DICTATION),
        ("我的手机号是13812", "zh", 0.99, DICTATION),
        # 一三八 as Whisper hears it, and 幺三九….
        ("我的手机号是13吧。", "zh", 0.99, DICTATION),
        ("手机号要3912345678", "zh", 0.9, COMPLETE),
        ("我的手机号是13812345678", "zh", 0.9, COMPLETE),
        ("我的手机号是 138 1234 5678。", "zh", 0.9, COMPLETE),
        ("我的订单号是", "zh", 0.99, DICTATION),
        ("My order number is 8847", "en", 0.99, DICTATION),
        ("My order number is 88472913.", "en", 0.9, COMPLETE),
        ("My phone number is", "en", 0.99, DICTATION),
        # A number nobody announced is no dictation.
        ("我等了3天", "zh", 0.9, COMPLETE),
        ("我等了30", "zh", 0.9, COMPLETE),
        # A number in characters, and the rest of one whose beginning was another turn.
        ("我的订单号是八八四七", "zh", 0.99, DICTATION),
        ("我的订单号是八八四七二九幺三。", "zh", 0.99, COMPLETE),
        ("二九一三", "zh", 0.99, DICTATION),
        ("88472913", "zh", 0.99, COMPLETE),
        # Nothing understood: how it sounded decides.
        ("", "zh", 0.9, COMPLETE),
        ("……", "zh", 0.1, INCOMPLETE),
    ],
)
def test_a_turn_needs_the_silence_its_words_and_its_sound_call_for(
    text: str, language: Language, smart_turn: float, expected_ms: int
) -> None:
    assert required_silence_ms(text, language, smart_turn, WORDS, SETTINGS) == expected_ms


@given(
    text=st.text(max_size=60),
    language=st.sampled_from(["zh", "en"]),
    smart_turn=st.floats(0, 1),
)
def test_whatever_was_heard_the_wait_is_one_of_the_three_settings(
    text: str, language: Language, smart_turn: float
) -> None:
    required_ms = required_silence_ms(text, language, smart_turn, WORDS, SETTINGS)
    assert required_ms in (COMPLETE, INCOMPLETE, DICTATION)


@given(text=st.text(max_size=60), language=st.sampled_from(["zh", "en"]), a=st.floats(0, 1), b=st.floats(0, 1))
def test_a_turn_that_sounds_more_complete_never_waits_longer(text: str, language: Language, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert required_silence_ms(text, language, high, WORDS, SETTINGS) <= required_silence_ms(
        text, language, low, WORDS, SETTINGS
    )


@given(digits=st.text("0123456789", min_size=1, max_size=14), end=st.sampled_from(["", "。", " ", "."]))
def test_an_announced_number_is_whole_at_8_and_11_digits_only(digits: str, end: str) -> None:
    assert is_dictating(f"我的订单号是{digits}{end}", "zh", WORDS) == (len(digits) not in (8, 11))


@pytest.mark.parametrize(
    ("current", "detected", "probability", "speech_ms", "first", "expected"),
    [
        ("zh", "zh", 0.5, 200, False, "zh"),
        # The first utterance settles the language, if it is long enough to tell.
        ("zh", "en", 0.75, 800, True, "en"),
        ("zh", "en", 0.65, 800, True, "zh"),
        ("zh", "en", 0.99, 400, True, "zh"),
        # Later a call changes its language only when it is sure.
        ("zh", "en", 0.75, 2000, False, "zh"),
        ("zh", "en", 0.95, 900, False, "zh"),
        ("zh", "en", 0.95, 1000, False, "en"),
        ("en", "zh", 0.95, 1000, False, "zh"),
    ],
)
def test_a_call_changes_its_language_only_on_good_grounds(
    current: Language, detected: Language, probability: float, speech_ms: int, first: bool, expected: Language
) -> None:
    assert settle_language(current, detected, probability, speech_ms, first) == expected
