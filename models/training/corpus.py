"""What the classifier learns from: hand-written hotline sentences and, from a data folder, public sets.

Hand-written files hold one sentence a line under ``## scenario`` headings; a scenario is never split between training
and test. A line's first character may give the sentiment: ``!`` angry, ``-`` negative, ``+`` positive; none is neutral.
"""

import gzip
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import ModelError
from models.nlu import INTENTS, Intent, Sentiment

UTTERANCES = Path(__file__).parent / "utterances"

_SENTIMENT_MARKS: dict[str, Sentiment] = {"!": "angry", "-": "negative", "+": "positive"}


@dataclass(frozen=True)
class Example:
    """One sentence with what is known of it.

    scenario: examples of one scenario stay on one side of every split.
    source: ``hand`` or the name of the public set.
    """

    text: str
    scenario: str
    source: str
    intent: Intent | None = None
    sentiment: Sentiment | None = None


def read_utterances(path: Path, intent: Intent | None) -> list[Example]:
    """Read one hand-written file; errors name the file and the line."""
    examples: list[Example] = []
    scenario = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if not text:
            continue
        if text.startswith("## "):
            scenario = f"{path.parent.name}/{path.stem}/{text[3:]}"
            continue
        if not scenario:
            raise ModelError("data_invalid", f"{path}:{number}: a sentence before the first '## scenario'")
        sentiment = _SENTIMENT_MARKS.get(text[0])
        examples.append(Example(text[1:] if sentiment else text, scenario, "hand", intent, sentiment or "neutral"))
    return examples


def hand_written() -> list[Example]:
    """Every hand-written sentence: Chinese and English with intent and sentiment, and some with sentiment alone."""
    examples: list[Example] = []
    for language in ("zh", "en"):
        for intent in INTENTS:
            examples += read_utterances(UTTERANCES / language / f"{intent}.txt", intent)
    return examples + read_utterances(UTTERANCES / "sentiment.txt", None)


_BANKING: dict[str, Intent] = {
    "card_arrival": "logistics",
    "card_delivery_estimate": "logistics",
    "request_refund": "refund_return",
    "Refund_not_showing_up": "refund_return",
    "transaction_charged_twice": "billing_invoice",
    "extra_charge_on_statement": "billing_invoice",
    "card_payment_fee_charged": "billing_invoice",
    "passcode_forgotten": "account_service",
    "edit_personal_details": "account_service",
    "verify_my_identity": "account_service",
    "unable_to_verify_identity": "account_service",
    "terminate_account": "cancel_service",
}

_CLINC: dict[str, Intent] = {
    "order_status": "order_status",
    "greeting": "greeting",
    "goodbye": "goodbye",
    "are_you_a_bot": "chitchat",
    "what_is_your_name": "chitchat",
    "how_old_are_you": "chitchat",
    "where_are_you_from": "chitchat",
    "tell_joke": "chitchat",
    "what_are_your_hobbies": "chitchat",
    "who_made_you": "chitchat",
    "fun_fact": "chitchat",
    "yes": "other",
    "no": "other",
    "maybe": "other",
    "repeat": "other",
    "weather": "other",
    "oos": "other",
    "book_flight": "other",
    "translate": "other",
    "restaurant_reservation": "other",
    "directions": "other",
    "recipe": "other",
    "play_music": "other",
    "account_blocked": "account_service",
}

_WEIBO: dict[str, Sentiment] = {
    "angry": "angry",
    "sad": "negative",
    "fear": "negative",
    "happy": "positive",
    "neutral": "neutral",
}

# Of each public set, so many rows a label: enough to help, too few to drown the hotline's own sentences.
_PER_INTENT = 25
_PER_SENTIMENT = 500

# Longer texts are essays; nobody speaks so much in one turn.
_LONGEST_PUBLIC_CHARS = 100


def public(data: Path, *, seed: int) -> list[Example]:
    """A balanced sample of the public sets under `data`, duplicates and contradictions dropped."""
    rng = random.Random(seed)
    intents = [row for row in _public_intents(data) if len(row.text) <= _LONGEST_PUBLIC_CHARS]
    sentiments = [row for row in _public_sentiments(data) if len(row.text) <= _LONGEST_PUBLIC_CHARS]
    rng.shuffle(intents)
    rng.shuffle(sentiments)
    return _capped(_unique(intents), _PER_INTENT) + _capped(_unique(sentiments), _PER_SENTIMENT)


def _public_intents(data: Path) -> Iterator[Example]:
    for name, labels in (("banking77", _BANKING), ("clinc150", _CLINC)):
        for row in _rows(data / "intent" / f"{name}_train.jsonl.gz"):
            if row["intent"] in labels:
                # Split by source intent: its sentences are paraphrases of each other.
                scenario = f"{name}/{row['intent']}"
                yield Example(row["text"], scenario, name, labels[row["intent"]])
    for row in _rows(data / "intent" / "smp2017_train.jsonl.gz"):
        if row["domain"] != "chat":  # its chit-chat mixes small talk with questions about the world
            yield Example(row["text"], f"smp2017/{row['domain']}", "smp2017", "other")


def _public_sentiments(data: Path) -> Iterator[Example]:
    folder = data / "sentiment"
    for row in _rows(folder / "weibo_emotion.jsonl.gz"):
        if row["label"] in _WEIBO:
            # The three virus_* files repeat each other, so the text itself is the unit of splitting.
            yield Example(row["text"], f"weibo/{row['text']}", "weibo", None, _WEIBO[row["label"]])
    for row in _rows(folder / "reviews.jsonl.gz"):
        label: Sentiment = "positive" if row["label"] == 1 else "negative"
        yield Example(row["text"], f"reviews/{row['text']}", "reviews", None, label)
    for row in _rows(folder / "tv_dialogue_emotion.jsonl.gz"):
        emotion: Sentiment = "angry" if row["emotion"] == "anger" else row["sentiment"]
        yield Example(row["text"], f"tv/{row['dialogue']}", "tv", None, emotion)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except FileNotFoundError as error:
        raise ModelError(
            "data_missing", f"{path} is not there; --data names the folder that holds intent/ and sentiment/."
        ) from error


def _unique(examples: Iterable[Example]) -> list[Example]:
    """One example a text; texts that carry two different labels are dropped."""
    labels: dict[str, set[tuple[str | None, str | None]]] = {}
    first: dict[str, Example] = {}
    for example in examples:
        labels.setdefault(example.text, set()).add((example.intent, example.sentiment))
        first.setdefault(example.text, example)
    return [example for text, example in first.items() if len(labels[text]) == 1]


def _capped(examples: list[Example], limit: int) -> list[Example]:
    """At most `limit` examples of each scenario-level source and label."""
    seen: dict[tuple[str, ...], int] = {}
    kept: list[Example] = []
    for example in examples:
        group = example.scenario if example.intent else example.source
        key = (group, str(example.intent), str(example.sentiment))
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= limit:
            kept.append(example)
    return kept
