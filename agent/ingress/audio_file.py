"""Recorded audio to replay: read whole, or refused with a reason."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from agent.errors import AudioError

RATES_HZ = (8000, 16000)
MAX_MINUTES = 30
"""A longer file is a mistake, not a call."""


def read_caller_audio(path: Path) -> tuple[NDArray[np.int16], int]:
    """Samples (mono, 16-bit) and their rate. Raises AudioError saying what is wrong with the file and what would be
    right.
    """
    if not path.is_file():
        raise AudioError(f"{path} does not exist")
    try:
        with soundfile.SoundFile(path) as file:
            _check(path, file)
            samples = file.read(dtype="int16")
            if len(samples) < file.frames:
                raise AudioError(f"{path} is truncated: its header says {file.frames} samples, it holds {len(samples)}")
            return samples, file.samplerate
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        # TypeError: a name ending in .raw, which says nothing of rate and channels.
        raise AudioError(f"{path} is not audio that can be read ({error}); a mono 8 kHz WAV is right") from error


def _check(path: Path, file: soundfile.SoundFile) -> None:
    if file.channels != 1:
        raise AudioError(f"{path} has {file.channels} channels; the caller's side alone, in mono, is right")
    if file.samplerate not in RATES_HZ:
        raise AudioError(f"{path} has {file.samplerate} Hz; 8000 or 16000 Hz is right (`sox IN.wav -r 8000 OUT.wav`)")
    if file.frames == 0:
        raise AudioError(f"{path} holds no samples")
    if path.suffix.lower() == ".wav":
        _check_length(path, file)
    if file.frames > MAX_MINUTES * 60 * file.samplerate:
        raise AudioError(
            f"{path} lasts {file.frames / file.samplerate / 60:.0f} minutes; a call of at most {MAX_MINUTES} is right"
        )


def _check_length(path: Path, file: soundfile.SoundFile) -> None:
    """libsndfile quietly shortens what a truncated WAV's header promises; the header itself still tells."""
    with path.open("rb") as raw:
        head = raw.read(65536)
    at = head.find(b"data")
    if at < 0 or at + 8 > len(head):
        return
    promised = int.from_bytes(head[at + 4 : at + 8], "little")
    held = path.stat().st_size - at - 8
    if promised != 0xFFFFFFFF and held < promised:
        raise AudioError(f"{path} is truncated: its header promises {promised} bytes of audio, it holds {held}")
