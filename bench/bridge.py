"""What the bridge costs and what it does for the ear: ``python -m bench.bridge``.

The cost of a tick by the number of legs, in processor time of this thread; the delay of another sample rate; and lost
audio filled against silence, on the recorded callers.
"""

from itertools import cycle
from pathlib import Path
from time import thread_time

import numpy as np
import soundfile
from numpy.typing import NDArray

import audio_fixtures
from agent.bridge import Bridge, BufferedLeg
from agent.bridge.conceal import Concealer
from agent.bridge.resample import DELAY_MS
from agent.clock import TICK_MS
from agent.ingress.fixture import find_fixtures

RATE_HZ, SAMPLES = 8000, 160
ROUNDS, TICKS = 20, 100
LOST, SPOKEN_RMS = 0.05, 200.0


def main() -> None:
    voices = [ticks for ticks in map(_ticks, _turns()) if len(ticks) > 50]
    for legs, rate_hz in ((2, 8000), (3, 8000), (3, 16000), (3, 48000), (5, 8000), (5, 16000)):
        print(f"{legs} legs, others at {rate_hz} Hz: {_tick_us(voices, legs, rate_hz):.1f} µs a tick of {TICK_MS} ms")
    print(f"another sample rate: {DELAY_MS} ms later")
    _lost_speech(voices)


def _tick_us(voices: list[list[bytes]], legs: int, rate_hz: int) -> float:
    """The quickest of some rounds: the machine has other things to do."""
    bridge = Bridge(RATE_HZ)
    for number in range(legs - 2):
        leg = BufferedLeg(f"seat-{number}", "seat", rate_hz, lambda _: None)
        said = cycle(_wider(voices[number], rate_hz // RATE_HZ))
        leg.pull = said.__next__  # type: ignore[method-assign]
        bridge.join(leg)
        bridge.apply(bridge.hearing.connect(leg.name))
    caller, bot = cycle(voices[-1]), cycle(voices[-2])
    quickest = float("inf")
    for _ in range(ROUNDS):
        inputs = [(next(caller), next(bot)) for _ in range(TICKS)]
        begun_s = thread_time()
        for pair in inputs:
            bridge.exchange(*pair)
        quickest = min(quickest, thread_time() - begun_s)
    return quickest / TICKS * 1e6


def _lost_speech(voices: list[list[bytes]]) -> None:
    random = np.random.default_rng(7)
    said, filled = [], []
    for ticks in voices:
        concealer = Concealer(RATE_HZ)
        for number, tick in enumerate(ticks):
            lost = number > 5 and random.random() < LOST
            played = concealer.take(None if lost else tick)
            if lost and np.sqrt(np.square(_samples(tick)).mean()) > SPOKEN_RMS:
                said.append(_samples(tick))
                filled.append(_samples(played))
    one, other = np.concatenate(said), np.concatenate(filled)
    energy = np.square(other).sum() / np.square(one).sum()
    print(
        f"{LOST:.0%} lost, {len(said)} ticks of speech: filled they have {energy:.2f} of its energy"
        f" and a spectrum {_distance_db(said, filled):.1f} dB away, silence"
        f" {_distance_db(said, [0 * tick for tick in said]):.1f} dB; signal to error in them"
        f" {10 * np.log10(np.square(one).sum() / np.square(one - other).sum()):.1f} dB, silence 0 dB"
    )


def _distance_db(some: list[NDArray[np.float64]], others: list[NDArray[np.float64]]) -> float:
    """Log-spectral distance, mean over the ticks."""
    return float(np.mean([np.sqrt(np.square(_db(a) - _db(b)).mean()) for a, b in zip(some, others, strict=True)]))


def _db(tick: NDArray[np.float64]) -> NDArray[np.float64]:
    # The floor keeps digital silence from being infinitely far from everything.
    return np.asarray(20 * np.log10(np.abs(np.fft.rfft(tick * np.hanning(len(tick)))) + 30))


def _turns() -> list[Path]:
    root = Path(audio_fixtures.__file__).parent
    return [path for folder in find_fixtures(root) for path in sorted(folder.glob("*.wav"))]


def _ticks(path: Path) -> list[bytes]:
    audio, rate_hz = soundfile.read(path, dtype="int16")
    if rate_hz != RATE_HZ or audio.ndim != 1:
        return []
    return [audio[at : at + SAMPLES].astype("<i2").tobytes() for at in range(0, len(audio) - SAMPLES + 1, SAMPLES)]


def _wider(ticks: list[bytes], times: int) -> list[bytes]:
    return [np.repeat(np.frombuffer(tick, "<i2"), times).tobytes() for tick in ticks]


def _samples(tick: bytes) -> NDArray[np.float64]:
    return np.frombuffer(tick, "<i2").astype(np.float64)


if __name__ == "__main__":
    main()
