"""The frozen sets: sentences that are never trained on and never changed, so that models of all times can be compared.

``frozen/intents_LANGUAGE.tsv`` was written by somebody who had not seen the training sentences.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

from models.errors import ModelError
from models.nlu import INTENTS, SENTIMENTS, SIGNALS
from models.training.corpus import Example

FROZEN = Path(__file__).parent / "frozen"
COLUMNS = ["intent", "sentiment", "escalation", "scenario", "text"]


def without_frozen(examples: Iterable[Example]) -> list[Example]:
    """The examples whose words are in no frozen set: short ones like 人工 are said by everybody."""
    frozen = {e.text for language in ("zh", "en") for e in frozen_intents(language)}
    return [example for example in examples if example.text not in frozen]


def frozen_intents(language: str, folder: Path = FROZEN) -> list[Example]:
    """The sentences of one language; every one has an intent, a sentiment and its signals. Raises ModelError
    ``data_invalid`` naming file and line.
    """
    path = folder / f"intents_{language}.tsv"
    examples = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if reader.fieldnames != COLUMNS:
            raise ModelError("data_invalid", f"{path}:1: columns {reader.fieldnames}; {COLUMNS} are right")
        for number, row in enumerate(reader, 2):
            signals = frozenset(row["escalation"].split(",")) - {"-", ""}
            if row["intent"] not in INTENTS or row["sentiment"] not in SENTIMENTS or signals - set(SIGNALS):
                raise ModelError("data_invalid", f"{path}:{number}: unknown label in {dict(row)}")
            examples.append(
                Example(
                    row["text"], f"frozen/{row['scenario']}", "frozen", frozenset({row["intent"]}),
                    frozenset({row["sentiment"]}), signals,
                )
            )  # fmt: skip
    return examples
