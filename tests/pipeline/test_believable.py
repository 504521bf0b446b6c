"""What Whisper writes for noise and silence is not taken for the caller's words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.pipeline.asr import bare, is_believable
from models.asr import Transcript

SAID = Transcript("我想查一下订单", "zh", 0.99, -0.3, 0.02, 1.0)
PHANTOMS = (
    "谢谢观看",
    "以下是京和电器客服热线的普通话通话。",
    "Thank you.",
    "Thank you for watching",
    "beep",
    "A phone call to the customer service of Jinghe Appliances.",
)
ECHO = "The customer service of Jinghe Appliances. Jinghe Appliances. Jinghe Appliances. Jing"


def test_clear_speech_is_believed() -> None:
    assert is_believable(SAID, 1500, PHANTOMS)


@pytest.mark.parametrize(
    ("why", "transcript", "speech_ms"),
    [
        ("no words", replace(SAID, text=" ……。"), 1500),
        ("a click", SAID, 140),
        ("a phantom", replace(SAID, text="谢谢观看！"), 1500),
        ("a phantom again and again, as on a busy tone", replace(SAID, text="BEEP BEEP BEEP", language="en"), 1500),
        ("a phantom in other letters", replace(SAID, text="THANK YOU", language="en"), 1500),
        ("Whisper's own prompt", replace(SAID, text="以下是京和电器客服热线的普通话通话"), 3000),
        ("Whisper's own prompt, but for its end", replace(SAID, text="以下是京和电器客服热线的"), 3000),
        ("Whisper's own prompt, in pieces", replace(SAID, text=ECHO, language="en"), 3000),
        (
            "Whisper's own prompt with a word exchanged",
            replace(SAID, text="The phone call to the customer service of Jinghe Appliances.", language="en"),
            3000,
        ),
        (
            "the same and its end again",
            replace(
                SAID, text="The phone call to the customer service of Jinghe Appliances. Jinghe Appl", language="en"
            ),
            3000,
        ),
        (
            "Whisper's own prompt going round",
            replace(
                SAID,
                text="The phone call to the customer service of Jinghe Appliances of Jinghe Appliances of Jinghe Appl",
                language="en",
            ),
            4000,
        ),
        ("a part of it twice", replace(SAID, text="Jinghe Appliances. Jinghe Appliances.", language="en"), 3000),
        ("repeats itself", replace(SAID, compression_ratio=2.5), 1500),
        ("guessed", replace(SAID, average_log_probability=-1.2), 1500),
        ("unsure and perhaps no speech", replace(SAID, average_log_probability=-0.9, no_speech_probability=0.7), 1500),
        ("faster than anybody speaks", replace(SAID, text="我想查一下订单" * 3), 500),
    ],
)
def test_what_nobody_said_is_not_believed(why: str, transcript: Transcript, speech_ms: int) -> None:
    assert not is_believable(transcript, speech_ms, PHANTOMS), why


@pytest.mark.parametrize(
    "transcript",
    [
        replace(SAID, average_log_probability=-0.9),
        replace(SAID, no_speech_probability=0.9),
        replace(SAID, text="谢谢观看，我想问一下订单"),
        replace(SAID, text="谢谢"),
        replace(SAID, text="京和电器客服热线"),
        replace(SAID, text="京和电器客服热线吗？京和电器吗？"),
        replace(SAID, text="Thank you. Thank you.", language="en"),
        replace(SAID, text="Is this the customer service of Jinghe Appliances?", language="en"),
        replace(SAID, text="Jinghe Appliances.", language="en"),
    ],
)
def test_one_doubt_alone_does_not_silence_a_caller(transcript: Transcript) -> None:
    assert is_believable(transcript, 1500, PHANTOMS)


@given(text=st.text(max_size=30))
def test_bare_text_has_neither_punctuation_nor_case(text: str) -> None:
    assert all(character.isalnum() or not character.isascii() for character in bare(text))
    assert bare(bare(text)) == bare(text)


@given(noise=st.text(" .,!?。，！？…、", max_size=5), phantom=st.sampled_from(PHANTOMS))
def test_punctuation_does_not_disguise_a_phantom(noise: str, phantom: str) -> None:
    assert not is_believable(replace(SAID, text=noise + phantom + noise), 3000, PHANTOMS)
