"""What real calls have left in the database, and what operators have decided there, decides the next call."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.call_store import StoredCalls
from agent.company.company import Company
from agent.events import (
    AlertRaised,
    AlertWithdrawn,
    CallEnded,
    KeptWithSpecialist,
    Queued,
    RouteChanged,
    RuleMatched,
    SeatConnected,
    SeatOffered,
    SpamJudged,
    Transfer,
)
from agent.ingress.leg import CallInfo
from agent.notices import AlertDesk, NoticeOffice, open_books
from agent.routing.rules import load_rules
from agent.routing.spam import plain
from agent.seats.to_page import Connected, Ringing
from agent.storage import SpamOverrideRow, Store, TimelineWriter
from tests.dummy_calls import DoneCall, jinghe, script
from tests.front_office import nobody, ring
from tests.switchboard.office import Office

BEGAN = datetime(2026, 3, 16, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1, hours=1)
COMPLAINT = "我要打12315投诉你们"
STAYS = {"when": "at", "at_ms": 45_000}
People = Callable[[Office], Awaitable[None]]


class House:
    """A hotline whose calls are kept in a database: each call finds what those before it have left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        companies = jinghe().companies
        books = open_books(companies)
        office = NoticeOffice(books)
        self.store = Store(f"sqlite:///{folder / 'hotline.db'}", folder, office)
        self.store.migrate()
        self.writer = TimelineWriter(self.store)
        self.alerts = AlertDesk(self.store, books, office)
        self.calls = 0

    def ring(
        self,
        after: timedelta,
        *heard: str,
        caller: str = "13877778888",
        company: Callable[[Company], Company] = lambda one: one,
        people: People = nobody,
        at_ms: Sequence[int] = (9_000, 22_000),
    ) -> DoneCall:
        """A call so long after the first, whose caller says these things."""
        self.calls += 1
        folder, heard = self.folder / f"call-{self.calls}", heard or ("我想查一下订单",)
        turns = [{"when": "at", "at_ms": ms, "speech_s": 1.6} for ms, _ in zip(at_ms, heard, strict=False)]
        call_id = f"call-{self.calls}"

        def info(given: CallInfo) -> CallInfo:
            return replace(given, call_id=call_id, caller_number=caller, started_at=BEGAN + after)

        (self.folder / "recordings").mkdir(exist_ok=True)
        done = ring(
            folder,
            script(folder, *turns, end=STAYS),
            heard=heard,
            company=company,
            people=people,
            info=info,
            memory=self.store,
            store=StoredCalls(self.store, self.writer),
            kept=self.alerts.kept,
        )
        assert self.writer.drain()
        return done


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.store.close()


def answered_by(login: str, *also: str) -> People:
    """This person takes what rings at their seat; others sit there too."""

    async def people(office: Office) -> None:
        for other in also:
            await office.person(other).sit_down()
        person = office.person(login)
        await person.sit_down()
        ringing = await person.next(Ringing)
        await office.desk.answer(person.seat, ringing.call_id)
        await person.next(Connected)

    return people


def sitting(*logins: str) -> People:
    async def people(office: Office) -> None:
        for login in logins:
            await office.person(login).sit_down()

    return people


def with_rules(folder: Path, *rules: dict[str, Any]) -> Callable[[Company], Company]:
    """A company whose rules do not ask for alerts."""
    file = folder / "rules.yaml"
    file.write_text(yaml.safe_dump({"rules": [*rules, {"name": "其余", "to": "bot"}]}, allow_unicode=True))
    return lambda company: replace(company, rules=load_rules(file))


def without_rules(company: Company) -> Company:
    return replace(company, rules=None)


def first_rule(done: DoneCall) -> tuple[str, str]:
    matched = done.bodies(RuleMatched)[0]
    return matched.rule, matched.target


def test_two_calls_of_today_take_the_third_to_people(house: House) -> None:
    first, second = house.ring(timedelta()), house.ring(HOUR)
    assert first_rule(first) == first_rule(second) == ("其余都由智能客服接", "bot")

    third = house.ring(2 * HOUR, people=answered_by("wangli"))
    assert first_rule(third) == ("三天内来过两次以上", "queue:service") and third.one(SeatConnected).name == "王丽"
    other = house.ring(2 * HOUR, caller="13966667777", people=sitting("wangli"))
    assert first_rule(other) == ("其余都由智能客服接", "bot")


def test_who_had_an_alert_is_taken_to_a_specialist_by_the_companys_own_rule(house: House) -> None:
    complained = house.ring(timedelta(), COMPLAINT, people=answered_by("hewei"))
    assert complained.one(AlertRaised) and complained.one(SeatConnected).seat == "s08"

    again = house.ring(DAY, people=answered_by("hewei", "lijing"))
    kept = again.one(KeptWithSpecialist)
    assert (kept.alert_id, kept.days_ago, kept.seat) == (complained.one(AlertRaised).alert_id, 1, "s08")
    assert first_rule(again) == ("近七天有过预警", "queue:complaint")
    assert again.bodies(SeatOffered)[0].seat == "s08", "who knows the caller goes before who knows more"
    assert again.bodies(Queued)[0].priority == 60


@pytest.mark.parametrize("rules", ["others", "none"])
def test_a_company_without_such_a_rule_keeps_the_caller_with_the_same_specialist_by_its_alerts(
    house: House, tmp_path: Path, rules: str
) -> None:
    vip = {"name": "老客户", "when": {"line": "mobile"}, "to": "queue:service", "overflow": "bot"}
    company = with_rules(tmp_path, vip) if rules == "others" else without_rules
    complained = house.ring(timedelta(), COMPLAINT, company=company, people=answered_by("hewei"))
    assert complained.one(AlertRaised) and complained.one(SeatConnected).seat == "s08"

    again = house.ring(DAY, company=company, people=answered_by("hewei", "lijing", "wangli"))
    assert first_rule(again) == ("keep_with_specialist_days", "queue:complaint")
    assert "预警" in again.bodies(RuleMatched)[0].why
    assert (again.bodies(RouteChanged)[0].destination, again.bodies(RouteChanged)[0].priority) == (
        "complaint_specialist",
        50,
    )
    assert again.one(Transfer).accepted and again.bodies(SeatOffered)[0].seat == again.one(SeatConnected).seat == "s08"


def test_where_the_person_has_gone_home_another_specialist_takes_the_call(house: House) -> None:
    house.ring(timedelta(), COMPLAINT, company=without_rules, people=answered_by("hewei"))
    again = house.ring(DAY, company=without_rules, people=answered_by("lijing"))
    assert again.one(KeptWithSpecialist).seat == "s08" and again.one(SeatConnected).seat == "s07"


def test_where_no_specialist_is_there_the_rules_have_the_call(house: House) -> None:
    house.ring(timedelta(), COMPLAINT, company=without_rules, people=answered_by("hewei"))
    again = house.ring(DAY, company=without_rules)
    assert again.one(KeptWithSpecialist) and not again.bodies(RouteChanged) and not again.bodies(Queued)


def test_a_refusal_by_the_rules_is_a_refusal_for_who_had_an_alert_too(house: House, tmp_path: Path) -> None:
    company = with_rules(tmp_path, {"name": "不接手机", "when": {"line": "mobile"}, "to": "refuse"})
    house.ring(timedelta(), COMPLAINT, company=without_rules, people=answered_by("hewei"))
    again = house.ring(DAY, company=company, people=sitting("hewei"))
    assert again.bodies(RuleMatched)[-1].rule == "不接手机" and again.one(CallEnded).reason == "refused by a rule"


@pytest.mark.parametrize("after", [DAY, 8 * DAY])
def test_an_alert_that_was_taken_back_or_is_long_ago_keeps_nobody(house: House, after: timedelta) -> None:
    words = [COMPLAINT, "开玩笑的，别当真"] if after == DAY else [COMPLAINT]
    complained = house.ring(timedelta(), *words, company=without_rules)
    assert complained.one(AlertRaised) and bool(complained.bodies(AlertWithdrawn)) == (after == DAY)

    again = house.ring(after, company=without_rules, people=sitting("hewei"))
    assert not again.bodies(KeptWithSpecialist) and not again.bodies(RouteChanged)


def test_what_operators_decided_about_a_number_decides_its_next_call(house: House) -> None:
    number = plain("13877778888")
    assert not house.ring(timedelta()).bodies(SpamJudged)
    house.store.override_spam(SpamOverrideRow(number=number, verdict="deny", by="郑洁", why="推销", at=BEGAN + HOUR))
    denied = house.ring(2 * HOUR)
    assert denied.bodies(SpamJudged)[0].verdict == "refuse" and denied.one(CallEnded).reason == "refused as spam"
    assert not denied.bodies(RuleMatched)

    (refused,) = house.store.spam_calls("refuse")
    mistaken = SpamOverrideRow(
        number=number, verdict="allow", by="郑洁", why="打错了", at=BEGAN + 3 * HOUR, call_id=refused.call_id
    )
    house.store.override_spam(mistaken)
    allowed = house.ring(DAY)
    assert not [one for one in allowed.bodies(SpamJudged) if one.verdict != "pass"] and allowed.bodies(RuleMatched)
