"""What is looked up of whoever calls while it rings, all at once and only for so long."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from loguru import logger

from agent.company.company import Company
from agent.events import KeptWithSpecialist
from agent.front_desk.enquiry import Enquiry
from agent.front_desk.memory import NOTHING, Memory, Remembered, look_up
from agent.ingress.leg import CallInfo
from agent.number_marks import NumberMarks
from agent.pipeline.call import Call
from agent.routing.lines import caller_region, locate
from agent.routing.spam import Mark

T = TypeVar("T")

RINGS_AT_MOST_S = 0.3
"""What is not known by then does not count for the answer: the caller is answered."""

Kept = Callable[[CallInfo], KeptWithSpecialist | None]
"""Who had an alert of late. Blocks."""


@dataclass(frozen=True)
class Found:
    """What was known in time."""

    remembered: Remembered = NOTHING
    kept: KeptWithSpecialist | None = None
    marks: tuple[Mark, ...] = ()


class Lookups:
    """One call's."""

    def __init__(
        self,
        call: Call,
        company: Company,
        memory: Memory,
        enquiry: Enquiry,
        marks: NumberMarks | None,
        kept: Kept | None,
    ) -> None:
        self._call, self._company, self._memory = call, company, memory
        self._enquiry, self._marks, self._kept = enquiry, marks, kept

    async def look(self) -> Found:
        """What is found is on the timeline too, as far as calls have events for it."""
        timeline, loop = self._call.timeline, asyncio.get_running_loop()
        until_s = loop.time() + RINGS_AT_MOST_S
        timeline.append(caller_region(locate(self._call.leg.info.caller_number)))
        self._enquiry.begin()
        remembered, kept, marks, known = await self._in_time(
            (self._remember(), NOTHING), (self._keep(), None), (self._marked(), ()), (self._enquiry.customer(), None)
        )
        if kept is not None:
            timeline.append(kept)
        if known is not None:
            timeline.append(known)
        await self._enquiry.answered(until_s - loop.time())
        return Found(remembered, kept, marks)

    async def _in_time(self, *asked: tuple[Awaitable[Any], Any]) -> list[Any]:
        """What each of them answers; what comes late, or not at all, is what stands beside it."""
        tasks = [asyncio.ensure_future(one) for one, _ in asked]
        done, late = await asyncio.wait(tasks, timeout=RINGS_AT_MOST_S)
        for task in late:
            task.cancel()
        answers = []
        for task, (_, otherwise) in zip(tasks, asked, strict=True):
            if task not in done:
                logger.warning("call {} is answered before all is looked up", self._call.leg.info.call_id)
            elif task.exception() is not None:
                logger.warning("not looked up for call {}: {}", self._call.leg.info.call_id, task.exception())
            answers.append(task.result() if task in done and task.exception() is None else otherwise)
        return answers

    async def _remember(self) -> Remembered:
        info, company = self._call.leg.info, self._company
        return await self._aside(lambda: look_up(self._memory, info, company.spam, company.rules))

    async def _keep(self) -> KeptWithSpecialist | None:
        kept, info = self._kept, self._call.leg.info
        return None if kept is None else await self._aside(lambda: kept(info))

    async def _marked(self) -> tuple[Mark, ...]:
        return () if self._marks is None else await self._marks.of(self._call.leg.info.caller_number)

    async def _aside(self, work: Callable[[], T]) -> T:
        return (await self._call.compute(work))[0]
