"""The training corpus: sentences written for this project, and public sets read from a data folder.

Written sentences live in ``utterances/``, one a line. ``## name`` opens a scenario, a topic whose sentences stay on one
side of every split. A first character marks the sentiment: ``!`` angry, ``-`` negative, ``+`` positive, none neutral.

* ``utterances/zh/INTENT.txt``, ``en/``: sentences of one intent.
* ``utterances/sentiment.txt``: sentences whose intent does not matter.
* ``utterances/sentiment_dialogues.txt``: a scenario is one caller's turns in order, each marked as it sounds after
  those before it.
* ``utterances/risk_dialogues.txt``: the same for whole calls, each turn with the signals it carries in the light of
  those before it, and with none where none stands.
* ``utterances/escalation/SIGNAL.txt``: sentences that carry the signal; in a scenario ``trap/…`` sentences that look
  like it and carry none. ``{regulator,lawyer}`` before a sentence adds signals.
"""

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.errors import ModelError
from models.nlu import CONTEXT_TURNS, INTENTS, SENTIMENTS, SIGNALS, Intent, Sentiment

UTTERANCES = Path(__file__).parent / "utterances"

HAND = "hand"
CORRECTED = "corrected"
_MARKS: dict[str, Sentiment] = {"!": "angry", "-": "negative", "+": "positive"}
_MORE_SIGNALS = re.compile(r"^\{([a-z_,]+)\}")
_TV_CONTEXT = 2

# In these, and wherever the caller is annoyed, there may well be a signal; it was not marked, so it is not known.
_SIGNALS_UNKNOWN = frozenset({"complaint", "human_agent"})

# Who threatens, was hurt or has been put off wants one of these, though which was not marked.
_SERIOUS: frozenset[Intent] = frozenset(INTENTS) - {"greeting", "goodbye", "chitchat", "praise", "other"}
_LIFE: frozenset[Intent] = _SERIOUS | {"other", "chitchat"}
"""Who does not want to live may be talking of nothing that a company does."""


@dataclass(frozen=True)
class Example:
    """One sentence with what is known of it.

    scenario: examples of one scenario stay on one side of every split. source: ``hand``, ``corrected`` or the name of
    the public set.
    intents, sentiments: those that may be right (a bad review is negative or angry), empty if unknown.
    signals: those it carries, None if unknown. context: what was said before, oldest first.
    taught: the probabilities that teachers give to the labels of each head, None without teachers.
    """

    text: str
    scenario: str
    source: str
    intents: frozenset[Intent] = frozenset()
    sentiments: frozenset[Sentiment] = frozenset()
    signals: frozenset[str] | None = None
    context: tuple[str, ...] = ()
    taught: Mapping[str, tuple[float, ...]] | None = None

    @property
    def intent(self) -> Intent | None:
        """The one that is right; None if several may be, or none is known."""
        return next(iter(self.intents)) if len(self.intents) == 1 else None


@dataclass(frozen=True)
class _Line:
    scenario: str
    text: str
    sentiment: Sentiment
    signals: frozenset[str]


def _lines(path: Path) -> Iterator[_Line]:
    """The sentences of one file; errors name the file and the line."""
    scenario = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if text.startswith("## "):
            scenario = text[3:].strip()
        elif text and not scenario:
            raise ModelError("data_invalid", f"{path}:{number}: a sentence before the first '## scenario'")
        elif text:
            more = _MORE_SIGNALS.match(text)
            signals = frozenset(more[1].split(",")) if more else frozenset()
            if unknown := signals - set(SIGNALS):
                raise ModelError(
                    "data_invalid", f"{path}:{number}: no signal {sorted(unknown)}; there are {', '.join(SIGNALS)}"
                )
            text = text[more.end() :] if more else text
            mark = _MARKS.get(text[:1])
            if not (text := text[1:] if mark else text):
                raise ModelError("data_invalid", f"{path}:{number}: marks without a sentence")
            yield _Line(scenario, text, mark or "neutral", signals)


def hand_written(folder: Path = UTTERANCES) -> list[Example]:
    """Every sentence of `folder`; a sentence that stands twice counts once."""
    examples: list[Example] = []
    for language in ("zh", "en"):
        for intent in INTENTS:
            path = folder / language / f"{intent}.txt"
            for line in _lines(path):
                calm = intent not in _SIGNALS_UNKNOWN and line.sentiment in ("neutral", "positive")
                signals = frozenset[str]() if calm else None
                scenario = f"{language}/{intent}/{line.scenario}"
                examples.append(
                    Example(line.text, scenario, HAND, frozenset({intent}), frozenset({line.sentiment}), signals)
                )
    for line in _lines(folder / "sentiment.txt"):
        examples.append(Example(line.text, f"sentiment/{line.scenario}", HAND, sentiments=frozenset({line.sentiment})))
    moods = _dialogues(folder / "sentiment_dialogues.txt", signals_known=False)
    risks = _dialogues(folder / "risk_dialogues.txt", signals_known=True)
    return [*_unique(examples), *moods, *risks, *_escalation(folder / "escalation")]


def _dialogues(path: Path, *, signals_known: bool) -> Iterator[Example]:
    said: list[str] = []
    scenario = ""
    for line in _lines(path):
        if line.scenario != scenario:
            scenario, said = line.scenario, []
        signals = line.signals if signals_known else None
        yield Example(
            line.text, f"dialogue/{scenario}", HAND, _intents(line.signals), frozenset({line.sentiment}), signals,
            tuple(said[-CONTEXT_TURNS:]),
        )  # fmt: skip
        said.append(line.text)


def _escalation(folder: Path) -> Iterator[Example]:
    for signal in SIGNALS:
        for line in _lines(folder / f"{signal}.txt"):
            own = frozenset[str]() if line.scenario.startswith("trap/") else frozenset({signal})
            signals = own | line.signals
            # A threat without a mark was written calm; whether its words are angry, its writer did not say.
            open_mood = bool(own) and line.sentiment == "neutral"
            moods: frozenset[Sentiment] = (
                frozenset({"neutral", "negative", "angry"}) if open_mood else frozenset({line.sentiment})
            )
            yield Example(line.text, f"{signal}/{line.scenario}", HAND, _intents(signals), moods, signals)


def _intents(signals: frozenset[str]) -> frozenset[Intent]:
    """What one who carries these may want; empty, anything, without any."""
    if not signals:
        return frozenset()
    return _LIFE if "self_harm" in signals else _SERIOUS


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

KIND_MARKS: Mapping[str, str] = {"reviews": "评论：", "weibo": "微博：", "tv": "电视剧："}
"""Said before each text of these public sets. Whoever marked them had another measure of feeling than a hotline
has, each their own; a network that is told which it reads can learn them all. What a caller says is not marked.
"""

_PER_INTENT = 60
"""Of each intent of a public set: enough to help, too few to drown the hotline's own sentences."""


def public(data: Path) -> list[Example]:
    """The public sets under `data`, duplicates and contradictions dropped."""
    return [
        *_capped(_unique(_public_intents(data))),
        *_unique(_overheard(data)),
        *_unique(_public_sentiments(data)),
        *_tv(data),
    ]


def _public_intents(data: Path) -> Iterator[Example]:
    none: frozenset[str] = frozenset()
    for name, labels in (("banking77", _BANKING), ("clinc150", _CLINC)):
        for row in _rows(data / "intent" / f"{name}_train.jsonl.gz"):
            if row["intent"] in labels:
                # Split by source intent: its sentences are paraphrases of each other.
                yield Example(
                    row["text"], f"{name}/{row['intent']}", name, frozenset({labels[row["intent"]]}), signals=none
                )
    for row in _rows(data / "intent" / "smp2017_train.jsonl.gz"):
        if row["domain"] != "chat":  # its chit-chat mixes small talk with questions about the world
            yield Example(row["text"], f"smp2017/{row['domain']}", "smp2017", frozenset({"other"}), signals=none)


def _overheard(data: Path) -> Iterator[Example]:
    """Sentences of news that somebody reads aloud: what a telephone picks up of a room is nothing that a caller wants.
    Those that are spoken in the clips beside them are left to tests.
    """
    folder = data / "speech_zh"
    try:
        spoken = (folder / "manifest.tsv").read_text(encoding="utf-8")
        lines = (folder / "aishell1_sentences.txt").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise ModelError("data_missing", f"{error.filename} is not there; --data names the folder.") from error
    for line in lines:
        text = line.split(maxsplit=1)[1]
        if text not in spoken:
            yield Example(text, f"aishell/{text}", "aishell", frozenset({"other"}), signals=frozenset[str]())


def _public_sentiments(data: Path) -> Iterator[Example]:
    folder = data / "sentiment"
    for row in _rows(folder / "weibo_emotion.jsonl.gz"):
        if row["label"] in _WEIBO:
            # The three virus_* files repeat each other, so the text itself is the unit of splitting.
            yield _felt("weibo", row["text"], row["text"], {_WEIBO[row["label"]]})
    for row in _rows(folder / "reviews.jsonl.gz"):
        yield _felt("reviews", row["text"], row["text"], {"positive"} if row["label"] == 1 else {"negative", "angry"})


def _tv(data: Path) -> Iterator[Example]:
    """Turns of television dialogues, each with the turns before it."""
    dialogue, said = "", list[str]()
    for row in _rows(data / "sentiment" / "tv_dialogue_emotion.jsonl.gz"):
        if row["dialogue"] != dialogue:
            dialogue, said = row["dialogue"], []
        mood = "angry" if row["emotion"] == "anger" else row["sentiment"]
        assert mood in SENTIMENTS, mood
        yield _felt("tv", dialogue, row["text"], {mood}, tuple(said[-_TV_CONTEXT:]))
        said.append(row["text"])


def _felt(source: str, scenario: str, text: str, moods: set[Sentiment], context: tuple[str, ...] = ()) -> Example:
    marked = KIND_MARKS[source] + text
    return Example(marked, f"{source}/{scenario}", source, sentiments=frozenset(moods), context=context)


def unmarked(example: Example) -> Example:
    """Its text without what `KIND_MARKS` put before it."""
    return replace(example, text=example.text.removeprefix(KIND_MARKS.get(example.source, "")))


def corrections(path: Path) -> list[Example]:
    """Utterances that people corrected, as ``hotline nlu export`` writes them.

    Raises ModelError ``data_invalid`` naming file and line.
    """
    examples = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            signals = None if row["signals"] is None else frozenset[str](row["signals"])
            known = (row["intent"] in (None, *INTENTS), row["sentiment"] in (None, *SENTIMENTS))
            if not all(known) or (signals or frozenset()) - set(SIGNALS):
                raise ValueError("a label that there is not")
            examples.append(
                Example(
                    row["text"],
                    f"{CORRECTED}/{row['call_id']}",
                    CORRECTED,
                    frozenset({row["intent"]} - {None}),
                    frozenset({row["sentiment"]} - {None}),
                    signals,
                    tuple(row["context"]),
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError("data_invalid", f"{path}:{number}: {error or type(error).__name__}") from error
    return examples


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
    labels: dict[str, set[object]] = {}
    first: dict[str, Example] = {}
    for example in examples:
        labels.setdefault(example.text, set()).add((example.intents, example.sentiments))
        first.setdefault(example.text, example)
    return [example for text, example in first.items() if len(labels[text]) == 1]


def _capped(examples: list[Example]) -> list[Example]:
    """At most `_PER_INTENT` examples of each scenario, chosen by a fixed shuffle."""
    shuffled = list(examples)
    random.Random(0).shuffle(shuffled)
    seen: dict[str, int] = {}
    kept: list[Example] = []
    for example in shuffled:
        seen[example.scenario] = seen.get(example.scenario, 0) + 1
        if seen[example.scenario] <= _PER_INTENT:
            kept.append(example)
    return kept
