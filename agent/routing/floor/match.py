"""Who gets whom: the first in line, the person who has been idle longest among those with the best level."""

from collections.abc import Mapping

from agent.routing.floor.decisions import Offer, PlaceCallback
from agent.routing.floor.draft import Draft
from agent.routing.floor.state import NEVER_MS, Callback, Seat, Waiting, replace

OWN_SKILL = 10
"""Added to a level where the skill is the call's own and not one that it overflowed to: levels end at 5."""


def level_for(seat: Seat, item: Waiting | Callback, least: int = 0) -> int:
    """How well a seat can take it; 0 for not at all. ``least``: what a lower level than this is."""
    own = seat.skills.get(item.skill, 0)
    if own and own >= least:
        return own + OWN_SKILL
    if not item.also:
        return 0
    best = max(seat.skills.get(skill, 0) for skill in item.also)
    return best if best >= least else 0


def least_level(seats: Mapping[str, Seat], item: Waiting | Callback, now_ms: int) -> int:
    """The level that whoever takes it must have now; 0 for any. Nobody is kept for people who have not signed in, on
    break or not, and for others only a while.
    """
    least = item.skill_level
    if not least or now_ms >= item.level_until_ms:
        return 0
    there = any(seat.state != "offline" and level_for(seat, item, least) for seat in seats.values())
    return least if there else 0


def can_take(seats: Mapping[str, Seat], seat_id: str, item: Waiting | Callback, now_ms: int) -> bool:
    """Whether this seat may have it now."""
    return level_for(seats[seat_id], item, least_level(seats, item, now_ms)) > 0


def is_there(seat: Seat) -> bool:
    """Whether it takes calls now or after the one it has."""
    return seat.state not in ("offline", "on_break") and seat.then == "ready" and not seat.vanished


def match(draft: Draft) -> None:
    """Offer whatever can be offered. Afterwards no free seat could take anybody who waits unoffered."""
    free = [seat for seat in draft.seats.now.values() if seat.state == "ready"]
    if not free:
        return
    skills = {skill for seat in free for skill in seat.skills}
    nobody_spare: set[tuple[int | str, ...]] = set()
    for item in draft.in_line():
        if item.skill not in skills and skills.isdisjoint(item.also):
            continue
        if isinstance(item, Callback):
            least = least_level(draft.seats.now, item, draft.now_ms)
            if not item.in_line(draft.now_ms):
                wanted: tuple[int | str, ...] = (least, item.skill, *item.also)
                if wanted in nobody_spare or not _spare(draft, free, item, least):
                    nobody_spare.add(wanted)
                    continue
            seat = _best(free, item, (), least)
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


def _spare(draft: Draft, free: list[Seat], item: Callback, least: int) -> bool:
    """Whether enough people are free for it that one still is when a caller comes."""
    there = sum(is_there(seat) and level_for(seat, item, least) > 0 for seat in draft.seats.now.values())
    return sum(level_for(seat, item, least) > 0 for seat in free) > int(there * draft.policy.callback.spare)


def _for_call(draft: Draft, free: list[Seat], call: Waiting) -> Seat | None:
    kept = kept_for(draft.seats.now, call, draft.now_ms)
    if kept is None:
        return _best(free, call, call.tried, least_level(draft.seats.now, call, draft.now_ms))
    return kept if kept.state == "ready" and kept in free else None


def kept_for(seats: Mapping[str, Seat], call: Waiting, now_ms: int) -> Seat | None:
    """The seat that alone may have the call now, as it knows the caller."""
    if call.sticky is None or now_ms >= call.sticky_until_ms or call.sticky in call.tried:
        return None
    seat = seats.get(call.sticky)
    if seat is None or not is_there(seat):
        return None
    return seat if level_for(seat, call, least_level(seats, call, now_ms)) else None


def _best(free: list[Seat], item: Waiting | Callback, tried: tuple[str, ...], least: int) -> Seat | None:
    best: Seat | None = None
    best_level = 0
    for seat in free:
        level = level_for(seat, item, least)
        if level == 0 or level < best_level or seat.id in tried:
            continue
        if level > best_level or best is None or seat.idle_since_ms < best.idle_since_ms:
            best, best_level = seat, level
    return best


def _offer(draft: Draft, seat: Seat, call: Waiting) -> None:
    _ring(draft, seat, call.call_id, call.skill, _ring_s(draft, seat, draft.policy.ringing.ring_s))
    draft.waiting.set(call.call_id, replace(call, offered=seat.id, next_ms=NEVER_MS))
    draft.say(Offer(seat=seat.id, call=call.call_id))


def _place(draft: Draft, seat: Seat, callback: Callback) -> None:
    _ring(draft, seat, callback.id, callback.skill, _ring_s(draft, seat, draft.policy.callback.ring_s))
    draft.callbacks.set(
        callback.id, replace(callback, state="placing", seat_id=seat.id, accepted=False, next_ms=NEVER_MS)
    )
    draft.say(PlaceCallback(callback=callback.id, seat=seat.id, number=callback.number, attempt=callback.attempts + 1))


def _ring_s(draft: Draft, seat: Seat, page_s: int) -> int:
    """How long it may take until the seat has taken it; a telephone outside must be reached first."""
    ringing = draft.policy.ringing
    return ringing.outside_ring_s + ringing.outside_accept_s if draft.policy.is_outside(seat.id) else page_s


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
