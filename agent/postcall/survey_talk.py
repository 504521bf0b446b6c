"""One call's survey under way: what the decisions of `agent.postcall.survey` are in words and in events."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.events import Body, Event, Language, SurveyAnswered, SurveyAsked
from agent.postcall.survey import Asked, Begin, End, GiveBack, Key, Moment, Nothing, Said, Say, Scored, State, step
from agent.postcall.survey_config import Survey, should_ask


@dataclass(frozen=True)
class SurveyTurn:
    """What is said and noted now; both are empty where nothing is. As `agent.pipeline.survey.Turn` has it."""

    text: str = ""
    phrase: str = ""
    notes: tuple[Body, ...] = ()
    over: bool = False
    gives_back: bool = False


class SurveyTalk:
    """`agent.pipeline.survey.Surveyor` by a company's ``routing/survey.yaml``."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._state = State()

    def begin(self, events: Sequence[Event], language: Language) -> SurveyTurn | None:
        return self._step(Begin(), language) if should_ask(self._survey, events) else None

    def key(self, key: str, language: Language) -> SurveyTurn:
        return self._step(Key(key), language)

    def said(self, text: str, language: Language, *, wish: bool) -> SurveyTurn:
        return self._step(Said(text, language, wish), language)

    def nothing(self, language: Language) -> SurveyTurn:
        return self._step(Nothing(), language)

    def _step(self, moment: Moment, language: Language) -> SurveyTurn:
        self._state, acts = step(self._survey, self._state, moment)
        notes: list[Body] = []
        text = phrase = ""
        for act in acts:
            match act:
                case Asked(times=times):
                    notes.append(SurveyAsked(times=times))
                case Scored(score=score, by=by, words=words):
                    notes.append(SurveyAnswered(score=score, by=by, words=words))
                case Say(sentence=sentence):
                    text = getattr(self._survey.sentences, sentence).of(language)
                    phrase = f"survey.{sentence}"
                case _:
                    pass
        over = any(isinstance(act, End) for act in acts)
        return SurveyTurn(text, phrase, tuple(notes), over, any(isinstance(act, GiveBack) for act in acts))
