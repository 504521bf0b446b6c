"""What a step of the floor costs: 200 callers waiting, 50 seats. CPU time of this thread, in us, by kind of input.

python -m bench.floor
"""

import random
import time

from agent.routing.floor import FloorPolicy, Input, SeatPolicy, SkillPolicy, opened, step
from agent.routing.floor.decisions import Decision
from agent.routing.floor.inputs import (
    CallFinished,
    CallQueued,
    Raised,
    SeatAnswered,
    SeatReady,
    SeatSignedIn,
    Tick,
    WrapUpDone,
)

SEATS, WAITING, ROUNDS = 50, 200, 3000


def policy() -> FloorPolicy:
    """40 seats for service at all levels, 10 for repairs and English; repairs overflow to service."""
    repair = SkillPolicy.model_validate({"handling_s": 180, "overflow": [{"to": "service", "after_s": 30}]})
    seats = [
        SeatPolicy(
            id=f"s{n}", name=f"坐席{n}", skills={"service": 1 + n % 5} if n < 40 else {"repair": 3, "english": 2}
        )
        for n in range(SEATS)
    ]
    return FloorPolicy.model_validate(
        {
            "skills": {"service": SkillPolicy(handling_s=180), "repair": repair, "english": SkillPolicy()},
            "seats": seats,
            "queue": {"max_waiting": 10_000},
        }
    )


def main() -> None:
    chance = random.Random(1)
    rules = policy()
    floor = opened(rules)
    now_ms = 1_800_000_000_000
    spent: dict[str, list[float]] = {}

    def do(given: Input) -> tuple[Decision, ...]:
        nonlocal floor
        began = time.thread_time_ns()
        floor, decisions = step(floor, rules, given, now_ms)
        spent.setdefault(given.type, []).append((time.thread_time_ns() - began) / 1000)
        return decisions

    def queue(number: int) -> tuple[Decision, ...]:
        skill, priority = ("service", "service", "repair")[number % 3], chance.choice([0, 0, 0, 10, 50])
        return do(CallQueued(call=f"c{number}", caller_number=f"138{number:08}", skill=skill, priority=priority))

    def answer(decisions: tuple[Decision, ...]) -> None:
        for one in decisions:
            if one.type == "offer":
                do(SeatAnswered(seat=one.seat, call=one.call))

    for seat in rules.seats:
        do(SeatSignedIn(seat=seat.id))
        do(SeatReady(seat=seat.id))
    for number in range(SEATS + WAITING):
        now_ms += 100
        answer(queue(number))
    spent.clear()
    for number in range(1000, 1000 + ROUNDS):
        now_ms += 2000
        talking = chance.choice(list(floor.talking.values()))
        said = do(CallFinished(seat=talking.seat_id, call=talking.call_id))
        said += do(WrapUpDone(seat=talking.seat_id))
        said += queue(number)
        answer(said + do(Tick()))
        if number % 10 == 0:
            do(Raised(call=chance.choice(list(floor.waiting)), priority=90))
    print(f"{len(floor.waiting)} waiting, {len(floor.seats)} seats")
    for kind, us in spent.items():
        us.sort()
        print(f"{kind:14} {len(us):6} steps  median {us[len(us) // 2]:6.1f} us  p95 {us[len(us) * 95 // 100]:6.1f} us")


if __name__ == "__main__":
    main()
