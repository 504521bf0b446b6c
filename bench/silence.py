"""What is heard where nobody speaks: silence, room and street noise, mains hum, ring tones, held keys, music on hold.

The sound goes the way of a call: voice activity first, then the recogniser for what sounds like speech, then the checks
on what it wrote.
"""

from collections.abc import Iterator

import numpy as np
import soxr
from numpy.typing import NDArray
from pipecat.audio.vad.vad_analyzer import VADState

from agent.clock import TICK_MS, samples_per_tick
from agent.config import Settings
from agent.pipeline.asr import is_believable
from agent.pipeline.vad import WebRtcVad
from agent.prompts import Prompts
from audio_fixtures.telephone import LINE_RATE_HZ, make_noise
from models.asr import MAX_SECONDS, SAMPLE_RATE_HZ, SpeechRecognizer

NOTHING_MINUTES = 20
PIECE_S = 60
PREROLL_TICKS = 40

Samples = NDArray[np.float32]


def sounds() -> Iterator[Samples]:
    """A minute each, 16 kHz, -1..1; twenty of them."""
    rng = np.random.default_rng(0)
    count = PIECE_S * SAMPLE_RATE_HZ
    seconds = np.arange(count) / SAMPLE_RATE_HZ
    yield np.zeros(count, np.float32)
    for kind in ("street", "office", "hum"):
        for level_db in (-60.0, -45.0, -35.0, -25.0):
            yield make_noise(kind, count, level_db, rng)
    # Ring-back and busy tone as Chinese exchanges send them: 450 Hz, 1 s in 5, and 0.35 s in 0.7.
    tone = np.sin(2 * np.pi * 450 * seconds)
    for on_s, every_s in ((1.0, 5.0), (0.35, 0.7)):
        yield (0.2 * tone * (seconds % every_s < on_s)).astype(np.float32)
    # A key that is held, again and again; a fax; chords of music on hold; applause-like bursts; a dripping line.
    keys = np.sin(2 * np.pi * 770 * seconds) + np.sin(2 * np.pi * 1336 * seconds)
    yield (0.1 * keys * (seconds % 2 < 0.4)).astype(np.float32)
    yield (0.2 * np.sin(2 * np.pi * 1100 * seconds) * (seconds % 3.5 < 0.5)).astype(np.float32)
    yield _music(seconds, rng)
    bursts = make_noise("office", count, -20.0, rng)
    yield (bursts * (np.sin(2 * np.pi * 0.7 * seconds) > 0.6)).astype(np.float32)
    clicks = np.zeros(count, np.float32)
    clicks[:: SAMPLE_RATE_HZ // 3] = 0.8
    yield clicks


def _music(seconds: NDArray[np.float64], rng: np.random.Generator) -> Samples:
    """Chords that change every half second, each note with overtones."""
    sound = np.zeros(len(seconds))
    step = SAMPLE_RATE_HZ // 2
    for start in range(0, len(seconds), step):
        part = seconds[start : start + step]
        fade = np.exp(-np.arange(len(part)) / (0.3 * SAMPLE_RATE_HZ))
        for note in rng.choice([262, 294, 330, 392, 440, 523, 587, 659], 3, replace=False):
            for overtone in (1, 2, 3):
                sound[start : start + step] += fade * np.sin(2 * np.pi * note * overtone * part) / overtone**2
    return (0.1 * sound / np.abs(sound).max()).astype(np.float32) * 3


def words_in_nothing(recognizer: SpeechRecognizer, settings: Settings, prompts: Prompts) -> list[str]:
    """Every text that would have been taken for a caller's."""
    heard: list[str] = []
    for piece in sounds():
        for speech, voiced_ms in _speech_like(piece, settings):
            transcript = recognizer.transcribe(speech[: int(MAX_SECONDS * SAMPLE_RATE_HZ)])
            if is_believable(transcript, voiced_ms, prompts.phantoms(transcript.language)):
                heard.append(transcript.text)
    return heard


def _speech_like(piece: Samples, settings: Settings) -> Iterator[tuple[Samples, int]]:
    """What voice activity detection lets through at the line's rate, with some sound before it, at 16 kHz."""
    turn = settings.turn
    line = np.clip(soxr.resample(piece, SAMPLE_RATE_HZ, LINE_RATE_HZ) * 32767, -32768, 32767).astype(np.int16)
    vad = WebRtcVad(
        LINE_RATE_HZ,
        aggressiveness=turn.vad_aggressiveness,
        start_ms=turn.speech_start_ms,
        pause_ms=turn.pause_ms,
    )
    size, begun, longest = samples_per_tick(LINE_RATE_HZ), None, int(MAX_SECONDS * 1000 / TICK_MS)
    ticks = [line[i : i + size] for i in range(0, len(line) - size + 1, size)]
    for number, tick in enumerate(ticks):
        state = vad.analyze(tick.tobytes())
        speaking = state in (VADState.SPEAKING, VADState.STOPPING)
        if speaking and begun is None:
            begun = number
        elif begun is not None and (not speaking or number - begun >= longest):
            yield _at_model_rate(ticks[max(0, begun - PREROLL_TICKS) : number]), (number - begun) * TICK_MS
            begun = None


def _at_model_rate(ticks: list[NDArray[np.int16]]) -> Samples:
    samples = np.concatenate(ticks).astype(np.float32) / 32768
    return np.asarray(soxr.resample(samples, LINE_RATE_HZ, SAMPLE_RATE_HZ), np.float32)
