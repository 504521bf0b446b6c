"""Everything that is wrong with a company's folder is told at once, with its line and what would be right."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.company import check_company, load_company, new_company
from agent.errors import CompanyError

JINGHE = Path(__file__).resolve().parents[2] / "companies" / "jinghe"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_company(tmp_path / "books", "海云书店")
    return tmp_path / "books"


def told(folder: Path) -> list[str]:
    return [str(problem).replace(f"{folder}/", "") for problem in check_company(folder)]


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_nothing_is_wrong_with_the_demo_company() -> None:
    assert told(JINGHE) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("company.yaml", '["4000000000"]', "[4000000000]", "company.yaml:7: numbers.0: 4000000000 is not a text; put"),
        ("company.yaml", '"4000000000"', '"400-CALL"', "company.yaml:7: numbers.0: '400-CALL' is no telephone number"),
        ("company.yaml", '"4000000000"', '"4001112222", "4001112222"', "company.yaml:7: numbers: 4001112222 is there"),
        ("company.yaml", "languages: [zh, en]", "languages: []", "company.yaml:9: languages"),
        ("company.yaml", "languages:", "lnguages:", "company.yaml:9: lnguages: no such entry; did you mean languages?"),
        ("company.yaml", "en: Robin", "fr: Robin", "company.yaml:4: bot_name.en is missing"),
        ("company.yaml", "是{company}", "是{compny}", "nothing fills in {compny}; only {company} and {bot} are"),
        ("company.yaml", "是{company}", "是{company", "only {company} and {bot} are filled in"),
        ("company.yaml", "是{company}", "是{company:d}", "only {company} and {bot} are filled in"),
        ("company.yaml", "after_warning: end", "after_warning: transfer", "people.human_number is empty; give one, or"),
        ("company.yaml", "after_warning: end", "after_warning: shout", "abuse.after_warning"),
        (
            "company.yaml",
            "mon-fri:",
            "mon-fry:",
            "company.yaml:15: hours.week.mon-fry: 'mon-fry' is no day of the week",
        ),
        ("company.yaml", '"09:00-18:00"', "9:00", "company.yaml:15: hours.week.mon-fri: 540 are no hours; write"),
        ("company.yaml", "from: 2027-01-01", "from: 2027-01-32", "put it in quotes"),
        ("vocabulary.zh.txt", "门店", "店", "vocabulary.zh.txt:5: '店' is not told by its sound; two Chinese"),
        ("flows/shops.yaml", "need: [city]", "need: [town]", "flows/shops.yaml:19: steps.0.need: no 'town'"),
        ("flows/shops.yaml", "kind: choice", "kind: chioce", "flows/shops.yaml:11: slots.city.kind"),
        ("flows/shops.yaml", "title:", "identity: true\ntitle:", "shops.yaml:4: identity: it needs the tool verify in"),
        ("phrases/zh.yaml", "goodbye:", "goodby:", "goodby: no such entry; did you mean goodbye?"),
        ("phrases/en.yaml", "of {company}", "of {firm}", "nothing fills in {firm}"),
        ("knowledge/en/faq.yaml", "opening-hours", "hours", "no answer for"),
        ("knowledge/zh/faq.yaml", "answer:", "anser:", "knowledge/zh/faq.yaml:9: opening-hours.anser: no such entry"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(folder: Path, file: str, old: str, new: str, says: str) -> None:
    change(folder, file, old, new)
    assert any(says in problem for problem in told(folder)), told(folder)


def test_all_that_is_wrong_is_told_at_once(folder: Path) -> None:
    change(folder, "company.yaml", "languages: [zh, en]", "languages: [zh, fr]")
    change(folder, "company.yaml", "callback_due_minutes: 30", "callback_due_minutes: 0")
    change(folder, "vocabulary.zh.txt", "门店", "店")
    change(folder, "vocabulary.zh.txt", "发票", "invoice")
    change(folder, "phrases/zh.yaml", "goodbye:", "goodby:")
    change(folder, "flows/shops.yaml", "need: [city]", "need: [town]")
    change(folder, "knowledge/zh/faq.yaml", "answer:", "anser:")
    (folder / "tools.yaml").write_text("tools: {verify: {description: x}}\n", encoding="utf-8")
    (folder / "risk.toml").write_text("[levels\n", encoding="utf-8")
    places = [problem.split(": ")[0] for problem in told(folder)]
    assert {place.split(":")[0] for place in places} >= {
        "company.yaml", "vocabulary.zh.txt", "phrases/zh.yaml", "knowledge/zh/faq.yaml", "tools.yaml", "risk.toml",
    }  # fmt: skip
    assert places.count("vocabulary.zh.txt:5") == 1 and places.count("vocabulary.zh.txt:4") == 1
    assert sum(place.startswith("company.yaml") for place in places) == 2
    with pytest.raises(CompanyError) as error:
        load_company(folder)
    assert "languages" in str(error.value) and "invoice" in str(error.value)


VERIFY = """\
servers: {own: {python: shop}}
tools:
  verify:
    description: whether an order was made from a phone
    served: own
    arguments: {phone: {type: digits}, order_tail: {type: digits}}
    result: {matches: {type: boolean}, order_number: {type: digits, required: false}}
"""


def test_a_flow_may_ask_who_calls_where_a_tool_knows_the_answer(folder: Path) -> None:
    change(folder, "flows/shops.yaml", "title:", "identity: true\ntitle:")
    (folder / "tools.yaml").write_text(VERIFY, encoding="utf-8")
    assert told(folder) == []
    (folder / "tools.yaml").write_text(VERIFY.replace("order_tail", "tail"), encoding="utf-8")
    assert "it needs the tool verify in tools.yaml, with the arguments phone and order_tail" in told(folder)[0]


def test_a_back_end_must_be_where_the_tools_look_for_it(folder: Path) -> None:
    with (folder / "company.yaml").open("a", encoding="utf-8") as file:
        file.write("backend: {module: shop.backend, port: 9001}\n")
    tools = "servers: {own: {http: 'http://127.0.0.1:9001/api'}}\n"
    (folder / "tools.yaml").write_text(tools, encoding="utf-8")
    assert told(folder) == []
    (folder / "tools.yaml").write_text(tools.replace("9001", "9010"), encoding="utf-8")
    assert told(folder) == ["company.yaml:36: backend.port: no server in tools.yaml is on port 9001"]


def test_tools_that_cannot_be_read_are_no_fault_of_the_flows(folder: Path) -> None:
    (folder / "tools.yaml").write_text("tools: 3\n", encoding="utf-8")
    change(folder, "flows/shops.yaml", "  - need: [city]", "  - call: find_shop\n  - need: [city]")
    assert [problem.split(":")[0] for problem in told(folder)] == ["tools.yaml"]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            lambda f: (f / "company.yaml").rename(f / "company.yml"),
            "company.yml:1: this file is not read; did you mean",
        ),
        (lambda f: (f / "company.yaml").unlink(), "company.yaml:1: cannot be read: No such file"),
        (lambda f: (f / "flows" / "shops.yaml").rename(f / "flows" / "shops.yml"), "a flow is called NAME.yaml"),
        (lambda f: (f / "flows").rename(f / "flow"), "flow:1: this folder is not read; did you mean flows?"),
        (lambda f: (f / "phrases" / "en.yaml").rename(f / "phrases" / "eng.yaml"), "zh.yaml, en.yaml are"),
        (lambda f: (f / "knowledge" / "zh" / "questions.yaml").write_text("x: 1"), "approved answers are called faq"),
        (
            lambda f: (f / "knowledge" / "faq.yaml").write_text("x: 1"),
            "knowledge/faq.yaml:1: this is not read; only zh/ and en/ are",
        ),
        (lambda f: (f / "knowledge" / "zh").rename(f / "knowledge" / "cn"), "knowledge/cn:1: this is not read"),
        (lambda f: (f / "vocabulary.txt").write_text(""), "vocabulary.txt:1: this file is not read; did you mean voc"),
        (lambda f: (f / "risk.toml").write_text("x = 1"), "risk.toml:1: risk rules"),
        (lambda f: (f / "risk.toml").write_text("\nlevels = = 3"), "risk.toml:2: risk rules are not valid TOML"),
        (lambda f: (f / "routing.toml").write_text(""), "routing.toml:1: routing reasons"),
        (lambda f: (f / "knowledge" / "zh" / "a.md").write_bytes(b"# a\n\xff"), "a.md:2: not UTF-8"),
        (lambda f: (f / "knowledge" / "zh" / "a.md").write_bytes(b"x" * 50_000_000), "50,000,000 bytes; at most"),
        (lambda f: (f / "knowledge" / "zh" / "a.md").mkdir(), "a.md:1: cannot be read: Is a directory"),
        (lambda f: (f / "flows" / "a.yaml").write_text("a: &a [*a]"), "flows/a.yaml:1: aliases make it more than"),
        (lambda f: (f / "vocabulary.zh.txt").write_bytes(b"\n\xff"), "vocabulary.zh.txt:2: not UTF-8"),
    ],
)
def test_whatever_is_done_to_the_folder_the_check_says_it(
    folder: Path, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(folder)
    assert any(says in problem for problem in told(folder)), told(folder)


def test_what_is_no_part_of_a_company_is_its_own_business(folder: Path) -> None:
    (folder / "README.md").write_text("ours", encoding="utf-8")
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "backend").mkdir()
    (folder / "backend" / "seed.yaml").write_text("x: 1", encoding="utf-8")
    assert told(folder) == []


def test_an_empty_folder_lacks_everything(tmp_path: Path) -> None:
    files = {problem.split(":")[0] for problem in told(tmp_path)}
    assert files >= {"company.yaml", "vocabulary.zh.txt", "phrases/zh.yaml", "phrases/en.yaml"}
    assert any("no flows; one file NAME.yaml for each errand" in problem for problem in told(tmp_path))


def test_a_folder_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    (problem,) = check_company(tmp_path / "gone")
    assert str(problem).startswith(f"{tmp_path / 'gone'}:1: there is no such folder")
