"""How long the desk waits, how often it asks, and that a change happens once, over real connections."""

import asyncio
import socket

from agent.tools.desk import OpenDesk, open_desk
from companies.jinghe.backend.tables import Ticket
from tests.tools.asking import BOTH, change, new_key, read
from tests.tools.demo_site import Site, open_site


@BOTH
async def test_an_answer_that_comes_too_late_is_none(site: Site, protocol: str) -> None:
    site.fail(latency_ms=5000)
    async with open_desk(site.over(protocol, timeout_s=0.4)) as desk:
        began = asyncio.get_running_loop().time()
        result = await read(desk)
        took_s = asyncio.get_running_loop().time() - began
    assert (result.code, result.value) == ("down", {})
    assert took_s < 1.5


@BOTH
async def test_a_slow_drip_is_cut_at_the_same_limit(site: Site, protocol: str) -> None:
    site.fail(mode="drip")
    async with open_desk(site.over(protocol, timeout_s=0.4)) as desk:
        result = await read(desk)
    assert result.code == "down"
    assert result.took_ms is not None and 350 <= result.took_ms < 1500


@BOTH
async def test_what_failed_once_is_tried_once_more(site: Site, protocol: str) -> None:
    async with open_desk(site.over(protocol, timeout_s=5)) as desk:
        site.fail(mode="error", times=1)
        result = await read(desk)
    assert (result.code, result.attempts) == ("ok", 2)


@BOTH
async def test_and_no_more_than_that(site: Site, protocol: str) -> None:
    site.fail(mode="error")
    async with open_desk(site.over(protocol, timeout_s=5)) as desk:
        result = await read(desk)
    assert (result.code, result.attempts) == ("down", 2)


@BOTH
async def test_a_change_made_twice_with_one_key_changes_once(site: Site, protocol: str) -> None:
    before, key = site.count(Ticket), new_key()
    async with open_desk(site.over(protocol, timeout_s=5)) as desk:
        first, second = await change(desk, key), await change(desk, key)
    assert first.code == second.code == "ok"
    assert first.value == second.value
    assert site.count(Ticket) == before + 1


async def test_a_change_is_one_however_many_ask_at_once(site: Site) -> None:
    before, key = site.count(Ticket), new_key()
    async with open_desk(site.over("http", timeout_s=5)) as desk:
        results = await asyncio.gather(*(change(desk, key) for _ in range(8)))
    assert {result.value["ticket"] for result in results} == {results[0].value["ticket"]}
    assert site.count(Ticket) == before + 1


async def test_a_change_whose_answer_was_lost_is_asked_for_again_and_made_once(site: Site) -> None:
    before = site.count(Ticket)
    site.fail(mode="lost", times=1)
    async with open_desk(site.over("http", timeout_s=5)) as desk:
        result = await change(desk, new_key())
    assert (result.code, result.attempts) == ("ok", 2)
    assert site.count(Ticket) == before + 1


async def test_a_change_without_a_key_is_never_sent_twice(site: Site) -> None:
    before = site.count(Ticket)
    site.fail(mode="lost")
    async with open_desk(site.over("http", timeout_s=5)) as desk:
        result = await change(desk, None)
    assert (result.code, result.attempts) == ("down", 1)
    assert site.count(Ticket) == before + 1


async def test_two_keys_are_two_changes(http_desk: OpenDesk, site: Site) -> None:
    before = site.count(Ticket)
    assert await change(http_desk, new_key()) != await change(http_desk, new_key())
    assert site.count(Ticket) == before + 2


async def test_a_key_cannot_be_used_for_something_else(http_desk: OpenDesk) -> None:
    key = new_key()
    await change(http_desk, key)
    other = {"kind": "complaint", "about": "别的事", "phone": "13812345678"}
    assert (await http_desk.call("create_ticket", other, key=key)).code == "bad_result"


async def test_a_key_may_be_of_any_writing(http_desk: OpenDesk) -> None:
    assert (await change(http_desk, "通话\r\n一")).code == "ok"


@BOTH
async def test_where_nobody_listens_it_is_down(protocol: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    async with open_desk(Site(url, app=None).over(protocol)) as desk:  # type: ignore[arg-type]
        result = await read(desk)
    assert (result.code, result.attempts) == ("down", 2)


@BOTH
async def test_a_peer_that_takes_the_call_and_says_nothing_is_down(protocol: str) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        async with open_desk(Site(url, app=None).over(protocol, timeout_s=0.3)) as desk:  # type: ignore[arg-type]
            result = await read(desk)
    assert result.code == "down"
    assert result.took_ms is not None and result.took_ms < 1500


async def test_a_back_end_that_starts_after_the_hotline_is_found() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with open_desk(Site(f"http://127.0.0.1:{port}", app=None).over("http")) as desk:  # type: ignore[arg-type]
        assert (await read(desk)).code == "down"
        with open_site(port) as _:
            assert (await read(desk)).code == "ok"


async def test_calls_at_once_do_not_wait_for_a_slow_one(site: Site) -> None:
    async with open_desk(site.over("http", timeout_s=1.0)) as desk:
        await read(desk)
        site.fail(mode="drip", times=1)
        slow = asyncio.create_task(read(desk))
        await asyncio.sleep(0.1)
        assert (await read(desk)).code == "ok"
        assert not slow.done()
        assert (await slow).code == "down"
