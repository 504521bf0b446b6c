"""How a live call gets to where it was sent from the line's beginning: to a queue, a number, or nowhere."""

from agent.company.company import Company
from agent.events import RouteChanged, Transfer
from agent.front_desk.directions import DESTINATIONS, Directions
from agent.front_desk.ways import BOT
from agent.pipeline.call import Call
from agent.routing.targets import split_target


class Passage:
    """One call's."""

    def __init__(self, call: Call, company: Company, directions: Directions) -> None:
        self._call, self._company, self._directions = call, company, directions

    async def go(self, target: str) -> bool:
        """As `agent.pipeline.ivr.OnTarget` has it."""
        kind, name = split_target(target)
        match kind:
            case "queue":
                return await self._to_queue(name)
            case "number":
                return await self._to_number(name)
            case "refuse":
                self._call.hang_up("bot", "refused by a rule")
                return True
            case _:
                return False

    async def _to_queue(self, skill: str) -> bool:
        call, way = self._call, self._directions.way
        if not self._directions.takes(f"queue:{skill}") or call.put_through is None:
            return False
        before = call.timeline.last(RouteChanged)
        # A caller who chose a person in the menu has asked for one.
        by_rule = way.target == f"queue:{skill}"
        reason = way.why if by_rule else self._company.reasons.of(call.language).asked_human
        route = RouteChanged(
            previous=BOT if before is None else before.destination,
            destination=DESTINATIONS.get(skill, "human"),
            priority=max(way.priority if by_rule else 0, 0 if before is None else before.priority),
            reason=reason,
        )
        call.timeline.append(route)
        accepted = await call.put_through(skill, route)
        call.timeline.append(Transfer(destination=f"queue:{skill}", accepted=accepted, reason=reason))
        return accepted

    async def _to_number(self, number: str) -> bool:
        call = self._call
        accepted = await call.leg.transfer(number)
        call.timeline.append(Transfer(destination=number, accepted=accepted, reason=self._directions.way.why))
        if accepted:
            call.hang_up("transfer", f"transferred to {number}")
        return accepted
