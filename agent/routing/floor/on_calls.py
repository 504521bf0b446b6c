"""What becomes of the floor when callers come, go, are raised by an alert, or would rather be rung back."""

from agent.routing.floor.decisions import CallbackRefused, Moved, Overflow
from agent.routing.floor.draft import Draft
from agent.routing.floor.inputs import (
    CallbackChosen,
    CallbackRequested,
    CallerGone,
    CallQueued,
    Raised,
    SkillClosed,
    SkillOpened,
)
from agent.routing.floor.match import level_for
from agent.routing.floor.moves import (
    active_callback,
    enter,
    give_up,
    note_callback,
    release,
    withdraw,
)
from agent.routing.floor.state import Callback, Waiting, replace
from agent.routing.numbers import can_call_back


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


def on_callback_chosen(draft: Draft, given: CallbackChosen) -> None:
    call = draft.waiting.now.get(given.call)
    if call is None or call.held_by is not None:
        draft.ignore(given, given.call, "unknown_call" if call is None else "not_now")
        return
    number = given.number or call.caller_number
    if not can_call_back(number):
        draft.say(CallbackRefused(call=given.call, number=number))
        return
    withdraw(draft, call, "callback")
    draft.waiting.drop(call.call_id)
    note_callback(
        draft,
        call_id=call.call_id,
        number=number,
        skill=call.skill,
        language=call.language,
        priority=call.priority,
        queued_at_ms=call.queued_at_ms,
        rank=call.rank,
        not_before_ms=draft.now_ms + draft.policy.callback.pause_s * 1000,
    )


def on_callback_requested(draft: Draft, given: CallbackRequested) -> None:
    waiting = draft.waiting.now.get(given.call)
    if waiting is not None and waiting.held_by is None:
        on_callback_chosen(draft, CallbackChosen(call=given.call, number=given.number))
        return
    if any(one.call_id == given.call and one.state == "placing" for one in draft.callbacks.now.values()):
        draft.ignore(given, given.call, "known_already")
        return
    noted = note_callback(
        draft,
        call_id=given.call,
        number=given.number,
        skill=given.skill if given.skill in draft.policy.skills else draft.policy.default_skill,
        language=given.language,
        priority=given.priority,
        queued_at_ms=draft.now_ms,
        not_before_ms=given.not_before_ms,
        due_ms=given.due_ms,
    )
    if noted is None:
        draft.say(CallbackRefused(call=given.call, number=given.number))


def on_raised(draft: Draft, given: Raised) -> None:
    if given.skill is not None and given.skill not in draft.policy.skills:
        draft.ignore(given, given.skill, "unknown_skill")
        given = given.model_copy(update={"skill": None})
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
    if (priority, skill) == (call.priority, call.skill):
        return
    won_ms = draft.policy.worth_ms(priority) - draft.policy.worth_ms(call.priority)
    raised = replace(call, priority=priority, rank=call.rank - won_ms)
    if skill != call.skill:
        raised = replace(raised, skill=skill, also=(), tried=(), sticky=None)
        if raised.offered is not None and not level_for(draft.seats.now[raised.offered], raised):
            raised = withdraw(draft, raised, "alert")
        draft.waiting.drop(call.call_id)
        if raised.offered is None:
            _enter_ranked(draft, raised)
        else:
            draft.waiting.enter(raised.call_id, replace(raised, entered_ms=draft.now_ms))
    else:
        draft.waiting.enter(raised.call_id, raised)
    draft.say(Moved(call=call.call_id, skill=skill, priority=priority))


def _enter_ranked(draft: Draft, call: Waiting) -> None:
    front = call.rank < draft.rank(call.queued_at_ms, call.priority)
    enter(draft, call, front=front)


def _raise_callback(draft: Draft, callback: Callback, given: Raised) -> None:
    priority, skill = max(callback.priority, given.priority), given.skill or callback.skill
    if (priority, skill) == (callback.priority, callback.skill):
        return
    won_ms = draft.policy.worth_ms(priority) - draft.policy.worth_ms(callback.priority)
    draft.callbacks.enter(
        callback.id,
        replace(
            callback,
            priority=priority,
            skill=skill,
            also=callback.also if skill == callback.skill else (),
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
