"""What the demo company's back end changes, what its rules are against, and that one change is made once."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from tests.company.jinghe_desk import Shop, day, open_shop

BOOKING: dict[str, Any] = {"kind": "repair", "product": "fridge", "date": day(2), "slot": "morning"}


@pytest_asyncio.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as shop:
        yield shop


async def slots(shop: Shop, kind: str = "repair") -> set[tuple[str, str]]:
    return {(free["date"], free["slot"]) for free in (await shop.get("list_slots", kind=kind))["items"]}


# ---------------------------------------------------------------------------------------------------------- cancelling


async def test_a_paid_order_is_cancelled_and_refunded(shop: Shop) -> None:
    cancelled = await shop.get("cancel_order", order_number="51200338", reason="不想要了")
    assert cancelled == {"order_number": "51200338", "refund_yuan": 1299, "days_min": 3, "days_max": 5}
    assert (await shop.get("get_order", order_number="51200338"))["state"] == "refunding"
    # Five working days from a Thursday.
    refund = await shop.get("get_refund", order_number="51200338")
    assert refund == {"state": "approved", "amount_yuan": 1299, "due_on": day(7)}


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("65387249", "already_shipped"),
        ("66120489", "already_shipped"),
        ("88472913", "already_shipped"),
        ("51200383", "already_cancelled"),
        ("51200376", "already_cancelled"),
    ],
)
async def test_an_order_that_is_gone_cannot_be_cancelled(shop: Shop, order: str, reason: str) -> None:
    assert await shop.refused("cancel_order", order_number=order) == reason


async def test_cancelling_twice_refunds_once(shop: Shop) -> None:
    first = await shop.get("cancel_order", key="a", order_number="51200338")
    assert await shop.get("cancel_order", key="a", order_number="51200338") == first
    assert (await shop.ask("cancel_order", key="b", order_number="51200338")).reason == "already_cancelled"


# ------------------------------------------------------------------------------------------------------------- address


async def test_an_address_is_changed_before_the_goods_are_on_their_way(shop: Shop) -> None:
    new = "西安市雁塔区科技路12号3栋502"
    changed = await shop.get("change_address", order_number="51200338", address=new)
    assert changed == {"order_number": "51200338", "address": new}
    assert await shop.refused("change_address", order_number="73582946", address=new) == "already_shipped"
    assert await shop.refused("change_address", order_number="51200383", address=new) == "already_cancelled"


# ------------------------------------------------------------------------------------------------------------- returns


@pytest.mark.parametrize(
    ("order", "reason", "fee"),
    [
        ("51200345", "no_reason", 60),
        ("51200345", "faulty", 0),
        ("95362851", "no_reason", 15),
        ("95362851", "wrong_item", 0),
    ],
)
async def test_a_return_costs_its_pick_up_unless_it_is_our_fault(shop: Shop, order: str, reason: str, fee: int) -> None:
    registered = await shop.get("request_return", order_number=order, reason=reason)
    assert registered["ticket"].startswith("TH")
    assert (registered["pickup_fee_yuan"], registered["pickup_from"]) == (fee, day(1))


@pytest.mark.parametrize(
    ("order", "reason", "refusal"),
    [
        ("51200390", "faulty", "too_late"),
        ("88472913", "no_reason", "too_late"),
        ("66120489", "no_reason", "not_signed"),
        ("65387249", "faulty", "not_signed"),
        ("51200376", "faulty", "already_cancelled"),
    ],
)
async def test_a_return_that_the_rules_forbid_is_refused(shop: Shop, order: str, reason: str, refusal: str) -> None:
    assert await shop.refused("request_return", order_number=order, reason=reason) == refusal


async def test_what_was_installed_goes_back_only_if_it_is_faulty() -> None:
    async with open_shop() as shop:
        shop.today = date.fromisoformat(day(-34))  # six days after it was signed for
        assert await shop.refused("request_return", order_number="88472913", reason="no_reason") == "installed"
        assert (await shop.get("request_return", order_number="88472913", reason="faulty"))["pickup_fee_yuan"] == 0


async def test_a_return_that_was_asked_for_already_is_the_same_return(shop: Shop) -> None:
    first = await shop.get("request_return", order_number="51200345", reason="no_reason")
    assert await shop.get("request_return", order_number="51200345", reason="faulty") == first


# ------------------------------------------------------------------------------------------------------------ invoices


async def test_an_invoice_is_made_once_an_order_is_signed_for(shop: Shop) -> None:
    asked = {"order_number": "95362847", "title_kind": "personal", "send_to": "sms"}
    assert await shop.get("request_invoice", **asked) == {
        "order_number": "95362847",
        "amount_yuan": 3500,
        "within_hours": 24,
    }
    assert await shop.refused("request_invoice", **asked) == "already_made"
    assert await shop.refused("request_invoice", **asked | {"order_number": "51200352"}) == "already_made"
    assert await shop.refused("request_invoice", **asked | {"order_number": "66120489"}) == "not_signed"


async def test_an_invoice_for_a_company_needs_its_name_and_tax_number(shop: Shop) -> None:
    asked = {"order_number": "95362847", "title_kind": "company", "send_to": "email", "email": "zhao@example.com"}
    assert (await shop.ask("request_invoice", **asked)).code == "bad_result"
    named = asked | {"title": "星河科技有限公司", "tax_number": "91110108MA01ABCD2X"}
    assert (await shop.get("request_invoice", **named))["amount_yuan"] == 3500


# -------------------------------------------------------------------------------------------------------------- visits


async def test_technicians_are_free_from_tomorrow_on_a_week_ahead(shop: Shop) -> None:
    for kind in ("repair", "installation"):
        days = {on for on, _ in await slots(shop, kind)}
        assert min(days) == day(1) and max(days) == day(7)


async def test_a_time_that_was_booked_is_taken_until_it_is_cancelled(shop: Shop) -> None:
    before = await slots(shop)
    booked = await shop.get("book_visit", **BOOKING)
    assert (booked["date"], booked["slot"]) == (day(2), "morning")
    assert await slots(shop) == before - {(day(2), "morning")}
    assert await shop.refused("book_visit", **BOOKING) == "slot_taken"
    await shop.get("cancel_visit", ticket=booked["ticket"])
    assert await slots(shop) == before
    assert (await shop.ask("cancel_visit", ticket=booked["ticket"])).code == "not_found"


@pytest.mark.parametrize("on", [day(-1), day(0), day(8)])
async def test_no_technician_comes_today_or_in_two_weeks(shop: Shop, on: str) -> None:
    assert await shop.refused("book_visit", **BOOKING | {"date": on}) == "slot_taken"


async def test_the_same_key_twice_books_one_visit(shop: Shop) -> None:
    first = await shop.get("book_visit", key="call-7:2", **BOOKING)
    left = await slots(shop)
    assert await shop.get("book_visit", key="call-7:2", **BOOKING) == first
    assert await slots(shop) == left


async def test_a_key_stands_for_one_request_only(shop: Shop) -> None:
    await shop.get("book_visit", key="call-7:2", **BOOKING)
    assert (await shop.ask("book_visit", key="call-7:2", **BOOKING | {"slot": "afternoon"})).code == "bad_result"


async def test_what_was_refused_may_be_asked_for_again_with_its_key(shop: Shop) -> None:
    other = await shop.get("book_visit", **BOOKING)
    assert (await shop.ask("book_visit", key="call-7:2", **BOOKING)).reason == "slot_taken"
    await shop.get("cancel_visit", ticket=other["ticket"])
    assert (await shop.ask("book_visit", key="call-7:2", **BOOKING)).code == "ok"


async def test_a_missed_repair_keeps_its_ticket_when_it_is_booked_anew(shop: Shop) -> None:
    booked = await shop.get("book_visit", **BOOKING | {"order_number": "88472913", "product": "滚筒洗衣机"})
    assert booked["ticket"] == "WX2001"
    repair = await shop.get("get_repair", order_number="88472913")
    assert repair == {"ticket": "WX2001", "state": "booked", "visit_on": day(2), "slot": "morning"}


@pytest.mark.parametrize(
    ("more", "fee"),
    [
        ({"order_number": "66120458"}, 0),
        ({"order_number": "51200352", "product": "water_heater"}, 50),
        ({"phone": "13748259637"}, 0),
        ({"phone": "13600010002", "product": "water_heater"}, 50),
        ({"phone": "13000000000"}, 50),
        ({"kind": "installation", "order_number": "66120489"}, 0),
    ],
)
async def test_a_visit_is_free_in_warranty_and_to_install(shop: Shop, more: dict[str, Any], fee: int) -> None:
    assert (await shop.get("book_visit", **BOOKING | more))["visit_fee_yuan"] == fee


# ------------------------------------------------------------------------------------------------------------- tickets


async def test_a_ticket_is_rung_back_about_and_seen_on_the_next_call(shop: Shop) -> None:
    asked = {"kind": "complaint", "about": "师傅没来", "phone": "13466778899"}
    created = await shop.get("create_ticket", key="call-9:1", **asked)
    assert created["callback_minutes"] == 30
    assert await shop.get("create_ticket", key="call-9:1", **asked) == created
    assert (await shop.get("create_ticket", key="call-9:2", **asked))["ticket"] != created["ticket"]
    customer = await shop.get("get_customer", phone="13466778899")
    assert (customer["open_ticket"], customer["open_ticket_about"]) == (True, "师傅没来")
