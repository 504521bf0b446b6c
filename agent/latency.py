"""How long callers wait for an answer, and in which step the time went. Pure: from events to numbers.

The terminal, the pages, the metrics and the traces all read it here, so that they never tell different stories.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from agent.events import AsrFinal, CallStarted, Event, Frozen, Language, TtsStarted, Waterfall

Step = Literal["asr", "endpoint", "nlu", "llm", "tts", "wire"]
STEPS: tuple[Step, ...] = ("asr", "endpoint", "nlu", "llm", "tts", "wire")
"""In the order in which they follow each other in a waterfall."""


@dataclass(frozen=True)
class Answer:
    """One answer to something that the caller said, and the wait for it."""

    call_id: str
    turn: int
    language: Language
    waterfall: Waterfall

    @property
    def total_ms(self) -> int:
        """From the caller's last voiced sample to the first sample of the answer on the wire."""
        return self.waterfall.wire_ms

    @property
    def steps(self) -> dict[Step, int]:
        """See ``steps_of``."""
        return steps_of(self.waterfall)


def steps_of(waterfall: Waterfall) -> dict[Step, int]:
    """What each step took by itself, in ms, in order; they add up to ``wire_ms``. A language model that was not waited
    for is left out: no wait is not a wait of 0 ms, and would pull its median down.
    """
    took = waterfall.steps()
    return {step: took[step] for step in STEPS if step != "llm" or waterfall.llm_ms is not None}


def answers(events: Iterable[Event]) -> tuple[Answer, ...]:
    """The answers of any number of calls, oldest first. What the bot says by itself (a greeting) answers nothing, and
    calls that were stored before there were waterfalls have none.
    """
    spoken: dict[str, Language] = {}
    found: list[Answer] = []
    for event in events:
        match event.body:
            case CallStarted(language=language) | AsrFinal(language=language):
                spoken[event.call_id] = language
            case TtsStarted(turn=turn, waterfall=Waterfall() as waterfall):
                found.append(Answer(event.call_id, turn, spoken.get(event.call_id, "zh"), waterfall))
            case _:
                pass
    return tuple(found)


@dataclass(frozen=True)
class Spread:
    """Of one step over many answers. Times in ms; ``count``: answers in which the step was taken."""

    count: int
    median_ms: int
    p95_ms: int
    worst_ms: int


@dataclass(frozen=True)
class Report:
    """Of some answers. ``steps`` has no entry for a step that none of them took."""

    total: Spread
    steps: dict[Step, Spread]
    slowest: tuple[Answer, ...]


def report(found: Iterable[Answer], slowest: int = 5) -> Report | None:
    """Sum up. ``slowest``: how many of the longest waits are named. None where there is no answer at all."""
    by_wait = sorted(found, key=lambda answer: answer.total_ms, reverse=True)
    if not by_wait:
        return None
    steps: dict[Step, Spread] = {}
    for step in STEPS:
        if took := [answer.steps[step] for answer in by_wait if step in answer.steps]:
            steps[step] = spread(took)
    return Report(spread([answer.total_ms for answer in by_wait]), steps, tuple(by_wait[:slowest]))


class Overview(Frozen):
    """Of many calls. ``reports``: one of ``all`` answers and one of each language, as voices and prompts differ, and so
    do their times; empty where there is no answer.
    """

    calls: int
    reports: dict[str, Report]


def overview(calls: Iterable[Iterable[Event]]) -> Overview:
    """Sum up calls, each given by its events."""
    count = 0
    groups: dict[str, list[Answer]] = {"all": []}
    for events in calls:
        count += 1
        for answer in answers(events):
            groups["all"].append(answer)
            groups.setdefault(answer.language, []).append(answer)
    made = {name: report(group) for name, group in groups.items()}
    return Overview(calls=count, reports={name: one for name, one in made.items() if one is not None})


def spread(took_ms: list[int]) -> Spread:
    """Of at least one duration. Percentiles are interpolated between neighbours, as numpy does."""
    median, p95 = np.percentile(took_ms, (50, 95))
    return Spread(len(took_ms), round(float(median)), round(float(p95)), max(took_ms))
