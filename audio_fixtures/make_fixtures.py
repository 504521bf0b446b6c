"""Makes the callers' audio of every fixture from its call.yaml: ``python -m audio_fixtures.make_fixtures [NAME...]``.

Deterministic: the same YAML, models and libraries give the same bytes. Needs the Kokoro model (``hotline models
pull``) and, for fixtures with human clips, ``--data DIR`` with ``speech_zh/`` in it.
"""

import argparse
import re
import sys
import zlib
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from agent.ingress.fixture import CallerTurn, Fixture, find_fixtures, load_fixture
from audio_fixtures.telephone import LINE_RATE_HZ, over_the_line
from models.tts import KokoroSynthesizer

ROOT = Path(__file__).parent
BOT_VOICES = frozenset({"zf_xiaoyi", "zm_yunyang", "af_heart"})
_PAUSE = re.compile(r"\[(\d+)\]")
PADDING_MS = 120
"""Silence before and after a caller's words: a telephone line is open while nobody speaks."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="fixtures to make (default: all)")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/hotline/models")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="holds speech_zh/ with human clips")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()

    fixtures = [load_fixture(folder) for folder in find_fixtures(ROOT)]
    unknown = set(arguments.names) - {fixture.name for fixture in fixtures}
    if unknown:
        known = ", ".join(fixture.name for fixture in fixtures)
        print(f"no fixture named {', '.join(sorted(unknown))}; there are: {known}", file=sys.stderr)
        return 2
    synthesizer = KokoroSynthesizer(arguments.models / "kokoro-82m", threads=arguments.threads)
    for fixture in fixtures:
        if not arguments.names or fixture.name in arguments.names:
            make(fixture, synthesizer, arguments.data)
    return 0


def make(fixture: Fixture, synthesizer: KokoroSynthesizer, data: Path) -> None:
    """Write every WAV of one fixture into its folder and print its length."""
    for turn in fixture.spoken_turns:
        assert turn.audio is not None
        voice = turn.recipe.voice or fixture.caller.voice
        if voice in BOT_VOICES:
            raise ValueError(f"{fixture.name}: {voice} is a voice of the bot; a caller needs another")
        samples, rate_hz = _utterance(fixture, turn, voice, synthesizer, data)
        padding = np.zeros(rate_hz * PADDING_MS // 1000, np.float32)
        line = fixture.line
        on_line = over_the_line(
            np.concatenate([padding, samples, padding]),
            rate_hz,
            noise=line.noise,
            noise_db=line.noise_db,
            room_s=line.room_s,
            level_db=line.level_db if turn.say else None,
            seed=zlib.crc32(f"{fixture.name}/{turn.audio}".encode()),
        )
        _write(fixture.folder / turn.audio, on_line)


def _utterance(
    fixture: Fixture, turn: CallerTurn, voice: str | None, synthesizer: KokoroSynthesizer, data: Path
) -> tuple[NDArray[np.float32], int]:
    recipe = turn.recipe
    if recipe.clip is not None:
        samples, rate_hz = soundfile.read(data / "speech_zh" / recipe.clip, dtype="float32")
        return samples, int(rate_hz)
    rate_hz = synthesizer.sample_rate_hz
    parts = []
    for index, piece in enumerate(_PAUSE.split(recipe.text or turn.say)):
        if index % 2:  # re.split puts the captured milliseconds at the odd places
            parts.append(np.zeros(rate_hz * int(piece) // 1000, np.float32))
        elif piece:
            language = turn.language or fixture.language
            speech = synthesizer.synthesize(piece, language=language, voice=voice, speed=recipe.speed)
            parts.append(speech.samples)
    return np.concatenate(parts) if parts else np.zeros(0, np.float32), rate_hz


def _write(path: Path, samples: NDArray[np.int16]) -> None:
    soundfile.write(path, samples, LINE_RATE_HZ, subtype="PCM_16")
    print(f"{path.parent.name}/{path.name}  {len(samples) / LINE_RATE_HZ:.2f} s")


if __name__ == "__main__":
    sys.exit(main())
