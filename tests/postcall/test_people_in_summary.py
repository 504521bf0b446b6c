"""What people at seats said counts in the summary: who promised what, what was taken back, moved or refused."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.events import (
    FollowUp,
    Intent,
    Language,
    QueueLeft,
    RouteChanged,
    SeatSaid,
    Summary,
    SurveyAnswered,
    Transfer,
)
from agent.postcall.prompts import PostcallPrompts
from agent.postcall.summarize import summarize
from agent.postcall.utterances import utterances
from tests.postcall.calls import STARTED, call, events, heard, meant, with_people

PROMPTS = PostcallPrompts(Path(__file__).parents[2] / "prompts")
QUEUED = Transfer(destination="queue:service", accepted=True, reason="asked")


def summary(*lines: object, language: Language = "zh", intent: Intent = "repair") -> Summary:
    """Of a call about this."""
    first, *rest = lines
    made = with_people(first, meant(1, intent), *rest, language=language)  # type: ignore[arg-type]
    return summarize(made, STARTED, None, PROMPTS)


def due(text: str) -> str:
    return datetime.fromisoformat(text).replace(tzinfo=STARTED.tzinfo).isoformat()


def test_what_a_person_promises_is_theirs_and_becomes_a_task_with_owner_and_due_time() -> None:
    made = summary("我家空调坏了，要修。", "王丽: 您好，我给您约周五上午十点师傅上门。", "好的谢谢。", "王丽: 再见。")
    assert made.agreed == ("王丽答应：“您好，我给您约周五上午十点师傅上门”",)
    assert made.follow_up == FollowUp(
        task="按约定办理：王丽答应：“您好，我给您约周五上午十点师傅上门”（空调）",
        owner="after_sales",
        due=due("2026-03-20T10:00"),
    )
    assert made.solved is False and made.unresolved == ("报修还没有处理：“我家空调坏了，要修”",)
    fact = next(one for one in made.facts if one.kind == "time")
    assert (fact.value, fact.seat, fact.quote) == ("周五上午10点", "s01", "周五上午十点")
    assert next(one for one in made.facts if one.kind == "product").seat is None


BOT = "bot: 好的，维修师傅会在明天下午三点上门。"


@pytest.mark.parametrize(
    ("talk", "agreed", "due_at"),
    [
        (  # a person withdraws what the bot promised
            [BOT, "转人工", "王丽: 不好意思，明天上不了门。", "那算了，我再想想"],
            (), None,
        ),
        (  # … and puts another day in its place, in one breath
            [BOT, "转人工", "王丽: 抱歉，明天来不了，改到周四下午。", "行"],
            ("王丽答应：“改到周四下午”",), "2026-03-19T18:00",
        ),
        (  # … after the caller said that the bot's day does not suit
            [BOT, "明天我不在家，转人工", "王丽: 那给您改约周五上午十点。", "好的"],
            ("王丽答应：“那给您改约周五上午十点”",), "2026-03-20T10:00",
        ),
        (  # what the bot promised and nobody touched stands, and says whose it is
            [BOT, "还要开发票，转人工", "王丽: 发票我今天下班前给您开好。", "谢谢"],
            ("智能客服答应：“好的，维修师傅会在明天下午三点上门”", "王丽答应：“发票我今天下班前给您开好”"),
            "2026-03-16T18:00",
        ),
        (  # the caller will not have the day that is offered, names another, and gets it
            ["王丽: 给您约周四上午上门可以吗？", "周四不行，周六上午可以吗？", "王丽: 可以的。", "好"],
            ("王丽同意客户的要求：“周六上午可以吗？”",), "2026-03-21T12:00",
        ),
        (  # … and does not get it
            ["王丽: 给您约周四上午上门可以吗？", "周四不行，周六可以吗？", "王丽: 周六没法安排。", "那不用了"],
            (), None,
        ),
        (  # an offer that is accepted; "no" to "anything else" refuses nothing
            ["王丽: 给您约周四上午上门，可以吗？", "可以。", "王丽: 好的，还有别的需要吗？", "不用了，谢谢。"],
            ("王丽提出，客户同意：“给您约周四上午上门，可以吗？”",), "2026-03-19T12:00",
        ),
        (  # an offer that nobody answered settles nothing
            ["王丽: 给您约周四上午上门可以吗？", "喂，听得到吗"], (), None,
        ),
        (  # a promise that the caller refuses
            ["王丽: 我给您安排师傅周四上门。", "不用了，我自己找人修。", "王丽: 好的。"], (), None,
        ),
        (  # moved twice: the last day counts
            ["王丽: 我给您约周四上午。", "能不能周五？", "王丽: 可以，那就周五下午三点上门。", "好，就这样",
             "王丽: 等一下，周五师傅去不了，帮您改到下周一上午九点。", "行吧"],
            ("王丽答应：“帮您改到下周一上午九点”",), "2026-03-23T09:00",
        ),
        (  # a limit counts from when it was said
            ["王丽: 专员会在24小时内给您回电话。", "好"],
            ("王丽答应：“专员会在24小时内给您回电话”",), "2026-03-17T10:05:19",
        ),
        (  # a question settles nothing, nor does a condition
            ["王丽: 需要我给您安排师傅上门吗？", "我想想", "王丽: 如果您需要，我可以给您安排周四上门。", "嗯我再说"],
            (), None,
        ),
    ],
)  # fmt: skip
def test_what_stands_at_the_end_is_what_counts(talk: list[str], agreed: tuple[str, ...], due_at: str | None) -> None:
    made = summary("我家空调坏了，要修。", *talk)
    assert made.agreed == agreed
    if due_at is not None:
        assert made.follow_up is not None and made.follow_up.due == due(due_at)
    else:
        assert "按约定" not in (made.follow_up.task if made.follow_up else "")


def test_a_colleague_promises_for_themselves_and_neither_promise_is_lost() -> None:
    made = summary(
        "你们的安装师傅太差了，我要投诉。", "王丽: 我让主管24小时内联系您。", "我现在就要找主管",
        "赵敏: 您好，我是赵敏。我今天晚上八点前给您打电话说结果。", "好",
        intent="complaint",
    )  # fmt: skip
    assert made.agreed == ("王丽答应：“我让主管24小时内联系您”", "赵敏答应：“我今天晚上八点前给您打电话说结果”")
    assert made.follow_up is not None
    assert (made.follow_up.owner, made.follow_up.due) == ("complaint_specialist", due("2026-03-16T20:00"))


@pytest.mark.parametrize(
    ("talk", "agreed", "due_at"),
    [
        (
            ["bot: An engineer will come tomorrow at 3 pm.", "I want a person.",
             "Li Jing: Sorry, we can't come tomorrow. I'll book an engineer for Friday at 10 am.", "Okay, thanks."],
            ('Li Jing promised: "I\'ll book an engineer for Friday at 10 am"',), "2026-03-20T10:00",
        ),
        (
            ["Li Jing: Shall I book a visit for Thursday morning?",
             "No, Thursday doesn't work. Can you come on Saturday?", "Li Jing: Sure, no problem.", "Great."],
            ('Li Jing agreed to what the caller asked for: "Can you come on Saturday?"',), "2026-03-21T18:00",
        ),
        (
            ["Li Jing: I'll send an engineer tomorrow.", "No, don't come, I'll buy a new one.", "Li Jing: All right."],
            (), None,
        ),
        (
            ["bot: An engineer will come tomorrow at 3 pm.", "And my invoice? Give me a person.",
             "Li Jing: I will send the invoice within 2 days.", "Thank you."],
            ('The bot promised: "An engineer will come tomorrow at 3 pm"',
             'Li Jing promised: "I will send the invoice within 2 days"'), "2026-03-18T10:05:29",
        ),
    ],
)  # fmt: skip
def test_the_same_in_english(talk: list[str], agreed: tuple[str, ...], due_at: str | None) -> None:
    made = summary("My fridge is broken and I need a repair.", *talk, language="en")
    assert made.agreed == agreed
    assert due_at is None or (made.follow_up is not None and made.follow_up.due == due(due_at))


def test_a_matter_that_a_person_settles_in_the_call_is_settled() -> None:
    made = summary("我要投诉，退款一直没到。", "王丽: 非常抱歉，已经给您退好了。", "好的，谢谢。", intent="complaint")
    assert (made.solved, made.follow_up, made.unresolved) == (True, None, ())
    assert made.agreed == ("王丽答应：“非常抱歉，已经给您退好了”",)


def test_one_that_leaves_the_caller_discontented_is_not() -> None:
    made = summary("我要投诉，退款一直没到。", "王丽: 这个退不了。", "我不接受，太不像话了。", intent="complaint")
    assert made.solved is False and made.unresolved and made.agreed == ()
    assert made.follow_up is not None and made.follow_up.owner == "complaint_specialist"


def test_who_wants_no_repair_any_more_leaves_nothing_to_do() -> None:
    made = summary("空调坏了要修", "王丽: 我给您安排师傅周四上门。", "不用了，我自己找人修。", "王丽: 好的。")
    assert (made.solved, made.follow_up, made.unresolved) == (True, None, ())


@pytest.mark.parametrize(("score", "solved"), [(1, False), (2, False), (4, True), (5, True)])
def test_what_the_caller_says_in_the_survey_counts(score: int, solved: bool) -> None:
    made = summary(
        "账号登录不了", "王丽: 我这边看了一下，是密码的问题，您再试一次。", "能进去",
        SurveyAnswered(score=score, by="key", words=str(score)), intent="account_service",
    )  # fmt: skip
    assert (made.satisfaction, made.solved) == (score, solved)


def test_a_caller_who_only_waited_had_no_person() -> None:
    left = QueueLeft(reason="abandoned", waited_ms=60_000)
    made = summarize(call("我要转人工", meant(1, "human_agent"), QUEUED, left), STARTED, None, PROMPTS)
    assert made.solved is False and made.follow_up is not None
    assert "还没有接通" in made.unresolved[0]
    talked = summarize(
        with_people("我要转人工", meant(1, "human_agent"), QUEUED, "王丽: 您好。"), STARTED, None, PROMPTS
    )
    assert talked.unresolved == ()


def test_a_callback_that_was_promised_before_a_person_came_is_settled_by_them() -> None:
    route = RouteChanged(previous="bot", destination="callback", priority=1, reason="a", callback_due_minutes=30)
    made = summary("我要投诉", route, "王丽: 您好，已经给您处理好了。", "好的谢谢", intent="complaint")
    assert made.follow_up is None


def test_words_stand_where_they_were_said_though_they_are_written_down_late() -> None:
    late = SeatSaid(seat="s01", text="周四可以吗", language="zh", start_ms=10_000, end_ms=11_000)
    said = utterances(
        events([
            heard(1, "要修空调").model_copy(update={"start_ms": 5000}),
            heard(2, "可以").model_copy(update={"start_ms": 12_000}),
            late,
            late.model_copy(update={"text": "好的", "start_ms": 14_000}),
        ])
    )  # fmt: skip
    assert [one.text for one in said] == ["要修空调", "周四可以吗", "可以", "好的"]
    assert (said[2].asked, said[1].turn, said[3].turn) == ("周四可以吗", 1, 2)


def test_the_caller_whose_words_a_person_answered_was_answered() -> None:
    made = summary("空调坏了要修", "那你们什么时候来", "王丽: 我查一下再告诉您。")
    assert not any("没有得到答复" in one for one in made.unresolved)


def test_numbers_that_a_person_says_are_not_the_callers() -> None:
    made = summary("空调坏了要修", "王丽: 我的工号是8812，订单号88472619对吗？", "对的")
    assert all(one.kind not in ("order_number", "account") for one in made.facts)


def test_the_calls_length_is_no_matter() -> None:
    long = with_people("空调坏了", *["王丽: 嗯。", "对"] * 300, "王丽: 那我给您约周五上午十点上门。", "好")
    begun = datetime.now()
    summarize(long, STARTED, None, PROMPTS)
    assert datetime.now() - begun < timedelta(seconds=5)
