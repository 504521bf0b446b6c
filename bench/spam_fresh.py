"""Openings of trades that stand in no other set, and honest callers with traps: `bench/sets/spam_fresh.yaml`.
Played as calls from plain numbers of which nothing is known: only the words can tell.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from agent.routing.spam import History, SpamPolicy, read
from agent.routing.spam.openings import length
from bench.spam_calls import Outcome, SpamCall, Speech, play

FRESH = Path(__file__).parent / "sets" / "spam_fresh.yaml"
AFTER = FRESH.with_name("spam_fresh_after.yaml")
"""More of them, written when the rules for the form of a pitch stood."""
BEGINS_MS = 6000
MS_A_LETTER = 75
"""Of `length`: some four and a half characters a second, as people talk on the telephone."""


@dataclass(frozen=True)
class Opening:
    """``points``: of the first words alone. ``outcome``: of the call."""

    about: str
    says: str
    spam: bool
    points: int
    outcome: Outcome


def fresh(policy: SpamPolicy, file: Path) -> list[Opening]:
    """Every opening, read and played."""
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [_opening(policy, entry) for entry in entries]


def _opening(policy: SpamPolicy, entry: dict[str, Any]) -> Opening:
    call = SpamCall(
        name=entry["says"],
        spam=entry["spam"],
        kind="english" if entry["says"].isascii() else "pitch" if entry["spam"] else "caller",
        part="test",
        number="13612345678",
        marks=(),
        history=History(),
        recorded=False,
        moments=(_speech(BEGINS_MS, entry["says"]),),
        answers=tuple((_speech(900, words),) for words in entry["then"]),
    )
    points = read(policy.rules, entry["says"]).points
    return Opening(entry["about"], entry["says"], entry["spam"], points, play(policy, call))


def _speech(start_ms: int, words: str) -> Speech:
    return Speech(start_ms, start_ms + length(words) * MS_A_LETTER, words)
