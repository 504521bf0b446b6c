"""Who takes a call: the company whose number it is, and the people that it has there at that hour."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.application import load_prompts
from agent.company.company import load_companies
from agent.config import RoutingSettings, Settings
from agent.errors import HotlineError
from agent.fixed_speech import fixed_speech
from agent.ingress.leg import CallInfo
from agent.reception import Receptions
from tests.dummy_calls import jinghe

CHINA = ZoneInfo("Asia/Shanghai")
MORNING, NIGHT = datetime(2026, 3, 16, 10, tzinfo=CHINA), datetime(2026, 3, 16, 23, 30, tzinfo=CHINA)
PEOPLE = RoutingSettings(human_number="8000", specialist_number="8001")
FOLDER = Path(__file__).resolve().parent.parent / "companies" / "jinghe"


@pytest.fixture(scope="module")
def receptions() -> Receptions:
    return jinghe()


def info(caller: str, started_at: datetime) -> CallInfo:
    return CallInfo("c1", caller, "4008001234", "media-stream", started_at)


def test_people_are_there_in_office_hours_and_the_specialist_always(receptions: Receptions) -> None:
    (company,) = receptions
    assert company.routing(PEOPLE, MORNING).human_number == "8000"
    night = company.routing(PEOPLE, NIGHT)
    assert (night.human_number, night.specialist_number) == ("", "8001")


def test_a_call_is_briefed_with_the_companys_day_and_whether_people_are_there(receptions: Receptions) -> None:
    reception = receptions.of("+86 400 800 1234")
    late = datetime(2026, 3, 16, 17, tzinfo=ZoneInfo("UTC"))
    briefing = reception.briefing(info("13812345678", late), people=bool(reception.routing(PEOPLE, late).human_number))
    assert briefing.today.isoformat() == "2026-03-17" and not briefing.people
    assert briefing.language == "zh" and briefing.voices["en"].startswith("af_")


@pytest.mark.parametrize(
    ("when", "zh", "en", "minutes"),
    [
        (MORNING, "30分钟内", "within 30 minutes", 30),
        (NIGHT, "明天上午9点半前", "by 9:30 a.m. tomorrow", 10 * 60),
    ],
    ids=["in office hours", "at night"],
)
def test_when_somebody_rings_back_is_said_as_it_is(
    receptions: Receptions, when: datetime, zh: str, en: str, minutes: int
) -> None:
    (reception,) = receptions
    conduct = reception.briefing(info("13812345678", when), people=False).book.conduct
    assert (conduct.callback_within.zh, conduct.callback_within.en) == (zh, en)
    assert reception.routing(PEOPLE, when).callback_due_minutes == minutes
    later = reception.briefing(info("13812345678", when), people=False, rung_back_by=when + timedelta(hours=14))
    assert later.book.conduct.callback_within.zh.startswith("明天")


def test_a_number_that_is_none_is_not_passed_on(receptions: Receptions) -> None:
    reception = receptions.of("4008001234")
    assert reception.briefing(info("anonymous", MORNING), people=True).caller_number == ""


def test_companies_are_named_in_settings_as_a_path_is(tmp_path: Path) -> None:
    assert Settings.model_validate({"companies": "a:b"}).companies == (Path("a"), Path("b"))


def test_a_company_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HotlineError, match="no such folder"):
        load_companies([tmp_path / "nobody"])


def test_what_is_spoken_beforehand_is_cut_as_it_is_in_calls() -> None:
    companies = load_companies([FOLDER])
    settings = Settings()
    quick = fixed_speech(settings, load_prompts(settings), companies, quick=True)
    whole = fixed_speech(settings, load_prompts(settings), companies)
    assert {one.language for one in quick} == {"zh"} and set(quick) < set(whole)
    texts = {one.text for one in quick}
    assert {"您好，这里是京和电器。", "请问有什么可以帮您？"} <= texts
    assert not any("{" in one.text for one in whole)
