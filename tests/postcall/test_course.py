"""What a call was about, how it went, and what must be done after it."""

from datetime import datetime
from pathlib import Path

import pytest

from agent.application import load_prompts
from agent.config import Settings
from agent.events import (
    Body,
    CallEnded,
    Evidence,
    Fact,
    FollowUp,
    Intent,
    Language,
    RiskAssessed,
    RiskLevel,
    RouteChanged,
    Transfer,
)
from agent.postcall.course import call_language, is_solved, main_intent, risk_level, risk_reasons, sentiment_course
from agent.postcall.follow_up import follow_up
from agent.postcall.promises import promises
from agent.postcall.prompts import PostcallPrompts
from agent.postcall.utterances import Utterance, utterances
from tests.postcall.calls import STARTED, call, events, heard, meant

PROMPTS = PostcallPrompts(Path(__file__).parents[2] / "prompts")
CALLBACK = RouteChanged(previous="bot", destination="callback", priority=1, reason="alert", callback_due_minutes=30)


def turns(*intents: tuple[Intent, float]) -> list[Body]:
    bodies: list[Body] = []
    for turn, (intent, probability) in enumerate(intents, 1):
        bodies += [heard(turn, "我想说一件事情"), meant(turn, intent, probability=probability)]
    return bodies


@pytest.mark.parametrize(
    ("intents", "expected"),
    [
        ([], "other"),
        ([("greeting", 0.9), ("goodbye", 0.9)], "other"),
        ([("order_status", 0.9), ("logistics", 0.4), ("goodbye", 0.9)], "order_status"),
        ([("repair", 0.9), ("complaint", 0.6)], "complaint"),
        ([("repair", 0.9), ("complaint", 0.4)], "repair"),
        ([("human_agent", 0.95), ("repair", 0.5)], "repair"),
        ([("human_agent", 0.95), ("chitchat", 0.9)], "human_agent"),
        ([("praise", 0.9), ("goodbye", 0.9)], "praise"),
    ],
)
def test_the_main_intent(intents: list[tuple[Intent, float]], expected: Intent) -> None:
    assert main_intent(events(turns(*intents))) == expected


@pytest.mark.parametrize(
    "number", ["一三八，一二三四，五六七八", "手机号要39123456700", "My phone number is 137, 4825, 9637."]
)
def test_a_turn_that_only_gives_a_number_does_not_decide_the_intent(number: str) -> None:
    said = [heard(1, "要修空调"), meant(1, "repair", probability=0.5), heard(2, number), meant(2, "complaint")]
    assert main_intent(events(said)) == "repair"
    said += [heard(3, "投诉"), meant(3, "complaint")]
    assert main_intent(events(said)) == "complaint"


def test_a_number_beside_its_purpose_does_decide_it() -> None:
    said = [heard(1, "我要投诉你们，订单号88472619一直没人管"), meant(1, "complaint")]
    assert main_intent(events(said)) == "complaint"


def test_high_risk_makes_it_a_complaint() -> None:
    assert main_intent(events([*turns(("repair", 0.9)), RiskAssessed(turn=1, level="high", score=0.9)])) == "complaint"


def test_the_risk_is_that_of_the_worst_moment_with_its_reasons() -> None:
    evidence = (
        Evidence(signal="anger", words="气死我了", turn=1, weight=0.2),
        Evidence(signal="regulator", words="打12315", turn=2, weight=0.6),
        Evidence(signal="something_new", words="哎", turn=2, weight=0.1),
    )
    said = events(
        [
            RiskAssessed(turn=1, level="low", score=0.3, evidence=evidence[:1]),
            RiskAssessed(turn=2, level="high", score=0.9, evidence=evidence),
            RiskAssessed(turn=3, level="medium", score=0.5),
        ]
    )
    assert risk_level(said) == "high"
    reasons = risk_reasons(said, PROMPTS.sentences("zh").risk)
    assert [words in reason for words, reason in zip(("打12315", "气死我了", "哎"), reasons, strict=True)] == [True] * 3


def test_the_sentiment_course_has_one_point_a_turn() -> None:
    said = events([meant(1, "repair", "neutral"), meant(2, "repair", "neutral"), meant(2, "complaint", "angry")])
    assert [(point.turn, point.sentiment) for point in sentiment_course(said)] == [(1, "neutral"), (2, "angry")]


def test_the_language_is_the_one_spoken_most() -> None:
    mixed = events([heard(1, "你好"), heard(2, "can we speak English please", "en")])
    assert call_language(mixed, utterances(mixed)) == "en"
    silent = call(language="en")
    assert call_language(silent, utterances(silent)) == "en"


@pytest.mark.parametrize(
    ("lines", "intent", "solved"),
    [
        (("我的订单到哪了", "bot: 明天送达。", "好的谢谢"), "order_status", True),
        (("我的订单到哪了", "bot: 明天送达。", "又是明天，到底什么时候到"), "order_status", False),
        (("我的订单到哪了",), "order_status", False),
        (("空调坏了", "bot: 师傅会联系您。", "好的谢谢"), "repair", False),
        (("师傅很好",), "praise", True),
        ((), "other", True),
    ],
)
def test_whether_the_call_settled_it(lines: tuple[str, ...], intent: Intent, solved: bool) -> None:
    said = call(*lines)
    assert is_solved(said, utterances(said), intent) is solved


def after(
    *bodies: Body, intent: Intent, risk: RiskLevel = "none", solved: bool = False, facts: tuple[Fact, ...] = ()
) -> FollowUp | None:
    return follow_up(
        events([*bodies, CallEnded(ended_by="caller", reason="hung up", duration_ms=60_000)]),
        started_at=STARTED,
        intent=intent,
        risk=risk,
        solved=solved,
        facts=facts,
        sentences=PROMPTS.sentences("zh"),
    )


@pytest.mark.parametrize(
    ("intent", "risk", "solved", "owner", "minutes"),
    [
        ("complaint", "high", False, "complaint_specialist", 30),
        ("complaint", "low", False, "complaint_specialist", 240),
        ("repair", "high", False, "complaint_specialist", 30),
        ("repair", "none", False, "after_sales", 1440),
        ("billing_invoice", "none", False, "finance", 1440),
        ("logistics", "none", False, "logistics", 480),
        ("human_agent", "none", False, "customer_service", 240),
    ],
)
def test_who_follows_up_until_when(intent: Intent, risk: RiskLevel, solved: bool, owner: str, minutes: int) -> None:
    task = after(intent=intent, risk=risk, solved=solved)
    assert task is not None and task.owner == owner
    assert (datetime.fromisoformat(task.due) - STARTED).total_seconds() == 60 + minutes * 60


@pytest.mark.parametrize(
    "intent", ["order_status", "logistics", "product_inquiry", "praise", "other", "goodbye", "chitchat"]
)
def test_nothing_to_do_after_a_solved_call(intent: Intent) -> None:
    assert after(intent=intent, solved=True) is None


def test_a_promised_callback_is_due_from_the_promise() -> None:
    task = after(heard(1, "我要投诉"), CALLBACK, intent="complaint", risk="high")
    assert task is not None and task.owner == "complaint_specialist"
    assert task.due == "2026-03-16T10:35:03+08:00"


def test_a_person_who_took_over_needs_no_callback() -> None:
    taken = Transfer(destination="desk", accepted=True, reason="asked")
    assert after(CALLBACK, taken, intent="human_agent") is None


def test_the_task_names_what_is_known() -> None:
    facts = (
        Fact(kind="phone", value="139", turn=1, quote="139"),
        Fact(kind="product", value="空调", turn=1, quote="空调"),
    )
    task = after(intent="repair", facts=facts)
    assert task is not None and "空调" in task.task and "139" in task.task


@pytest.mark.parametrize(
    "reference", ["order_status", "logistics", "refund_return", "repair", "installation", "billing_invoice"]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_the_bot_undertakes_for_an_errand_counts_as_promised(reference: Intent, language: Language) -> None:
    text = load_prompts(Settings()).reference(reference, language, number_known=True)
    said = Utterance("bot", ((0, 2),), text, language)
    assert [one.text for one in promises([said])] == [text]
