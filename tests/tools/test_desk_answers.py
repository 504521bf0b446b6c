"""What the desk makes of everything that a back end may answer, over real connections."""

import pytest

from agent.tools.desk import OpenDesk, open_desk
from companies.jinghe.backend.faults import INSTRUCTION
from tests.tools.asking import BOTH, change, new_key, read
from tests.tools.demo_site import JINGHE, Site


@BOTH
async def test_a_tool_gives_what_it_declares(site: Site, protocol: str) -> None:
    async with open_desk(site.over(protocol, timeout_s=5)) as desk:
        result = await read(desk)
    assert result.code == "ok"
    assert result.value["fault_code"] == "F2"
    assert result.attempts == 1
    assert result.took_ms is not None and result.took_ms < 5000


@BOTH
async def test_a_list_comes_as_items(site: Site, protocol: str) -> None:
    async with open_desk(site.over(protocol, timeout_s=5)) as desk:
        result = await desk.call("list_slots", {"kind": "repair"})
    assert result.code == "ok"
    assert result.value["items"][0].keys() == {"date", "slot"}


@BOTH
async def test_what_is_not_there_is_not_found(site: Site, protocol: str) -> None:
    async with open_desk(site.over(protocol, timeout_s=5)) as desk:
        result = await desk.call("get_device", {"phone": "13000000000"})
    assert (result.code, result.value) == ("not_found", {})


@BOTH
async def test_a_refusal_names_its_reason(site: Site, protocol: str) -> None:
    full = {"kind": "repair", "product": "fridge", "date": "2026-03-06", "slot": "evening"}
    async with open_desk(site.over(protocol, timeout_s=5)) as desk:
        result = await desk.call("book_visit", full, key=new_key())
    assert (result.code, result.reason, result.value) == ("rejected", "slot_taken", {})


@BOTH
async def test_a_reason_that_is_not_declared_is_not_passed_on(site: Site, protocol: str) -> None:
    tools = site.over(protocol, timeout_s=5)
    silent = tools.tools["book_visit"].model_copy(update={"rejected": ()})
    tools = tools.model_copy(update={"tools": {"book_visit": silent}})
    full = {"kind": "repair", "product": "fridge", "date": "2026-03-06", "slot": "evening"}
    async with open_desk(tools) as desk:
        result = await desk.call("book_visit", full, key=new_key())
    assert (result.code, result.reason) == ("rejected", "")


@BOTH
@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("error", {"down"}),
        ("lost", {"down"}),
        ("html", {"bad_result"}),
        ("garbage", {"bad_result"}),
        ("huge", {"bad_result"}),
        ("wrong_type", {"bad_result"}),
        ("instruction", {"bad_result", "ok"}),
    ],
)
async def test_every_fault_has_a_code_and_gives_nothing(site: Site, protocol: str, mode: str, code: set[str]) -> None:
    site.fail(mode=mode)
    async with open_desk(site.over(protocol)) as desk:
        for result in (await read(desk), await change(desk, new_key())):
            assert result.code in code
            assert result.value == {} or result.code == "ok"
            assert INSTRUCTION not in str(result.value)
            assert result.took_ms is not None and result.took_ms < 2000


@BOTH
async def test_an_instruction_in_a_text_is_no_such_text(site: Site, protocol: str) -> None:
    site.fail(mode="instruction")
    async with open_desk(site.over(protocol)) as desk:
        assert (await read(desk)).code == "bad_result"


async def test_an_instruction_in_a_place_is_no_place(http_desk: OpenDesk, site: Site) -> None:
    site.fail(mode="instruction")
    assert (await http_desk.call("get_logistics", {"order_number": "65387249"})).code == "bad_result"
    # What has no text that could be spoken is as it was, without the note that nobody asked for.
    checked = await http_desk.call("verify", {"phone": "13912345678", "order_tail": "7249"})
    assert checked.value == {"matches": True, "order_number": "65387249"}


async def test_the_desk_works_on_after_every_fault(site: Site) -> None:
    async with open_desk(site.over("http", timeout_s=0.5)) as desk:
        await read(desk)
        for mode in ("error", "html", "garbage", "huge", "drip", "wrong_type", "instruction"):
            site.fail(mode=mode)
            assert (await read(desk)).code != "ok", mode
            site.fail()
            assert (await read(desk)).code == "ok", mode


async def test_arguments_that_are_not_as_declared_are_never_sent(http_desk: OpenDesk) -> None:
    for arguments in ({}, {"phone": 13658249356}, {"phone": "1365824935６"}, {"phone": "1", "more": "x"}):
        result = await http_desk.call("get_device", arguments)
        assert (result.code, result.attempts) == ("bad_result", 0)


async def test_a_tool_that_nobody_declared_is_a_mistake_of_ours(http_desk: OpenDesk) -> None:
    with pytest.raises(KeyError):
        await http_desk.call("delete_everything", {})


async def test_the_demo_company_s_own_file_asks_by_both_protocols(site: Site) -> None:
    here = JINGHE.model_dump()
    for server in here["servers"].values():
        for protocol in ("http", "mcp"):
            if server[protocol] is not None:
                server[protocol] = server[protocol].replace("http://127.0.0.1:8401", site.url)
    async with open_desk(type(JINGHE).model_validate(here)) as desk:
        assert (await desk.call("get_customer", {"phone": "13812345678"})).code == "ok"
        assert (await read(desk)).code == "ok"
