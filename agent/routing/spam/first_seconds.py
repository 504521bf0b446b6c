"""The filter while the call begins: ``step`` by ``step`` from what happens to what is done about it. Pure.

Doubt is for the caller. Nobody is refused who was not asked first (but for the deny list), nor while their words are
still to come; who is asked and answers with anything but a sales pitch, a recording or silence is let in; and whoever
was let in is left alone for the rest of the call.
"""

from dataclasses import replace

from agent.event_base import Language
from agent.routing.spam.challenge import ask, on_heard_answer, on_waiting, question_is_over
from agent.routing.spam.judgement import Judgement, make_sign, score, with_sign
from agent.routing.spam.moments import (
    Act,
    BotEnded,
    BotStarted,
    Cause,
    HangUp,
    Heard,
    KeyPressed,
    Moment,
    Overruled,
    SpamState,
    SpeechEnded,
    SpeechStarted,
    Tick,
)
from agent.routing.spam.openings import likeness
from agent.routing.spam.outcome import let_in, refuse, verdict
from agent.routing.spam.pitches import Reading, read
from agent.routing.spam.policy import VOICE, SpamPolicy

SAME = 0.7
"""Likeness from which two utterances are one recording."""
_KEPT = 8
"""Utterances that are remembered: more are not said while the filter watches."""
_BEHAVIOUR = VOICE | {"silence"}


def begin(
    policy: SpamPolicy, judged: Judgement, *, language: Language = "zh", openings: tuple[str, ...] = ()
) -> tuple[SpamState, tuple[Act, ...]]:
    """The call is answered. ``judged``: by `before_answer`. ``openings``: first words of calls that were refused."""
    state = SpamState(verdict=judged.verdict, signs=judged.signs, language=language, openings=openings)
    if not policy.enabled or (judged.listed and judged.verdict == "pass"):
        return replace(state, phase="settled"), ()
    if judged.verdict == "refuse":
        return refuse(policy, state, may_appeal=policy.appeal.denied)
    return replace(state, suspect=judged.verdict == "challenge"), ()


def step(policy: SpamPolicy, state: SpamState, moment: Moment) -> tuple[SpamState, tuple[Act, ...]]:
    """The call after this moment, and what is to be done. Never raises, in whatever order moments come."""
    if state.phase == "settled":
        return state, ()
    state = _remember(policy, replace(state, now_ms=max(state.now_ms, moment.at_ms)), moment)
    if isinstance(moment, Overruled):
        return let_in(state, make_sign(policy, "overruled", state.language, by=moment.by))
    match state.phase:
        case "refused":
            return _appeal(policy, state, moment)
        case "asked":
            return _asked(policy, state, moment)
        case _:
            return _watch(policy, state, moment)


def _remember(policy: SpamPolicy, state: SpamState, moment: Moment) -> SpamState:
    match moment:
        case SpeechStarted(at_ms=at_ms):
            ended_ms = state.speech_ended_ms
            breath = ended_ms is not None and at_ms - ended_ms < policy.timing.pause_ms
            run = state.run_start_ms if breath and state.run_start_ms is not None else at_ms
            return replace(state, speaking=True, run_start_ms=run)
        case SpeechEnded(at_ms=at_ms):
            return replace(state, speaking=False, speech_ended_ms=at_ms)
        case Heard():
            said = (*state.said, moment.text)[-_KEPT:] if moment.text.strip() else state.said
            return replace(state, said=said, turn=moment.turn, language=moment.language)
        case KeyPressed():
            return replace(state, keyed=True)
        case BotStarted(at_ms=at_ms):
            first = state.phase in ("asked", "refused") and state.question_started_ms is None
            started = at_ms if first else state.question_started_ms
            return replace(state, bot_speaking=True, question_started_ms=started)
        case BotEnded(at_ms=at_ms):
            greeting = at_ms if state.greeting_ended_ms is None else state.greeting_ended_ms
            first = state.question_started_ms is not None and state.question_ended_ms is None
            ended = at_ms if first else state.question_ended_ms
            return replace(state, bot_speaking=False, greeting_ended_ms=greeting, question_ended_ms=ended)
        case _:
            return state


def _watch(policy: SpamPolicy, state: SpamState, moment: Moment) -> tuple[SpamState, tuple[Act, ...]]:
    timing = policy.timing
    if state.now_ms > timing.watch_s * 1000:
        return _never_asked(policy, replace(state, phase="settled"))
    if isinstance(moment, Heard):
        return _watch_words(policy, state, moment)
    if isinstance(moment, Tick):
        state = _watch_voice(policy, state)
        greeted_ms = state.greeting_ended_ms
        if greeted_ms is None and state.now_ms >= timing.greeting_s * 1000 and not state.bot_speaking:
            greeted_ms = int(timing.greeting_s * 1000)
        if greeted_ms is not None and _nothing_comes(policy, state):
            # Whose words are long in coming has spoken all the same: a busy recogniser is no silence of theirs.
            quiet_ms = state.now_ms - max(greeted_ms, state.speech_ended_ms or 0)
            if not state.said and not state.keyed and quiet_ms >= timing.silence_s * 1000:
                seconds = round(quiet_ms / 1000)
                sign = make_sign(policy, "silence", state.language, seconds=seconds)
                state = replace(state, signs=with_sign(state.signs, sign))
            elif state.suspect and not state.need and quiet_ms >= timing.patience_s * 1000:
                return ask(policy, state, "number")
    return _weigh(policy, state)


def _nothing_comes(policy: SpamPolicy, state: SpamState) -> bool:
    """Nobody speaks, and no words are on their way."""
    ended_ms = state.speech_ended_ms
    late_ms = policy.timing.words_late_s * 1000
    return not state.speaking and (ended_ms is None or state.now_ms - ended_ms >= late_ms)


def _watch_voice(policy: SpamPolicy, state: SpamState) -> SpamState:
    """Somebody speaks: did they wait for the greeting, and do they ever breathe?"""
    timing, start_ms = policy.timing, state.run_start_ms
    if not state.speaking or start_ms is None or state.need:
        return state
    lasted_ms = state.now_ms - start_ms
    if start_ms <= timing.at_once_ms and lasted_ms >= timing.through_s * 1000:
        state = replace(state, signs=with_sign(state.signs, make_sign(policy, "talks_through", state.language)))
    if lasted_ms >= timing.no_pause_s * 1000:
        sign = make_sign(policy, "no_pause", state.language, seconds=round(lasted_ms / 1000))
        state = replace(state, signs=with_sign(state.signs, sign))
    return state


def _watch_words(policy: SpamPolicy, state: SpamState, heard: Heard) -> tuple[SpamState, tuple[Act, ...]]:
    if not heard.text.strip():
        return state, ()
    together = read(policy.rules, "。".join(state.said))
    alone = read(policy.rules, heard.text)
    reading = alone if alone.points > together.points else together
    if reading.need:
        # What was strange about the voice or the number is explained: a customer speaks.
        signs = tuple(sign for sign in state.signs if sign.sign not in _BEHAVIOUR)
        need = make_sign(policy, "need", state.language, words=reading.words)
        state = replace(state, need=True, suspect=False, signs=with_sign(signs, need))
        # Who was to be asked has answered already. It is watched on: a pitch may follow.
        state, passed = verdict(state, "pass")
        state, acts = _weigh(policy, state)
        return state, (*passed, *acts)
    state = _sold(policy, state, reading)
    state = _said_before(policy, state, heard.text)
    if state.suspect and not state.need:
        return ask(policy, state, "pitch" if reading.points >= policy.rules.hint else "number")
    return _weigh(policy, state)


def _never_asked(policy: SpamPolicy, state: SpamState) -> tuple[SpamState, tuple[Act, ...]]:
    """The first seconds are over and nothing came of the doubt about the number: a customer, as far as we know."""
    if state.verdict == "pass":
        return state, ()
    return verdict(replace(state, signs=with_sign(state.signs, make_sign(policy, "doubt", state.language))), "pass")


def _sold(policy: SpamPolicy, state: SpamState, reading: Reading) -> SpamState:
    if reading.points < policy.rules.hint:
        return state
    topic = reading.topic.label.of(state.language) if reading.topic is not None else "…"
    name = "pitch" if reading.points >= policy.rules.sure else "hint"
    signs = tuple(sign for sign in state.signs if sign.sign != "hint" or name == "hint")
    sign = make_sign(policy, "pitch" if name == "pitch" else "hint", state.language, topic=topic, words=reading.words)
    return replace(state, signs=with_sign(signs, sign))


def _said_before(policy: SpamPolicy, state: SpamState, text: str) -> SpamState:
    words = text.strip()[:40]
    if len(state.said) <= 2 and any(likeness(text, opening) >= SAME for opening in state.openings):
        state = replace(
            state, signs=with_sign(state.signs, make_sign(policy, "same_opening", state.language, words=words))
        )
    recorded = any(sign.sign in VOICE - {"repeats"} for sign in state.signs)
    if recorded and any(likeness(text, earlier) >= SAME for earlier in state.said[:-1]):
        state = replace(state, signs=with_sign(state.signs, make_sign(policy, "repeats", state.language, words=words)))
    return state


def _weigh(policy: SpamPolicy, state: SpamState) -> tuple[SpamState, tuple[Act, ...]]:
    """Whether the signs are enough to ask. Once a need was named only selling is."""
    signs = tuple(sign for sign in state.signs if not state.need or sign.sign in ("pitch", "hint"))
    # What is known of the number is asked about after the greeting, and not before.
    fresh = [sign.sign for sign in signs if sign.sign in _BEHAVIOUR | {"pitch", "hint"}]
    if fresh and score(signs) >= policy.thresholds.challenge:
        return ask(policy, state, _cause(fresh))
    return state, ()


def _cause(signs: list[str]) -> Cause:
    if "pitch" in signs or "hint" in signs:
        return "pitch"
    return "voice" if VOICE.intersection(signs) else "silence"


def _asked(policy: SpamPolicy, state: SpamState, moment: Moment) -> tuple[SpamState, tuple[Act, ...]]:
    match moment:
        case KeyPressed(digit=digit) if digit in policy.challenge.keys:
            return let_in(state, make_sign(policy, "pressed", state.language, key=digit))
        case Heard() if moment.text.strip():
            return on_heard_answer(policy, state, moment)
        case Tick():
            return on_waiting(policy, state)
        case _:
            return state, ()


def _appeal(policy: SpamPolicy, state: SpamState, moment: Moment) -> tuple[SpamState, tuple[Act, ...]]:
    """Refused; the key lets them in, up to the moment when the line is given up."""
    if isinstance(moment, KeyPressed) and state.appeal_key is not None and moment.digit == state.appeal_key:
        return let_in(state, make_sign(policy, "appealed", state.language, key=moment.digit))
    over_ms = question_is_over(policy, state)
    wait_ms = policy.appeal.wait_s * 1000 if state.appeal_key is not None else 0
    if over_ms is not None and state.now_ms >= over_ms + wait_ms:
        return replace(state, phase="settled", hung_up=True), (HangUp(),)
    return state, ()
