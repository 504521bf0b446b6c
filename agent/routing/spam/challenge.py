"""The question that is put before anybody is refused, and what counts as an answer to it. Pure."""

from dataclasses import replace
from typing import Literal

from agent.routing.spam.judgement import make_sign, score, with_sign
from agent.routing.spam.moments import Act, Cause, Challenge, Heard, SpamState
from agent.routing.spam.openings import length, likeness
from agent.routing.spam.outcome import let_in, refuse, verdict
from agent.routing.spam.pitches import read
from agent.routing.spam.policy import SentenceName, SpamPolicy

SAME = 0.7
Failure = Literal["no_answer", "deaf", "pitch_again", "repeats"]
_SENTENCES: dict[Cause, SentenceName] = {
    "number": "challenge_number",
    "silence": "challenge_silence",
    "voice": "challenge_voice",
    "pitch": "challenge_pitch",
}


def ask(policy: SpamPolicy, state: SpamState, cause: Cause) -> tuple[SpamState, tuple[Act, ...]]:
    """Put the question, once more where it was put before."""
    again = state.asks > 0 and cause != "pitch"
    state = replace(
        state,
        phase="asked",
        cause=cause,
        asks=state.asks + 1,
        asked_ms=state.now_ms,
        question_started_ms=None,
        question_ended_ms=None,
    )
    state, judged = verdict(state, "challenge")
    return state, (Challenge(cause, state.asks, "ask_again" if again else _SENTENCES[cause]), *judged)


def question_is_over(policy: SpamPolicy, state: SpamState) -> int | None:
    """When what we say to the caller was spoken, in ms; None where it is not yet."""
    if state.question_ended_ms is not None:
        return state.question_ended_ms
    latest_ms = state.asked_ms + int(policy.challenge.question_s * 1000)
    return latest_ms if state.now_ms >= latest_ms and not state.bot_speaking else None


def on_heard_answer(policy: SpamPolicy, state: SpamState, heard: Heard) -> tuple[SpamState, tuple[Act, ...]]:
    """Words came. A need lets in whenever it was spoken; a pitch counts where it came after the question."""
    reading = read(policy.rules, heard.text)
    if reading.need:
        return let_in(state, make_sign(policy, "need", state.language, words=reading.words))
    if heard.start_ms < state.asked_ms:
        # Spoken before we asked, and so no answer; it may still tell what the call is about.
        if reading.points >= policy.rules.sure and state.cause != "pitch":
            topic = reading.topic.label.of(state.language) if reading.topic is not None else "…"
            sign = make_sign(policy, "pitch", state.language, topic=topic, words=reading.words)
            state = replace(state, signs=with_sign(state.signs, sign))
        if _went_on(policy, state, heard):
            return _failed(policy, state, "deaf")
        return state, ()
    if reading.points >= (policy.rules.again if state.cause == "pitch" else policy.rules.hint):
        return _failed(policy, state, "pitch_again", words=reading.words)
    if _sounds_recorded(state) and any(likeness(heard.text, earlier) >= SAME for earlier in state.said[:-1]):
        return _failed(policy, state, "repeats", words=heard.text[:40])
    if _went_on(policy, state, heard):
        return _failed(policy, state, "deaf")
    return _unclear(policy, state, heard)


def _sounds_recorded(state: SpamState) -> bool:
    """Whether more than the words speaks for a recording: people who are asked say the same again, too."""
    return any(sign.sign in ("talks_through", "no_pause", "same_opening") for sign in state.signs)


def _went_on(policy: SpamPolicy, state: SpamState, heard: Heard) -> bool:
    """Whether this was spoken over the question, from before its end until well after it."""
    over_ms = question_is_over(policy, state)
    if over_ms is None:
        return False
    return heard.start_ms < over_ms - policy.challenge.over_ms and heard.end_ms > over_ms + policy.challenge.over_ms


def _unclear(policy: SpamPolicy, state: SpamState, heard: Heard) -> tuple[SpamState, tuple[Act, ...]]:
    """No pitch, and no need that we know of. Who was silent is there; others must say a little more than 喂."""
    enough = length(heard.text) >= policy.challenge.least_letters * 3
    if state.cause == "silence" or (state.cause in ("number", "voice") and enough):
        return let_in(state, make_sign(policy, "answered", state.language, words=heard.text[:40]))
    if state.asks < policy.challenge.asks:
        return ask(policy, state, state.cause)
    return let_in(state, make_sign(policy, "doubt", state.language))


def on_waiting(policy: SpamPolicy, state: SpamState) -> tuple[SpamState, tuple[Act, ...]]:
    """Time goes by. Nobody is judged while words are on their way, but a voice that goes on and on is."""
    over_ms = question_is_over(policy, state)
    if over_ms is None:
        return state, ()
    if state.speaking:
        start_ms = state.run_start_ms if state.run_start_ms is not None else state.now_ms
        runs_on = state.now_ms - start_ms >= policy.timing.deaf_s * 1000 and start_ms < over_ms
        return _failed(policy, state, "deaf") if runs_on and state.now_ms >= over_ms + 2000 else (state, ())
    ended_ms = state.speech_ended_ms if state.speech_ended_ms is not None else 0
    quiet_since_ms = max(over_ms, ended_ms + int(policy.timing.words_late_s * 1000))
    if state.now_ms - quiet_since_ms >= policy.challenge.answer_s * 1000:
        return _failed(policy, state, "no_answer")
    return state, ()


def _failed(
    policy: SpamPolicy, state: SpamState, failure: Failure, **values: object
) -> tuple[SpamState, tuple[Act, ...]]:
    """One question failed: the next one, or the end. Silence always gets every question, as it may be a muted
    telephone; and who sells something only now has not been told yet that this is no place for it.
    """
    sign = make_sign(policy, failure, state.language, **values)
    state = replace(state, failed=state.failed + 1, signs=with_sign(state.signs, sign))
    more = state.asks < policy.challenge.asks
    sure = score(state.signs) >= policy.thresholds.refuse
    if more and (not sure or failure == "no_answer" or (failure == "pitch_again" and state.cause != "pitch")):
        return ask(policy, state, "pitch" if failure == "pitch_again" else state.cause)
    if sure or state.failed >= policy.challenge.asks:
        return refuse(policy, state, may_appeal=policy.appeal.judged)
    return let_in(state, make_sign(policy, "doubt", state.language))
