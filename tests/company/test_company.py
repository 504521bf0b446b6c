"""A company is read from its folder as a whole; a call belongs to the company whose number was dialled."""

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.company import is_open, load_companies, load_company, new_company
from agent.company.company import Companies
from agent.company.profile import load_profile, plain_number
from agent.company.vocabulary import load_vocabulary
from agent.dialogue.acts import Say
from agent.dialogue.moments import Began, Heard
from agent.dialogue.policy import decide
from agent.dialogue.state import State
from agent.errors import CompanyError
from agent.routing import DEFAULT_REASONS

JINGHE = Path(__file__).resolve().parents[2] / "companies" / "jinghe"


def make(folder: Path, name: str, numbers: str) -> Path:
    new_company(folder, name)
    file = folder / "company.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace('"4000000000"', numbers), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Companies:
    at = tmp_path_factory.mktemp("companies")
    folders = [
        make(at / "books", "海云书店", '"400 111 2222", "010-8888-7777"'),
        make(at / "tea", "茗家", '"4003334444"'),
    ]
    return load_companies(folders)


@pytest.mark.parametrize(
    ("called", "company"),
    [
        ("4001112222", "books"),
        ("+864001112222", "books"),
        ("00864001112222", "books"),
        ("sip:4003334444@10.0.0.1:5060", "tea"),
        ("01088887777", "books"),
        ("4003334444", "tea"),
        ("4009999999", "books"),  # nobody's: the first
        ("web", "books"),
        ("", "books"),
    ],
)
def test_the_number_that_was_called_tells_the_company(companies: Companies, called: str, company: str) -> None:
    assert companies.by_number(called).id == company


@given(st.text(max_size=40))
def test_whatever_was_called_some_company_answers(companies: Companies, called: str) -> None:
    assert companies.by_number(called) in companies.all


@given(st.from_regex(r"[1-9][0-9]{9,10}", fullmatch=True).filter(lambda number: not number.startswith("86")))
def test_a_number_is_the_same_with_and_without_country_code(number: str) -> None:
    assert plain_number(f"+86{number}") == plain_number(f"0086 {number[:3]}-{number[3:]}") == plain_number(number)


def test_two_companies_cannot_have_the_same_number(tmp_path: Path) -> None:
    folders = [make(tmp_path / "a", "甲", '"4001112222"'), make(tmp_path / "b", "乙", '"+86 400-111-2222"')]
    with pytest.raises(CompanyError, match=r"b/company\.yaml:7: numbers: 4001112222 is .*a/company\.yaml's already"):
        load_companies(folders)


def test_a_server_needs_a_company() -> None:
    with pytest.raises(CompanyError, match="name the folder of one"):
        load_companies([])


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CompanyError, match=r"gone:1: there is no such folder; `hotline company new` makes one"):
        load_company(tmp_path / "gone")


def test_rules_of_ones_own_go_before_the_common_ones(tmp_path: Path) -> None:
    folder = make(tmp_path / "own", "甲", '"4001112222"')
    common = load_company(folder)
    text = DEFAULT_REASONS.read_text(encoding="utf-8")
    (folder / "routing.toml").write_text(text.replace("客户要求转人工。", "客户要找人。"), encoding="utf-8")
    assert load_company(folder).reasons.zh.asked_human == "客户要找人。"
    assert (
        common.reasons.zh.asked_human == "客户要求转人工。" and load_company(folder).risk.levels == common.risk.levels
    )


def test_a_new_company_answers_its_first_call(tmp_path: Path) -> None:
    new_company(tmp_path / "books", "海云书店", "Haiyun Books")
    company = load_company(tmp_path / "books")
    book, state, said = company.playbook(), State(), []
    for moment in (
        Began("c1", "13812345678", "zh", date(2026, 11, 23), people=False),
        Heard(1, "你好，我想问一下你们的门店地址", "zh", "product_inquiry", 0.9),
        Heard(2, "我在北京", "zh", "other", 0.6),
    ):
        state, acts = decide(book, state, moment)
        said.append([act.text for act in acts if isinstance(act, Say)])
    assert said[0][0] == "您好，这里是海云书店。" and "我是智能客服小和。" in said[0]
    assert said[1][-1] == "请问您在北京还是上海？"
    assert "北京门店在海淀区示例路1号。" in said[2]


def test_the_demo_company_is_who_it_says(tmp_path: Path) -> None:
    profile = load_profile(JINGHE)
    assert (
        profile.greets().zh == "您好，这里是京和电器。" and profile.greets().en == "Hello, this is Jinghe Appliances."
    )
    assert profile.numbers == ("4008001234",) and profile.languages == ("zh", "en")
    assert profile.conduct().callback_minutes == 30 and profile.conduct().identity_failures == 3
    assert "滚筒洗衣机" in load_vocabulary(JINGHE / "vocabulary.zh.txt")


@pytest.mark.parametrize(
    ("when", "reachable"),
    [
        ("2026-11-29T20:59+08:00", True),
        ("2026-11-29T21:00+08:00", False),
        ("2026-10-01T09:30+08:00", False),
        ("2026-10-01T10:30+08:00", True),
        ("2027-02-06T18:00+08:00", False),
    ],
)
def test_the_demo_companys_people_work_from_nine_to_nine_and_less_in_holidays(when: str, reachable: bool) -> None:
    assert is_open(load_profile(JINGHE), datetime.fromisoformat(when)) is reachable


def test_the_demo_company_can_be_served() -> None:
    company = load_company(JINGHE)
    assert company.knowledge_dir == JINGHE / "knowledge"
    assert company.playbook().conduct.callback_flow in company.flows
