"""What a call hears of the sentences of a set, as `bench.as_heard` wrote it down."""

import csv
from pathlib import Path
from typing import Literal, NamedTuple

from agent.events import Language

HeardSet = Literal["knowledge", "intents"]
COLUMNS = ["language", "said", "heard"]
SETS = Path(__file__).parent / "sets"


class Said(NamedTuple):
    language: Language
    text: str


def path_of(name: HeardSet) -> Path:
    return SETS / f"heard_{name}.tsv"


def heard(name: HeardSet) -> dict[Said, str]:
    """What was made of each sentence; of none where the set was never spoken."""
    path = path_of(name)
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {Said("zh" if row["language"] == "zh" else "en", row["said"]): row["heard"] for row in rows}
