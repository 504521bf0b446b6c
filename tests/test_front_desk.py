"""What a caller meets before the bot: the filter, the numbers, the rules, the menu; and the survey at the end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.company.company import Company
from agent.errors import StorageError
from agent.events import (
    CallEnded,
    CallerKnown,
    CallerRegion,
    LlmReply,
    MenuChosen,
    Queued,
    RouteChanged,
    RuleMatched,
    SeatConnected,
    SeatOffered,
    SpamJudged,
    SurveyAnswered,
    SurveyAsked,
    Transfer,
    TtsStarted,
)
from agent.fixed_speech import around_the_talk
from agent.ingress.leg import CallInfo
from agent.reception import rehearsed_desks
from agent.routing.rules import load_rules
from agent.routing.spam import Mark
from agent.seats.desk import SeatError
from agent.seats.to_page import Connected, LiveCalls, Ringing
from tests.dummy_calls import DoneCall, jinghe, script
from tests.front_office import Memory, ring
from tests.switchboard.office import Office

STAYS = {"when": "at", "at_ms": 40_000}
DENIED = "0571-88990011"


def at(ms: int, **what: Any) -> dict[str, Any]:
    return {"when": "at", "at_ms": ms, **what}


def calls_from(number: str) -> Callable[[CallInfo], CallInfo]:
    return lambda info: replace(info, caller_number=number)


def calls_to(number: str) -> Callable[[CallInfo], CallInfo]:
    return lambda info: replace(info, called_number=number)


def with_rules(folder: Path, *rules: dict[str, Any]) -> Callable[[Company], Company]:
    file = folder / "rules.yaml"
    file.write_text(yaml.safe_dump({"rules": [*rules, {"name": "其余", "to": "bot"}]}, allow_unicode=True))
    return lambda company: replace(company, rules=load_rules(file))


def said(done: DoneCall) -> list[str]:
    return [name for reply in done.bodies(LlmReply) for name in (reply.phrase or "").split()]


def verdicts(done: DoneCall) -> list[str]:
    return [judged.verdict for judged in done.bodies(SpamJudged)]


def test_whoever_is_nothing_special_is_greeted_by_the_bot_at_once(tmp_path: Path) -> None:
    done = ring(tmp_path, script(tmp_path, {"speech_s": 1.2}, end=STAYS), heard=["我想查一下订单"])
    region = done.one(CallerRegion)
    assert region.line == "mobile" and region.province
    assert [(rule.rule, rule.target) for rule in done.bodies(RuleMatched)] == [("其余都由智能客服接", "bot")]
    assert said(done)[0] == "greeting" and not verdicts(done)
    first = next(event for event in done.timeline if isinstance(event.body, TtsStarted))
    assert first.audio_ms < 500
    kinds = [event.body.type for event in done.timeline]
    assert kinds.index("caller-region") < kinds.index("rule-matched") < kinds.index("llm-reply")


def test_a_denied_caller_is_refused_after_the_key_for_an_appeal_is_offered(tmp_path: Path) -> None:
    done = ring(tmp_path, script(tmp_path, end=STAYS), info=calls_from(DENIED))
    assert said(done) == ["spam.refuse_appeal"] and verdicts(done) == ["refuse"]
    assert "按 1" in done.one(LlmReply).text
    end = done.one(CallEnded)
    assert (end.ended_by, end.reason) == ("bot", "refused as spam")
    assert not done.bodies(RuleMatched) and not done.bodies(SurveyAsked)


def test_a_denied_caller_who_appeals_is_greeted_and_served(tmp_path: Path) -> None:
    turns = [at(3_000, dtmf="1"), at(16_000, speech_s=1.2)]
    done = ring(tmp_path, script(tmp_path, *turns, end=STAYS), heard=["我想查一下订单"], info=calls_from(DENIED))
    assert verdicts(done) == ["refuse", "pass"]
    assert said(done)[:2] == ["spam.refuse_appeal", "greeting"]
    assert any(name.startswith("order_status") or name.startswith("identity") for name in said(done))
    assert done.one(CallEnded).ended_by == "caller"


class EverybodyIsMarked:
    def of(self, _number: str) -> tuple[Mark, ...]:
        return (Mark("诈骗", "list", 50),)


def marked(company: Company) -> Company:
    assert company.spam is not None
    return replace(company, spam=company.spam.model_copy(update={"listed_marks": EverybodyIsMarked()}))


def test_a_marked_caller_is_asked_and_gets_through(tmp_path: Path) -> None:
    turns = [at(16_000, speech_s=1.2)]
    done = ring(tmp_path, script(tmp_path, *turns, end=STAYS), heard=["洗衣机坏了我要报修"], company=marked)
    assert verdicts(done) == ["challenge", "pass"]
    names = said(done)
    assert names[0] == "greeting" and "spam.challenge_number" in names
    assert len(names) > names.index("spam.challenge_number") + 1, "and the bot answers what they said"
    assert done.one(CallEnded).ended_by == "caller"


def test_a_marked_caller_who_presses_the_key_is_asked_to_go_on(tmp_path: Path) -> None:
    done = ring(tmp_path, script(tmp_path, at(16_000, dtmf="1"), end=STAYS), company=marked)
    names = said(done)
    assert names[names.index("spam.challenge_number") + 1] == "go_on"


def test_a_marked_caller_who_says_nothing_is_refused(tmp_path: Path) -> None:
    end = {"when": "at", "at_ms": 120_000}
    done = ring(tmp_path, script(tmp_path, end=end), company=marked)
    assert verdicts(done)[-1] == "refuse" and done.one(CallEnded).reason == "refused as spam"
    assert "still_there" not in said(done)


def let_in_by_the_supervisor(answers: list[Any]) -> Callable[[Office], Any]:
    """She sees the call on her list with the reasons, lets it in, and tries once more."""

    async def people(office: Office) -> None:
        zheng, wang = office.person("zhengjie"), office.person("wangli")
        await zheng.sit_down(ready=False)
        await wang.sit_down(ready=False)
        async with asyncio.timeout(60):
            while not (doubted := [one for shown in zheng.all(LiveCalls) for one in shown.calls if one.spam]):
                await asyncio.sleep(0.1)
        answers.append(doubted[-1])
        for seat in (wang.seat, zheng.seat, zheng.seat):
            try:
                await office.desk.let_in(seat, doubted[-1].call_id)
            except SeatError as error:
                answers.append(error.code)
        await asyncio.sleep(2)
        answers.append(zheng.all(LiveCalls)[-1].calls[0].spam)

    return people


def test_a_supervisor_lets_in_a_call_that_is_being_refused(tmp_path: Path) -> None:
    answers: list[Any] = []
    done = ring(
        tmp_path,
        script(tmp_path, at(16_000, speech_s=1.2), end=STAYS),
        heard=["我想查一下订单"],
        info=calls_from(DENIED),
        people=let_in_by_the_supervisor(answers),
    )
    shown, *others = answers
    assert shown.spam.verdict == "refuse" and shown.spam.reasons[0].startswith("在黑名单上")
    assert others == ["not_a_supervisor", "not_in_doubt", None], "only supervisors, and only once"
    assert verdicts(done) == ["refuse", "pass"]
    assert done.bodies(SpamJudged)[-1].signs[-1].words == "郑洁 放行"
    assert said(done)[:2] == ["spam.refuse_appeal", "greeting"] and done.one(CallEnded).ended_by == "caller"


def test_a_supervisor_lets_in_a_call_that_is_being_asked(tmp_path: Path) -> None:
    answers: list[Any] = []
    end = {"when": "at", "at_ms": 60_000}
    done = ring(tmp_path, script(tmp_path, end=end), company=marked, people=let_in_by_the_supervisor(answers))
    assert answers[0].spam.verdict == "challenge" and "标记为诈骗" in answers[0].spam.reasons[0]
    assert verdicts(done) == ["challenge", "pass"] and done.one(CallEnded).reason != "refused as spam"


async def wang_answers(office: Office) -> None:
    wang = office.person("wangli")
    await wang.sit_down()
    ringing = await wang.next(Ringing)
    await office.desk.answer(wang.seat, ringing.call_id)
    await wang.next(Connected)


VIP = {"name": "VIP", "when": {"record": {"order_count": ">= 1"}}, "to": "queue:service", "priority": 30}


def test_a_rule_takes_a_caller_whom_the_back_end_knows_straight_to_people(tmp_path: Path) -> None:
    done = ring(
        tmp_path,
        script(tmp_path, end=STAYS),
        company=with_rules(tmp_path, VIP),
        people=wang_answers,
        info=calls_from("13912345678"),
    )
    assert done.one(CallerKnown)
    assert [(rule.rule, rule.target) for rule in done.bodies(RuleMatched)] == [("VIP", "queue:service")]
    text = done.bodies(LlmReply)[0].text
    assert text.startswith("您好，这里是京和电器") and "录音" in text and "转接人工客服" in text
    assert done.bodies(Queued)[0].priority == 30
    assert done.one(Transfer).accepted and done.one(SeatConnected).name == "王丽"
    assert done.one(RouteChanged).reason, "the rule says why"


def offers(done: DoneCall) -> list[tuple[str, int]]:
    """Which seats rang, and how long after the call came to wait, in s."""
    began_ms = next(event.audio_ms for event in done.timeline if isinstance(event.body, Queued))
    return [
        (event.body.seat, (event.audio_ms - began_ms) // 1000)
        for event in done.timeline
        if isinstance(event.body, SeatOffered)
    ]


async def wang_on_a_break_and_chen_ready(office: Office) -> None:
    """Wang has level 5 in service, Chen level 4."""
    await office.person("wangli").sit_down(ready=False)
    await office.person("chenchen").sit_down()


@pytest.mark.parametrize(("level", "rings"), [(None, ("s02", 0)), (4, ("s02", 0)), (5, ("s02", 30))])
def test_a_call_waits_a_while_for_people_of_the_level_that_its_rule_asks_for(
    tmp_path: Path, level: int | None, rings: tuple[str, int]
) -> None:
    done = ring(
        tmp_path,
        script(tmp_path, end={"when": "at", "at_ms": 60_000}),
        company=with_rules(tmp_path, {**VIP, "skill_level": level}),
        people=wang_on_a_break_and_chen_ready,
        info=calls_from("13912345678"),
    )
    assert offers(done)[0] == rings


@pytest.mark.parametrize(("level", "rings"), [(3, ("s08", 0)), (5, ("s08", 30))])
def test_an_alert_is_taken_to_people_of_the_level_that_the_rule_asks_for(
    tmp_path: Path, level: int, rings: tuple[str, int]
) -> None:
    async def li_on_a_break_and_he_ready(office: Office) -> None:
        await office.person("lijing").sit_down(ready=False)
        await office.person("hewei").sit_down()

    rule = {"name": "风险", "when": {"risk": "high"}, "to": "queue:complaint", "priority": 90, "skill_level": level}
    done = ring(
        tmp_path,
        script(tmp_path, at(9_000, speech_s=1.6), end={"when": "at", "at_ms": 70_000}),
        heard=["我要打12315投诉你们"],
        company=with_rules(tmp_path, rule),
        people=li_on_a_break_and_he_ready,
    )
    assert done.bodies(RuleMatched)[-1].rule == "风险" and offers(done)[0] == rings


def test_where_nobody_is_at_a_seat_the_bot_answers_instead(tmp_path: Path) -> None:
    company = with_rules(tmp_path, {**VIP, "overflow": "bot"})
    done = ring(tmp_path, script(tmp_path, end=STAYS), company=company, info=calls_from("13912345678"))
    assert [rule.target for rule in done.bodies(RuleMatched)] == ["bot"] and said(done)[0] == "greeting"
    assert len(done.bodies(CallerKnown)) == 1, "who calls is asked once"


def test_who_speaks_english_and_wants_a_person_waits_at_the_english_desk(tmp_path: Path) -> None:
    async def zhao(office: Office) -> None:
        zhao = office.person("zhaomin")
        await zhao.sit_down()
        await asyncio.sleep(30)

    rule = {
        "name": "English",
        "when": {"language": "en", "intent": "human_agent"},
        "to": "queue:english",
        "priority": 20,
    }
    done = ring(
        tmp_path,
        script(tmp_path, at(7_000, speech_s=2.8), end=STAYS),
        heard=["I would like to speak to a human agent please"],
        company=with_rules(tmp_path, rule),
        people=zhao,
    )
    assert done.bodies(RuleMatched)[-1].rule == "English"
    assert [(one.skill, one.priority) for one in done.bodies(Queued)] == [("english", 20)]


def test_who_has_called_again_and_again_is_taken_to_people_by_the_demo_companys_rules(tmp_path: Path) -> None:
    memory = Memory(rang=[(timedelta(hours=5), 3), (timedelta(days=1, hours=2), 4)])
    done = ring(tmp_path, script(tmp_path, end=STAYS), memory=memory, people=wang_answers)
    assert done.bodies(RuleMatched)[0].rule == "三天内来过两次以上" and "2" in done.bodies(RuleMatched)[0].why
    assert done.one(SeatConnected)


def test_a_number_leads_to_the_menu_and_a_key_to_the_bot(tmp_path: Path) -> None:
    turns = [at(4_000, dtmf="1"), at(10_000, dtmf="1")]
    done = ring(tmp_path, script(tmp_path, *turns, end=STAYS), info=calls_to("010-56785600"))
    assert done.bodies(RuleMatched)[0].target == "menu:main"
    assert [(one.by, one.target) for one in done.bodies(MenuChosen)] == [("key", "repair"), ("key", "flow:repair")]
    assert said(done)[:2] == ["menu.main", "menu.repair"] and "repair.product" in said(done)


def test_in_the_menu_what_is_said_is_understood(tmp_path: Path) -> None:
    done = ring(
        tmp_path,
        script(tmp_path, at(4_000, speech_s=1.6), end=STAYS),
        heard=["我家洗衣机坏了我要报修"],
        info=calls_to("010-56785600"),
    )
    (chosen,) = done.bodies(MenuChosen)
    assert (chosen.by, chosen.target) in {("speech", "flow:repair"), ("speech", "repair")}


def test_from_the_menu_the_zero_key_leads_to_a_person(tmp_path: Path) -> None:
    done = ring(
        tmp_path,
        script(tmp_path, at(4_000, dtmf="0"), end=STAYS),
        people=wang_answers,
        info=calls_to("010-56785600"),
    )
    assert done.one(Transfer).accepted and done.one(SeatConnected)
    assert done.one(RouteChanged).destination == "human"


def served_by_a_person(folder: Path, *turns: dict[str, Any], heard: list[str], memory: Memory) -> DoneCall:
    """Who rings for the third time is put through, says something, and the person hangs up 20 s into the call."""

    async def people(office: Office) -> None:
        await wang_answers(office)
        await asyncio.sleep(20)
        await office.desk.hang_up("s01", True)

    memory.rang = [(timedelta(hours=5), 3), (timedelta(days=1, hours=2), 4)]
    fixture = script(folder, at(14_000, speech_s=1.2), *turns, end={"when": "at", "at_ms": 90_000})
    return ring(folder, fixture, heard=heard, memory=memory, people=people)


def test_the_caller_is_asked_how_it_was_after_a_person_hangs_up(tmp_path: Path) -> None:
    memory = Memory()
    said_so = at(40_000, speech_s=1.2)
    done = served_by_a_person(tmp_path, said_so, heard=["我的冰箱不制冷", "不满意"], memory=memory)
    assert done.one(SeatConnected) and done.bodies(SurveyAsked)
    assert "survey.ask" in said(done) and "survey.reason" in said(done)
    assert (done.one(SurveyAnswered).score, done.one(SurveyAnswered).by) == (2, "speech")
    (task,) = memory.tasks
    assert task.owner == "complaint_specialist" and task.kind == "follow-up"


def test_a_good_score_by_key_ends_the_call_with_thanks(tmp_path: Path) -> None:
    memory = Memory()
    done = served_by_a_person(tmp_path, at(40_000, dtmf="5"), heard=["我的冰箱不制冷"], memory=memory)
    assert said(done)[-1] == "survey.thanks" and done.one(SurveyAnswered).score == 5
    assert (done.one(CallEnded).ended_by, done.one(CallEnded).reason) == ("bot", "said goodbye")
    assert not memory.tasks


def test_who_wants_something_else_when_asked_is_served_by_the_bot(tmp_path: Path) -> None:
    memory = Memory()
    wish = at(40_000, speech_s=1.2)
    done = served_by_a_person(tmp_path, wish, heard=["我的冰箱不制冷", "我想查一下订单"], memory=memory)
    after = said(done)[said(done).index("survey.ask") + 1 :]
    assert not done.bodies(SpamJudged), "who has talked with people is no matter for the filter"
    assert any(name.startswith(("identity", "order_status")) for name in after)


def test_the_bot_asks_before_its_own_goodbye(tmp_path: Path) -> None:
    turns = [at(7_000, speech_s=1.2), {"dtmf": "5", "when": "after_bot", "delay_ms": 800}]
    done = ring(tmp_path, script(tmp_path, *turns, end={"when": "at", "at_ms": 60_000}), heard=["没事了，再见"])
    assert said(done)[-2:] == ["survey.ask", "survey.thanks"] and done.one(SurveyAnswered).score == 5


class SlowDesk:
    """A back end that takes 5 s."""

    def __init__(self, desk: Any) -> None:
        self._desk = desk

    async def call(self, *given: Any, **more: Any) -> Any:
        await asyncio.sleep(5)
        return await self._desk.call(*given, **more)


def test_a_slow_back_end_does_not_keep_the_caller_waiting(tmp_path: Path) -> None:
    done = ring(
        tmp_path,
        script(tmp_path, end=STAYS),
        company=with_rules(tmp_path, VIP),
        people=lambda office: office.person("wangli").sit_down(),
        desks=lambda company: lambda when: SlowDesk(rehearsed_desks(company)(when)),
    )
    first = next(event for event in done.timeline if isinstance(event.body, TtsStarted))
    assert first.audio_ms < 500 and said(done)[0] == "greeting"
    assert done.bodies(RuleMatched)[0].target == "bot", "who is not known in time is no VIP"


class BrokenMemory(Memory):
    def spam_history(self, *_: Any, **__: Any) -> Any:
        raise StorageError("the database is away")


def test_a_database_that_is_away_keeps_nobody_out(tmp_path: Path) -> None:
    done = ring(tmp_path, script(tmp_path, end=STAYS), memory=BrokenMemory())
    assert said(done)[0] == "greeting" and done.one(CallerRegion)


def test_a_replay_comes_straight_to_the_bot(tmp_path: Path) -> None:
    done = ring(
        tmp_path, script(tmp_path, end=STAYS), info=lambda info: replace(info, channel="replay", caller_number=DENIED)
    )
    assert said(done)[0] == "greeting"
    assert not done.bodies(CallerRegion) and not done.bodies(SpamJudged) and not done.bodies(RuleMatched)


@pytest.mark.parametrize("target", ["callback", "refuse"])
def test_rules_may_lead_to_a_callback_or_nowhere(tmp_path: Path, target: str) -> None:
    company = with_rules(tmp_path, {"name": "外地", "when": {"line": "mobile"}, "to": target})
    done = ring(tmp_path, script(tmp_path, end=STAYS), company=company)
    assert done.bodies(RuleMatched)[0].target == target
    if target == "refuse":
        assert done.one(CallEnded).reason == "refused by a rule" and said(done) == ["menu.refuse"]
    else:
        assert any("callback" in name for name in said(done))


def test_a_rule_may_lead_to_a_number(tmp_path: Path) -> None:
    company = with_rules(tmp_path, {"name": "总部", "when": {"line": "mobile"}, "to": "number:01056780000"})
    done = ring(tmp_path, script(tmp_path, end=STAYS), company=company)
    transfer = done.bodies(Transfer)[0]
    assert transfer.destination == "01056780000"


def test_all_that_is_said_around_the_talk_is_spoken_beforehand() -> None:
    (company,) = jinghe().companies
    texts = set(around_the_talk(company, "zh"))
    assert company.spam is not None and company.survey is not None and company.menus is not None
    assert company.survey.sentences.ask.zh in texts and "报修和安装请按1。" in texts
    assert {text.zh for text in company.spam.sentences.values() if "{" not in text.zh} <= texts
    assert any("京和电器的客服热线，不接受推销" in text for text in texts), "with the company's name filled in"
