"""A company's knowledge is read from files that people write, and what is wrong with them is said."""

from pathlib import Path

import pytest

from agent.errors import CompanyError
from agent.knowledge.documents import MAX_BYTES, read_knowledge

DEMO = Path(__file__).parent.parent.parent / "companies" / "jinghe" / "knowledge"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for language, ask, answer in (("zh", "几点上班", "九点。"), ("en", "when do you open", "At nine.")):
        (tmp_path / language).mkdir()
        (tmp_path / language / "faq.yaml").write_text(f"hours: {{ask: [{ask}], answer: {answer}}}\n", encoding="utf-8")
    (tmp_path / "zh" / "delivery.md").write_text(
        "# 配送\n\n## 时间\n同城一天。\n\n## 运费\n\n满199元\n免运费。\n", encoding="utf-8"
    )
    return tmp_path


def test_an_answer_is_found_by_its_wordings_and_a_passage_by_its_headings_and_text(folder: Path) -> None:
    entries = {(entry.language, entry.id): entry for entry in read_knowledge(folder)}
    assert entries["zh", "hours"].wordings == ("几点上班",) and entries["zh", "hours"].approved
    fee = entries["zh", "delivery#2"]
    assert (fee.title, fee.text, fee.approved) == ("配送 · 运费", "满199元 免运费。", False)
    assert fee.wordings == ("配送 · 运费 满199元 免运费。",)


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("en/faq.yaml", b"closed: {ask: [when], answer: now}", "no answer for (closed|hours) in this language"),
        ("zh/faq.yaml", "hours: {ask: [], answer: 九点}".encode(), r"faq\.yaml:1: hours\.ask"),
        ("zh/faq.yaml", "hours: {ask: [几点], answer: ''}".encode(), r"faq\.yaml:1: hours\.answer"),
        ("zh/faq2.yaml", "hours: {ask: [几点], answer: 九点}".encode(), "hours stands in another file"),
        ("zh/more.md", b"# \xe4\xb8\n\xff", r"more\.md:1: not UTF-8"),
        ("zh/more.md", b"x" * (MAX_BYTES + 1), r"more\.md:1: 5,000,001 bytes"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, file: str, content: bytes, says: str) -> None:
    (folder / file).write_bytes(content)
    with pytest.raises(CompanyError, match=says):
        read_knowledge(folder)


def test_an_empty_folder_is_no_knowledge(tmp_path: Path) -> None:
    with pytest.raises(CompanyError, match="no knowledge in it"):
        read_knowledge(tmp_path)


def test_answers_of_the_demo_company_are_short_enough_to_be_listened_to() -> None:
    approved = [entry for entry in read_knowledge(DEMO) if entry.approved]
    assert len(approved) >= 200
    for entry in approved:
        length = len(entry.text) if entry.language == "zh" else len(entry.text.split())
        assert length <= (60 if entry.language == "zh" else 45), entry.id
