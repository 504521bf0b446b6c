"""The voice: says what it is given, starts at once, and never fails over what there is to say."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from models.asr import WhisperRecognizer
from models.errors import ModelError
from models.phonemes import Phonemizer
from models.tts import LEAD_IN_MS, LEAD_OUT_MS, DummySynthesizer, KokoroSynthesizer, trim_silence

MODELS = Path.home() / ".cache" / "hotline" / "models"


@pytest.fixture(scope="module")
def kokoro() -> KokoroSynthesizer:
    return KokoroSynthesizer(MODELS / "kokoro-82m", threads=2)


@cache
def _phonemizer() -> Phonemizer:
    return Phonemizer()


@pytest.fixture
def phonemize() -> Phonemizer:
    return _phonemizer()


def test_the_dummy_speaks_as_long_as_the_text_and_always_the_same() -> None:
    dummy = DummySynthesizer()
    short, long = (dummy.synthesize(text, language="zh") for text in ("您好", "您好，很高兴为您服务"))
    assert short.duration_ms == pytest.approx(360, abs=1)
    assert long.duration_ms == pytest.approx(1620, abs=1)
    assert np.array_equal(short.samples, dummy.synthesize("您好", language="zh").samples)
    assert len(dummy.synthesize("", language="zh").samples) == 0


def test_silence_around_speech_is_cut_but_for_the_lead_in_and_lead_out() -> None:
    rate_hz = 24_000
    silence, tone = np.zeros(rate_hz // 2, np.float32), np.full(rate_hz // 5, 0.5, np.float32)
    trimmed = trim_silence(np.concatenate([silence, tone, silence]), rate_hz)
    assert 1000 * len(trimmed) / rate_hz == pytest.approx(200 + LEAD_IN_MS + LEAD_OUT_MS, abs=6)
    assert len(trim_silence(silence, rate_hz)) == 0
    assert len(trim_silence(silence[:0], rate_hz)) == 0


def test_a_pause_within_speech_stays() -> None:
    tone, pause = np.full(2400, 0.5, np.float32), np.zeros(24_000, np.float32)
    assert len(trim_silence(np.concatenate([tone, pause, tone]), 24_000)) >= 28_800


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.onnx") as caught:
        KokoroSynthesizer(tmp_path, threads=1)
    assert caught.value.code == "model_missing"


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    (tmp_path / "voices.npz").write_bytes(b"not voices")
    with pytest.raises(ModelError, match=r"model\.onnx") as caught:
        KokoroSynthesizer(tmp_path, threads=1)
    assert caught.value.code == "model_damaged"


def test_an_unknown_device_is_refused(tmp_path: Path) -> None:
    for name in ("model.onnx", "voices.npz"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(ModelError, match="tpu") as caught:
        KokoroSynthesizer(tmp_path, threads=1, device="tpu")
    assert caught.value.code == "device_unavailable"


def test_mandarin_and_english_each_get_their_own_phonemes(phonemize: Phonemizer) -> None:
    assert phonemize("您好", language="zh") == "ni↗nxau↓"
    assert phonemize("hello", language="en") == "həlˈO"
    mixed = phonemize("请下载 hello 软件", language="zh")
    assert "həlˈO" in mixed and "↓" in mixed


def test_letters_are_spelled_and_the_company_is_not(phonemize: Phonemizer) -> None:
    assert phonemize("VIP", language="en") == phonemize("V I P", language="en")
    assert phonemize("Jinghe", language="zh") == phonemize("京和", language="zh")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_any_text_has_phonemes_or_none_but_never_an_error(text: str) -> None:
    for language in ("zh", "en"):
        assert isinstance(_phonemizer()(text, language=language), str)


@pytest.mark.models
@pytest.mark.parametrize("text", ["", "   ", "😀❤️", "……", "。，！"])
def test_nothing_to_say_is_no_sound(kokoro: KokoroSynthesizer, text: str) -> None:
    assert len(kokoro.synthesize(text, language="zh").samples) == 0


@pytest.mark.models
def test_the_same_text_always_sounds_the_same(kokoro: KokoroSynthesizer) -> None:
    first, second = (kokoro.synthesize("您好，请讲。", language="zh") for _ in range(2))
    assert np.array_equal(first.samples, second.samples)


@pytest.mark.models
def test_speech_starts_at_once(kokoro: KokoroSynthesizer) -> None:
    speech = kokoro.synthesize("好的，我来帮您查。", language="zh")
    loud = np.flatnonzero(np.abs(speech.samples) > 0.02 * np.abs(speech.samples).max())
    assert loud[0] / speech.sample_rate_hz < 0.06


@pytest.mark.models
def test_slower_is_longer(kokoro: KokoroSynthesizer) -> None:
    slow, fast = (kokoro.synthesize("请问还有什么可以帮您？", language="zh", speed=speed) for speed in (0.7, 1.3))
    assert slow.duration_ms > 1.3 * fast.duration_ms


@pytest.mark.models
def test_a_text_beyond_the_models_length_is_spoken_whole(kokoro: KokoroSynthesizer) -> None:
    text = "请您稍等，我马上为您查询。" * 14
    assert len(_phonemizer()(text, language="zh")) > 510
    once = kokoro.synthesize("请您稍等，我马上为您查询。", language="zh").duration_ms
    assert kokoro.synthesize(text, language="zh").duration_ms > 9 * once


@pytest.mark.models
def test_an_unknown_voice_is_named(kokoro: KokoroSynthesizer) -> None:
    with pytest.raises(ModelError, match="zf_nobody") as caught:
        kokoro.synthesize("您好", language="zh", voice="zf_nobody")
    assert caught.value.code == "voice_unknown"


@pytest.mark.models
@pytest.mark.parametrize(
    ("language", "text", "heard"),
    [
        ("zh", "您的订单88472913预计3月15日送达。", ["88472913", "3月15日"]),
        ("zh", "退款¥1299.50，七个工作日到账。", ["1299元5角", "工作日"]),
        ("zh", "请拨打400-800-1234。", ["4008001234"]),
        ("en", "Your order 84752936 arrives on March 15.", ["84752936", "March15"]),
        ("en", "A specialist will call you back within 24 hours.", ["specialist", "callyouback", "24hours"]),
    ],
)
def test_what_is_said_is_heard(kokoro: KokoroSynthesizer, language: str, text: str, heard: list[str]) -> None:
    """Transcribed back by the product's own recogniser; only what carries the meaning is compared."""
    recognizer = WhisperRecognizer(MODELS / "whisper-base", prompts={"zh": "以下是普通话的客服通话。"})
    speech = kokoro.synthesize(text, language=language)  # type: ignore[arg-type]
    wide = np.asarray(soxr.resample(speech.samples, speech.sample_rate_hz, 16_000), np.float32)
    transcript = recognizer.transcribe(wide, language=language).text  # type: ignore[arg-type]
    plain = "".join(character for character in transcript if character.isalnum())
    assert [words for words in heard if words not in plain] == [], transcript
