"""A person with a page whose telephone rings: the page is for all but the sound."""

import asyncio
from pathlib import Path

import pytest

from agent.errors import HotlineError
from agent.events import CallEnded
from agent.seats.to_page import Connected, Ended, Held, Ringing
from tests.dialling.house import OUTSIDE, WANG, House, house_with_pages
from tests.dialling.provider import OutsideTelephone
from tests.ingress.telephone_exchange import Telephone

BOTH = {**OUTSIDE, "login": "wangli"}
CALLER = "13800138000"


async def takes_it(phone: OutsideTelephone) -> None:
    await phone.wait_for(lambda: phone.heard_s > 1)
    await phone.press("0")
    await phone.closed.wait()


def has_ended(house: House) -> bool:
    return any(isinstance(body, CallEnded) for body in house.hotline.bodies(CALLER))


async def test_the_page_shows_the_call_and_the_telephone_carries_it(tmp_path: Path) -> None:
    async with house_with_pages(tmp_path, [BOTH]) as at:
        at.provider.people[WANG] = takes_it
        wang = at.person("wangli", 900.0)
        assert at.seat().state == "offline", "who can sign in does so themselves"
        await wang.desk.sign_in("wangli")
        wang.seat = "s01"
        await wang.desk.subscribe("s01", wang._hear)
        await wang.desk.set_state("s01", "ready")
        async with Telephone(at.hotline, CALLER) as caller:
            await caller.ring()
            caller.talk()
            ringing = await wang.next(Ringing)
            with pytest.raises(HotlineError, match="按任意键"):
                await wang.desk.answer("s01", ringing.call_id)
            assert (await wang.next(Connected)).call_id == ringing.call_id
            await wang.desk.hold("s01")
            assert (await wang.next(Held)).held
            await wang.desk.resume("s01")
            await wang.desk.hang_up("s01", False)
            assert (await wang.next(Ended)).reason == "hung_up"
            await asyncio.wait_for(caller.closed.wait(), 10)
        phone = at.provider.ordered[0].phone
        assert phone is not None
        await phone.is_put_down()
        assert at.seat().state == "wrap_up"


async def test_a_page_that_is_gone_leaves_the_call_at_the_telephone(tmp_path: Path) -> None:
    async with house_with_pages(tmp_path, [BOTH]) as at:
        at.provider.people[WANG] = takes_it
        wang = at.person("wangli", 900.0)
        await wang.sit_down()
        async with Telephone(at.hotline, CALLER) as caller:
            await caller.ring()
            caller.talk()
            await wang.next(Connected)
            await wang.desk.vanished("s01")
            await asyncio.sleep(1)
            assert at.seat().state == "talking" and not has_ended(at)
            await caller.send({"event": "stop", "stop": {}})
            await caller.wait_for(lambda: has_ended(at), 10)
            await caller.wait_for(lambda: at.seat().then == "offline" or at.seat().state == "offline", 5)
