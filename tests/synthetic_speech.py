"""Sound that voice detection takes for speech: no words, no weights, the same on every machine."""

import numpy as np
from numpy.typing import NDArray


def syllables(seconds: float, sample_rate_hz: int, level: float = 0.25) -> NDArray[np.int16]:
    """A buzz of 130 Hz with two formants, in syllables of 200 ms with a dip between them."""
    time_s = np.arange(int(seconds * sample_rate_hz)) / sample_rate_hz
    voice = np.zeros_like(time_s)
    for harmonic in range(1, 25):
        hz = 130.0 * harmonic
        formants = np.exp(-(((hz - 600) / 250) ** 2)) + 0.6 * np.exp(-(((hz - 1700) / 300) ** 2)) + 0.05
        voice += formants * np.sin(2 * np.pi * hz * time_s + harmonic)
    envelope = 0.15 + 0.85 * np.sin(np.pi * (time_s % 0.2) / 0.2)
    voice *= envelope * level / np.max(np.abs(voice))
    return np.asarray(voice * 32767, np.int16)
