"""Whole calls that come in through the front desk: the demo company, a memory that is told, people at seats."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from agent.company.company import Companies, Company
from agent.front_desk import FrontDesk
from agent.front_desk import Memory as FrontDeskMemory
from agent.front_desk.lookups import Kept
from agent.hotline import CallStore
from agent.ingress.fixture import Fixture
from agent.ingress.leg import CallInfo
from agent.ingress.replay import ReplayLeg
from agent.ingress.virtual_time import run_in_virtual_time
from agent.postcall.prompts import PostcallPrompts
from agent.reception import Desks, Reception, Receptions, rehearsed_desks
from agent.storage import AlertRow, SpamHistoryRow, SpamOverrideRow, TaskRow
from tests import dummy_calls
from tests.dummy_calls import DoneCall
from tests.switchboard.office import Office


@dataclass
class Memory:
    """As storage remembers. ``rang``: how long before the call each earlier one was, and its turns."""

    rang: Sequence[tuple[timedelta, int]] = ()
    overrides: Sequence[SpamOverrideRow] = ()
    series: int = 0
    openings: tuple[str, ...] = ()
    alerts: Sequence[AlertRow] = ()
    tasks: list[TaskRow] = field(default_factory=list)

    def spam_overrides(self, number: str | None = None, **_: Any) -> list[SpamOverrideRow]:
        return [row for row in self.overrides if row.number == number]

    def spam_history(self, caller_number: str, *, since: datetime, before: datetime, limit: int = 100) -> Any:
        rows = [SpamHistoryRow(started_at=before - ago, duration_ms=60_000, turns=turns) for ago, turns in self.rang]
        return [row for row in rows if row.started_at >= since][:limit]

    def spam_series(self, caller_number: str, *, since: datetime, before: datetime) -> int:
        return self.series

    def spam_openings(self, since: datetime, limit: int = 200) -> tuple[str, ...]:
        return self.openings

    def alerts_of_caller(self, caller_number: str, *, since: datetime, before: datetime) -> list[AlertRow]:
        return [row for row in self.alerts if since <= row.raised_at < before]

    def add_task(self, task: TaskRow) -> None:
        self.tasks.append(task)


async def nobody(_office: Office) -> None:
    """No seat is taken."""


def ring(
    folder: Path,
    fixture: Fixture,
    *,
    heard: Sequence[str] = ("嗯",),
    company: Callable[[Company], Company] = lambda one: one,
    memory: FrontDeskMemory | None = None,
    people: Callable[[Office], Awaitable[None]] = nobody,
    info: Callable[[CallInfo], CallInfo] = lambda one: one,
    desks: Callable[[Company], Desks] = rehearsed_desks,
    store: CallStore | None = None,
    kept: Kept | None = None,
    **using: Any,
) -> DoneCall:
    """One live call in virtual time. ``company``: changes the demo company; ``people``: what goes on at the seats.
    ``store``: what keeps the call; nothing does by default.
    """

    async def call() -> DoneCall:
        office = Office()
        changed = company(office.receptions.companies.all[0])
        reception = Reception(changed, changed.playbook(), desks(changed))
        receptions = Receptions(Companies((changed,)), {changed.id: reception})
        settings = dummy_calls.Settings()
        desk = FrontDesk(receptions.companies, memory or Memory(), office.board, kept=kept)
        office.let_in = desk.let_in
        hotline = dummy_calls.Hotline(
            settings,
            dummy_calls.engines(heard=list(heard), **using),
            dummy_calls.load_prompts(settings),
            PostcallPrompts(settings.prompts_dir),
            dummy_calls.Rulebook.load(),
            store or dummy_calls.MemoryCalls(folder),
            receptions=receptions,
            writing=dummy_calls.load_writing_prompts(settings.prompts_dir),
            switchboard=office.board,
            front_desk=desk,
        )
        leg = ReplayLeg(fixture)
        leg.info = info(replace(leg.info, channel="media-stream"))
        working = asyncio.ensure_future(people(office))
        await asyncio.sleep(0)
        timeline = await hotline.run_call(leg)
        await asyncio.wait_for(working, 600)
        await office.board.close()
        return DoneCall(timeline, leg, folder / f"{leg.info.call_id}.wav")

    return run_in_virtual_time(call())
