"""Our recogniser beside stock faster-whisper, same weights, precision, threads and clips: time and character error
rate.

The clips are the callers' utterances of ``audio_fixtures/`` at telephone quality, and with ``--data`` also the human
clips of a data folder. Each clip goes through one engine and then the other, so that a slow moment of the machine hits
both.
"""

import argparse
import csv
import re
import statistics
import time
from dataclasses import dataclass
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
from agent.pipeline.engines import model_settings
from models.asr import SAMPLE_RATE_HZ, WhisperRecognizer
from models.catalog import require

_DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789"[:13])
THREADS = 1


@dataclass(frozen=True)
class Clip:
    """Mono audio at 16 kHz and what is said in it."""

    samples: NDArray[np.float32]
    text: str
    language: str


def fixture_clips(folder: Path) -> list[Clip]:
    """Every utterance of every fixture that is spoken whole."""
    clips = []
    for file in sorted(folder.glob("*/call.yaml")):
        fixture = load_fixture(file)
        for turn in fixture.turns:
            if turn.audio and turn.say and turn.hang_up_after_ms is None:
                clips.append(Clip(_load(fixture.folder / turn.audio), turn.say, fixture.language))
    return clips


def human_clips(data: Path) -> list[Clip]:
    """The human recordings of a data folder with a manifest of ``file`` and ``text``."""
    folder = data / "speech_zh"
    with (folder / "manifest.tsv").open(encoding="utf-8") as manifest:
        return [
            Clip(_load(folder / row["file"]), row["text"], "zh") for row in csv.DictReader(manifest, delimiter="\t")
        ]


def _load(path: Path) -> NDArray[np.float32]:
    samples, rate = soundfile.read(path, dtype="float32")
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE_HZ, quality="HQ"), np.float32)


def comparable(text: str) -> str:
    """Without punctuation, case and the choice between 幺, 一 and 1."""
    return re.sub(r"[\W_]+", "", text.lower()).translate(_DIGITS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fixtures", type=Path, default=Path("audio_fixtures"))
    parser.add_argument("--data", type=Path, help="folder with speech_zh/manifest.tsv")
    arguments, _ = parser.parse_known_args()
    settings = load_settings()
    prompts = load_prompts(settings)
    folder = require("whisper-base", model_settings(settings))
    ours = WhisperRecognizer(
        folder,
        precision=settings.asr.precision,
        threads=THREADS,
        padding_s=settings.asr.padding_s,
        beam_size=settings.asr.beam_size,
        prompts={"zh": prompts.asr_context("zh"), "en": prompts.asr_context("en")},
    )
    stock = WhisperModel(str(folder), device="cpu", compute_type=settings.asr.precision, cpu_threads=THREADS)
    sets = {"fixtures": fixture_clips(arguments.fixtures)}
    if arguments.data:
        sets["human clips"] = human_clips(arguments.data)
    print(
        f"{'set':12} {'clips':>5} {'audio s':>8} {'stock s':>8} {'ours s':>8} {'ratio':>6} "
        f"{'stock CER':>10} {'our CER':>8}"
    )
    for name, clips in sets.items():
        compare(name, clips, ours, stock)


def compare(name: str, clips: list[Clip], ours: WhisperRecognizer, stock: WhisperModel) -> None:
    """One line: median-free sums, because a caller waits for long clips too; the ratio is that of the sums."""
    ours.transcribe(clips[0].samples)
    list(stock.transcribe(clips[0].samples, language=clips[0].language)[0])
    times: dict[str, list[float]] = {"stock": [], "ours": []}
    texts: dict[str, list[str]] = {"stock": [], "ours": []}
    for clip in clips:
        start = time.perf_counter()
        segments, _ = stock.transcribe(clip.samples, language=clip.language)
        texts["stock"].append("".join(segment.text for segment in segments))
        middle = time.perf_counter()
        texts["ours"].append(ours.transcribe(clip.samples, language="en" if clip.language == "en" else "zh").text)
        times["stock"].append(middle - start)
        times["ours"].append(time.perf_counter() - middle)
    references = [comparable(clip.text) for clip in clips]
    cer = {who: jiwer.cer(references, [comparable(text) or " " for text in said]) for who, said in texts.items()}
    seconds = sum(len(clip.samples) for clip in clips) / SAMPLE_RATE_HZ
    total = {who: sum(values) for who, values in times.items()}
    print(
        f"{name:12} {len(clips):5} {seconds:8.1f} {total['stock']:8.2f} {total['ours']:8.2f} "
        f"{total['ours'] / total['stock']:6.2f} {cer['stock']:10.2%} {cer['ours']:8.2%}"
    )
    pairs = [mine / theirs for mine, theirs in zip(times["ours"], times["stock"], strict=True)]
    print(f"{'':12} ratio clip by clip: median {statistics.median(pairs):.2f}, worst {max(pairs):.2f}")


if __name__ == "__main__":
    main()
