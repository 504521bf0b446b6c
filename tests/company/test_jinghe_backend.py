"""The demo company's back end knows its customers, their orders and what has become of them."""

import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from companies.jinghe.backend import make_app
from companies.jinghe.backend.faults import INSTRUCTION
from tests.company.jinghe_desk import JINGHE, TODAY, Shop, day, open_shop

WORLD = Path(__file__).resolve().parents[2] / "bench" / "evals" / "world.yaml"
BOOKING = {"kind": "repair", "product": "fridge", "date": day(2), "slot": "morning"}
PEOPLE = yaml.safe_load(WORLD.read_text(encoding="utf-8"))["people"]


@pytest_asyncio.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as shop:
        yield shop


async def test_every_declared_tool_is_served_with_the_arguments_it_declares(shop: Shop) -> None:
    document = (await shop.send("GET", "/openapi.json")).json()
    served: dict[str, set[str]] = {}
    for path in document["paths"].values():
        for operation in path.values():
            names = {parameter["name"] for parameter in operation.get("parameters", [])} - {"Idempotency-Key"}
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            for option in schema.get("anyOf", [schema]):
                body = document["components"]["schemas"].get(option.get("$ref", "").rpartition("/")[2], {})
                names |= body.get("properties", {}).keys()
            served[operation["operationId"]] = names
    assert served == {name: set(tool.arguments) for name, tool in JINGHE.tools.items()}


async def test_everybody_in_the_scenarios_is_a_customer_with_that_order(shop: Shop) -> None:
    for person in PEOPLE:
        phone, number = person["phone"], person["order"]
        assert (await shop.get("get_customer", phone=phone))["name"] == person["name"]
        matched = await shop.get("verify", phone=phone, order_tail=number[-4:])
        assert matched == {"matches": True, "order_number": number}
        order = await shop.get("get_order", order_number=number)
        assert order["phone"] == phone
        assert person["product"] in (order["product_zh"], order["product_en"])
        if "tracking" in person:
            logistics = await shop.get("get_logistics", order_number=number)
            assert logistics["tracking_number"] == person["tracking"]


async def test_who_rings_is_known_with_what_is_open(shop: Shop) -> None:
    assert await shop.get("get_customer", phone="13812345678") == {
        "name": "陈建国",
        "title": "先生",
        "order_count": 1,
        "last_order": "88472913",
        "last_product": "滚筒洗衣机",
        "open_ticket": True,
        "open_ticket_about": "滚筒洗衣机",
    }
    two = await shop.get("get_customer", phone="13600010001")
    assert (two["order_count"], two["last_order"], two["open_ticket"]) == (2, "51200338", False)


@pytest.mark.parametrize(("phone", "tail"), [("13812345678", "7249"), ("13000000000", "2913"), ("1381234567", "2913")])
async def test_what_does_not_match_is_not_told_apart(shop: Shop, phone: str, tail: str) -> None:
    assert await shop.get("verify", phone=phone, order_tail=tail) == {"matches": False}


async def test_orders_of_a_phone_come_newest_first(shop: Shop) -> None:
    orders = (await shop.get("find_orders", phone="13600010001"))["items"]
    assert [order["order_number"] for order in orders] == ["51200338", "51200345"]
    assert (await shop.get("find_orders", phone="13000000000"))["items"] == []


async def test_an_order_that_is_being_prepared_has_its_days(shop: Shop) -> None:
    assert await shop.get("get_order", order_number="84752936") == {
        "order_number": "84752936",
        "phone": "13011224455",
        "product_zh": "三门冰箱",
        "product_en": "three-door fridge",
        "model": "BX-218",
        "state": "preparing",
        "paid_yuan": 1699,
        "paid_on": day(-1),
        "ships_on": day(1),
        "due_on": day(4),
    }


async def test_goods_on_their_way_have_a_place_and_are_late_when_they_are(shop: Shop) -> None:
    in_time = await shop.get("get_logistics", order_number="65387249")
    assert (in_time["place_zh"], in_time["due_on"], in_time["is_late"]) == ("济南中转站", day(1), False)
    late = await shop.get("get_logistics", order_number="51200369")
    assert (late["place_zh"], late["last_update_on"], late["is_late"]) == ("兰州", day(-4), True)
    shop.today = date.fromisoformat(day(2))
    assert (await shop.get("get_logistics", order_number="65387249"))["is_late"]


async def test_refunds_repairs_and_devices_are_known(shop: Shop) -> None:
    refund = await shop.get("get_refund", order_number="51200376")
    assert refund == {"state": "approved", "amount_yuan": 1999, "due_on": day(5)}
    repair = await shop.get("get_repair", order_number="88472913")
    assert repair == {"ticket": "WX2001", "state": "missed", "visit_on": day(-4), "slot": "morning"}
    conditioner = await shop.get("get_device", phone="13658249356")
    assert (conditioner["model"], conditioner["fault_code"], conditioner["fault_on"]) == ("KF-35G", "F2", day(-1))
    washer = await shop.get("get_device", phone="13600010006")
    assert (washer["model"], washer["fault_code"], washer["fault_on"]) == ("XQ-100", "E3", day(0))
    assert "排水" in washer["advice_zh"] and "drain" in washer["advice_en"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_customer", {"phone": "13000000000"}),
        ("get_order", {"order_number": "10000000"}),
        ("get_logistics", {"order_number": "51200338"}),
        ("get_refund", {"order_number": "51200338"}),
        ("get_repair", {"order_number": "51200338"}),
        ("get_device", {"phone": "13812345678"}),
        ("cancel_order", {"order_number": "10000000"}),
        ("book_visit", BOOKING | {"order_number": "10000000"}),
        ("cancel_visit", {"ticket": "WX9999"}),
        ("request_invoice", {"order_number": "10000000", "title_kind": "personal", "send_to": "sms"}),
    ],
)
async def test_what_is_not_there_is_not_found(shop: Shop, tool: str, arguments: dict[str, Any]) -> None:
    assert (await shop.ask(tool, **arguments)).code == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/orders/abc", None),
        ("GET", "/customers/12", None),
        ("GET", "/slots?kind=party", None),
        ("POST", "/identity-checks", {"phone": "13812345678", "order_tail": "13"}),
        ("POST", "/orders/51200345/returns", {"reason": "bored"}),
        ("PUT", "/orders/51200338/address", {"address": ""}),
        ("POST", "/visits", {"kind": "repair", "product": "x", "date": "tomorrow", "slot": "morning"}),
        ("POST", "/tickets", {"kind": "callback", "about": "x", "phone": "13812345678", "urgent": True}),
        ("POST", "/orders/95362847/invoices", {"title_kind": "company", "send_to": "sms"}),
        ("POST", "/orders/95362847/invoices", {"title_kind": "personal", "send_to": "email"}),
        ("POST", "/orders/95362847/invoices", {"title_kind": "personal", "send_to": "email", "email": "nobody"}),
        ("PUT", "/faults", {"mode": "fire"}),
    ],
)
async def test_a_bad_argument_is_refused_as_such(shop: Shop, method: str, path: str, body: Any) -> None:
    assert (await shop.send(method, path, json=body)).status_code == 422


async def test_each_back_end_is_a_world_of_its_own(shop: Shop) -> None:
    await shop.get("cancel_order", order_number="51200338")
    async with open_shop() as other:
        assert (await other.get("get_order", order_number="51200338"))["state"] == "paid"


async def test_a_database_in_a_file_outlives_its_back_end(tmp_path: Path) -> None:
    for state in ("paid", "refunding"):
        async with open_shop(f"sqlite:///{tmp_path / 'shop.db'}") as shop:
            assert (await shop.get("get_order", order_number="51200338"))["state"] == state
            await shop.ask("cancel_order", order_number="51200338")


def test_a_back_end_is_made_quickly_enough_for_one_a_test() -> None:
    make_app("sqlite://", TODAY)
    took = []
    for _ in range(5):
        began = time.thread_time()
        make_app("sqlite://", TODAY)
        took.append(time.thread_time() - began)
    assert min(took) < 0.2


async def test_faults_are_switched_on_and_off(shop: Shop) -> None:
    await shop.send("PUT", "/faults", json={"mode": "error"})
    assert (await shop.ask("get_order", order_number="51200338")).code == "down"
    assert (await shop.send("GET", "/faults")).json()["mode"] == "error"
    await shop.send("PUT", "/faults", json={"mode": "none"})
    assert (await shop.ask("get_order", order_number="51200338")).code == "ok"


async def test_latency_is_added_to_every_answer(shop: Shop) -> None:
    await shop.get("get_order", order_number="51200338")
    await shop.send("PUT", "/faults", json={"latency_ms": 150})
    result = await shop.ask("get_order", order_number="51200338")
    assert result.code == "ok"
    assert result.took_ms is not None and result.took_ms >= 150


async def test_a_share_of_failures_is_the_same_on_every_run(shop: Shop) -> None:
    runs = []
    for _ in range(2):
        await shop.send("PUT", "/faults", json={"mode": "error", "fail_share": 0.4})
        runs.append([(await shop.send("GET", "/orders/51200338")).status_code for _ in range(50)])
    assert runs[0] == runs[1]
    assert 10 <= runs[0].count(500) <= 30


async def test_an_instruction_reaches_whoever_does_not_check(shop: Shop) -> None:
    await shop.send("PUT", "/faults", json={"mode": "instruction"})
    assert INSTRUCTION in (await shop.send("GET", "/orders/65387249/logistics")).text
    assert (await shop.ask("get_logistics", order_number="65387249")).code == "bad_result"
