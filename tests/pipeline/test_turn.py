"""When a turn is over: from how it sounded, what was said and how long it has been quiet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config import TurnSettings
from agent.events import Language
from agent.pipeline.turn import UnfinishedWords, is_dictating, required_silence_ms, settle_language

WORDS = UnfinishedWords.load()
SETTINGS = TurnSettings(
    complete_silence_ms=300, unsure_silence_ms=700, incomplete_silence_ms=1400, dictation_silence_ms=1900
)
COMPLETE, UNSURE, INCOMPLETE, DICTATION = 300, 700, 1400, 1900


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
        # A telephone that is spoken of is no number to come.
        ("好的我等你们的电话。", "zh", 0.99, COMPLETE),
        ("What is your phone number?", "en", 0.99, COMPLETE),
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
    assert required_silence_ms(text, language, smart_turn, None, WORDS, SETTINGS) == expected_ms


@pytest.mark.parametrize(
    ("text", "smart_turn", "intent", "expected_ms"),
    [
        ("我想查一下订单。", 0.9, 0.95, COMPLETE),
        # It sounds finished, but what is wanted is not clear yet: 其中一些人是近年来… of a voice that goes on.
        ("其中一些人是近年来", 0.93, 0.41, UNSURE),
        # The sense is plain, only the voice hangs in the air.
        ("你好,我买了一台冰箱,想开一张发票。", 0.13, 0.98, UNSURE),
        ("上他们也可以有机会参与体验。", 0.02, 0.46, INCOMPLETE),
        # All eleven digits are out, however it sounds.
        ("我的手机号是138 2754 9356", 0.01, 0.77, COMPLETE),
        ("订单号95362847", 0.07, 0.59, COMPLETE),
        # Words weigh more than either.
        ("我的订单号是8847", 0.99, 0.99, DICTATION),
        ("我想退货因为", 0.99, 0.99, INCOMPLETE),
    ],
)
def test_sound_and_sense_must_agree_for_an_answer_at_once(
    text: str, smart_turn: float, intent: float, expected_ms: int
) -> None:
    assert required_silence_ms(text, "zh", smart_turn, intent, WORDS, SETTINGS) == expected_ms


@given(
    text=st.text(max_size=60),
    language=st.sampled_from(["zh", "en"]),
    smart_turn=st.floats(0, 1),
    intent=st.none() | st.floats(0, 1),
)
def test_whatever_was_heard_the_wait_is_one_of_the_four_settings(
    text: str, language: Language, smart_turn: float, intent: float | None
) -> None:
    required_ms = required_silence_ms(text, language, smart_turn, intent, WORDS, SETTINGS)
    assert required_ms in (COMPLETE, UNSURE, INCOMPLETE, DICTATION)


@given(
    text=st.text(max_size=60),
    language=st.sampled_from(["zh", "en"]),
    sounds=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    intents=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_turn_that_sounds_more_complete_or_reads_clearer_never_waits_longer(
    text: str, language: Language, sounds: tuple[float, float], intents: tuple[float, float]
) -> None:
    more = required_silence_ms(text, language, max(sounds), max(intents), WORDS, SETTINGS)
    less = required_silence_ms(text, language, min(sounds), min(intents), WORDS, SETTINGS)
    assert more <= less


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
