"""Who gets whom: the first in line, the person who has been idle longest among those with the best level."""

from collections.abc import Mapping

from agent.routing.floor.decisions import Offer, PlaceCallback
from agent.routing.floor.draft import Draft
from agent.routing.floor.state import NEVER_MS, Callback, Seat, Waiting, replace

OWN_SKILL = 10
"""Added to a level where the skill is the call's own and not one that it overflowed to: levels end at 5."""


def level_for(seat: Seat, item: Waiting | Callback) -> int:
    """How well a seat can take it; 0 for not at all."""
    own = seat.skills.get(item.skill)
    if own is not None:
        return own + OWN_SKILL
    return max((seat.skills.get(skill, 0) for skill in item.also), default=0) if item.also else 0


def is_there(seat: Seat) -> bool:
    """Whether it takes calls now or after the one it has."""
    return seat.state not in ("offline", "on_break") and seat.then == "ready" and not seat.vanished


def match(draft: Draft) -> None:
    """Offer whatever can be offered. Afterwards no free seat could take anybody who waits unoffered."""
    free = [seat for seat in draft.seats.now.values() if seat.state == "ready"]
    if not free:
        return
    skills = {skill for seat in free for skill in seat.skills}
    nobody_spare: set[tuple[str, ...]] = set()
    for item in draft.in_line():
        if item.skill not in skills and skills.isdisjoint(item.also):
            continue
        if isinstance(item, Callback):
            if not item.in_line(draft.now_ms):
                wanted = (item.skill, *item.also)
                if wanted in nobody_spare or not _spare(draft, free, item):
                    nobody_spare.add(wanted)
                    continue
            seat = _best(free, item, ())
        elif item.offered is not None:
            continue
        else:
            seat = _for_call(draft, free, item)
        if seat is None:
            continue
        free.remove(seat)
        if isinstance(item, Callback):
            _place(draft, seat, item)
        else:
            _offer(draft, seat, item)
        if not free:
            return
        skills = {skill for seat in free for skill in seat.skills}


def _spare(draft: Draft, free: list[Seat], item: Callback) -> bool:
    """Whether enough people are free for it that one still is when a caller comes."""
    there = sum(is_there(seat) and level_for(seat, item) > 0 for seat in draft.seats.now.values())
    return sum(level_for(seat, item) > 0 for seat in free) > int(there * draft.policy.callback.spare)


def _for_call(draft: Draft, free: list[Seat], call: Waiting) -> Seat | None:
    kept = kept_for(draft.seats.now, call, draft.now_ms)
    if kept is None:
        return _best(free, call, call.tried)
    return kept if kept.state == "ready" and kept in free else None


def kept_for(seats: Mapping[str, Seat], call: Waiting, now_ms: int) -> Seat | None:
    """The seat that alone may have the call now, as it knows the caller."""
    if call.sticky is None or now_ms >= call.sticky_until_ms or call.sticky in call.tried:
        return None
    seat = seats.get(call.sticky)
    return seat if seat is not None and is_there(seat) and level_for(seat, call) else None


def _best(free: list[Seat], item: Waiting | Callback, tried: tuple[str, ...]) -> Seat | None:
    best: Seat | None = None
    best_level = 0
    for seat in free:
        level = level_for(seat, item)
        if level == 0 or level < best_level or seat.id in tried:
            continue
        if level > best_level or best is None or seat.idle_since_ms < best.idle_since_ms:
            best, best_level = seat, level
    return best


def _offer(draft: Draft, seat: Seat, call: Waiting) -> None:
    _ring(draft, seat, call.call_id, call.skill, draft.policy.ringing.ring_s)
    draft.waiting.set(call.call_id, replace(call, offered=seat.id, next_ms=NEVER_MS))
    draft.say(Offer(seat=seat.id, call=call.call_id))


def _place(draft: Draft, seat: Seat, callback: Callback) -> None:
    _ring(draft, seat, callback.id, callback.skill, draft.policy.callback.ring_s)
    draft.callbacks.set(callback.id, replace(callback, state="placing", seat_id=seat.id, next_ms=NEVER_MS))
    draft.say(PlaceCallback(callback=callback.id, seat=seat.id, number=callback.number, attempt=callback.attempts + 1))


def _ring(draft: Draft, seat: Seat, call_id: str, skill: str, ring_s: int) -> None:
    now_ms = draft.now_ms
    draft.seats.set(
        seat.id,
        replace(
            seat,
            state="ringing",
            since_ms=now_ms,
            until_ms=now_ms + ring_s * 1000,
            call_id=call_id,
            skill=skill,
            busy_since_ms=now_ms,
        ),
    )
