"""The satisfaction survey: asks once, repeats once, takes a key or words, asks why where it was bad, ends. Pure.

Whoever runs the call tells `step` what happened and carries out what it decides: the acts name sentences of the
company's ``routing/survey.yaml`` and what belongs on the timeline.
"""

from dataclasses import dataclass, replace
from typing import Literal

from agent.events import Language
from agent.postcall.survey_answers import Answer, answer_of_key, answer_of_speech, names_score
from agent.postcall.survey_config import Sentence, Survey

LOW = 2
"""Up to this score something went wrong: its reason is asked for, and somebody rings back."""
MOST_ASKED = 2


@dataclass(frozen=True)
class Begin:
    """The bot would say goodbye now."""


@dataclass(frozen=True)
class Key:
    key: str


@dataclass(frozen=True)
class Said:
    """``wish``: it was understood as another wish, a complaint or an errand, rather than an answer."""

    text: str
    language: Language
    wish: bool = False


@dataclass(frozen=True)
class Nothing:
    """The caller was silent, or not a word was understood."""


Moment = Begin | Key | Said | Nothing


@dataclass(frozen=True)
class Say:
    sentence: Sentence


@dataclass(frozen=True)
class Asked:
    """To be an event `SurveyAsked`."""

    times: int


@dataclass(frozen=True)
class Scored:
    """To be an event `SurveyAnswered`. Comes again where the caller corrects it."""

    score: int
    by: Literal["key", "speech"]
    words: str


@dataclass(frozen=True)
class End:
    """Once what was said is spoken, the call may end."""


@dataclass(frozen=True)
class GiveBack:
    """The caller wants something else: the bot is to answer what was said, and the survey is over."""


Act = Say | Asked | Scored | End | GiveBack
Phase = Literal["idle", "score", "reason", "over"]


@dataclass(frozen=True)
class State:
    """Where the survey is. ``asked``: how often for the score."""

    phase: Phase = "idle"
    asked: int = 0
    score: int | None = None


def step(survey: Survey, state: State, moment: Moment) -> tuple[State, tuple[Act, ...]]:
    """The state after one more moment, and what is to be done. Once it is over nothing is decided any more."""
    match state.phase, moment:
        case "idle", Begin():
            return replace(state, phase="score", asked=1), (Asked(1), Say("ask"))
        case "score", Key() | Said() | Nothing():
            return _answered(survey, state, moment)
        case "reason", Said():
            return _explained(state, moment)
        case "reason", Key(key=key) if key in "#*":
            return state, ()
        case "reason", Key() | Nothing():
            return _end(state, "thanks_low")
        case _:
            return state, ()


def _answered(survey: Survey, state: State, moment: Key | Said | Nothing) -> tuple[State, tuple[Act, ...]]:
    if isinstance(moment, Key) and moment.key == "#":
        return state, ()  # as after a number: it closes what was keyed in
    answer = _answer(moment)
    if isinstance(answer, int):
        scored = Scored(answer, *_told(moment))
        if answer <= LOW and survey.asks_reason:
            return replace(state, phase="reason", score=answer), (scored, Say("reason"))
        over, acts = _end(replace(state, score=answer), "thanks_low" if answer <= LOW else "thanks")
        return over, (scored, *acts)
    if answer == "refused":
        return _end(state, "skip")
    if isinstance(moment, Said) and moment.wish:
        return replace(state, phase="over"), (GiveBack(),)
    if state.asked < MOST_ASKED:
        asked = state.asked + 1
        return replace(state, asked=asked), (Asked(asked), Say("again"))
    return _end(state, "skip")


def _explained(state: State, said: Said) -> tuple[State, tuple[Act, ...]]:
    """The reason stands on the timeline as what was said. A score that was a slip of the finger is mended."""
    answer = answer_of_speech(said.text, said.language)
    if isinstance(answer, int) and answer != state.score and names_score(said.text, said.language):
        over, acts = _end(replace(state, score=answer), "thanks_low" if answer <= LOW else "thanks")
        return over, (Scored(answer, "speech", said.text), *acts)
    return _end(state, "thanks_low")


def _end(state: State, sentence: Sentence) -> tuple[State, tuple[Act, ...]]:
    return replace(state, phase="over"), (Say(sentence), End())


def _answer(moment: Key | Said | Nothing) -> Answer:
    match moment:
        case Key(key=key):
            return answer_of_key(key)
        case Said(text=text, language=language):
            return answer_of_speech(text, language)
        case Nothing():
            return "unclear"


def _told(moment: Key | Said | Nothing) -> tuple[Literal["key", "speech"], str]:
    if isinstance(moment, Key):
        return "key", moment.key
    assert isinstance(moment, Said), "silence is no score"
    return "speech", moment.text
