"""What a telephone line does to a voice: room, noise, telephone band, level, G.711 A-law. Deterministic."""

import io

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

LINE_RATE_HZ = 8_000
_WIDE_RATE_HZ = 16_000
_BAND_HZ = (300.0, 3400.0)

Samples = NDArray[np.float32]


def over_the_line(
    samples: Samples,
    sample_rate_hz: int,
    *,
    noise: str = "none",
    noise_db: float = -45.0,
    room_s: float = 0.0,
    level_db: float | None = -20.0,
    seed: int = 0,
) -> NDArray[np.int16]:
    """The voice as it arrives at our end: 8 kHz, int16, after a G.711 A-law round trip.

    noise: ``none``, ``street``, ``office`` or ``hum``, at noise_db RMS relative to full scale. room_s: reverberation
    time. level_db: RMS of the speech where there is speech; None leaves it. seed: of room and noise.
    """
    rng = np.random.default_rng(seed)
    wide = soxr.resample(samples, sample_rate_hz, _WIDE_RATE_HZ).astype(np.float32)
    if room_s > 0:
        wide = _in_room(wide, room_s, rng)
    if level_db is not None:
        wide = _at_level(wide, level_db)
    if noise != "none":
        wide = wide + make_noise(noise, len(wide), noise_db, rng)
    narrow = soxr.resample(_telephone_band(wide), _WIDE_RATE_HZ, LINE_RATE_HZ)
    return _through_a_law(np.clip(narrow, -0.99, 0.99).astype(np.float32))


def make_noise(kind: str, count: int, level_db: float, rng: np.random.Generator) -> Samples:
    """Noise of a kind at 16 kHz: street (rumble with passing cars), office (soft hiss and keys), hum (mains)."""
    time_s = np.arange(count) / _WIDE_RATE_HZ
    if kind == "street":
        passing = 0.6 + 0.4 * np.sin(2 * np.pi * 0.13 * time_s + rng.uniform(0, 6)) ** 2
        sound = _coloured(count, slope=-1.0, rng=rng) * passing
    elif kind == "office":
        sound = _coloured(count, slope=-0.5, rng=rng) + _key_clicks(count, rng)
    elif kind == "hum":
        sound = _coloured(count, slope=-0.3, rng=rng) * 0.3
        for harmonic in range(6, 20, 2):  # 50 Hz mains; its first harmonics do not pass the telephone band
            sound += np.sin(2 * np.pi * 50 * harmonic * time_s) / harmonic
    else:
        raise ValueError(f"unknown noise {kind!r}: street, office or hum")
    rms = float(np.sqrt(np.mean(np.square(sound)))) or 1.0
    return (sound / rms * 10 ** (level_db / 20)).astype(np.float32)


def _coloured(count: int, *, slope: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Gaussian noise whose amplitude falls with frequency to the power of ``slope``, RMS 1."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / _WIDE_RATE_HZ), 50.0)
    shaped = np.fft.irfft(spectrum * frequency**slope, count)
    return np.asarray(shaped / np.sqrt(np.mean(np.square(shaped))))


def _key_clicks(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    clicks = np.zeros(count)
    decay = np.exp(-np.arange(320) / 40)
    for start in rng.integers(0, max(count - 320, 1), size=count // _WIDE_RATE_HZ * 3):
        clicks[start : start + 320] += (
            rng.uniform(1, 4) * decay[: count - start] * rng.standard_normal(320)[: count - start]
        )
    return clicks


def _in_room(samples: Samples, reverberation_s: float, rng: np.random.Generator) -> Samples:
    """A small room: the direct sound, then noise that decays by 60 dB in ``reverberation_s``."""
    length = int(reverberation_s * _WIDE_RATE_HZ)
    tail = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
    tail[: _WIDE_RATE_HZ // 200] = 0  # first reflection after 5 ms
    response = 0.25 * tail / np.sqrt(np.sum(np.square(tail)))
    response[0] = 1.0
    size = len(samples) + length
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
    return np.asarray(wet[: len(samples) + length // 2], np.float32)


def _at_level(samples: Samples, level_db: float) -> Samples:
    """Scaled so that the louder half of the 20 ms frames, which is speech, has this RMS."""
    frame = _WIDE_RATE_HZ // 50
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    powers = np.sort(np.mean(np.square(frames), axis=1))[len(frames) // 2 :]
    rms = float(np.sqrt(np.mean(powers))) if len(powers) else 0.0
    return samples if rms == 0 else np.asarray(samples * (10 ** (level_db / 20) / rms), np.float32)


def _telephone_band(samples: Samples) -> Samples:
    """300-3400 Hz with raised-cosine edges of 100 Hz, in the frequency domain: no filter state, no phase shift."""
    frequency = np.fft.rfftfreq(len(samples), 1 / _WIDE_RATE_HZ)
    low, high = _BAND_HZ
    rise = np.clip((frequency - (low - 100)) / 100, 0, 1)
    fall = np.clip((high + 100 - frequency) / 100, 0, 1)
    gain = (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall))
    return np.asarray(np.fft.irfft(np.fft.rfft(samples) * gain, len(samples)), np.float32)


def _through_a_law(samples: Samples) -> NDArray[np.int16]:
    """Encoded and decoded as a trunk in China carries it; libsndfile holds the G.711 tables."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, LINE_RATE_HZ, format="WAV", subtype="ALAW")
    buffer.seek(0)
    decoded, _ = soundfile.read(buffer, dtype="int16")
    return np.asarray(decoded, np.int16)
