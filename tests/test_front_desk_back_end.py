"""What the company's back end knows of the caller's appliance and order decides who takes the call."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.company.company import Company
from agent.events import LlmReply, NluResult, Queued, RouteChanged, RuleMatched, SeatConnected, ToolCalled, ToolReturned
from agent.front_desk.enquiry import lookups
from agent.ingress.leg import CallInfo
from agent.reception import Desks, rehearsed_desks
from agent.routing.rules import load_rules
from agent.seats.to_page import Connected, Ringing
from tests.dummy_calls import DoneCall, jinghe, script
from tests.front_office import ring
from tests.switchboard.office import Office

GAS_HEATER, AIR_CONDITIONER, NO_DEVICE, STRANGER = "13600010002", "13658249356", "13812345678", "13700000000"
"""Whose gas heater reports E1, whose air conditioner F2; whose appliance reports nothing; whom nobody knows."""
REPAIR, ORDER = "热水器坏了我要报修", "我想查一下订单"
STAYS = {"when": "at", "at_ms": 40_000}


def at(ms: int, **what: Any) -> dict[str, Any]:
    return {"when": "at", "at_ms": ms, **what}


def calls_from(number: str) -> Callable[[CallInfo], CallInfo]:
    return lambda info: replace(info, caller_number=number)


async def sun_answers(office: Office) -> None:
    """Of the repairs desk."""
    sun = office.person("sunqiang")
    await sun.sit_down()
    ringing = await sun.next(Ringing)
    await office.desk.answer(sun.seat, ringing.call_id)
    await sun.next(Connected)


async def sun_sits(office: Office) -> None:
    await office.person("sunqiang").sit_down()


def rules_of(done: DoneCall) -> list[str]:
    return [matched.rule for matched in done.bodies(RuleMatched)]


def looked_up(done: DoneCall) -> list[str]:
    return [called.tool for called in done.bodies(ToolCalled) if called.turn == 0]


def test_whose_gas_heater_has_a_fault_and_who_reports_a_repair_gets_the_repairs_desk(tmp_path: Path) -> None:
    done = ring(
        tmp_path,
        script(tmp_path, at(9_000, speech_s=1.6), end=STAYS),
        heard=[REPAIR],
        info=calls_from(GAS_HEATER),
        people=sun_answers,
    )
    assert rules_of(done) == ["其余都由智能客服接", "燃气故障"]
    why = done.bodies(RuleMatched)[-1].why
    assert "RQ-16" in why and "报修" in why
    assert done.one(RouteChanged).reason == why and done.one(RouteChanged).priority == 70
    queued = done.bodies(Queued)[0]
    assert (queued.skill, queued.priority) == ("repair", 70)
    assert done.one(SeatConnected).name == "孙强"
    assert looked_up(done) == ["get_device"]


@pytest.mark.parametrize(
    ("caller", "heard"),
    [(GAS_HEATER, ORDER), (AIR_CONDITIONER, "空调坏了我要报修"), (NO_DEVICE, REPAIR), (STRANGER, REPAIR), ("", REPAIR)],
)
def test_others_stay_with_the_bot(tmp_path: Path, caller: str, heard: str) -> None:
    done = ring(
        tmp_path,
        script(tmp_path, at(9_000, speech_s=1.6), end=STAYS),
        heard=[heard],
        info=calls_from(caller),
        people=sun_sits,
    )
    assert done.bodies(NluResult) and rules_of(done) == ["其余都由智能客服接"]
    assert not done.bodies(RouteChanged) and not done.bodies(Queued)


def test_where_nobody_is_at_the_repairs_desk_a_callback_is_taken_down(tmp_path: Path) -> None:
    done = ring(
        tmp_path,
        script(tmp_path, at(9_000, speech_s=1.6), end=STAYS),
        heard=[REPAIR],
        info=calls_from(GAS_HEATER),
    )
    assert [(one.rule, one.target) for one in done.bodies(RuleMatched)][-1] == ("燃气故障", "callback")
    assert done.one(RouteChanged).destination == "callback"
    assert any("callback" in (reply.phrase or "") for reply in done.bodies(LlmReply))


class SlowDevices:
    """The platform of connected appliances takes this long."""

    def __init__(self, desk: Any, seconds: float) -> None:
        self._desk, self._seconds = desk, seconds

    async def call(self, tool: str, arguments: Any, **more: Any) -> Any:
        if tool == "get_device":
            await asyncio.sleep(self._seconds)
        return await self._desk.call(tool, arguments, **more)


def slow(seconds: float) -> Callable[[Company], Desks]:
    return lambda company: lambda when: SlowDevices(rehearsed_desks(company)(when), seconds)


def test_what_comes_late_counts_from_then_on(tmp_path: Path) -> None:
    done = ring(
        tmp_path,
        script(tmp_path, at(9_000, speech_s=1.6), at(24_000, speech_s=1.6), end={"when": "at", "at_ms": 70_000}),
        heard=[REPAIR, REPAIR],
        info=calls_from(GAS_HEATER),
        people=sun_answers,
        desks=slow(15.0),
    )
    kinds = [type(event.body) for event in done.timeline]
    assert kinds.index(NluResult) < kinds.index(ToolReturned) < kinds.index(RouteChanged)
    assert rules_of(done)[-1] == "燃气故障" and done.one(SeatConnected).name == "孙强"


def with_rules(folder: Path, *rules: dict[str, Any]) -> Callable[[Company], Company]:
    file = folder / "rules.yaml"
    file.write_text(yaml.safe_dump({"rules": [*rules, {"name": "其余", "to": "bot"}]}, allow_unicode=True))
    return lambda company: replace(company, rules=load_rules(file))


@pytest.mark.parametrize(("state", "target"), [("shipped", "queue:service"), ("unpaid", "bot")])
def test_how_the_callers_last_order_stands_is_known_when_the_call_comes_in(
    tmp_path: Path, state: str, target: str
) -> None:
    async def wang(office: Office) -> None:
        await office.person("wangli").sit_down()

    rule = {
        "name": "在途大件",
        "when": {"record": {"order_count": ">= 1"}, "order": {"state": state, "model": "SD-20"}},
        "to": "queue:service",
    }
    done = ring(
        tmp_path,
        script(tmp_path, end={"when": "at", "at_ms": 8_000}),
        company=with_rules(tmp_path, rule),
        info=calls_from("13912345678"),
        people=wang,
    )
    assert done.bodies(RuleMatched)[0].target == target
    assert looked_up(done) == ["get_order"], "where no goods are asked for, they are not looked up"


def test_nothing_is_looked_up_that_no_rule_asks_for(tmp_path: Path) -> None:
    plain = {"name": "上海", "when": {"province": "上海"}, "to": "queue:service"}
    done = ring(
        tmp_path,
        script(tmp_path, end={"when": "at", "at_ms": 5_000}),
        company=with_rules(tmp_path, plain),
        info=calls_from(GAS_HEATER),
    )
    assert not looked_up(done)


def test_only_tools_that_change_nothing_and_need_no_more_than_is_known_are_asked(tmp_path: Path) -> None:
    (company,) = jinghe().companies
    everything = {
        "name": "都要",
        "when": {"device": {"fault_code": {"known": True}}, "order": {"state": "paid", "is_late": True}},
        "to": "queue:service",
    }
    rules = with_rules(tmp_path, everything)(company).rules
    assert lookups(company.tools, rules, {"phone"}) == ("get_device",)
    assert lookups(company.tools, rules, {"phone", "order_number"}) == ("get_order", "get_logistics", "get_device")
