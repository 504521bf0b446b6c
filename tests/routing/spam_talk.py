"""A call to the spam filter, told moment by moment, with the demo company's rules."""

from functools import cache
from pathlib import Path

from agent.event_base import Language
from agent.events import SpamJudged
from agent.routing.spam import (
    Act,
    BotEnded,
    BotStarted,
    Challenge,
    HangUp,
    Heard,
    Judgement,
    KeyPressed,
    Moment,
    Pass,
    Refuse,
    SpamPolicy,
    SpeechEnded,
    SpeechStarted,
    Tick,
    begin,
    load_spam,
    step,
)

ROUTING = Path(__file__).parents[2] / "companies" / "jinghe" / "routing"


@cache
def policy() -> SpamPolicy:
    return load_spam(ROUTING / "spam.yaml")


class Talk:
    """The bot speaks what it is told to; time is in seconds since the answer."""

    def __init__(
        self, judged: Judgement | None = None, *, rules: SpamPolicy | None = None, openings: tuple[str, ...] = ()
    ) -> None:
        self.policy = rules or policy()
        self.acts: list[Act] = []
        self.now_ms = 0
        self._turn = 0
        self._speaks_until_ms: int | None = None
        self.state, acts = begin(self.policy, judged or Judgement(), openings=openings)
        self._take(acts)

    def greeted(self) -> "Talk":
        self.at(0.3, BotStarted(300))
        return self.at(5.5, BotEnded(5500))

    def says(self, start_s: float, end_s: float, text: str, language: Language = "zh") -> "Talk":
        self.wait_until(start_s)
        self.at(start_s, SpeechStarted(round(start_s * 1000)))
        self.wait_until(end_s)
        self.at(end_s, SpeechEnded(round(end_s * 1000)))
        self._turn += 1
        at_s = end_s + 0.8
        self.wait_until(at_s)
        heard = Heard(round(at_s * 1000), self._turn, text, language, round(start_s * 1000), round(end_s * 1000))
        return self.at(at_s, heard)

    def presses(self, at_s: float, digit: str) -> "Talk":
        self.wait_until(at_s)
        return self.at(at_s, KeyPressed(round(at_s * 1000), digit))

    def wait_until(self, at_s: float) -> "Talk":
        while self.now_ms + 200 < at_s * 1000:
            self.at((self.now_ms + 200) / 1000, Tick(self.now_ms + 200))
        return self

    def at(self, at_s: float, moment: Moment) -> "Talk":
        at_ms = round(at_s * 1000)
        if self._speaks_until_ms is not None and self._speaks_until_ms <= at_ms:
            ended = BotEnded(self._speaks_until_ms)
            self._speaks_until_ms = None
            self._step(ended)
        self.now_ms = max(self.now_ms, at_ms)
        self._step(moment)
        return self

    def _step(self, moment: Moment) -> None:
        self.state, acts = step(self.policy, self.state, moment)
        self._take(acts)

    def _take(self, acts: tuple[Act, ...]) -> None:
        self.acts += acts
        if any(isinstance(act, Challenge | Refuse) for act in acts):
            self._step(BotStarted(self.now_ms))
            self._speaks_until_ms = self.now_ms + 3000

    @property
    def causes(self) -> list[str]:
        return [act.cause for act in self.acts if isinstance(act, Challenge)]

    @property
    def refused(self) -> bool:
        return any(isinstance(act, Refuse) for act in self.acts)

    @property
    def hung_up(self) -> bool:
        return any(isinstance(act, HangUp) for act in self.acts)

    @property
    def passed(self) -> bool:
        return any(isinstance(act, Pass) for act in self.acts)

    @property
    def signs(self) -> list[str]:
        """Of the last verdict."""
        judged = [act for act in self.acts if isinstance(act, SpamJudged)]
        return [sign.sign for sign in judged[-1].signs] if judged else []
