"""A person at an outside telephone takes calls: over real sockets, with a provider that rings real media streams."""

import asyncio
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from agent.cli import app
from agent.errors import CompanyError
from agent.events import (
    CallEnded,
    LegJoined,
    LegLeft,
    QueueLeft,
    SeatConnected,
    SeatDisconnected,
    SeatMissed,
    SeatOffered,
)
from tests.dialling.house import OUTSIDE, PAGE, WANG, House, company, house
from tests.dialling.provider import RATE_HZ, OutsideTelephone, heard_by, sine, stranger
from tests.ingress.telephone_exchange import Telephone, exchange
from tests.switchboard.office import level

CALLER_HZ, WANG_HZ = 500.0, 900.0
CALLER = "13800138000"


async def takes_it(phone: OutsideTelephone) -> None:
    """Listens to the briefing, presses a key, talks for a while and hangs up."""
    await phone.wait_for(lambda: phone.heard_s > 1)
    await asyncio.sleep(0.5)
    await phone.press("5")
    phone.say(sine(WANG_HZ, 6))
    await asyncio.sleep(5)


def of(house: House, kind: type, caller: str = CALLER) -> list:  # type: ignore[type-arg]
    return [body for body in house.hotline.bodies(caller) if isinstance(body, kind)]


async def test_the_telephone_rings_is_answered_with_a_key_and_both_hear_each_other(tmp_path: Path) -> None:
    with house(tmp_path, [OUTSIDE]) as at:
        at.provider.people[WANG] = takes_it
        async with Telephone(at.hotline, CALLER) as caller:
            await caller.ring()
            caller.talk()
            await caller.wait_for(lambda: of(at, SeatConnected), 20)
            caller.say(sine(CALLER_HZ, 6))
            await asyncio.wait_for(caller.closed.wait(), 20)
        assert not at.provider.troubles
        (ordered,) = at.provider.ordered
        phone = ordered.phone
        assert phone is not None
        talk, ear = heard_by(phone)[-3 * RATE_HZ :], heard_by(caller)[-3 * RATE_HZ :]
        assert level(talk, CALLER_HZ, RATE_HZ) > 3000, "at the telephone the caller is heard"
        assert level(ear, WANG_HZ, RATE_HZ) > 3000, "and the other way round"
        connected, left = of(at, SeatConnected)[0], of(at, LegLeft)[0]
        assert connected.seat == "s01" and connected.briefing
        assert [(one.leg, one.role) for one in of(at, LegJoined)] == [("s01", "outside")] and left.leg == "s01"
        assert [one.reason for one in of(at, SeatDisconnected)] == ["hung_up"]
        assert of(at, CallEnded)[0].ended_by == "operator"
        assert at.seat().state == "wrap_up"
        await caller.wait_for(lambda: ordered.ended, 5)


async def test_before_the_key_nothing_of_the_call_is_heard(tmp_path: Path) -> None:
    """What a mailbox takes down is the briefing; the caller hears nothing of the mailbox, and goes on waiting."""

    async def mailbox(phone: OutsideTelephone) -> None:
        phone.say(sine(WANG_HZ, 20))
        await phone.closed.wait()

    with house(tmp_path, [OUTSIDE]) as at:
        at.provider.people[WANG] = mailbox
        async with Telephone(at.hotline, CALLER) as caller:
            await caller.ring()
            caller.talk()
            caller.say(sine(CALLER_HZ, 20))
            await caller.wait_for(lambda: of(at, SeatMissed), 25)
            phone = at.provider.ordered[0].phone
            assert phone is not None
            assert 1 < phone.heard_s < 10, "the briefing, and no more"
            assert level(heard_by(phone)[-RATE_HZ:], CALLER_HZ, RATE_HZ) < 100
            assert level(heard_by(caller)[-2 * RATE_HZ :], WANG_HZ, RATE_HZ) < 100
            assert not caller.closed.is_set() and not of(at, SeatConnected)
        assert of(at, SeatMissed)[0].reason == "no_answer"


@pytest.mark.parametrize("does", [None, "busy", "failed"], ids=["rings for ever", "busy", "fails"])
async def test_a_telephone_that_is_not_answered_was_missed(tmp_path: Path, does: str | None) -> None:
    with house(tmp_path, [OUTSIDE]) as at:
        if does is not None:
            at.provider.people[WANG] = does
        async with Telephone(at.hotline, CALLER) as caller:
            await caller.ring()
            caller.talk()
            await caller.wait_for(lambda: of(at, SeatMissed), 30)
            assert [one.reason for one in of(at, SeatMissed)] == ["no_answer"]
            assert len(of(at, SeatOffered)) == 1 and not of(at, QueueLeft), "the caller waits on"
            assert at.seat().state == "on_break" and at.seat().until_ms < 10**13, "and it comes back by itself"
            if does is None:
                await caller.wait_for(lambda: at.provider.ordered[0].ended, 5)


async def test_a_caller_who_leaves_stops_the_ringing(tmp_path: Path) -> None:
    with house(tmp_path, [OUTSIDE]) as at:
        async with Telephone(at.hotline, CALLER) as caller:
            await caller.ring()
            caller.talk()
            await caller.wait_for(lambda: at.provider.ordered, 20)
            await caller.send({"event": "stop", "stop": {}})
            await caller.wait_for(lambda: at.provider.ordered[0].ended, 5)
            assert at.seat().state == "ready"


async def test_a_line_that_breaks_puts_the_caller_first_in_line(tmp_path: Path) -> None:
    async def breaks(phone: OutsideTelephone) -> None:
        await phone.wait_for(lambda: phone.heard_s > 1)
        await phone.press("1")
        await asyncio.sleep(1.5)
        phone.socket.transport.abort()
        await phone.closed.wait()

    with house(tmp_path, [OUTSIDE, PAGE]) as at:
        at.provider.people[WANG] = breaks
        async with Telephone(at.hotline, CALLER) as caller:
            await caller.ring()
            caller.talk()
            await caller.wait_for(lambda: of(at, SeatDisconnected), 25)
            assert of(at, SeatDisconnected)[0].reason == "vanished"
            board = at.hotline.app.switchboard
            assert board is not None
            await caller.wait_for(lambda: board.keeper.floor.waiting, 5)
            before = len(caller.heard)
            await asyncio.sleep(2)
            assert np.abs(heard_by(caller)[before:]).max() > 300, "and is not left in silence"


async def test_a_token_is_good_once_and_a_forged_one_never(tmp_path: Path) -> None:
    with house(tmp_path, [OUTSIDE]) as at:
        at.provider.people[WANG] = takes_it
        url = at.hotline.url
        code, reason, heard = await stranger(url, {"leg_token": "x" * 43, "caller": "13800000001"})
        assert (code, heard) == (1008, b"") and "unknown" in reason
        async with Telephone(at.hotline, CALLER) as caller:
            await caller.ring()
            caller.talk()
            await caller.wait_for(lambda: of(at, SeatConnected), 20)
            _, parameters = at.provider.ordered[0].stream()
            code, reason, heard = await stranger(url, {**parameters, "caller": "13800000001"})
            assert (code, heard) == (1008, b"") and "used" in reason
            assert len(of(at, LegJoined)) == 1, "and nobody joins the call by it"
        assert not at.hotline.bodies("13800000001"), "neither is answered as a caller"


async def test_where_nobody_rings_out_a_leg_token_is_refused(tmp_path: Path) -> None:
    with exchange(tmp_path) as hotline:
        code, reason, heard = await stranger(hotline.url, {"leg_token": "anything"})
    assert (code, heard) == (1008, b"") and "dialling.base_url" in reason


def test_a_seat_with_a_number_needs_somebody_who_rings_out(tmp_path: Path) -> None:
    served = company(tmp_path / "company", [PAGE, OUTSIDE])
    with (
        pytest.raises(CompanyError, match=r"seats.yaml:\d+: seats.1 \(王丽\).*dialling.base_url"),
        exchange(tmp_path / "data", companies=[served]),
    ):
        pass


def test_a_number_that_is_none_is_a_mistake_in_the_file(tmp_path: Path) -> None:
    served = company(tmp_path / "company", [{**OUTSIDE, "number": "13x"}])
    with (
        pytest.raises(CompanyError, match=r"seats.yaml:\d+: seats.0 \(王丽\): '13x' is no telephone number"),
        exchange(tmp_path / "data", companies=[served]),
    ):
        pass


def test_the_check_of_a_company_warns_where_nobody_rings_out(tmp_path: Path) -> None:
    served = company(tmp_path / "company", [PAGE, OUTSIDE])
    checked = CliRunner().invoke(app, ["company", "check", str(served)])
    assert checked.exit_code == 0
    assert re.search(r"seats.yaml:\d+: seats.1 \(王丽\): number 139.*dialling.base_url.*\(a warning\)", checked.output)
