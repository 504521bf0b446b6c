"""The two ends of the filter: let in, or refused. Pure."""

from dataclasses import replace

from agent.events import SpamJudged, SpamSign, SpamVerdict
from agent.routing.spam.judgement import score, with_sign
from agent.routing.spam.moments import Act, Pass, Refuse, SpamState
from agent.routing.spam.policy import SpamPolicy


def let_in(state: SpamState, why: SpamSign) -> tuple[SpamState, tuple[Act, ...]]:
    """For the rest of the call."""
    state = replace(state, phase="settled", signs=with_sign(state.signs, why))
    words = state.said[-1] if state.said else ""
    state, judged = verdict(state, "pass")
    return state, (Pass(words), *judged)


def refuse(policy: SpamPolicy, state: SpamState, *, may_appeal: bool) -> tuple[SpamState, tuple[Act, ...]]:
    """Said with its reason, and kept open for an appeal where the company wants that."""
    key = policy.appeal.key if may_appeal else None
    state = replace(
        state,
        phase="refused",
        appeal_key=key,
        asked_ms=state.now_ms,
        question_started_ms=None,
        question_ended_ms=None,
    )
    state, judged = verdict(state, "refuse")
    return state, (Refuse("refuse_appeal" if key else "refuse", key), *judged)


def verdict(state: SpamState, new: SpamVerdict) -> tuple[SpamState, tuple[SpamJudged, ...]]:
    """The state with this verdict, and the event where that is another one."""
    if new == state.verdict:
        return state, ()
    judged = SpamJudged(turn=state.turn, verdict=new, score=score(state.signs), signs=state.signs)
    return replace(state, verdict=new), (judged,)
