"""The front desk of a server: one for all its companies."""

import asyncio
from collections.abc import Iterable
from weakref import WeakValueDictionary

from loguru import logger

from agent.company.company import Company
from agent.errors import StorageError
from agent.front_desk.arrival import Arrival
from agent.front_desk.lookups import Kept
from agent.front_desk.memory import Memory
from agent.number_marks import NumberMarks
from agent.pipeline.call import Call
from agent.postcall.survey_talk import SurveyTalk
from agent.storage import ConflictError, NotFoundError
from agent.survey_tasks import survey_task_row
from agent.switchboard import Switchboard


class FrontDesk:
    """One per process.

    Args:
        companies: those that are called; the first has the switchboard.
        kept: who had an alert of late. Blocks.
    """

    def __init__(
        self,
        companies: Iterable[Company],
        memory: Memory,
        board: Switchboard | None = None,
        *,
        kept: Kept | None = None,
    ) -> None:
        served = tuple(companies)
        self._memory = memory
        self._board = board
        self._first = served[0].id
        self._kept = kept
        self._arrivals: WeakValueDictionary[str, Arrival] = WeakValueDictionary()
        self._marks = {
            company.id: NumberMarks(company.spam.marks.http)
            for company in served
            if company.spam is not None and company.spam.marks.http is not None
        }

    def admit(self, call: Call, company: Company) -> Arrival | None:
        """A call to this company begins; None for a replay, which comes in as it always did, and for whom we have rung
        ourselves: somebody waits for them.
        """
        if call.leg.info.channel == "replay" or call.briefing is None or call.leg.info.rung_by_us:
            return None
        if company.survey is not None:
            call.surveyor = SurveyTalk(company.survey)
        board = self._board if company.id == self._first else None
        arrival = Arrival(call, company, self._memory, board, marks=self._marks.get(company.id), kept=self._kept)
        self._arrivals[call.leg.info.call_id] = arrival
        return arrival

    def let_in(self, call_id: str, by: str) -> None:
        """A supervisor lets in a call that the spam filter is asking or refusing. On the event loop only.

        Raises NotFoundError for a call that is not going on, ConflictError for one that the filter does nothing to.
        """
        arrival = self._arrivals.get(call_id)
        if arrival is None:
            raise NotFoundError(f"no call {call_id!r} is going on; its number can still be put on the allow list")
        if not arrival.let_in(by):
            raise ConflictError(f"call {call_id} is neither asked nor refused by the spam filter now")

    async def dismiss(self, call: Call, company: Company, arrival: Arrival) -> None:
        """The call is over: what its survey asks for is noted."""
        self._arrivals.pop(call.leg.info.call_id, None)
        await arrival.close()
        if company.survey is None:
            return
        info = call.leg.info
        row = survey_task_row(company.survey, tuple(call.timeline), info.started_at, company.profile.hours)
        if row is None:
            return
        try:
            await asyncio.to_thread(self._memory.add_task, row)
        except (StorageError, NotFoundError) as error:
            logger.error("the task {} is not noted: {}", row.id, error)

    async def close(self) -> None:
        for marks in self._marks.values():
            await marks.close()
