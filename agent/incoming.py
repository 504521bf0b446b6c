"""A leg that arrives becomes a call: to whichever company has the number, and to the people that it has there now."""

from collections.abc import Callable, Mapping
from typing import Literal

from agent.company.company import Company
from agent.config import Settings
from agent.errors import HotlineError
from agent.escalation import Rulebook
from agent.events import Destination, Dtmf
from agent.ingress.leg import CallLeg
from agent.pipeline.call import Call
from agent.pipeline.engines import Engines
from agent.prompts import Prompts
from agent.reception import Receptions
from agent.routing import Reach
from agent.switchboard import Switchboard
from models.llm import ChatModel


class Incoming:
    """One per process. ``rulebook``: where no company is set up."""

    def __init__(
        self,
        settings: Settings,
        engines: Engines,
        prompts: Prompts,
        rulebook: Rulebook,
        receptions: Receptions | None,
        switchboard: Switchboard | None,
    ) -> None:
        self._settings, self._engines, self._prompts = settings, engines, prompts
        self._rulebook, self._receptions, self._switchboard = rulebook, receptions, switchboard

    def call(self, leg: CallLeg, chat: ChatModel | None = None) -> Call:
        """``chat``: its slot of the language model; None for a call that does without."""
        info, settings = leg.info, self._settings
        if self._receptions is None:
            return Call(leg, settings, self._engines, self._prompts, recorder=None, chat=chat)
        reception = self._receptions.of(info.called_number)
        board = self._switchboard if reception.company.id == self._receptions.companies.all[0].id else None
        rung_back_by = reception.rung_back_by(info.started_at)
        if board is not None:
            rung_back_by = max(rung_back_by, board.rung_back_by() or rung_back_by)
        routing = reception.routing(settings.routing, info.started_at, rung_back_by)
        named: Mapping[Destination, str] = {
            "human": routing.human_number,
            "complaint_specialist": routing.specialist_number,
        }

        def number_of(destination: Destination) -> str:
            number = named.get(destination, "")
            return number if board is None else board.number_of(destination, number)

        return Call(
            leg,
            settings.model_copy(update={"routing": routing}),
            self._engines,
            self._prompts,
            recorder=None,
            chat=chat,
            briefing=reception.briefing(info, people=bool(number_of("human")), rung_back_by=rung_back_by),
            number_of=number_of,
        )

    def company_of(self, call: Call) -> Company | None:
        """Whose call it is; None where no company is set up."""
        return None if self._receptions is None else self._receptions.of(call.leg.info.called_number).company

    def rulebook_of(self, call: Call) -> Rulebook:
        return self._rulebook if self._receptions is None else self._receptions.of(call.leg.info.called_number).rulebook


def reach_of(call: Call) -> Callable[[], Reach] | None:
    """Who can be reached now, for routing; None where the settings alone say so."""
    number_of = call.number_of
    if number_of is None:
        return None
    return lambda: Reach(specialist_number=number_of("complaint_specialist"), human_number=number_of("human"))


class LegEvents:
    """What the leg reports, as events of its call."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def dtmf(self, digit: str) -> None:
        self._call.timeline.append(Dtmf(digit=digit))

    def failed(self, error: HotlineError) -> None:
        self._call.fail("ingress", error)

    def closed(self, ended_by: Literal["caller", "operator", "error"], reason: str) -> None:
        self._call.hang_up(ended_by, reason)
