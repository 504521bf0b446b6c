"""Speech on disk: what was made once is there after a restart, in the same voice to the last bit."""

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from loguru import logger
from numpy.typing import NDArray

_PCM_SCALE = 32767


class SpeechStore:
    """A folder of FLAC files named by what they say and how.

    A file that is damaged or cannot be written costs time, never a call: the speech is then made again.

    Args:
        folder: created when the first speech is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: tuple[str, ...], sample_rate_hz: int) -> NDArray[np.float32] | None:
        """The speech of this key as float32 in -1..1; None where it has to be made."""
        path = self._path(key)
        if not path.exists():
            return None
        try:
            samples, rate_hz = soundfile.read(path, dtype="int16")
        except (soundfile.LibsndfileError, OSError) as error:
            logger.warning("{} is unreadable and made anew: {}", path, error)
            return None
        return from_pcm(samples) if rate_hz == sample_rate_hz and samples.ndim == 1 else None

    def put(self, key: tuple[str, ...], samples: NDArray[np.float32], sample_rate_hz: int) -> None:
        """Keep it. The file appears whole or not at all."""
        path = self._path(key)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            os.close(handle)
            try:
                soundfile.write(name, to_pcm(samples), sample_rate_hz, format="FLAC", subtype="PCM_16")
                os.replace(name, path)
            finally:
                Path(name).unlink(missing_ok=True)
        except (soundfile.LibsndfileError, OSError) as error:
            logger.warning("speech cannot be kept in {}: {}", self._folder, error)

    def _path(self, key: tuple[str, ...]) -> Path:
        return self._folder / f"{hashlib.sha256(chr(0).join(key).encode()).hexdigest()[:32]}.flac"


def to_pcm(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """16-bit, as telephones and files want it."""
    return np.round(np.clip(samples, -1.0, 1.0) * _PCM_SCALE).astype(np.int16)


def from_pcm(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(_PCM_SCALE)
