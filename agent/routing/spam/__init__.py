"""The spam filter of a hotline: before the answer by the number, in the first seconds by what is heard. Pure."""

from agent.routing.spam.before import Caller, EarlierCall, History, Override, before_answer
from agent.routing.spam.callers import kind_of, national, plain
from agent.routing.spam.first_seconds import begin, step
from agent.routing.spam.judgement import Judgement
from agent.routing.spam.marks import Mark, Marks, load_marks
from agent.routing.spam.moments import (
    Act,
    BotEnded,
    BotStarted,
    Challenge,
    HangUp,
    Heard,
    KeyPressed,
    Moment,
    Overruled,
    Pass,
    Refuse,
    SpamState,
    SpeechEnded,
    SpeechStarted,
    Tick,
)
from agent.routing.spam.pitches import PitchRules, Reading, load_pitches, read
from agent.routing.spam.policy import PASSES, HttpMarks, SentenceName, SignName, SpamPolicy, load_spam
from agent.routing.spam.reasons import reason_words
from agent.routing.spam.tally import SpamOutcome, SpamTally

__all__ = [
    "PASSES",
    "Act",
    "BotEnded",
    "BotStarted",
    "Caller",
    "Challenge",
    "EarlierCall",
    "HangUp",
    "Heard",
    "History",
    "HttpMarks",
    "Judgement",
    "KeyPressed",
    "Mark",
    "Marks",
    "Moment",
    "Override",
    "Overruled",
    "Pass",
    "PitchRules",
    "Reading",
    "Refuse",
    "SentenceName",
    "SignName",
    "SpamOutcome",
    "SpamPolicy",
    "SpamState",
    "SpamTally",
    "SpeechEnded",
    "SpeechStarted",
    "Tick",
    "before_answer",
    "begin",
    "kind_of",
    "load_marks",
    "load_pitches",
    "load_spam",
    "national",
    "plain",
    "read",
    "reason_words",
    "step",
]
