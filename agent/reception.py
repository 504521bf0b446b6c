"""A company that takes calls: its folder, the desk that asks its back end, and its knowledge, for as long as the
process lives.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from agent.attendant import Briefing, Search
from agent.company.company import Companies, Company
from agent.company.profile import is_open
from agent.config import RoutingSettings
from agent.dialogue import Playbook
from agent.errors import CompanyError
from agent.escalation import Rulebook
from agent.ingress.leg import CallInfo
from agent.routing import can_call_back
from agent.routing.spoken_time import SAID_BY_DATE, by_when
from agent.tools import Desk
from agent.tools.desk import open_desk, rehearsed_desk
from agent.yaml_file import Bilingual

Desks = Callable[[datetime], Desk]
"""The desk of a call that begins then."""


@dataclass(frozen=True)
class Reception:
    """``desk``: that of a call which begins at this time; live calls share one. ``search``: None for a company that has
    written nothing down.
    """

    company: Company
    book: Playbook
    desk: Desks
    search: Search | None = None

    @property
    def rulebook(self) -> Rulebook:
        return Rulebook(self.company.risk, self.company.reasons)

    def rung_back_by(self, when: datetime) -> datetime:
        """By when whoever calls then can be promised to be rung back: outside the company's hours, after they begin."""
        profile = self.company.profile
        minutes = timedelta(minutes=profile.people.callback_due_minutes)
        if is_open(profile, when):
            return when + minutes
        opens = profile.hours.next_opening(when)
        return (when + SAID_BY_DATE + minutes) if opens is None else opens + minutes

    def briefing(self, info: CallInfo, *, people: bool, rung_back_by: datetime | None = None) -> Briefing:
        """For one call. ``people``: whether a person can be reached now. ``rung_back_by``: None for what follows from
        the company's hours.
        """
        profile = self.company.profile
        now = info.started_at.astimezone(profile.hours.timezone)
        rung_back_by = rung_back_by or self.rung_back_by(now)
        within = Bilingual(zh=by_when(rung_back_by, now, "zh"), en=by_when(rung_back_by, now, "en"))
        return Briefing(
            book=replace(self.book, conduct=replace(self.book.conduct, callback_within=within)),
            desk=self.desk(info.started_at),
            search=self.search,
            caller_number=info.caller_number if can_call_back(info.caller_number) else "",
            # A fixture says how it is greeted; on a live line the company does.
            language=info.language if info.channel == "replay" else profile.languages[0],
            today=info.started_at.astimezone(profile.hours.timezone).date(),
            people=people,
            voices={"zh": profile.voices.zh, "en": profile.voices.en},
            pace=profile.voices.speed,
        )

    def routing(
        self, settings: RoutingSettings, when: datetime, rung_back_by: datetime | None = None
    ) -> RoutingSettings:
        """Who can be reached then: the company's people, the settings' where it names none; nobody outside its hours.
        Danger to life is no matter of office hours, so the specialist is there at any time.
        """
        people = self.company.profile.people
        rung_back_by = rung_back_by or self.rung_back_by(when)
        human = (people.human_number or settings.human_number) if is_open(self.company.profile, when) else ""
        return settings.model_copy(
            update={
                "human_number": human,
                "specialist_number": people.specialist_number or settings.specialist_number,
                "callback_due_minutes": ceil((rung_back_by - when).total_seconds() / 60),
            }
        )


@dataclass(frozen=True)
class Receptions:
    """All companies of a server, told apart by the number that is called."""

    companies: Companies
    by_id: Mapping[str, Reception]

    def of(self, called_number: str) -> Reception:
        """Who takes a call to this number; the first company where it is nobody's."""
        return self.by_id[self.companies.by_number(called_number).id]

    def __iter__(self) -> Iterator[Reception]:
        return iter(self.by_id.values())


def live_desks(company: Company) -> Desks:
    """One desk for all calls, to the back end where it is."""
    desk = open_desk(company.tools)
    return lambda _: desk


def rehearsed_desks(company: Company) -> Desks:
    """For replays: each call has the company's back end to itself, in this process and seeded anew for its day, so that
    it takes the same course every time. A company without a back end of its own is asked where it is.

    Raises CompanyError where the back end's module cannot be used.
    """
    back_end = company.profile.backend
    if back_end is None:
        return live_desks(company)
    try:
        make_app = importlib.import_module(back_end.module).make_app
    except (ImportError, AttributeError) as error:
        raise CompanyError(f"backend.module {back_end.module}: {error}; a module with make_app(url, today)") from error
    zone = company.profile.hours.timezone
    return lambda when: rehearsed_desk(company.tools, make_app("sqlite://", when.astimezone(zone).date()))
