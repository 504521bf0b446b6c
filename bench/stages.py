"""Where the time of an answer went, by each bot's own account: ours over HTTP from its timeline, the peer's from its
metrics file. Both are brought to the same six stages.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.phone import Heard

STAGES = ("endpoint", "asr", "nlu", "llm", "tts", "wire")
"""Waiting for the turn to be over; recognition; understanding; the language model up to what can be spoken; synthesis;
all else on the way to the wire."""
_OF_PIPECAT = {
    "endpointing_wait": "endpoint",
    "transcription": "asr",
    "turn_detection": "endpoint",
    "llm_inference": "llm",
    "sentence_aggregation": "llm",
    "speech_synthesis": "tts",
}
"""The stage of each part that pipecat names; what is not here is on the way to the wire."""
_CALLS_LISTED = 500


@dataclass(frozen=True)
class Account:
    """Of one answer: when it began, in s since the call was dialled, and its stages in the order they happened, in ms
    each. They add up to the time from the caller's last voiced sample.
    """

    at_s: float
    stages_ms: tuple[tuple[str, float], ...]


def of_hotline(url: str, heard: Heard) -> list[Account]:
    """The answers of one call. Those to which nothing was said, as the greeting, have no waterfall."""
    calls = httpx.get(f"{url}/api/calls", params={"limit": _CALLS_LISTED}).raise_for_status().json()["calls"]
    accounts = []
    for call in calls:
        if call["caller_number"] != heard.caller:
            continue
        for event in httpx.get(f"{url}/api/calls/{call['id']}/events").raise_for_status().json():
            milestones = event["body"].get("waterfall")
            if event["body"]["type"] == "tts-started" and milestones:
                accounts.append(Account(heard.media_s + event["audio_ms"] / 1000, steps(milestones)))
    return accounts


def steps(milestones_ms: dict[str, int | None]) -> tuple[tuple[str, float], ...]:
    """What each stage took, from when each was done: ``{"asr_ms": 300, "endpoint_ms": 500, …}``, in that order."""
    taken: list[tuple[str, float]] = []
    before_ms = 0
    for name, at_ms in milestones_ms.items():
        if at_ms is not None and at_ms > before_ms:
            taken.append((name.removesuffix("_ms"), float(at_ms - before_ms)))
            before_ms = at_ms
    return tuple(taken)


def of_peer(metrics: Path, heard: Heard) -> list[Account]:
    """The same, from the peer's file."""
    lines = [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines()]
    return [
        Account(
            line["at_epoch_s"] - heard.dialled_epoch_s,
            tuple((_OF_PIPECAT.get(key, "wire"), float(ms)) for key, ms in line["stages_ms"]),
        )
        for line in lines
        if line["caller"] == heard.caller
    ]


def between(accounts: Iterable[Account], since_s: float, until_s: float) -> Account | None:
    """The first answer that began in this time: it is the one to the turn that ended at ``since_s``."""
    return next((account for account in accounts if since_s < account.at_s < until_s), None)
