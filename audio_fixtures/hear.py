"""What the recogniser hears in the fixtures: ``python -m audio_fixtures.hear [NAME...]``.

Prints each utterance's character error rate, digits and 一/幺 taken as equal, with what was said and heard.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import soxr
import yaml
from num2words import num2words

from agent.ingress.fixture import find_fixtures, load_fixture
from models.asr import WhisperRecognizer
from models.reading import read_aloud

ROOT = Path(__file__).parent
_COMPANY = {"zh": "京和电器", "en": "Jinghe Appliances"}
_PROMPTS = ROOT.parent / "prompts" / "asr"
_ENGLISH_DIGITS = {num2words(digit): str(digit) for digit in range(10)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="fixtures to hear (default: all)")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/hotline/models")
    arguments = parser.parse_args()

    recognizer = WhisperRecognizer(arguments.models / "whisper-base", prompts=_prompts())
    total = wrong = 0
    for folder in find_fixtures(ROOT):
        if arguments.names and folder.name not in arguments.names:
            continue
        fixture = load_fixture(folder)
        for turn in fixture.spoken_turns:
            language = turn.language or fixture.language
            samples, rate_hz = soundfile.read(folder / str(turn.audio), dtype="float32")
            wide = np.asarray(soxr.resample(samples, rate_hz, 16_000), np.float32)
            heard = recognizer.transcribe(wide, language=language).text
            said, got = comparable(turn.say, language), comparable(heard, language)
            errors = edit_distance(said, got)
            total, wrong = total + len(said), wrong + errors
            print(f"{errors / max(len(said), 1):5.2f}  {folder.name}/{turn.audio}  {turn.say}  |  {heard}")
    print(f"character error rate {wrong / max(total, 1):.3f} over {total} characters")
    return 0


def comparable(text: str, language: str) -> str:
    """Lower case, letters only, numbers as the words that a reader would say, 幺 as 一."""
    if language == "en":
        text = re.sub(
            r"\b(" + "|".join(_ENGLISH_DIGITS) + r")\b", lambda m: _ENGLISH_DIGITS[m[0].lower()], text, flags=re.I
        )
        return re.sub(r"[^a-z0-9]", "", text.lower())
    text = re.sub(r"(?<=\d)[-\s,.](?=\d)", "", text)
    return re.sub(r"\W", "", read_aloud(text, "zh").lower()).replace("幺", "一").replace("二", "两")


def edit_distance(said: str, heard: str) -> int:
    """Levenshtein distance in characters."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(said, 1):
        above = row
        row = [i]
        for j, b in enumerate(heard, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


def _prompts() -> dict[Literal["zh", "en"], str]:  # the recogniser as the pipeline sets it up
    texts: dict[Literal["zh", "en"], str] = {}
    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    for language in languages:
        content = yaml.safe_load((_PROMPTS / f"{language}.yaml").read_text(encoding="utf-8"))
        texts[language] = str(content["context"]).format(company=_COMPANY[language])
    return texts


if __name__ == "__main__":
    sys.exit(main())
