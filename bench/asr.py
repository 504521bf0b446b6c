"""Our recogniser beside stock faster-whisper, same weights, precision, threads and clips: time and character error
rate, with 95 % confidence intervals; and how many words are heard where nothing is said.

The clips are the callers' utterances of ``audio_fixtures/`` at telephone quality, and with ``--data`` the human clips
of a data folder at 8 kHz A-law, clean and with office noise 10 dB below the voice. Each clip goes through one engine
and then the other, so that a slow moment of the machine hits both. Texts are compared as they are written: 3000 for
三千.
"""

import argparse
import csv
import re
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

import jiwer
import numpy as np
import soundfile
import soxr
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from agent.application import load_prompts
from agent.config import load_settings
from agent.ingress.fixture import load_fixture
from agent.model_settings import model_settings
from agent.pipeline.engines import load_recognizer
from agent.postcall.written import write
from audio_fixtures.telephone import LINE_RATE_HZ, over_the_line
from bench.silence import NOTHING_MINUTES, words_in_nothing
from models.asr import SAMPLE_RATE_HZ, WhisperRecognizer
from models.catalog import require

RESAMPLES = 2_000
VOICE_DB, NOISE_DB = -20.0, -30.0


@dataclass(frozen=True)
class Clip:
    """Mono audio at 16 kHz and what is said in it."""

    samples: NDArray[np.float32]
    text: str
    language: str


@dataclass
class Heard:
    """What one engine made of the clips. errors, characters: of each clip."""

    seconds: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    characters: list[int] = field(default_factory=list)

    def add(self, clip: Clip, text: str, seconds: float) -> None:
        self.seconds.append(seconds)
        self.texts.append(text)
        measured = jiwer.process_characters(comparable(clip.text), comparable(text) or " ")
        self.errors.append(measured.substitutions + measured.deletions + measured.insertions)
        self.characters.append(len(comparable(clip.text)))

    def rate(self) -> float:
        return sum(self.errors) / sum(self.characters)


def fixture_clips(folder: Path) -> list[Clip]:
    """Every utterance of every fixture that is spoken whole."""
    clips = []
    for file in sorted(folder.glob("*/call.yaml")):
        fixture = load_fixture(file)
        for turn in fixture.turns:
            if turn.audio and turn.say and turn.hang_up_after_ms is None:
                clips.append(Clip(_load(fixture.folder / turn.audio), turn.say, fixture.language))
    return clips


def human_clips(data: Path, noise: str) -> list[Clip]:
    """The human recordings of a data folder with a manifest of ``file`` and ``text``, over a telephone line."""
    folder = data / "speech_zh"
    with (folder / "manifest.tsv").open(encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    clips = []
    for seed, row in enumerate(rows):
        samples, rate = soundfile.read(folder / row["file"], dtype="float32")
        line = over_the_line(samples, rate, noise=noise, noise_db=NOISE_DB, level_db=VOICE_DB, seed=seed)
        clips.append(Clip(_at_model_rate(line.astype(np.float32) / 32768, LINE_RATE_HZ), row["text"], "zh"))
    return clips


def _load(path: Path) -> NDArray[np.float32]:
    samples, rate = soundfile.read(path, dtype="float32")
    return _at_model_rate(samples, rate)


def _at_model_rate(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    return np.asarray(soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ, quality="HQ"), np.float32)


def comparable(text: str) -> str:
    """In written form, without punctuation and case."""
    return re.sub(r"[\W_]+", "", write(text).text.lower())


def interval(stock: Heard, ours: Heard) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """95 % intervals of both error rates and of the share of stock's errors that are gone, by drawing clips anew."""
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(stock.errors), (RESAMPLES, len(stock.errors)))
    characters = np.array(stock.characters)[draws].sum(axis=1)
    theirs, mine = (np.array(heard.errors)[draws].sum(axis=1) for heard in (stock, ours))
    fewer = 1 - mine / np.maximum(1, theirs)
    low, high = (
        np.percentile(np.stack([theirs / characters, mine / characters, fewer]), percent, axis=1)
        for percent in (2.5, 97.5)
    )
    pairs = [(float(a), float(b)) for a, b in zip(low, high, strict=True)]
    return pairs[0], pairs[1], pairs[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fixtures", type=Path, default=Path("audio_fixtures"))
    parser.add_argument("--data", type=Path, help="folder with speech_zh/manifest.tsv")
    parser.add_argument("--errors", action="store_true", help="print every clip that was heard wrong")
    arguments, _ = parser.parse_known_args()
    settings = load_settings()
    prompts = load_prompts(settings)
    folder = require("whisper-base", model_settings(settings))
    ours = load_recognizer(settings, prompts, prompts.vocabulary)
    stock = WhisperModel(
        str(folder), device="cpu", compute_type=settings.asr.precision, cpu_threads=settings.asr.threads
    )
    sets = {"fixtures": fixture_clips(arguments.fixtures)}
    if arguments.data:
        sets["human, A-law"] = human_clips(arguments.data, "none")
        sets["human, 10 dB noise"] = human_clips(arguments.data, "office")
    print(f"{'':20} {'clips':>5} {'audio s':>8} {'time':>6}   {'stock CER':22} {'our CER':22} errors fewer")
    for name, clips in sets.items():
        compare(name, clips, ours, stock, arguments.errors)
    heard = words_in_nothing(ours, settings, prompts)
    print(f"characters heard in {NOTHING_MINUTES} minutes of silence, noise and tones: {sum(map(len, heard))}")
    for text in heard:
        print(f"  {text}")


def compare(name: str, clips: list[Clip], ours: WhisperRecognizer, stock: WhisperModel, show_errors: bool) -> None:
    """One line. The time is the ratio of the sums, because a caller waits for long clips too."""
    ours.transcribe(clips[0].samples)
    list(stock.transcribe(clips[0].samples, language=clips[0].language)[0])
    theirs, mine = Heard(), Heard()
    for clip in clips:
        start = time.perf_counter()
        segments, _ = stock.transcribe(clip.samples, language=clip.language)
        text = "".join(segment.text for segment in segments)
        middle = time.perf_counter()
        own = ours.transcribe(clip.samples, language="en" if clip.language == "en" else "zh").text
        theirs.add(clip, text, middle - start)
        mine.add(clip, own, time.perf_counter() - middle)
    seconds = sum(len(clip.samples) for clip in clips) / SAMPLE_RATE_HZ
    of_stock, of_ours, fewer = interval(theirs, mine)
    print(
        f"{name:20} {len(clips):5} {seconds:8.1f} {sum(mine.seconds) / sum(theirs.seconds):6.2f}   "
        f"{theirs.rate():6.2%} {_range(of_stock):15} {mine.rate():6.2%} {_range(of_ours):15} "
        f"{1 - sum(mine.errors) / max(1, sum(theirs.errors)):.0%} {_range(fewer)}",
        flush=True,
    )
    pairs = [b / a for a, b in zip(theirs.seconds, mine.seconds, strict=True)]
    print(f"{'':20} time clip by clip: median {statistics.median(pairs):.2f}, worst {max(pairs):.2f}")
    if show_errors:
        for clip, text, errors in zip(clips, mine.texts, mine.errors, strict=True):
            if errors:
                print(f"  {errors:3}  {clip.text}\n       {text}")


def _range(pair: tuple[float, float]) -> str:
    return f"({pair[0]:.1%}-{pair[1]:.1%})"


if __name__ == "__main__":
    main()
