"""What ``/metrics`` counts of the spam filter: what became of each live call at it, and why."""

from typing import get_args

from prometheus_client import CollectorRegistry, Counter

from agent.events import CallEnded, CallStarted, Event, SpamJudged
from agent.routing.spam import SignName, SpamOutcome, SpamTally

_SIGNS = frozenset(get_args(SignName))


class SpamMetrics:
    """Two counters in the registry. ``read`` must see every event of a call, in order."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "hotline_spam_calls",
            "Live calls that are over, by what the spam filter made of them: passed, challenged (asked what they want, "
            "and not refused), refused, let_in (after all, by an appeal or a supervisor).",
            ["outcome"],
            registry=registry,
        )
        self._reasons = Counter(
            "hotline_spam_reasons",
            "Signs by which the spam filter decided so on calls that are over; a call may have several.",
            ["outcome", "reason"],
            registry=registry,
        )
        self._live: dict[str, SpamTally] = {}
        for outcome in get_args(SpamOutcome):
            self._calls.labels(outcome)

    def read(self, event: Event) -> None:
        match event.body:
            case CallStarted(channel=channel) if channel != "replay":
                self._live[event.call_id] = SpamTally()
            case SpamJudged() as judged if event.call_id in self._live:
                self._live[event.call_id] = self._live[event.call_id].after(judged)
            case CallEnded():
                tally = self._live.pop(event.call_id, None)
                if tally is not None:
                    self._count(tally)
            case _:
                pass

    def _count(self, tally: SpamTally) -> None:
        self._calls.labels(tally.outcome).inc()
        for reason in tally.reasons:
            # Each value of a label is kept for ever: only what the filter can say itself becomes one.
            self._reasons.labels(tally.outcome, reason if reason in _SIGNS else "other").inc()
