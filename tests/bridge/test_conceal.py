"""Lost audio is filled with more of the same voice: measured on recorded callers, with 5 % lost, against silence."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.bridge.conceal import SILENT_MS, Concealer
from tests.bridge.real_speech import RATE_HZ, speech, ticks_of

SAMPLES = RATE_HZ // 50
CALLS = ["complaint-washing-machine", "english-repair", "invoice", "order-query", "praise", "refund", "human-off-topic"]


def lossy(samples: NDArray[np.int16], share: float, seed: int) -> Iterator[tuple[bytes, bytes | None]]:
    """Each tick, and what came of it."""
    random = np.random.default_rng(seed)
    for number, tick in enumerate(ticks_of(samples)):
        yield tick, None if number > 5 and random.random() < share else tick


def as_samples(tick: bytes) -> NDArray[np.float64]:
    return np.frombuffer(tick, "<i2").astype(np.float64)


def spectrum_db(tick: NDArray[np.float64]) -> NDArray[np.float64]:
    # The floor keeps digital silence from counting as infinitely far from everything.
    return 20 * np.log10(np.abs(np.fft.rfft(tick * np.hanning(len(tick)))) + 30)


def loud_losses(share: float = 0.05) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Of all calls, the lost ticks in which somebody spoke: what was said, and what was played."""
    pairs = []
    for seed, call in enumerate(CALLS):
        concealer = Concealer(RATE_HZ)
        for said, came in lossy(speech(call), share, seed):
            played = as_samples(concealer.take(came))
            if came is None and np.sqrt(np.square(as_samples(said)).mean()) > 200:
                pairs.append((as_samples(said), played))
    return pairs


def test_what_is_played_sounds_like_what_was_lost() -> None:
    pairs = loud_losses()
    assert len(pairs) > 40
    distance = np.mean([np.sqrt(np.square(spectrum_db(said) - spectrum_db(played)).mean()) for said, played in pairs])
    to_silence = np.mean([np.sqrt(np.square(spectrum_db(said) - spectrum_db(0 * said)).mean()) for said, _ in pairs])
    assert distance < 12 and to_silence > 30, f"{distance:.1f} dB from the lost speech, silence {to_silence:.1f} dB"


def test_what_is_played_is_about_as_loud_as_what_was_lost() -> None:
    said, played = (np.concatenate(side) for side in zip(*loud_losses(), strict=True))
    assert 0.5 < np.square(played).sum() / np.square(said).sum() < 1.2


def test_a_loss_begins_and_ends_with_steps_like_those_of_speech_not_with_edges() -> None:
    steps: dict[str, list[float]] = {"said": [], "filled": [], "silence": []}
    for seed, call in enumerate(CALLS):
        concealer = Concealer(RATE_HZ)
        audio: dict[str, list[NDArray[np.float64]]] = {kind: [] for kind in steps}
        lost = []
        for tick, came in lossy(speech(call), 0.05, seed):
            audio["said"].append(as_samples(tick))
            audio["filled"].append(as_samples(concealer.take(came)))
            audio["silence"].append(as_samples(came if came is not None else bytes(2 * SAMPLES)))
            lost.append(came is None)
        seams = [number for number in range(1, len(lost)) if lost[number] != lost[number - 1]]
        for kind, ticks in audio.items():
            steps[kind] += [ticks[seam][0] - ticks[seam - 1][-1] for seam in seams]
    energy = {kind: np.square(some).mean() for kind, some in steps.items()}
    assert energy["filled"] < 1.5 * energy["said"], energy
    assert energy["silence"] > 1.5 * energy["filled"], energy


def test_a_steady_voice_goes_on_as_if_nothing_was_lost() -> None:
    at_s = np.arange(RATE_HZ) / RATE_HZ
    voice = sum(3000 / k * np.sin(2 * np.pi * 125 * k * at_s + k) for k in range(1, 8))
    ticks = ticks_of(np.asarray(voice, np.int16))
    concealer = Concealer(RATE_HZ)
    played = [as_samples(concealer.take(None if number % 10 == 9 else tick)) for number, tick in enumerate(ticks)]
    error = np.concatenate(played) - np.concatenate([as_samples(tick) for tick in ticks])
    ratio_db = 10 * np.log10(np.square(voice).sum() / np.square(error).sum())
    assert ratio_db > 20, "silence there would leave 10 dB"


@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_a_long_loss_fades_to_silence_and_speech_fades_in_again(rate_hz: int) -> None:
    size, concealer = rate_hz // 50, Concealer(rate_hz)
    voice = np.repeat(speech("order-query"), rate_hz // 8000)
    loudest = max(ticks_of(voice, rate_hz), key=lambda tick: np.square(as_samples(tick)).sum())
    for _ in range(3):
        concealer.take(loudest)
    energies = [np.square(as_samples(concealer.take(None))).sum() for _ in range(6)]
    faded = SILENT_MS // 20
    assert all(later < earlier for earlier, later in pairwise(energies[:faded]))
    assert energies[faded:] == [0.0] * (6 - faded)
    again = as_samples(concealer.take(loudest))
    assert abs(again[0]) <= abs(as_samples(loudest)[0])
    assert np.array_equal(again[size // 4 :], as_samples(loudest)[size // 4 :])


def test_what_came_is_passed_on_untouched() -> None:
    concealer = Concealer(RATE_HZ)
    for tick in ticks_of(speech("invoice")):
        assert concealer.take(tick) is tick
    assert concealer.concealed_ticks == 0


def test_a_leg_that_has_not_said_anything_yet_is_silent() -> None:
    assert Concealer(RATE_HZ).take(None) == bytes(2 * SAMPLES)
