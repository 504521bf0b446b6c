"""One live call at the front desk: looked up, judged, sent on its way; and its way looked at anew when it changes."""

from agent.company.company import Company
from agent.events import Event, NluResult, RouteChanged, ToolReturned
from agent.front_desk.directions import Directions
from agent.front_desk.enquiry import Enquiry
from agent.front_desk.lookups import Kept, Lookups
from agent.front_desk.memory import Memory
from agent.front_desk.passage import Passage
from agent.front_desk.screening import Screening
from agent.front_desk.straight import Straight
from agent.front_desk.ways import BOT
from agent.number_marks import NumberMarks
from agent.pipeline.call import Call
from agent.pipeline.door import Door
from agent.pipeline.ivr import Guide, Ivr
from agent.routing.menu import Visit, build_menu
from agent.routing.targets import split_target
from agent.switchboard.switchboard import Switchboard


class Arrival:
    """As `agent.pipeline.door.Doorkeeper` has it, and who is asked where the call goes later on."""

    def __init__(
        self,
        call: Call,
        company: Company,
        memory: Memory,
        board: Switchboard | None,
        *,
        marks: NumberMarks | None = None,
        kept: Kept | None = None,
    ) -> None:
        self._call, self._company = call, company
        self._enquiry = Enquiry(call, company)
        self._lookups = Lookups(call, company, memory, self._enquiry, marks, kept)
        self._screening = Screening(call, company)
        self._directions = Directions(call, company, board)
        self._passage = Passage(call, company, self._directions)
        self._looked_up = False
        call.number_of = self._directions.number_of
        call.placing = self._directions.placing

    def stages(self) -> tuple[Door, Ivr]:
        """What the caller comes through, made once the call is wired."""
        self.door = Door(self._call, self)
        self.ivr = Ivr(self._call, None, self._passage.go)
        self._screening.join(self.door)
        return self.door, self.ivr

    @property
    def holds_the_call(self) -> bool:
        return self._screening.holds_the_call

    @property
    def asks_the_silent(self) -> bool:
        return self._screening.asks_the_silent

    async def opens(self) -> bool:
        """The line is open, or the caller was let in after all."""
        if not self._looked_up:
            self._looked_up = True
            found = await self._lookups.look()
            self._directions.know(found)
            self._screening.begin(found.remembered, found.marks)
            if self.holds_the_call:
                return False
        guide = self._guide(self._directions.come_in().target)
        if guide is not None:
            self.ivr.lead(guide)
        return True

    def _guide(self, target: str) -> Guide | None:
        """Who leads the caller there; None where the bot has them at once."""
        kind, name = split_target(target)
        if kind == "menu" and self._company.menus is not None:
            flows = self._company.flows.items()
            errands = {intent: flow for flow, one in flows for intent in one.starts.intents}
            return Visit(build_menu(self._company.menus, name, errands))
        return None if target == BOT else Straight(self._company, target)

    def let_in(self, by: str) -> bool:
        """A supervisor takes back what the filter is about to do. False where it does nothing to this call."""
        return self._screening.let_in(by)

    def read(self, event: Event) -> None:
        """A reader of the timeline."""
        body = event.body
        self._enquiry.read(event)
        if isinstance(body, RouteChanged):
            self._directions.rerouted(body)
        self._screening.read(event)
        if isinstance(body, NluResult | ToolReturned) and not self.holds_the_call and not self._screening.met_people:
            self._directions.understood()

    async def close(self) -> None:
        """The call is over."""
        self._screening.close()
        self._enquiry.close()
