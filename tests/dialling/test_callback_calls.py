"""Customers who are rung back: a person is there first, then the customer's telephone rings, and both talk."""

import asyncio
from pathlib import Path

from agent.events import CallbackPlaced, CallEnded, LegJoined, LlmReply, SeatConnected, Transfer
from agent.routing.floor import inputs
from agent.seats.to_page import Connected, Ended, Ringing, Withdrawn
from tests.dialling.house import OUTSIDE, PAGE, WANG, House, house_with_pages
from tests.dialling.provider import RATE_HZ, OutsideTelephone, heard_by, sine
from tests.switchboard.office import RATE_HZ as PAGE_HZ
from tests.switchboard.office import level

CUSTOMER = "13800138000"
DIALLED = "+8613800138000"
CUSTOMER_HZ, PERSON_HZ = 500.0, 900.0
PROMISED = inputs.CallbackRequested(call="earlier", number=CUSTOMER, skill="service")


async def picks_up(phone: OutsideTelephone) -> None:
    phone.say(sine(CUSTOMER_HZ, 5))
    await asyncio.sleep(4)


async def ended(house: House) -> None:
    async with asyncio.timeout(20):
        while not any(isinstance(body, CallEnded) for body in house.hotline.bodies(CUSTOMER)):
            await asyncio.sleep(0.05)


def of(house: House, kind: type) -> list:  # type: ignore[type-arg]
    return [body for body in house.hotline.bodies(CUSTOMER) if isinstance(body, kind)]


async def test_a_person_at_a_page_accepts_and_the_customer_is_rung(tmp_path: Path) -> None:
    async with house_with_pages(tmp_path, [PAGE]) as at:
        at.provider.people[DIALLED] = picks_up
        chen = at.person("chenchen", PERSON_HZ)
        await chen.sit_down()
        await at.board.tell(PROMISED)
        ringing = await chen.next(Ringing)
        assert ringing.kind == "callback" and not at.provider.ordered, "nobody is rung before somebody is there"
        await chen.desk.answer(chen.seat, ringing.call_id)
        connected = await chen.next(Connected)
        assert connected.pop.number == CUSTOMER
        await ended(at)
        assert (await chen.next(Ended)).reason == "caller_gone"
        phone = at.provider.ordered[0].phone
        assert phone is not None and not at.provider.troubles
        assert level(heard_by(phone)[-2 * RATE_HZ :], PERSON_HZ, RATE_HZ) > 3000, "the customer hears the person"
        assert level(chen.ear[-2 * PAGE_HZ :], CUSTOMER_HZ, PAGE_HZ) > 3000, "and the person the customer"
        (placed,) = of(at, CallbackPlaced)
        assert (placed.callback_id, placed.earlier_call_id, placed.attempt) == ("cb-earlier", "earlier", 1)
        assert not of(at, LlmReply), "the bot has not said a word"
        assert at.board.keeper.floor.callbacks["cb-earlier"].state == "done"
        assert at.seat("s02").state == "wrap_up"


async def test_a_customer_who_does_not_answer_is_rung_again_later(tmp_path: Path) -> None:
    async with house_with_pages(tmp_path, [PAGE]) as at:
        at.provider.people[DIALLED] = "no-answer"
        chen = at.person("chenchen", PERSON_HZ)
        await chen.sit_down()
        await at.board.tell(PROMISED)
        await chen.desk.answer(chen.seat, (await chen.next(Ringing)).call_id)
        assert (await chen.next(Withdrawn)).reason == "no_answer"
        callback = at.board.keeper.floor.callbacks["cb-earlier"]
        assert (callback.state, callback.attempts) == ("waiting", 1)
        assert callback.not_before_ms > at.board.now_ms() + 500_000, "after the spacing of the company's file"
        assert at.seat("s02").state == "ready"


async def test_a_person_at_a_telephone_presses_a_key_and_waits_while_the_customer_is_rung(tmp_path: Path) -> None:
    async def wang(phone: OutsideTelephone) -> None:
        await phone.wait_for(lambda: phone.heard_s > 1)
        assert not at.provider.orders_to(DIALLED)
        await phone.press("#")
        phone.say(sine(PERSON_HZ, 12))
        await phone.closed.wait()

    async with house_with_pages(tmp_path, [OUTSIDE]) as at:
        at.provider.people |= {WANG: wang, DIALLED: picks_up}
        await at.board.tell(PROMISED)
        await ended(at)
        customer, person = at.provider.orders_to(DIALLED)[0].phone, at.provider.orders_to(WANG)[0].phone
        assert customer is not None and person is not None and not at.provider.troubles
        assert level(heard_by(customer)[-2 * RATE_HZ :], PERSON_HZ, RATE_HZ) > 3000
        assert level(heard_by(person)[-2 * RATE_HZ :], CUSTOMER_HZ, RATE_HZ) > 3000
        assert [(one.leg, one.role) for one in of(at, LegJoined)] == [("s01", "outside")]
        assert of(at, SeatConnected)[0].seat == "s01" and not of(at, Transfer)
        await person.is_put_down()


async def test_a_person_at_a_telephone_is_told_that_the_customer_was_not_reached(tmp_path: Path) -> None:
    async def wang(phone: OutsideTelephone) -> None:
        await phone.wait_for(lambda: phone.heard_s > 1)
        await phone.press("1")
        await phone.closed.wait()

    async with house_with_pages(tmp_path, [OUTSIDE]) as at:
        at.provider.people |= {WANG: wang, DIALLED: "busy"}
        await at.board.tell(PROMISED)
        await asyncio.sleep(1)
        person = at.provider.orders_to(WANG)[0]
        async with asyncio.timeout(15):
            while at.board.keeper.floor.callbacks["cb-earlier"].attempts == 0:
                await asyncio.sleep(0.05)
        assert person.phone is not None
        await person.phone.is_put_down()
        assert at.seat().state == "ready" and not at.hotline.bodies(CUSTOMER)


async def test_a_person_who_hangs_up_before_stops_the_ringing_at_the_customers(tmp_path: Path) -> None:
    async def wang(phone: OutsideTelephone) -> None:
        await phone.wait_for(lambda: phone.heard_s > 1)
        await phone.press("1")
        await phone.wait_for(lambda: at.provider.orders_to(DIALLED), 5)
        await asyncio.sleep(0.5)

    async with house_with_pages(tmp_path, [OUTSIDE]) as at:
        at.provider.people[WANG] = wang
        await at.board.tell(PROMISED)
        async with asyncio.timeout(15):
            while not (at.provider.orders_to(DIALLED) and at.provider.orders_to(DIALLED)[0].ended):
                await asyncio.sleep(0.05)
        callback = at.board.keeper.floor.callbacks["cb-earlier"]
        assert (callback.state, callback.attempts) == ("waiting", 0)
