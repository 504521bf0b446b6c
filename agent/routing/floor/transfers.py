"""A person passes a call on: cold, so that it waits again in its place; or warm, staying until somebody has it."""

from agent.routing.floor.decisions import Overflow, TransferRefused
from agent.routing.floor.draft import Draft
from agent.routing.floor.inputs import TransferAsked, TransferCancelled
from agent.routing.floor.match import is_there, level_for
from agent.routing.floor.moves import enter, give_up, release, waiting_again, withdraw
from agent.routing.floor.state import Seat, Talking, Waiting, replace
from agent.routing.numbers import can_call_back


def on_transfer_asked(draft: Draft, given: TransferAsked) -> None:
    seat = draft.seats.now.get(given.seat)
    talking = draft.talking.now.get(given.call)
    if seat is None or talking is None or talking.seat_id != seat.id:
        draft.ignore(given, given.call, "unknown_seat" if seat is None else "not_now")
        return
    if given.call in draft.waiting.now or talking.leaving is not None:
        # It is being passed on already.
        draft.ignore(given, given.call, "not_now")
        return
    if talking.transfers >= draft.policy.queue.max_transfers:
        _end_of_the_round(draft, seat, talking)
        return
    call = _passed_on(draft, seat, talking, given)
    if call is None:
        return
    if given.warm:
        # The person talks to the caller meanwhile: nothing is announced and nobody gives up.
        enter(draft, replace(call, held_by=seat.id))
    else:
        draft.talking.drop(given.call)
        release(draft, seat)
        enter(draft, call)


def on_transfer_cancelled(draft: Draft, given: TransferCancelled) -> None:
    call = draft.waiting.now.get(given.call)
    if call is None or call.held_by != given.seat:
        draft.ignore(given, given.call, "not_now")
        return
    withdraw(draft, call, "cancelled")
    draft.waiting.drop(given.call)


def _passed_on(draft: Draft, seat: Seat, talking: Talking, given: TransferAsked) -> Waiting | None:
    """The call as it waits for those who were asked for; None where there are none, which the seat is told."""
    skill = given.to_skill or talking.skill
    target = draft.seats.now.get(given.to_seat) if given.to_seat is not None else None
    unknown = skill not in draft.policy.skills or (given.to_seat is not None and target is None)
    if unknown or (given.to_skill is None and given.to_seat is None):
        draft.say(TransferRefused(seat=seat.id, call=given.call, reason="unknown_target"))
        return None
    if target is not None and given.to_skill is None and skill not in target.skills:
        # They are asked for as the person they are: in what they do best.
        skill = max(target.skills, key=lambda name: (target.skills[name], name))
    others = [one for one in draft.seats.now.values() if one.id != seat.id and one.state != "offline"]
    wanted = [one for one in others if skill in one.skills]
    if target is not None:
        wanted = [one for one in wanted if one.id == target.id and is_there(one)]
    if not wanted:
        draft.say(TransferRefused(seat=seat.id, call=given.call, reason="nobody_there"))
        return None
    call = waiting_again(draft, talking, sticky=target.id if target is not None else None)
    retry_ms = draft.now_ms + draft.policy.ringing.retry_s * 1000
    # Whom the person asks for, they get; what a rule had asked for before counts no more.
    transfers = talking.transfers + 1
    return replace(call, skill=skill, skill_level=0, transfers=transfers, tried=(seat.id,), retry_ms=retry_ms)


def _end_of_the_round(draft: Draft, seat: Seat, talking: Talking) -> None:
    """Passed on too often: to the best person who is free, whatever they do best; else the caller is rung back."""
    free = [one for one in draft.seats.now.values() if one.state == "ready"]
    call = replace(waiting_again(draft, talking), skill_level=0)
    if free:
        best = min(free, key=lambda one: (-level_for(one, call), one.idle_since_ms))
        if talking.skill not in best.skills:
            skill = max(best.skills, key=lambda name: (best.skills[name], name))
            call = replace(call, also=(skill,))
            draft.say(Overflow(call=talking.call_id, from_skill=talking.skill, to_skill=skill))
        until_ms = draft.now_ms + draft.policy.queue.sticky_s * 1000
        call = replace(call, sticky=best.id, sticky_until_ms=until_ms, tried=(seat.id,))
    elif not can_call_back(talking.caller_number):
        draft.say(TransferRefused(seat=seat.id, call=talking.call_id, reason="no_number"))
        return
    draft.talking.drop(talking.call_id)
    release(draft, seat)
    if free:
        enter(draft, replace(call, retry_ms=draft.now_ms + draft.policy.ringing.retry_s * 1000))
    else:
        give_up(draft, call, "transfers")
