"""`hotline route` tells which rule takes a call, why, and what is wrong with the rules."""

import os
import shutil
from pathlib import Path
from unittest import mock

import pytest
from typer.testing import CliRunner, Result

from agent.errors import CompanyError, HotlineError
from agent.route_command import make_app
from agent.routing.rules import KnownTargets

JINGHE = Path("companies/jinghe")
UNREAD = KnownTargets()
CALL = ("explain", "--from", "13800138000", "--to", "4008001234", "--at", "2026-10-01 10:30")


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A copy of the demo company's routing."""
    shutil.copytree(JINGHE / "routing", tmp_path / "routing")
    shutil.copy(JINGHE / "company.yaml", tmp_path)
    return tmp_path


def run(*arguments: str, company: Path = JINGHE, known: KnownTargets = UNREAD) -> Result:
    with mock.patch.dict(os.environ, COLUMNS="240"):
        app = make_app(lambda folder: known)
        return CliRunner().invoke(app, [*arguments, "--company", str(company)])


def test_a_call_on_a_holiday_is_explained_with_every_rule() -> None:
    told = run(*CALL, "--intent", "repair")
    assert told.exit_code == 0, told.output
    assert "13800138000: mobile (北京 北京 中国移动)" in told.output
    assert "→ queue:repair (priority 0, overflow bot)" in told.output
    assert "符合规则“国庆春节报修”：来意是报修，时间是2026-10-01 周四 10:30（法定节假日）。" in told.output
    assert "骚扰判断是放行，要求拒接" in told.output and "距上次预警天数是没有过预警，要求少于 7" in told.output
    for rule in ("骚扰电话", "VIP 客户", "其余都由智能客服接"):
        assert rule in told.output


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ([], "其余都由智能客服接"),
        (["--vip"], "VIP 客户"),
        (["--record", "vip=true"], "VIP 客户"),
        (["--risk", "high"], "高风险投诉"),
        (["--alert-days-ago", "2.5"], "近七天有过预警"),
        (["--called-days-ago", "0.5", "--called-days-ago", "2"], "三天内来过两次以上"),
        (["--intent", "human_agent", "--expected-wait-s", "900"], "要人工但排队太长"),
        (["--device", "model=RQ-16", "--device", "fault_code=E1", "--intent", "repair"], "燃气故障"),
        (["--spam", "refuse"], "骚扰电话"),
    ],
)
def test_what_is_said_of_a_call_decides(options: list[str], rule: str) -> None:
    told = run(*CALL, *options)
    assert told.exit_code == 0 and f"符合规则“{rule}”" in told.output


def test_the_level_that_a_rule_asks_for_is_told() -> None:
    assert "→ queue:complaint (priority 90, skill level 3, overflow callback)" in run(*CALL, "--risk", "high").output


@pytest.mark.parametrize(
    ("days_ago", "decides"),
    [
        ("6.9", "→ queue:complaint (priority 50, overflow bot)\n6 天前有过预警，直接由投诉专员接听。"),
        ("0.5", "→ queue:complaint (priority 50, overflow bot)\n一天之内有过预警，直接由投诉专员接听。"),
        ("7.1", "→ bot (priority 0)"),
    ],
)
def test_who_had_an_alert_goes_to_a_specialist_without_a_rule_too(company: Path, days_ago: str, decides: str) -> None:
    file = company / "routing" / "rules.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("when: {alert_within_days: 7}", "when: {province: 海南}"), encoding="utf-8")
    assert decides in run(*CALL, "--alert-days-ago", days_ago, company=company).output


def test_it_is_told_in_english_too_and_a_landing_number_is_the_number_that_was_dialled() -> None:
    told = run("explain", "--from", "", "--to", "010-56781234", "--at", "2026-03-04 10:00", "--in", "en")
    assert "010-56781234 → 全国服务热线 National service line: rules" in told.output
    assert "–: withheld" in told.output and "it is for every call" in told.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--intent", "repairs"], "--intent: 'repairs' is not known; one of order_status"),
        (["--at", "tomorrow"], "--at: 'tomorrow' is no moment"),
        (["--record", "vip"], "--record: 'vip'; write NAME=VALUE"),
        (["--in", "fr"], "--in: 'fr' is not known; one of zh, en"),
    ],
)
def test_a_wrong_option_is_named(options: list[str], said: str) -> None:
    told = run(*CALL, *options)
    assert isinstance(told.exception, HotlineError) and said in str(told.exception)


def test_rules_with_nothing_wrong_are_said_to_have_nothing_wrong() -> None:
    told = run("lint", "--on", "2026-03-04")
    assert (told.exit_code, told.output) == (0, "companies/jinghe/routing/rules.yaml: 13 rules: nothing wrong\n")


def test_what_is_wrong_is_told_by_file_and_line(company: Path) -> None:
    file = company / "routing" / "rules.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("rules:\n", "rules:\n  - {name: 全部, to: bot}\n", 1), encoding="utf-8")
    told = run("lint", "--on", "2026-03-04", "--in", "en", company=company, known=KnownTargets(queues={"service": ()}))
    assert told.exit_code == 1
    assert "is never reached: every call it would match is taken before by “全部”" in told.output
    assert "there is no queue “complaint”" in told.output
    line = text.splitlines().index("  - name: 骚扰电话") + 2
    assert f"{file}:{line}: rule “骚扰电话” is never reached" in told.output
    assert f"{company / 'routing' / 'numbers.yaml'}:" in told.output and "no queue 'repair'" in told.output


def test_a_year_without_holidays_is_told() -> None:
    told = run("lint", "--on", "2026-12-20")
    assert told.exit_code == 1 and "没有 2027 年的" in told.output


def test_rules_that_cannot_be_read_are_an_error(company: Path) -> None:
    (company / "routing" / "rules.yaml").write_text("rules: []\n", encoding="utf-8")
    assert isinstance(run("lint", company=company).exception, CompanyError)
