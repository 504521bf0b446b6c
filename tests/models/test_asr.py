"""The recogniser: its errors without weights, and what the real one hears on the telephone."""

from pathlib import Path

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from agent.application import Application
from agent.ingress.audio_file import read_caller_audio
from agent.ingress.fixture import load_fixture
from agent.pipeline.asr import bare, is_believable
from models.asr import SAMPLE_RATE_HZ, Language, Transcript, WhisperRecognizer, better
from models.errors import ModelError
from models.loops import compression_ratio

FIXTURES = Path(__file__).parent.parent.parent / "audio_fixtures"


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="run `hotline models pull`") as raised:
        WhisperRecognizer(tmp_path)
    assert raised.value.code == "model_missing"


@pytest.mark.parametrize("files", [["model.bin"], ["model.bin", "config.json", "vocabulary.json", "tokenizer.json"]])
def test_a_damaged_model_says_how_to_mend_it(tmp_path: Path, files: list[str]) -> None:
    for name in files:
        (tmp_path / name).write_bytes(b"{ damaged")
    with pytest.raises(ModelError, match="run `hotline models verify`") as raised:
        WhisperRecognizer(tmp_path)
    assert raised.value.code == "model_damaged"


@pytest.mark.parametrize(
    ("why", "first", "second", "believed"),
    [
        ("likelier without the prompt", (-0.9, 1.2), (-0.6, 1.2), "second"),
        ("a little less likely, but it owes nothing to the prompt", (-0.6, 1.2), (-0.65, 1.2), "second"),
        ("clearly less likely", (-0.6, 1.2), (-0.9, 1.2), "first"),
        ("the first goes round in circles", (-0.6, 3.0), (-1.2, 1.2), "second"),
        ("the second goes round in circles", (-0.9, 1.2), (-0.2, 3.0), "first"),
    ],
)
def test_of_two_transcripts_the_likelier_is_believed(
    why: str, first: tuple[float, float], second: tuple[float, float], believed: str
) -> None:
    one, other = (
        Transcript(name, "zh", 1.0, probability, 0.0, compression)
        for name, (probability, compression) in (("first", first), ("second", second))
    )
    assert better(one, other).text == believed, why


def character_error_rate(heard: str, said: str) -> float:
    """Edits that turn one into the other, a character; without punctuation, spaces and case."""
    a, b = bare(heard), bare(said)
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1] / len(b)


def clip(name: str, turn: int) -> tuple[NDArray[np.float32], str]:
    """A telephone clip at 16 kHz, and what is said in it."""
    fixture = load_fixture(FIXTURES / name)
    samples, rate = read_caller_audio(fixture.audio_files[turn])
    audio = soxr.resample(samples.astype(np.float32) / 32768, rate, SAMPLE_RATE_HZ)
    return np.asarray(audio, np.float32), fixture.turns[turn].say


def test_errors_are_counted_by_the_character() -> None:
    assert character_error_rate("我想查 订单。", "我想查订单") == 0
    assert character_error_rate("我想查定单", "我想查订单") == 0.2
    assert character_error_rate("", "订单") == 1


@pytest.mark.models
@pytest.mark.parametrize(
    ("name", "turn", "language"),
    [
        ("order-query", 0, "zh"),
        ("order-query", 3, "zh"),
        ("complaint-washing-machine", 0, "zh"),
        ("complaint-washing-machine", 3, "zh"),
        ("english-order-query", 0, "en"),
    ],
)
def test_telephone_speech_is_heard_nearly_as_it_was_said(
    real_app: Application, name: str, turn: int, language: str
) -> None:
    audio, said = clip(name, turn)
    heard = real_app.engines.recognizer.transcribe(audio)
    assert heard.language == language
    assert character_error_rate(heard.text, said) <= 0.3, f"heard {heard.text!r} for {said!r}"
    assert heard.average_log_probability > -0.8 and heard.no_speech_probability < 0.6


class GoesRoundInCircles(WhisperRecognizer):
    """Whisper when it has lost the thread, whatever the padding."""

    def __init__(self) -> None:
        self._padding_s = 1.0

    def _encode(self, audio: NDArray[np.float32], padding_s: float) -> None:
        return None

    def _decode(
        self, encoded: object, seconds: float, language: Language | None, *, prompted: bool = True
    ) -> Transcript:
        text = "手机号15824793852" * 6
        return Transcript(text, "zh", 1.0, -0.1, 0.1, compression_ratio(text))


def test_a_loop_that_was_folded_is_judged_by_what_is_left() -> None:
    heard = GoesRoundInCircles().transcribe(np.zeros(4 * SAMPLE_RATE_HZ, np.float32))
    assert heard.text == "手机号15824793852"
    assert is_believable(heard, 3000, ())


@pytest.mark.models
def test_the_same_audio_is_heard_the_same_again(real_app: Application) -> None:
    audio, _ = clip("order-query", 0)
    assert real_app.engines.recognizer.transcribe(audio) == real_app.engines.recognizer.transcribe(audio)


@pytest.mark.models
@pytest.mark.parametrize("audio", [np.zeros(16000, np.float32), np.zeros(0, np.float32), np.zeros(40, np.float32)])
def test_silence_and_next_to_nothing_are_no_error_and_not_believed(
    real_app: Application, audio: NDArray[np.float32]
) -> None:
    heard = real_app.engines.recognizer.transcribe(audio)
    assert not is_believable(heard, 1000, real_app.prompts.phantoms(heard.language))


@pytest.mark.models
@pytest.mark.parametrize(
    ("audio", "code"),
    [(np.zeros((2, 16000), np.float32), "audio_shape"), (np.zeros(30 * 16000, np.float32), "audio_too_long")],
)
def test_audio_of_the_wrong_shape_is_refused(real_app: Application, audio: NDArray[np.float32], code: str) -> None:
    with pytest.raises(ModelError) as raised:
        real_app.engines.recognizer.transcribe(audio)
    assert raised.value.code == code
