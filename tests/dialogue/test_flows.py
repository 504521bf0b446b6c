"""What is wrong with a flow or a phrase is said when the company is loaded, with its file and line."""

from pathlib import Path

import pytest
import yaml

from agent.dialogue.condition import holds
from agent.dialogue.flow_check import load_flows
from agent.dialogue.phrases import load_phrases
from agent.errors import CompanyError
from tests.dialogue.conversation import FLOWS, JINGHE, TOOLS

GOOD = """\
title: {zh: 取消, en: cancelling}
identity: true
slots:
  why:
    kind: text
    ask: {zh: 为什么, en: Why}
steps:
  - need: [why]
  - call: cancel_order
    with: {order_number: "{order_number}", reason: "{why}"}
    confirm: {zh: 取消吗, en: Cancel this}
    outcomes:
      - say: {zh: "退{refund_yuan}元", en: "{refund_yuan} yuan"}
        then: done
"""


def problems(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CompanyError) as error:
        load_flows(folder, TOOLS)
    return str(error.value)


def test_a_good_flow_loads(tmp_path: Path) -> None:
    (tmp_path / "cancel.yaml").write_text(GOOD, encoding="utf-8")
    assert list(load_flows(tmp_path, TOOLS)) == ["cancel"]


@pytest.mark.parametrize(
    ("old", "new", "line", "complaint"),
    [
        ("need: [why]", "need: [wy]", 8, "no 'wy'; did you mean why?"),
        ("call: cancel_order", "call: cancel_ordr", 9, "no tool 'cancel_ordr'; did you mean cancel_order?"),
        ('reason: "{why}"', 'raison: "{why}"', 10, "takes no 'raison'; did you mean reason?"),
        ('"{why}"', '"{what}"', 10, "no 'what'"),
        ("退{refund_yuan}元", "退{refund}元", 13, "nothing fills in {refund}; did you mean refund_yuan?"),
        ("退{refund_yuan}元", "退{refund_yuan元", 13, "in a sentence with braces"),
        ("identity: true", "identity: false", 9, "personal data; the flow needs identity: true"),
        ("    confirm: {zh: 取消吗, en: Cancel this}\n", "", 9, "needs confirm"),
        ("ask: {zh: 为什么, en: Why}", "ask: {zh: 为什么}", 6, "slots.why.ask.en is missing"),
        ("then: done", "then: goto nowhere", 14, "no 'nowhere'"),
        ("then: done", "then: stop", 14, "one of next, done"),
        ("kind: text", "kind: tekst", 5, "slots.why.kind"),
        ("kind: text", "kind: choice", 4, "a choice needs choices"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, complaint: str) -> None:
    assert old in GOOD
    text = problems(tmp_path, cancel=GOOD.replace(old, new))
    assert f"cancel.yaml:{line}: " in text and complaint in text


def test_flows_that_run_in_a_circle_are_refused(tmp_path: Path) -> None:
    there = GOOD.replace("then: done", "then: goto back")
    back = GOOD.replace("then: done", "then: goto there")
    assert "runs in a circle: " in problems(tmp_path, there=there, back=back)


def test_a_flow_that_goes_to_itself_is_refused(tmp_path: Path) -> None:
    assert "runs in a circle: cancel → cancel" in problems(
        tmp_path, cancel=GOOD.replace("then: done", "then: goto cancel")
    )


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = problems(tmp_path, a=GOOD.replace("need: [why]", "need: [wy]"), b="title: [")
    assert "a.yaml:8" in text and "b.yaml:" in text


def test_a_folder_without_flows_is_refused(tmp_path: Path) -> None:
    assert "no flows" in problems(tmp_path)


def test_the_demo_companys_flows_cover_its_errands() -> None:
    starting = {intent for flow in FLOWS.values() for intent in flow.starts.intents}
    assert starting >= {
        "order_status", "logistics", "refund_return", "repair", "installation", "billing_invoice", "cancel_service",
        "complaint",
    }  # fmt: skip


def test_a_phrase_that_is_missing_or_cannot_be_filled_in_is_named(tmp_path: Path) -> None:
    phrases = yaml.safe_load((JINGHE / "phrases" / "en.yaml").read_text(encoding="utf-8"))
    del phrases["goodbye"]
    phrases["noted"] = "All right, {number}."
    phrases["pardon"] = "Pardon?"
    file = tmp_path / "en.yaml"
    file.write_text(yaml.safe_dump(phrases), encoding="utf-8")
    with pytest.raises(CompanyError) as error:
        load_phrases(file)
    text = str(error.value)
    assert "goodbye is missing" in text and "nothing fills in {number}" in text and "pardon: two wordings" in text


def test_a_condition_needs_every_name_to_have_one_of_its_values() -> None:
    facts = {"state": "signed", "late": True, "count": 1}
    assert holds({"state": ("shipped", "signed"), "late": True}, facts)
    assert holds({"visit_on": None}, facts)
    assert not holds({"state": "shipped"}, facts)
    assert not holds({"count": True}, facts)
