"""Sentences as a call hears them: spoken in a caller's voice, sent over a telephone line, written down by the
recogniser that answers calls.

    python -m bench.as_heard knowledge|intents

Fills ``bench/sets/heard_NAME.tsv``, which ``python -m bench.knowledge --heard`` and ``python -m bench.nlu`` read: a
line for each sentence of the set that has none yet, so a run that was cut off goes on where it was. Voice, pace and
line of a sentence follow from its words; delete the file to hear all anew with another recogniser or voice.
"""

import argparse
import csv
import zlib
from collections.abc import Iterator, Sequence
from typing import get_args

import numpy as np
import soxr

from agent.application import load_prompts, named_after
from agent.company.company import load_companies
from agent.config import load_settings
from agent.events import Language
from agent.pipeline.engines import load_recognizer, load_synthesizer
from audio_fixtures.make_fixtures import PADDING_MS
from audio_fixtures.telephone import LINE_RATE_HZ, over_the_line
from bench.heard import COLUMNS, HeardSet, Said, heard, path_of
from bench.knowledge import COMPANY, load_questions
from models.asr import SAMPLE_RATE_HZ
from models.training.frozen import frozen_intents

VOICES = {
    "zh": ("zf_xiaoxiao", "zf_xiaobei", "zm_yunjian", "zm_yunxi", "zm_yunxia"),
    "en": ("am_michael", "bf_emma", "am_puck", "af_bella", "bm_george"),
}
"""Of callers: none of them is the bot's."""
PACES = (0.95, 1.05, 1.15)
LINES = (("none", 0.0), ("office", -40.0), ("street", -35.0))
"""Noise and its level beside a voice of -20 dB."""


def sentences_of(name: HeardSet) -> list[Said]:
    """What is to be spoken, that which benches measure with first."""
    if name == "knowledge":
        asked = [q for q in load_questions() if not q.heard]
        return [Said(q.language, q.text) for part in ("fresh", "test", "dev") for q in asked if q.part == part]
    return [Said(language, e.text) for language in get_args(Language) for e in frozen_intents(language)]


def hear(sentences: Sequence[Said]) -> Iterator[tuple[Said, str]]:
    """Speak and write down one after the other."""
    companies = load_companies([COMPANY])
    settings = named_after(load_settings(), companies)
    voice = load_synthesizer(settings)
    ear = load_recognizer(settings, load_prompts(settings), companies.all[0].vocabulary)
    for sentence in sentences:
        seed = zlib.crc32(sentence.text.encode())
        voices = VOICES[sentence.language]
        speech = voice.synthesize(
            sentence.text, language=sentence.language, voice=voices[seed % len(voices)], speed=PACES[seed % len(PACES)]
        )
        silence = np.zeros(speech.sample_rate_hz * PADDING_MS // 1000, np.float32)
        padded = np.concatenate([silence, speech.samples, silence])
        noise, noise_db = LINES[seed // 16 % len(LINES)]
        line = over_the_line(padded, speech.sample_rate_hz, noise=noise, noise_db=noise_db, seed=seed)
        wide = soxr.resample(line.astype(np.float32) / 32768, LINE_RATE_HZ, SAMPLE_RATE_HZ, quality="HQ")
        yield sentence, ear.transcribe(np.asarray(wide, np.float32), language=sentence.language).text.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=get_args(HeardSet))
    name = parser.parse_args().name
    known, path = heard(name), path_of(name)
    wanted = [sentence for sentence in sentences_of(name) if sentence not in known]
    print(f"{len(known)} heard before, {len(wanted)} to hear", flush=True)
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")
        if not known:
            writer.writerow(COLUMNS)
        for sentence, text in hear(wanted):
            writer.writerow([sentence.language, sentence.text, text])
            file.flush()


if __name__ == "__main__":
    main()
