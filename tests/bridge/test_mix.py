"""Several voices to one ear: nothing wraps round, pumps or clicks, and a voice alone is left as it came."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from agent.bridge.mix import KNEE, RAMP_MS, Mixer, soften

RATE_HZ, SAMPLES = 8000, 160
RAMP = RATE_HZ * RAMP_MS // 1000
NOBODY: dict[str, dict[str, float]] = {}
TICK = arrays(np.int16, SAMPLES)


def pcm(samples: NDArray[np.int16]) -> bytes:
    return samples.astype("<i2").tobytes()


def samples_of(tick: bytes) -> NDArray[np.int16]:
    return np.frombuffer(tick, "<i2")


def level(value: int) -> bytes:
    return pcm(np.full(SAMPLES, value, np.int16))


@given(one=TICK, two=TICK, three=TICK)
def test_three_voices_of_any_loudness_never_wrap_round(one: object, two: object, three: object) -> None:
    voices = {"a": pcm(one), "b": pcm(two), "c": pcm(three)}
    gains = {"ear": dict.fromkeys(voices, 1.0)}
    mixed = samples_of(Mixer(RATE_HZ, gains).mix(voices, gains)["ear"]).astype(np.int64)
    exact = sum(samples_of(voice).astype(np.int64) for voice in voices.values())
    assert (mixed * exact >= 0).all(), "a loud sum has not become its opposite"
    assert (np.abs(mixed) <= np.abs(exact)).all(), "nothing is made louder than it is"
    below = np.abs(exact) <= KNEE
    assert (mixed[below] == exact[below]).all(), "what fits is the sum"


@given(tick=TICK)
def test_a_voice_alone_is_heard_as_it_came(tick: NDArray[np.int16]) -> None:
    gains = {"ear": {"a": 1.0}}
    assert Mixer(RATE_HZ, gains).mix({"a": pcm(tick), "b": level(9000)}, gains)["ear"] == pcm(tick)


def test_the_curve_rises_evenly_and_stays_below_full_scale() -> None:
    sums = np.linspace(-100_000, 100_000, 200_001, dtype=np.float32)
    bent = soften(sums).astype(np.float64)
    steps = np.diff(bent)
    assert (steps >= 0).all() and steps.max() <= 1.05
    assert np.abs(bent).max() <= 32767
    assert np.array_equal(soften(sums[np.abs(sums) < KNEE]), sums[np.abs(sums) < KNEE])


def test_nothing_pumps_a_quiet_voice_after_a_loud_one_is_as_it_was() -> None:
    gains = {"ear": {"a": 1.0, "b": 1.0}}
    mixer = Mixer(RATE_HZ, gains)
    quiet = {"a": level(100), "b": level(50)}
    before = mixer.mix(quiet, gains)
    mixer.mix({"a": level(32000), "b": level(32000)}, gains)
    assert mixer.mix(quiet, gains) == before


def test_a_voice_comes_and_goes_over_five_milliseconds() -> None:
    with_it = {"ear": {"a": 1.0}}
    without = {"ear": dict[str, float]()}
    mixer = Mixer(RATE_HZ, without)
    voice = {"a": level(10_000)}
    ticks = [mixer.mix(voice, gains)["ear"] for gains in (without, with_it, with_it, without, without)]
    heard = samples_of(b"".join(ticks)).astype(int)
    assert np.abs(np.diff(heard)).max() <= 10_000 / RAMP + 1, "no step"
    silent, coming, there, going, gone = heard.reshape(5, SAMPLES)
    assert not silent.any() and not gone.any() and (there == 10_000).all()
    assert (coming[RAMP:] == 10_000).all() and not going[RAMP:].any()


def test_gains_are_the_same_by_value_not_by_identity() -> None:
    mixer = Mixer(RATE_HZ, {"ear": {"a": 1.0}})
    assert not mixer.is_ramping_to({"ear": {"a": 1.0}})
    assert mixer.is_ramping_to({"ear": {"a": 0.5}})
    for loud in (0.5, 0.25, 1.0, 0.5, 0.125):
        mixer.mix({"a": level(8000)}, {"ear": {"a": loud}})
        again = mixer.mix({"a": level(8000)}, {"ear": {"a": loud}})["ear"]
        assert (samples_of(again) == 8000 * loud).all()


def test_everybody_hears_what_is_theirs() -> None:
    gains = {"one": {"two": 1.0}, "two": {"one": 1.0, "three": 0.5}, "three": dict[str, float]()}
    heard = Mixer(RATE_HZ, gains).mix({"one": level(100), "two": level(200), "three": level(400)}, gains)
    assert {ear: int(samples_of(tick)[0]) for ear, tick in heard.items()} == {"one": 200, "two": 300, "three": 0}


@given(silent=st.booleans())
def test_who_makes_no_sound_is_silence(silent: bool) -> None:
    gains = {"ear": {"a": 1.0, "b": 1.0}}
    voices = {} if silent else {"a": level(5)}
    assert Mixer(RATE_HZ, gains).mix(voices, gains)["ear"] == level(0 if silent else 5)


def test_half_a_tick_is_refused() -> None:
    with pytest.raises(ValueError, match="a: 10 bytes, one tick of 320 is right"):
        Mixer(RATE_HZ, NOBODY).mix({"a": bytes(10)}, {"ear": {"a": 1.0}})
