"""Speech synthesis: a sentence in, samples out.

``KokoroSynthesizer`` is the voice of the product, ``DummySynthesizer`` its twin for tests that need no weights.
Both are thread-safe and block while they compute; callers run them in an executor.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import onnxruntime
from kokoro_onnx import Kokoro
from numpy.typing import NDArray

from models.errors import ModelError
from models.phonemes import Phonemizer
from models.reading import read_aloud
from models.speech_store import SpeechStore, from_pcm, to_pcm

Language = Literal["zh", "en"]

KOKORO_SAMPLE_RATE_HZ = 24_000
DEFAULT_VOICES: Mapping[str, str] = {"zh": "zf_xiaoyi", "en": "af_heart"}

# Kokoro puts 0.2-0.3 s of near silence before the first sound and up to 0.5 s after the last. The caller waits for the
# first, so only enough of it stays not to clip an aspirated onset; the second lets the last syllable ring out.
LEAD_IN_MS = 30
LEAD_OUT_MS = 80
_SILENCE_BELOW_PEAK_DB = 40.0
_TRIM_FRAME_MS = 5


@dataclass(frozen=True)
class Speech:
    """samples: mono float32 in -1..1, shape (n,); n is 0 when there was nothing to say."""

    samples: NDArray[np.float32]
    sample_rate_hz: int

    @property
    def duration_ms(self) -> float:
        return 1000 * len(self.samples) / self.sample_rate_hz


class Synthesizer(Protocol):
    """Speaks a text. ``language`` is that of the sentence around any foreign words."""

    @property
    def sample_rate_hz(self) -> int: ...

    def synthesize(
        self, text: str, *, language: Language, voice: str | None = None, speed: float = 1.0, keep: bool = False
    ) -> Speech:
        """``keep``: this sentence will be wanted again, also after a restart."""
        ...


class KokoroSynthesizer:
    """Kokoro-82M v1.0 (ONNX, any precision).

    model_dir: holds ``model.onnx`` and ``voices.npz``. threads: CPU threads one synthesis may use. device: ``cpu`` or
    ``cuda``. voices: the voice of each language, over ``DEFAULT_VOICES``. kept: a folder for speech that outlives the
    process. Raises ModelError ``model_missing``,
    ``model_damaged``, ``device_unavailable`` or ``voice_unknown``.
    """

    sample_rate_hz = KOKORO_SAMPLE_RATE_HZ

    def __init__(
        self,
        model_dir: Path,
        *,
        threads: int,
        device: str = "cpu",
        voices: Mapping[str, str] | None = None,
        kept: Path | None = None,
    ) -> None:
        model_path, voices_path = model_dir / "model.onnx", model_dir / "voices.npz"
        for path in (model_path, voices_path):
            if not path.is_file():
                raise ModelError("model_missing", f"speech synthesis needs {path}, which is not there")
        session = _open_session(model_path, threads=threads, device=device)
        try:
            self._kokoro = Kokoro.from_session(session, str(voices_path))
            self._available = frozenset(self._kokoro.get_voices())
        except Exception as error:
            raise ModelError("model_damaged", f"{voices_path} cannot be read as Kokoro voices: {error}") from error
        self._voices = {**DEFAULT_VOICES, **(voices or {})}
        self._styles: dict[str, NDArray[np.float32]] = {}
        for voice in self._voices.values():
            self._style(voice)
        self._phonemize = Phonemizer()
        self._kept = SpeechStore(kept) if kept is not None else None
        # Another model, or another build of the same, speaks differently.
        self._identity = f"{model_dir.name} {model_path.stat().st_size}"

    def synthesize(
        self, text: str, *, language: Language, voice: str | None = None, speed: float = 1.0, keep: bool = False
    ) -> Speech:
        """Texts longer than the model's 510 phonemes are spoken in parts, cut at punctuation.

        Text without anything to say (empty, emoji, punctuation) gives a Speech of no samples.
        speed: 0.5 to 2.0; values beyond are held at these.
        """
        voice = voice or self._voices[language]
        style = self._style(voice)
        phonemes = self._phonemize(read_aloud(text, language), language=language)
        known = self._kokoro.tokenizer.known(phonemes)
        if not re.search(r"\w", known):
            return Speech(np.zeros(0, np.float32), self.sample_rate_hz)
        speed = min(max(speed, 0.5), 2.0)
        # Named by its sounds: a better reading of the same words is another speech.
        key = (self._identity, voice, f"{speed:.3f}", known)
        kept = self._kept.get(key, self.sample_rate_hz) if self._kept is not None else None
        if kept is not None:
            return Speech(kept, self.sample_rate_hz)
        samples, _ = self._kokoro.create(known, style, speed=speed, is_phonemes=True, trim=False)
        # In 16 bits from the beginning, so that speech from the disk is the same to the last bit.
        samples = from_pcm(to_pcm(trim_silence(np.asarray(samples, np.float32), self.sample_rate_hz)))
        if keep and self._kept is not None:
            self._kept.put(key, samples, self.sample_rate_hz)
        return Speech(samples, self.sample_rate_hz)

    def _style(self, voice: str) -> NDArray[np.float32]:
        if voice not in self._available:
            some = ", ".join(sorted(self._available)[:60])
            raise ModelError("voice_unknown", f"Kokoro has no voice {voice!r}; it has {some}")
        if voice not in self._styles:  # the archive unpacks a voice on every access: 3 ms that a caller would hear
            self._styles[voice] = self._kokoro.get_voice_style(voice)
        return self._styles[voice]


class DummySynthesizer:
    """A quiet tone, 180 ms a Chinese character and 60 ms a Latin letter or digit: for tests and timing."""

    sample_rate_hz = KOKORO_SAMPLE_RATE_HZ

    def synthesize(
        self, text: str, *, language: Language, voice: str | None = None, speed: float = 1.0, keep: bool = False
    ) -> Speech:
        length_ms = sum(180 if "一" <= c <= "鿿" else 60 for c in text if c.isalnum()) / speed
        count = int(length_ms * self.sample_rate_hz / 1000)
        pitch_hz = 220.0 if language == "zh" else 330.0
        phase = 2 * np.pi * pitch_hz / self.sample_rate_hz * np.arange(count)
        return Speech((0.2 * np.sin(phase)).astype(np.float32), self.sample_rate_hz)


def trim_silence(samples: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float32]:
    """Cut what lies more than 40 dB below the loudest frame at both ends, but for the lead-in and lead-out."""
    frame = sample_rate_hz * _TRIM_FRAME_MS // 1000
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    if not len(frames):
        return samples
    rms = np.sqrt(np.mean(np.square(frames), axis=1))
    loud = np.flatnonzero(rms > rms.max() * 10 ** (-_SILENCE_BELOW_PEAK_DB / 20))
    if not len(loud):
        return samples[:0]
    start = int(loud[0]) * frame - sample_rate_hz * LEAD_IN_MS // 1000
    end = (int(loud[-1]) + 1) * frame + sample_rate_hz * LEAD_OUT_MS // 1000
    return samples[max(start, 0) : end]


def _open_session(model_path: Path, *, threads: int, device: str) -> onnxruntime.InferenceSession:
    providers = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
    provider = providers.get(device)
    if provider is None or provider not in onnxruntime.get_available_providers():
        raise ModelError(
            "device_unavailable",
            f"speech synthesis cannot run on {device!r}: cpu always works, cuda needs onnxruntime-gpu and a driver",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads would burn the cores that recognition and other calls need between two sentences.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(model_path), options, providers=[provider])
    except Exception as error:
        raise ModelError("model_damaged", f"{model_path} cannot be loaded as an ONNX model: {error}") from error
