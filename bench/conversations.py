"""What callers say in the benchmarks: the spoken turns of ``audio_fixtures/``, call by call, read from their YAML as an
outsider would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

WARM_UP = "hang-up-mid-sentence/01.wav"
"""Said once to each server before anything is measured; no measured call has it."""


@dataclass(frozen=True)
class Conversation:
    """One call: the caller's clips in order, and what is said in them."""

    name: str
    clips: tuple[Path, ...]
    texts: tuple[str, ...]


def conversations(folder: Path) -> list[Conversation]:
    """The calls whose callers speak in turn. Noise, silence, keys, talking over the bot and hanging up in mid-sentence
    are no turns that could be answered in time.
    """
    found = []
    for file in sorted(folder.glob("*/call.yaml")):
        call = yaml.safe_load(file.read_text(encoding="utf-8"))
        if any("hang_up_after_ms" in turn for turn in call["turns"]):
            continue
        spoken = [turn for turn in call["turns"] if _is_spoken_in_turn(turn)]
        if spoken:
            clips = tuple(file.parent / turn["audio"] for turn in spoken)
            found.append(Conversation(call["name"], clips, tuple(turn["say"] for turn in spoken)))
    return found


def _is_spoken_in_turn(turn: dict[str, Any]) -> bool:
    return bool(turn.get("say")) and "audio" in turn and turn.get("when", "after_bot") == "after_bot"


def repeats(calls: Sequence[Conversation]) -> int:
    """How many turns say what an earlier turn has said, word for word: an answer might come from a cache."""
    texts = [text for call in calls for text in call.texts]
    return len(texts) - len(set(texts))
