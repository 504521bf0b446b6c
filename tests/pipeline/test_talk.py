"""A company's call through the real pipeline, dialogue and back end; only the models are stand-ins."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.company.company import Company
from agent.config import RoutingSettings, Settings
from agent.events import (
    CallEnded,
    CallerKnown,
    ErrorRaised,
    KnowledgeFound,
    Language,
    LlmReply,
    PersonWanted,
    RouteChanged,
    ToolCalled,
    ToolReturned,
    Transfer,
    TtsEnded,
)
from agent.knowledge.found import Found, Passage
from agent.reception import Desks, rehearsed_desks
from agent.tools import Desk, ToolResult
from tests.dummy_calls import DoneCall, FailingSynthesizer, broken, engines, jinghe, run_call, script

JIANGUO = "13812345678"
PEOPLE = Settings(routing=RoutingSettings(human_number="8000", specialist_number="8001"))
NIGHT = "2026-03-16T15:30:00Z"  # half past eleven in the evening in China


def call(folder: Path, *heard: str, **more: object) -> DoneCall:
    """The caller says these, one after the other, each once the bot has finished."""
    turns = [{"speech_s": 1.2} for _ in heard]
    receptions = more.pop("receptions", None) or jinghe()
    settings = more.pop("settings", None)
    using = more.pop("using", None) or engines(heard=list(heard))
    caller = {"number": more.pop("caller", JIANGUO)}
    fixture = script(folder, *turns, caller=caller, **more)  # type: ignore[arg-type]
    return run_call(folder, fixture, using, settings, receptions=receptions)  # type: ignore[arg-type]


def names(done: DoneCall) -> list[str]:
    return [name for reply in done.bodies(LlmReply) for name in (reply.phrase or "").split()]


def test_the_company_greets_by_its_name_and_says_that_it_is_an_ai(tmp_path: Path) -> None:
    done = call(tmp_path, "没事了，再见")
    assert names(done)[:4] == ["greeting", "says_recorded", "says_ai", "how_can_i_help"]
    assert "京和电器" in done.bodies(LlmReply)[0].text
    assert done.one(CallEnded).ended_by == "bot"


def test_who_calls_is_looked_up_while_they_are_greeted(tmp_path: Path) -> None:
    known = call(tmp_path, "没事了，再见").one(CallerKnown)
    assert known.fields["name"] == "陈建国"


def test_a_withheld_number_is_nobodys(tmp_path: Path) -> None:
    done = call(tmp_path, "没事了，再见", caller="266696687")
    assert not done.bodies(CallerKnown) and not done.bodies(ToolCalled)


def test_an_order_is_looked_up_in_two_turns(tmp_path: Path) -> None:
    done = call(tmp_path, "我想查一下订单", "2913", "没有了，再见")
    assert [body.tool for body in done.bodies(ToolCalled)] == ["verify", "get_order"]
    assert all(body.code == "ok" for body in done.bodies(ToolReturned))
    assert "滚筒洗衣机" in done.bodies(LlmReply)[-2].text
    assert done.one(CallEnded).ended_by == "bot"


def test_the_same_call_twice_takes_the_same_course(tmp_path: Path) -> None:
    said = ("我想查一下订单", "2913", "没有了，再见")
    assert call(tmp_path / "1", *said).lines == call(tmp_path / "2", *said).lines


def test_a_caller_who_asks_for_a_person_is_put_through(tmp_path: Path) -> None:
    done = call(tmp_path, "转人工", settings=PEOPLE)
    assert done.one(PersonWanted).reason == "asked"
    assert done.one(RouteChanged).destination == "human"
    assert done.one(Transfer).accepted and done.one(Transfer).destination == "8000"
    assert done.one(CallEnded).ended_by == "transfer"


def test_at_night_they_are_rung_back(tmp_path: Path) -> None:
    done = call(tmp_path, "转人工", "没有了，再见", settings=PEOPLE, started_at=NIGHT)
    assert done.one(RouteChanged).destination == "callback"
    assert [body.tool for body in done.bodies(ToolCalled)] == ["create_ticket"]
    assert not done.bodies(Transfer)


def test_a_threat_goes_to_the_specialist_whatever_the_dialogue_was_about(tmp_path: Path) -> None:
    done = call(tmp_path, "我想查一下订单", "再不解决我就打12315投诉你们", settings=PEOPLE)
    assert done.one(RouteChanged).destination == "complaint_specialist"
    assert "alert_transfer" in names(done) and done.one(Transfer).destination == "8001"


def test_danger_reaches_a_specialist_at_night_too(tmp_path: Path) -> None:
    done = call(tmp_path, "你们的热水器漏电，我被电到了", settings=PEOPLE, started_at=NIGHT)
    assert done.one(Transfer).destination == "8001"


def test_a_refused_transfer_becomes_a_callback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(self: object, destination: str) -> bool:
        return False

    monkeypatch.setattr("agent.ingress.replay.ReplayLeg.transfer", refuse)
    done = call(tmp_path, "转人工", "没有了，再见", settings=PEOPLE)
    assert [body.destination for body in done.bodies(RouteChanged)] == ["human", "callback"]
    assert "transfer_failed" in names(done)
    assert done.bodies(ToolCalled)[-1].tool == "create_ticket"


def test_a_caller_without_a_voice_to_hear_is_still_put_through(tmp_path: Path) -> None:
    using = engines(heard=["转人工"], synthesizer=FailingSynthesizer(broken(), ("转接",)))
    done = call(tmp_path, "转人工", settings=PEOPLE, using=using)
    assert any(body.stage == "tts" for body in done.bodies(ErrorRaised))
    assert done.one(Transfer).accepted


def test_who_speaks_over_the_goodbye_is_not_hung_up_on(tmp_path: Path) -> None:
    turns = [{"speech_s": 1.2}, {"speech_s": 1.2, "when": "during_bot", "delay_ms": 400}, {"speech_s": 1.2}]
    heard = ["没事了，再见", "等一下我还要转人工", "没有了，再见"]
    fixture = script(tmp_path, *turns, caller={"number": JIANGUO})
    done = run_call(tmp_path, fixture, engines(heard=heard), PEOPLE, receptions=jinghe())
    assert any(not body.complete for body in done.bodies(TtsEnded))
    assert done.one(CallEnded).ended_by == "transfer"


def test_what_was_sent_when_the_caller_hung_up_is_waited_for_and_nothing_follows(tmp_path: Path) -> None:
    def slow(company: Company) -> Desks:
        return lambda when: SlowDesk(rehearsed_desks(company)(when))

    turns = [{"speech_s": 1.2}, {"speech_s": 1.2}]
    fixture = script(tmp_path, *turns, caller={"number": JIANGUO}, end={"delay_ms": 100})
    using = engines(heard=["我想查一下订单", "2913"])
    done = run_call(tmp_path, fixture, using, receptions=jinghe(slow))
    asked, came = done.bodies(ToolCalled), done.bodies(ToolReturned)
    assert [body.tool for body in asked] == [body.tool for body in came] == ["verify"]


class SlowDesk:
    """Takes two seconds for everything."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def call(self, tool: str, arguments: Mapping[str, Any], *, key: str | None = None) -> ToolResult:
        await asyncio.sleep(2)
        return await self._desk.call(tool, arguments, key=key)


def found(text: str, language: Language) -> Found:
    passage = Passage("pay-ways", "怎么付款", "可以用微信、支付宝、银行卡付款。")
    if "支付宝" in text:
        return Found(0.96, passage.id, passage.text, (passage,), passage)
    return Found(0.2, passage.id, None, (passage,), passage)


def test_an_approved_answer_is_spoken_word_for_word(tmp_path: Path) -> None:
    done = call(tmp_path, "能用支付宝吗", "没有了，再见", receptions=jinghe(search=found))
    assert done.bodies(KnowledgeFound)[0].approved
    assert any("可以用微信、支付宝、银行卡付款。" in reply.text for reply in done.bodies(LlmReply))


def test_a_model_that_makes_something_up_is_not_spoken(tmp_path: Path) -> None:
    """The stand-in model speaks of orders, which stands in no passage: the sentence for what is not known is said."""
    done = call(tmp_path, "那个你们能不能刷卡呢", "没有了，再见", receptions=jinghe(search=found))
    written = [reply for reply in done.bodies(LlmReply) if reply.source == "llm"]
    assert written and "拿不准" in written[0].text
