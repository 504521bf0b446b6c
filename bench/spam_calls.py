"""Written calls to the spam filter, played moment by moment as a live call's timeline would show them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any, Literal

import yaml

from agent.event_base import Language
from agent.events import SpamJudged
from agent.routing.spam import (
    Act,
    BotEnded,
    BotStarted,
    Caller,
    Challenge,
    EarlierCall,
    HangUp,
    Heard,
    History,
    KeyPressed,
    Mark,
    Moment,
    Pass,
    Refuse,
    SpamPolicy,
    SpeechEnded,
    SpeechStarted,
    Tick,
    before_answer,
    begin,
    step,
)

CALLS = Path(__file__).parent / "sets" / "spam_calls.yaml"
NOW_MS = 1_790_000_000_000
GREETING_MS = (300, 5500)
SENTENCE_MS = 3500
"""How long a question or a refusal is spoken; the phrases of the demo company are between 3 and 6 s."""
WORDS_AFTER_MS = 900
"""From the end of a turn's last word until its text is there: the end of the turn, and the recogniser."""
BARGE_IN_MS = 400
LONGEST_TURN_MS = 26_000
TICK_MS = 200
END_MS = 100_000


@dataclass(frozen=True)
class Speech:
    """A span of sound; without words where ``text`` is empty."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class Press:
    at_ms: int
    key: str


@dataclass(frozen=True)
class HangsUp:
    at_ms: int


Doing = Speech | Press | HangsUp


@dataclass(frozen=True)
class SpamCall:
    """A call. See the head of the file for its fields."""

    name: str
    spam: bool
    kind: str
    part: Literal["dev", "test"]
    number: str
    marks: tuple[Mark, ...]
    history: History
    recorded: bool
    moments: tuple[Doing, ...]
    answers: tuple[tuple[Doing, ...], ...]
    trap: str = ""


@dataclass
class Outcome:
    """What became of it. ``challenged``: how often they were asked. ``ended``: how the filter left it."""

    call: SpamCall
    challenged: int = 0
    refused: bool = False
    passed: bool = False
    hung_up_at_ms: int | None = None
    judged: list[tuple[int, SpamJudged]] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Spam is stopped where the line was given up. An honest caller is refused where they lose the line, or hear a
        refusal by anything but the deny list; who is on that by mistake and gets in by the key is counted apart.
        """
        lost = self.hung_up_at_ms is not None
        return lost if self.call.spam else not (lost or (self.refused and self.call.kind != "list"))

    @property
    def verdict(self) -> str:
        if self.hung_up_at_ms is not None:
            return "refused"
        if self.refused:
            return "refused, then let in"
        return "challenged" if self.challenged else "passed"


def load_calls(path: Path = CALLS) -> list[SpamCall]:
    """The written calls."""
    return [_call(entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def _call(entry: dict[str, Any]) -> SpamCall:
    earlier = tuple(EarlierCall(NOW_MS - at * 60_000, s * 1000, turns) for at, s, turns in entry.get("earlier", ()))
    return SpamCall(
        name=entry["name"],
        spam=entry["spam"],
        kind=entry["kind"],
        part=entry["part"],
        number=entry["number"],
        marks=tuple(Mark(*mark) for mark in entry.get("marks", ())),
        history=History(earlier, entry.get("series", 0), tuple(entry.get("openings", ()))),
        recorded=entry.get("voice", "live") == "recorded",
        moments=tuple(_doing(one) for one in entry["moments"]),
        answers=tuple(tuple(_doing(one) for one in answer) for answer in entry.get("answers", ())),
        trap=entry.get("trap", ""),
    )


def _doing(one: list[Any]) -> Doing:
    at_ms = round(one[0] * 1000)
    if one[1] == "key":
        return Press(at_ms, str(one[2]))
    if one[1] == "hangup":
        return HangsUp(at_ms)
    return Speech(at_ms, round(one[1] * 1000), one[2])


def play(policy: SpamPolicy, call: SpamCall) -> Outcome:
    """The whole call, at the level of moments."""
    return _Line(policy, call).run()


class _Line:
    """What is still to come, in order of time."""

    def __init__(self, policy: SpamPolicy, call: SpamCall) -> None:
        self._policy = policy
        self._call = call
        self._outcome = Outcome(call)
        self._queue: list[tuple[int, int, Moment | Doing]] = []
        self._order = count()
        self._turn = 0
        self._bot_until_ms = 0
        self._answers = iter(call.answers)
        language: Language = "en" if call.kind == "english" else "zh"
        judged = before_answer(policy, Caller(call.number, language), call.history, call.marks, NOW_MS)
        if judged.verdict != "pass":
            self._outcome.judged.append((0, SpamJudged(turn=0, **_fields(judged))))
        self._state, acts = begin(policy, judged, language=language, openings=call.history.openings)
        if not acts:
            self._bot(*GREETING_MS)
        for one in call.moments:
            self._put(_at(one), one)
        for at_ms in range(0, END_MS, TICK_MS):
            self._put(at_ms, Tick(at_ms))
        self._do(acts, 0)

    def run(self) -> Outcome:
        while self._queue and self._outcome.hung_up_at_ms is None:
            at_ms, _, what = heappop(self._queue)
            match what:
                case HangsUp():
                    break
                case Speech():
                    self._speak(what)
                    continue
                case Press(key=key):
                    moment: Moment = KeyPressed(at_ms, key)
                case BotEnded() if at_ms != self._bot_until_ms:
                    continue
                case _:
                    moment = what
            self._state, acts = step(self._policy, self._state, moment)
            self._do(acts, at_ms)
        return self._outcome

    def _speak(self, speech: Speech) -> None:
        """Sound now, words later. Over the greeting the bot falls silent."""
        self._put(speech.start_ms, SpeechStarted(speech.start_ms))
        greeting = self._state.phase == "watching"
        if greeting and speech.start_ms < self._bot_until_ms and speech.end_ms - speech.start_ms >= BARGE_IN_MS:
            self._bot_until_ms = max(speech.start_ms, GREETING_MS[0]) + BARGE_IN_MS
            self._put(self._bot_until_ms, BotEnded(self._bot_until_ms))
        self._put(speech.end_ms, SpeechEnded(speech.end_ms))
        if speech.text:
            self._turn += 1
            end_ms = min(speech.end_ms, speech.start_ms + LONGEST_TURN_MS)
            at_ms = end_ms + WORDS_AFTER_MS
            language: Language = "en" if speech.text.isascii() else "zh"
            heard = Heard(at_ms, self._turn, speech.text, language, speech.start_ms, end_ms)
            self._put(at_ms, heard)

    def _do(self, acts: tuple[Act, ...], at_ms: int) -> None:
        for act in acts:
            match act:
                case Challenge():
                    self._outcome.challenged += 1
                    self._say(at_ms)
                case Refuse():
                    self._outcome.refused = True
                    self._say(at_ms)
                case Pass():
                    self._outcome.passed = True
                case HangUp():
                    self._outcome.hung_up_at_ms = at_ms
                case SpamJudged():
                    self._outcome.judged.append((at_ms, act))

    def _say(self, at_ms: int) -> None:
        """The bot speaks after what it is saying; who is live listens, and answers."""
        start_ms = max(at_ms + 100, self._bot_until_ms)
        self._bot(start_ms, start_ms + SENTENCE_MS)
        if self._call.recorded:
            return
        self._queue = [item for item in self._queue if not isinstance(item[2], Speech | Press)]
        self._queue.sort()
        for one in next(self._answers, ()):
            self._put(_at(one) + self._bot_until_ms, _later(one, self._bot_until_ms))

    def _bot(self, start_ms: int, end_ms: int) -> None:
        self._bot_until_ms = end_ms
        self._put(start_ms, BotStarted(start_ms))
        self._put(end_ms, BotEnded(end_ms))

    def _put(self, at_ms: int, what: Moment | Doing) -> None:
        heappush(self._queue, (at_ms, next(self._order), what))


def _fields(judged: Any) -> dict[str, Any]:
    return {"verdict": judged.verdict, "score": judged.score, "signs": judged.signs}


def _at(one: Doing) -> int:
    return one.start_ms if isinstance(one, Speech) else one.at_ms


def _later(one: Doing, by_ms: int) -> Doing:
    match one:
        case Speech(start_ms=start_ms, end_ms=end_ms, text=text):
            return Speech(start_ms + by_ms, end_ms + by_ms, text)
        case Press(at_ms=at_ms, key=key):
            return Press(at_ms + by_ms, key)
        case HangsUp(at_ms=at_ms):
            return HangsUp(at_ms + by_ms)


def play_all(policy: SpamPolicy, calls: list[SpamCall]) -> Iterator[Outcome]:
    for call in calls:
        yield play(policy, call)
