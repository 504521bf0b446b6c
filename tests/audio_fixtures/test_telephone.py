"""The synthetic line sounds like a telephone line, and the same line every time."""

import numpy as np
import pytest
from numpy.typing import NDArray

from audio_fixtures.hear import comparable, edit_distance
from audio_fixtures.telephone import make_noise, over_the_line

RATE_HZ = 24_000


def _tone(frequency_hz: float, seconds: float = 1.0) -> NDArray[np.float32]:
    return (0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(int(RATE_HZ * seconds)) / RATE_HZ)).astype(np.float32)


def _rms_db(samples: NDArray[np.int16]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples / 32768.0))) + 1e-9))


@pytest.mark.parametrize("frequency_hz", [500, 1000, 3000])
def test_the_telephone_band_passes(frequency_hz: float) -> None:
    assert _rms_db(over_the_line(_tone(frequency_hz), RATE_HZ, level_db=-20)) == pytest.approx(-20, abs=0.5)


@pytest.mark.parametrize("frequency_hz", [80, 150, 3700, 6000])
def test_what_lies_outside_does_not(frequency_hz: float) -> None:
    assert _rms_db(over_the_line(_tone(frequency_hz), RATE_HZ, level_db=-20)) < -50


def test_samples_are_a_law_levels() -> None:
    """A-law knows 256 values; anything more did not go through it."""
    noise = make_noise("street", 160_000, -20, np.random.default_rng(1))
    assert len(np.unique(over_the_line(noise, 16_000, level_db=None))) <= 256


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first, again, other = (
        over_the_line(_tone(700), RATE_HZ, noise="office", room_s=0.3, seed=seed).tobytes() for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize("kind", ["street", "office", "hum"])
def test_noise_has_the_level_asked_for(kind: str) -> None:
    noise = make_noise(kind, 48_000, -40, np.random.default_rng(0))
    assert 20 * np.log10(np.sqrt(np.mean(np.square(noise)))) == pytest.approx(-40, abs=0.1)


def test_a_kind_of_noise_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="jungle"):
        make_noise("jungle", 100, -40, np.random.default_rng(0))


def test_a_room_rings_after_the_sound() -> None:
    dry = over_the_line(_tone(700, 0.5), RATE_HZ)
    wet = over_the_line(_tone(700, 0.5), RATE_HZ, room_s=0.4)
    assert len(wet) - len(dry) == pytest.approx(0.2 * 8000, abs=10)
    assert np.abs(wet[len(dry) :]).max() > 50


def test_written_and_spoken_numbers_count_as_the_same() -> None:
    assert comparable("订单号是88472913", "zh") == comparable("订单号是八八四七，二九幺三", "zh")
    assert comparable("138-1234-5678", "zh") == comparable("一三八，一二三四，五六七八", "zh")
    assert comparable("It is eight four seven", "en") == comparable("it is 8 4 7.", "en")


@pytest.mark.parametrize(
    ("said", "heard", "errors"), [("abc", "abc", 0), ("abc", "axc", 1), ("abc", "", 3), ("", "ab", 2)]
)
def test_edit_distance(said: str, heard: str, errors: int) -> None:
    assert edit_distance(said, heard) == errors
