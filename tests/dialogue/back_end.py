"""A back end for conversations without a back end: the demo company's orders as tables."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from agent.dialogue.acts import CallTool
from agent.dialogue.moments import Returned, ToolCode

TODAY = date(2026, 3, 4)  # a Wednesday


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


def _order(number: str, phone: str, zh: str, en: str, model: str, state: str, yuan: int, **more: Any) -> dict[str, Any]:
    fields = {"order_number": number, "phone": phone, "product_zh": zh, "product_en": en, "model": model}
    return {**fields, "state": state, "paid_yuan": yuan, "paid_on": day(-10), **more}


ORDERS: Mapping[str, dict[str, Any]] = {
    order["order_number"]: order
    for order in (
        _order("88472913", "13812345678", "滚筒洗衣机", "front-load washer", "XQ-100", "signed", 2399),
        _order("65387249", "13912345678", "扫地机器人", "robot vacuum", "SD-20", "shipped", 1999),
        _order("95362847", "15824793852", "对开门冰箱", "side-by-side fridge", "BX-452", "signed", 3500),
        _order("95362851", "18612349876", "微波炉", "microwave", "WB-23", "signed", 299),
        _order(
            "84752936", "13011224455", "三门冰箱", "three-door fridge", "BX-218", "preparing", 1699,
            ships_on=day(1), due_on=day(4),
        ),
        _order("73582961", "13299118822", "电热水器", "electric water heater", "RS-60", "shipped", 1199),
        _order("66120473", "13658249356", "挂机空调", "wall air conditioner", "KF-35G", "signed", 2699),
        _order("66120489", "13827549356", "电热水器", "electric water heater", "RS-60", "delivered", 1199),
        _order("51200338", "13600010001", "波轮洗衣机", "top-load washer", "XQ-80", "paid", 1299),
        _order("51200345", "13600010001", "油烟机", "range hood", "YJ-900", "signed", 1799),
        _order("51200369", "13600010003", "柜机空调", "floor-standing air conditioner", "KF-72L", "shipped", 5299),
        _order("51200376", "13600010004", "扫地机器人", "robot vacuum", "SD-20", "refunding", 1999),
    )
}  # fmt: skip
LOGISTICS: Mapping[str, dict[str, Any]] = {
    "65387249": {"place_zh": "济南中转站", "place_en": "Jinan", "due_on": day(1), "is_late": False},
    "73582961": {"place_zh": "天津", "place_en": "Tianjin", "due_on": day(2), "is_late": False},
    "51200369": {"place_zh": "兰州", "place_en": "Lanzhou", "due_on": day(-1), "is_late": True},
}
SLOTS = [
    {"date": day(1), "slot": "morning"},
    {"date": day(1), "slot": "afternoon"},
    {"date": day(2), "slot": "afternoon"},
    {"date": day(3), "slot": "evening"},
]

Answer = tuple[ToolCode, dict[str, Any], str]


def ok(**value: Any) -> Answer:
    return "ok", value, ""


def rejected(reason: str) -> Answer:
    return "rejected", {}, reason


DOWN: Answer = ("down", {}, "")
NOT_FOUND: Answer = ("not_found", {}, "")


def _verify(arguments: Mapping[str, Any]) -> Answer:
    for order in ORDERS.values():
        if order["phone"] == arguments["phone"] and order["order_number"].endswith(arguments["order_tail"]):
            return ok(matches=True, order_number=order["order_number"])
    return ok(matches=False)


def _get_order(arguments: Mapping[str, Any]) -> Answer:
    return ok(**ORDERS[arguments["order_number"]])


def _get_logistics(arguments: Mapping[str, Any]) -> Answer:
    number = arguments["order_number"]
    if number not in LOGISTICS:
        return NOT_FOUND
    return ok(
        order_number=number, carrier="京和物流", tracking_number="JH7788", last_update_on=day(-4), **LOGISTICS[number]
    )


def _get_repair(arguments: Mapping[str, Any]) -> Answer:
    if arguments["order_number"] != "88472913":
        return NOT_FOUND
    return ok(ticket="WX2001", state="missed", visit_on=day(-4), slot="morning")


def _get_refund(arguments: Mapping[str, Any]) -> Answer:
    if arguments["order_number"] != "51200376":
        return NOT_FOUND
    return ok(state="approved", amount_yuan=1999, due_on=day(5))


def _get_device(arguments: Mapping[str, Any]) -> Answer:
    if arguments["phone"] != "13658249356":
        return NOT_FOUND
    return ok(
        product_zh="挂机空调", product_en="wall air conditioner", model="KF-35G", fault_code="F2", fault_on=day(-1),
        advice_zh="可能缺制冷剂", advice_en="It may be low on refrigerant",
    )  # fmt: skip


ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], Answer]] = {
    "verify": _verify,
    "get_order": _get_order,
    "get_logistics": _get_logistics,
    "get_repair": _get_repair,
    "get_refund": _get_refund,
    "get_device": _get_device,
    "list_slots": lambda _: ok(items=SLOTS),
    "cancel_order": lambda asked: ok(order_number=asked["order_number"], refund_yuan=1299, days_min=3, days_max=5),
    "change_address": lambda asked: ok(order_number=asked["order_number"], address=asked["address"]),
    "request_return": lambda _: ok(ticket="TH3001", pickup_fee_yuan=60, pickup_from=day(1)),
    "book_visit": lambda asked: ok(ticket="WX2002", date=asked["date"], slot=asked["slot"], visit_fee_yuan=0),
    "cancel_visit": lambda asked: ok(ticket=asked["ticket"]),
    "request_invoice": lambda asked: ok(order_number=asked["order_number"], amount_yuan=3500, within_hours=24),
    "create_ticket": lambda _: ok(ticket="GD4001", callback_minutes=30),
    "find_orders": lambda _: ok(items=[]),
    "get_customer": lambda _: NOT_FOUND,
}


def answer(call: CallTool, instead: Mapping[str, Answer]) -> Returned:
    """What the back end says; ``instead``: what it says instead to every call of a tool."""
    code, value, reason = instead[call.tool] if call.tool in instead else ANSWERS[call.tool](call.arguments)
    return Returned(call.number, call.tool, code, value, reason)


def customer(phone: str) -> dict[str, Any]:
    """What is known of a number while it rings."""
    orders = [order for order in ORDERS.values() if order["phone"] == phone]
    return {"order_count": len(orders), "last_product": orders[-1]["product_zh"]} if orders else {}
