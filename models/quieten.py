"""Takes steady noise down a little: a Wiener filter whose signal-to-noise ratio is carried from frame to frame.

After Scalart and Filho, "Speech enhancement based on a priori signal to noise estimation", ICASSP 1996. No frequency is
taken down by more than `LEAST_GAIN`: what a recogniser makes of the gaps that a stronger filter leaves is worse than
what it makes of the noise.
"""

import numpy as np
from numpy.typing import NDArray

WINDOW = 512
HOP = 128
LEAST_GAIN = 0.3
NOISE_QUANTILE = 0.1
"""Of the power of each frequency over the utterance: so much of it is pauses, even where somebody talks fast."""
CARRIED = 0.96


def quieter(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same utterance, mono float ``[samples]`` at 16 kHz, with less noise. Shorter than a window: as it is."""
    if len(audio) < WINDOW:
        return audio
    window = np.hanning(WINDOW + 1)[:-1]
    padded = np.pad(audio, WINDOW)
    starts = range(0, len(padded) - WINDOW + 1, HOP)
    spectra = np.fft.rfft(window * np.stack([padded[start : start + WINDOW] for start in starts]), axis=1)
    gains = _gains(np.square(np.abs(spectra)))
    frames = window * np.fft.irfft(gains * spectra, n=WINDOW, axis=1)
    summed, weight = np.zeros(len(padded)), np.zeros(len(padded))
    for start, frame in zip(starts, frames, strict=True):
        summed[start : start + WINDOW] += frame
        weight[start : start + WINDOW] += window * window
    inside = slice(WINDOW, WINDOW + len(audio))
    return np.asarray(summed[inside] / np.maximum(weight[inside], 1e-6), np.float32)


def _gains(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each frame and frequency, ``[frames, bins]``, from their power."""
    # The first and last frames are mostly the silence that was put around the utterance.
    edge = 2 * WINDOW // HOP
    spoken = power[edge:-edge] if len(power) > 4 * edge else power
    # The power of noise in one frame is exponentially distributed: a quantile of it says its mean.
    noise = np.quantile(spoken, NOISE_QUANTILE, axis=0) / -np.log(1 - NOISE_QUANTILE) + 1e-12
    gains, before = np.empty_like(power), np.zeros(power.shape[1])
    for frame, now in enumerate(power / noise):
        ratio = CARRIED * before + (1 - CARRIED) * np.maximum(now - 1, 0)
        gains[frame] = np.maximum(ratio / (1 + ratio), LEAST_GAIN)
        before = gains[frame] ** 2 * now
    return gains
