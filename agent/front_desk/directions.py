"""Where one live call goes by the company's numbers and rules: when it comes in, once it is understood, and when it is
to have a person. Asked anew each time, as what is known changes.
"""

from collections.abc import Mapping

from agent.company.company import Company
from agent.dialogue.rules_talk import SURE
from agent.events import AlertRaised, Destination, NluResult, RouteChanged, RuleMatched
from agent.front_desk.facts import Standing, facts_of, standing_of
from agent.front_desk.lookups import Found
from agent.front_desk.ways import BOT, Way, way_in, way_kept, way_to_person
from agent.pipeline.call import Call
from agent.pipeline.placing import Placing
from agent.routing import can_call_back
from agent.routing.rules import Facts
from agent.routing.targets import split_target
from agent.switchboard.switchboard import QUEUE, SKILLS, Switchboard

DESTINATIONS: Mapping[str, Destination] = {skill: destination for destination, skill in SKILLS.items()}
"""What a queue is called in a call's route; any other is people of ours."""


class Directions:
    """One call's. ``way``: the last that was taken."""

    def __init__(self, call: Call, company: Company, board: Switchboard | None) -> None:
        self._call, self._company, self._board = call, company, board
        self._found = Found()
        self._number_of = call.number_of
        self._understood: Way | None = None
        self.way = Way()

    def know(self, found: Found) -> None:
        """What was looked up while it rang."""
        self._found = found

    def facts(self) -> Facts:
        """What is known now."""
        call, board = self._call, self._board
        standing = Standing() if board is None else standing_of(board.keeper.floor, board.policy, board.now_ms())
        return facts_of(
            self._company,
            call.leg.info,
            self._found.remembered,
            call.timeline,
            after_ms=call.clock.now_ms,
            language=call.language,
            standing=standing,
        )

    def takes(self, target: str) -> bool:
        """Whether the target can take a call now."""
        kind, name = split_target(target)
        match kind:
            case "queue":
                return self._board is not None and self._board.takes(name)
            case "menu":
                return self._company.menus is not None and name in self._company.menus.menus
            case "callback":
                return can_call_back(self._call.leg.info.caller_number)
            case _:
                return True

    # When it comes in

    def come_in(self) -> Way:
        """Decides, and says so on the timeline where there is anything to decide by."""
        call, company = self._call, self._company
        way = way_in(company, self.facts(), call.leg.info.call_id, self.takes, call.language)
        kept = self._kept(way, self._specialists())
        self.way = kept or way
        if kept is not None or company.rules is not None or company.numbers is not None:
            call.timeline.append(self.way.matched())
        return self.way

    def _kept(self, way: Way | None, target: str) -> Way | None:
        """To a specialist, who had an alert of late."""
        kept = self._found.kept
        return None if kept is None else way_kept(self._company, way, kept.days_ago, target, self._call.language)

    def _specialists(self) -> str:
        """Where they are reached now, as rules write targets: their queue, or a number outside."""
        number = "" if self._number_of is None else self._number_of("complaint_specialist")
        return number if number.startswith(QUEUE) or not number else f"number:{number}"

    # Once it is understood

    def understood(self) -> None:
        """What the caller wants is known, or more of what it is about: where another rule than before gives them
        people, the bot puts them through; or it takes down a callback, where that is what the rule gives.
        """
        call, nlu = self._call, self._call.timeline.last(NluResult)
        before, last = call.timeline.last(RouteChanged), call.timeline.last(RuleMatched)
        if self._company.rules is None or nlu is None or nlu.intent_probability < SURE or _moves_by_itself(call, nlu):
            return
        way = way_to_person(self._company, self.facts(), self.takes, call.language)
        if way is None or (last is not None and last.rule == way.rule):
            return
        self._understood = way
        kind, name = split_target(way.target)
        due_minutes = call.settings.routing.callback_due_minutes
        call.timeline.append(
            RouteChanged(
                previous=BOT if before is None else before.destination,
                destination="callback" if kind == "callback" else DESTINATIONS.get(name, "human"),
                priority=way.priority,
                reason=way.why,
                callback_due_minutes=due_minutes if kind == "callback" else None,
            )
        )

    # When it is to have a person

    def to_person(self) -> Way | None:
        """Where the rules send a caller who is to have a person."""
        way = way_to_person(self._company, self.facts(), self.takes, self._call.language)
        specialists = self._specialists()
        kept = self._kept(way, specialists if specialists.startswith(QUEUE) else "")
        if kept is not None:
            return kept
        understood = self._understood
        return way or (understood if understood is not None and self.takes(understood.target) else None)

    def number_of(self, destination: Destination) -> str:
        """As `Call.number_of` has it: what the rules say, else where this destination always is."""
        way = self.to_person() if destination in SKILLS else None
        if way is None or (destination == "complaint_specialist" and way.target == "callback"):
            return "" if self._number_of is None else self._number_of(destination)
        return "" if way.target == "callback" else way.target

    def placing(self, destination: Destination) -> Placing:
        """As `Call.placing` has it."""
        skill, way = SKILLS.get(destination, SKILLS["human"]), self.to_person()
        sticky = "" if self._found.kept is None else self._found.kept.seat
        if way is None:
            return Placing(skill, self.way.priority, sticky=sticky)
        kind, name = split_target(way.target)
        priority = max(self.way.priority, way.priority)
        return Placing(name if kind == "queue" else skill, priority, way.skill_level, sticky)

    def rerouted(self, route: RouteChanged) -> None:
        """Which rule it was that decided whom the caller gets."""
        way = self.to_person() if route.destination != "bot" else None
        last = self._call.timeline.last(RuleMatched)
        if way is not None and (last is None or (last.rule, last.target) != (way.rule, way.target)):
            self._call.timeline.append(way.matched())


def _moves_by_itself(call: Call, nlu: NluResult) -> bool:
    """Whether somebody else sees to where it goes: an alert, the menu, the dialogue with who asks for a person; or it
    is on its way already.
    """
    route = call.timeline.last(RouteChanged)
    on_its_way = route is not None and route.destination != "bot"
    alerted = call.timeline.last(AlertRaised) is not None
    return on_its_way or alerted or nlu.intent == "human_agent" or call.menu_timeout_ms is not None
