"""What becomes of the floor when callers come, go, or are raised by an alert."""

from agent.routing.floor.decisions import Moved, Overflow
from agent.routing.floor.draft import Draft
from agent.routing.floor.inputs import CallerGone, CallQueued, Raised, SkillClosed, SkillOpened
from agent.routing.floor.match import can_take
from agent.routing.floor.moves import active_callback, callback_level_until_ms, enter, give_up, release, withdraw
from agent.routing.floor.state import Callback, Waiting, replace
from agent.routing.floor.timers import with_timer


def on_queued(draft: Draft, given: CallQueued) -> None:
    if given.call in draft.waiting.now or given.call in draft.talking.now:
        draft.ignore(given, given.call, "known_already")
        return
    skill = _known_skill(draft, given.call, given.skill)
    full = len(draft.waiting.now) >= draft.policy.queue.max_waiting
    call = Waiting(
        call_id=given.call,
        caller_number=given.caller_number,
        skill=skill,
        language=given.language,
        priority=given.priority,
        queued_at_ms=draft.now_ms,
        entered_ms=draft.now_ms,
        rank=draft.rank(draft.now_ms, given.priority),
        skill_level=given.skill_level,
        sticky=given.sticky or None,
        sticky_until_ms=draft.now_ms + draft.policy.queue.sticky_s * 1000 if given.sticky else 0,
    )
    if skill in draft.closed.now:
        give_up(draft, call, "closed")
    elif full:
        give_up(draft, call, "queue_full")
    else:
        enter(draft, call)


def on_caller_gone(draft: Draft, given: CallerGone) -> None:
    waiting, talking = draft.waiting.now.get(given.call), draft.talking.now.get(given.call)
    if waiting is None and talking is None:
        draft.ignore(given, given.call, "unknown_call")
        return
    if waiting is not None:
        withdraw(draft, waiting, "caller_gone")
        draft.waiting.drop(given.call)
    if talking is not None:
        draft.talking.drop(given.call)
        for seat_id in (talking.seat_id, talking.leaving):
            if seat_id is not None:
                release(draft, draft.seats.now[seat_id])


def on_raised(draft: Draft, given: Raised) -> None:
    if given.skill is not None and given.skill not in draft.policy.skills:
        draft.ignore(given, given.skill, "unknown_skill")
        given = given.model_copy(update={"skill": None, "skill_level": None})
    waiting = draft.waiting.now.get(given.call)
    talking = draft.talking.now.get(given.call)
    if waiting is not None:
        _raise_waiting(draft, waiting, given)
    elif talking is not None:
        # A person has it already; what was raised counts if it must wait again.
        if given.priority > talking.priority:
            draft.talking.set(talking.call_id, replace(talking, priority=given.priority))
    elif (callback := active_callback(draft, given.call)) is not None:
        _raise_callback(draft, callback, given)
    else:
        draft.ignore(given, given.call, "unknown_call")


def _raise_waiting(draft: Draft, call: Waiting, given: Raised) -> None:
    priority, skill = max(call.priority, given.priority), given.skill or call.skill
    level = _level_raised(given, call)
    if (priority, skill, level) == (call.priority, call.skill, call.skill_level):
        return
    won_ms = draft.policy.worth_ms(priority) - draft.policy.worth_ms(call.priority)
    raised = replace(call, priority=priority, rank=call.rank - won_ms)
    if level != call.skill_level or skill != call.skill:
        until_ms = draft.policy.level_until_ms(level, draft.now_ms)
        raised = replace(raised, skill_level=level, level_until_ms=until_ms)
    if skill != call.skill:
        raised = replace(raised, skill=skill, also=(), tried=(), sticky=None)
    if raised.offered is not None and not can_take(draft.seats.now, raised.offered, raised, draft.now_ms):
        raised = withdraw(draft, raised, "alert")
    if skill != call.skill:
        draft.waiting.drop(call.call_id)
        if raised.offered is None:
            _enter_ranked(draft, raised)
        else:
            draft.waiting.enter(raised.call_id, replace(raised, entered_ms=draft.now_ms))
    else:
        draft.waiting.enter(raised.call_id, with_timer(draft, raised))
    draft.say(Moved(call=call.call_id, skill=skill, priority=priority))


def _level_raised(given: Raised, item: Waiting | Callback) -> int:
    """What it asks for from now on: what it has been kept for before is not asked again."""
    if given.skill_level is not None and given.skill not in (None, item.skill):
        return given.skill_level
    if given.skill not in (None, item.skill):
        return 0
    return max(given.skill_level or 0, item.skill_level)


def _enter_ranked(draft: Draft, call: Waiting) -> None:
    front = call.rank < draft.rank(call.queued_at_ms, call.priority)
    enter(draft, call, front=front)


def _raise_callback(draft: Draft, callback: Callback, given: Raised) -> None:
    priority, skill = max(callback.priority, given.priority), given.skill or callback.skill
    level = _level_raised(given, callback)
    if (priority, skill, level) == (callback.priority, callback.skill, callback.skill_level):
        return
    won_ms = draft.policy.worth_ms(priority) - draft.policy.worth_ms(callback.priority)
    draft.callbacks.enter(
        callback.id,
        replace(
            callback,
            priority=priority,
            skill=skill,
            also=callback.also if skill == callback.skill else (),
            skill_level=level,
            level_until_ms=callback_level_until_ms(draft, level, callback.due_ms, callback.not_before_ms),
            next_ms=max(draft.now_ms, callback.not_before_ms) if level else callback.next_ms,
            rank=callback.rank - won_ms,
        ),
    )
    draft.say(Moved(call=callback.id, skill=skill, priority=priority))


def on_skill_closed(draft: Draft, given: SkillClosed) -> None:
    if given.skill not in draft.policy.skills:
        draft.ignore(given, given.skill, "unknown_skill")
    elif given.skill not in draft.closed.now or draft.closed.now[given.skill] != given.opens_at_ms:
        draft.closed.set(given.skill, given.opens_at_ms)


def on_skill_opened(draft: Draft, given: SkillOpened) -> None:
    if given.skill in draft.closed.now:
        draft.closed.drop(given.skill)
    else:
        draft.ignore(given, given.skill, "known_already")


def _known_skill(draft: Draft, call: str, skill: str) -> str:
    """No call is dropped because a rule names what does not exist."""
    if skill in draft.policy.skills:
        return skill
    draft.say(Overflow(call=call, from_skill=skill, to_skill=draft.policy.default_skill))
    return draft.policy.default_skill
