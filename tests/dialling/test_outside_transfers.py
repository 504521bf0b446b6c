"""A person at a page passes a call on to a number outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.errors import HotlineError
from agent.events import CallEnded, LegJoined, SeatDisconnected, SeatTransferred
from agent.seats.from_page import TransferCall
from agent.seats.to_page import Connected, Ended, Ringing, Transferring
from agent.seats.words import Mode
from tests.dialling.house import OUTSIDE, PAGE, House, house_with_pages
from tests.dialling.provider import RATE_HZ, OutsideTelephone, heard_by, sine
from tests.ingress.telephone_exchange import Telephone
from tests.switchboard.office import Person, level

CALLER = "13800138000"
WORKSHOP = "13700000001"
DIALLED = "+8613700000001"
CALLER_HZ, CHEN_HZ, WORKSHOP_HZ = 500.0, 900.0, 1300.0


@asynccontextmanager
async def talking(folder: Path) -> AsyncIterator[tuple[House, Person, Telephone]]:
    """A caller talks with a person at a page."""
    away = {**OUTSIDE, "skills": {"complaint": 5}}
    skills = {one: {"name": {"zh": one, "en": one}} for one in ("service", "complaint")}
    async with house_with_pages(folder, [PAGE, away], skills=skills) as at:
        chen = at.person("chenchen", CHEN_HZ)
        await chen.sit_down()
        async with Telephone(at.hotline, CALLER) as caller:
            await caller.ring()
            caller.talk()
            ringing = await chen.next(Ringing)
            await chen.desk.answer(chen.seat, ringing.call_id)
            await chen.next(Connected)
            yield at, chen, caller


def of(house: House, kind: type) -> list:  # type: ignore[type-arg]
    return [body for body in house.hotline.bodies(CALLER) if isinstance(body, kind)]


async def pass_on(chen: Person, number: str, mode: Mode) -> None:
    await chen.desk.transfer(chen.seat, TransferCall(target=f"number:{number}", mode=mode))


async def answers(phone: OutsideTelephone) -> None:
    phone.say(sine(WORKSHOP_HZ, 8))
    await asyncio.sleep(5)


async def test_cold_the_call_is_the_others_once_they_answer(tmp_path: Path) -> None:
    async with talking(tmp_path) as (at, chen, caller):
        at.provider.people[DIALLED] = answers
        await pass_on(chen, WORKSHOP, "cold")
        assert [(await chen.next(Transferring)).state for _ in range(2)] == ["ringing", "done"]
        assert (await chen.next(Ended)).reason == "transferred"
        assert at.seat("s02").state == "wrap_up"
        caller.say(sine(CALLER_HZ, 8))
        await asyncio.wait_for(caller.closed.wait(), 15)
        phone = at.provider.ordered[0].phone
        assert phone is not None and not at.provider.troubles
        assert level(heard_by(phone)[-2 * RATE_HZ :], CALLER_HZ, RATE_HZ) > 3000
        ear = heard_by(caller)[-2 * RATE_HZ :]
        assert level(ear, WORKSHOP_HZ, RATE_HZ) > 3000 and level(ear, CHEN_HZ, RATE_HZ) < 100
        assert [(one.target, one.mode) for one in of(at, SeatTransferred)] == [(f"number:{WORKSHOP}", "cold")]
        assert [(one.leg, one.role) for one in of(at, LegJoined)][-1] == (WORKSHOP, "outside")
        assert [one.reason for one in of(at, SeatDisconnected)] == ["transferred"]
        assert of(at, CallEnded)[0].ended_by == "operator"


async def test_warm_the_two_talk_aside_first(tmp_path: Path) -> None:
    async with talking(tmp_path) as (at, chen, caller):
        at.provider.people[DIALLED] = answers
        await pass_on(chen, WORKSHOP, "warm")
        assert [(await chen.next(Transferring)).state for _ in range(2)] == ["ringing", "talking"]
        await asyncio.sleep(1.5)
        phone = at.provider.ordered[0].phone
        assert phone is not None
        assert level(heard_by(phone)[-RATE_HZ // 2 :], CHEN_HZ, RATE_HZ) > 3000
        assert level(heard_by(caller)[-RATE_HZ // 2 :], WORKSHOP_HZ, RATE_HZ) < 100, "the caller hears none of it"
        await chen.desk.complete_transfer(chen.seat)
        assert (await chen.next(Transferring)).state == "done"
        await asyncio.sleep(1.5)
        assert level(heard_by(caller)[-RATE_HZ // 2 :], WORKSHOP_HZ, RATE_HZ) > 3000
        assert level(heard_by(phone)[-RATE_HZ // 2 :], CHEN_HZ, RATE_HZ) < 100


async def test_warm_may_be_called_off(tmp_path: Path) -> None:
    async with talking(tmp_path) as (at, chen, caller):
        at.provider.people[DIALLED] = answers
        await pass_on(chen, WORKSHOP, "warm")
        assert [(await chen.next(Transferring)).state for _ in range(2)] == ["ringing", "talking"]
        await chen.desk.cancel_transfer(chen.seat)
        assert (await chen.next(Transferring)).state == "cancelled"
        phone = at.provider.ordered[0].phone
        assert phone is not None
        await phone.is_put_down()
        await asyncio.sleep(1)
        assert level(heard_by(caller)[-RATE_HZ // 2 :], CHEN_HZ, RATE_HZ) > 3000, "the caller is back with the person"


@pytest.mark.parametrize("does", ["busy", "no-answer"])
async def test_who_is_not_reached_leaves_the_call_where_it_was(tmp_path: Path, does: str) -> None:
    async with talking(tmp_path) as (at, chen, caller):
        at.provider.people[DIALLED] = does
        await pass_on(chen, WORKSHOP, "cold")
        assert (await chen.next(Transferring)).state == "ringing"
        failed = await chen.next(Transferring)
        assert failed.state == "failed" and failed.why == ("对方占线。" if does == "busy" else "对方没有接通。")
        await asyncio.sleep(1)
        assert level(heard_by(caller)[-RATE_HZ // 2 :], CHEN_HZ, RATE_HZ) > 3000
        assert at.seat("s02").state == "talking"
        at.provider.people[DIALLED] = answers
        await pass_on(chen, WORKSHOP, "cold")
        assert [(await chen.next(Transferring)).state for _ in range(2)] == ["ringing", "done"], "it may be tried again"


async def test_a_caller_who_leaves_meanwhile_stops_the_ringing(tmp_path: Path) -> None:
    async with talking(tmp_path) as (at, chen, caller):
        await pass_on(chen, WORKSHOP, "cold")
        await caller.wait_for(lambda: at.provider.ordered, 5)
        await caller.send({"event": "stop", "stop": {}})
        await caller.wait_for(lambda: at.provider.ordered[0].ended and at.seat("s02").state == "wrap_up", 5)


@pytest.mark.parametrize(
    ("number", "code", "says"),
    [
        ("123456", "malformed_number", "123456不是电话号码"),
        ("+860138001380", "malformed_number", "不是电话号码"),
        (CALLER, "own_number", "绕回来"),
        ("4008001234", "own_number", "绕回来"),
        ("+8613911112222", "seat_number", "这是王丽的电话"),
    ],
)
async def test_what_cannot_be_rung_is_said_and_nothing_changes(
    tmp_path: Path, number: str, code: str, says: str
) -> None:
    async with talking(tmp_path) as (at, chen, _):
        with pytest.raises(HotlineError, match=says) as refused:
            await pass_on(chen, number, "cold")
        assert refused.value.code == code
        assert not at.provider.ordered and at.seat("s02").state == "talking"


async def test_a_call_is_passed_on_once_at_a_time(tmp_path: Path) -> None:
    async with talking(tmp_path) as (_, chen, _caller):
        await pass_on(chen, WORKSHOP, "warm")
        for target in ("number:13700000002", "queue:complaint"):
            with pytest.raises(HotlineError, match="正在转接"):
                await chen.desk.transfer(chen.seat, TransferCall(target=target, mode="cold"))
        await chen.desk.cancel_transfer(chen.seat)
        await pass_on(chen, "13700000002", "warm")
