"""What became of a call at the filter, told from its verdicts: what is counted, and for which reasons. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from agent.events import SpamJudged, SpamVerdict
from agent.routing.spam.policy import PASSES

SpamOutcome = Literal["passed", "challenged", "refused", "let_in"]
"""Each call has one. passed: never in doubt. challenged: in doubt, to be asked what they want, and not refused.
refused: and it stayed so. let_in: after all, by an appeal or by a supervisor.
"""
_AFTER_ALL = frozenset({"appealed", "overruled"})


@dataclass(frozen=True)
class SpamTally:
    """One call so far. ``signs``: names, of the last verdict."""

    verdict: SpamVerdict = "pass"
    challenged: bool = False
    refused: bool = False
    signs: tuple[str, ...] = ()

    def after(self, judged: SpamJudged) -> "SpamTally":
        return SpamTally(
            judged.verdict,
            self.challenged or judged.verdict == "challenge",
            self.refused or judged.verdict == "refuse",
            tuple(sign.sign for sign in judged.signs),
        )

    @property
    def outcome(self) -> SpamOutcome:
        if self.verdict == "refuse":
            return "refused"
        if self.refused or not _AFTER_ALL.isdisjoint(self.signs):
            return "let_in"
        return "challenged" if self.challenged else "passed"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, by the names of signs: of who was asked or refused what spoke against them, of others what spoke for
        them.
        """
        against = self.outcome in ("challenged", "refused")
        return tuple(_named(self.signs, against=against))


def _named(signs: Iterable[str], *, against: bool) -> Iterable[str]:
    return (sign for sign in dict.fromkeys(signs) if (sign not in PASSES) == against)
