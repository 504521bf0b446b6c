"""Customers and orders to begin with, in days relative to the day on which the back end starts."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from companies.jinghe.backend.tables import Device, FullSlot, Invoice, Order, Refund, Shipment, Ticket

FILE = Path(__file__).with_name("seed.yaml")
TICKET_PREFIX = {"repair": "WX", "installation": "AZ", "return": "TH"}
FIRST_TICKET = 2001


def fill(engine: Engine, today: date) -> None:
    """Fill an empty database; one that has orders stays as it is."""
    values = _values()
    with Session(engine) as session, session.begin():
        if session.scalar(select(Order.number).limit(1)) is not None:
            return
        for customer in values["customers"]:
            for order in customer["orders"]:
                session.add(_order(order, customer, values["products"][order["model"]], today))
                session.add_all(_parts(order, customer, values["faults"], today))
        for full in values["full_slots"]:
            day = _day(full["date"], today)
            assert day is not None, "a slot has a day"
            session.add_all(FullSlot(kind=full["kind"], day=day, slot=slot) for slot in full["slots"])


def ticket_number(kind: str, identity: int) -> str:
    """What a customer is told: no two kinds have the same."""
    return f"{TICKET_PREFIX.get(kind, 'GD')}{FIRST_TICKET - 1 + identity}"


@cache
def _values() -> dict[str, Any]:
    """Read once: tests and replays make a back end each."""
    values: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return values


def _order(order: dict[str, Any], customer: dict[str, Any], product: dict[str, Any], today: date) -> Order:
    return Order(
        number=order["number"],
        phone=customer["phone"],
        name=customer["name"],
        title=customer["title"],
        address=customer["address"],
        email=customer.get("email"),
        model=order["model"],
        kind=product["kind"],
        product_zh=product["zh"],
        product_en=product["en"],
        big=product["big"],
        state=order["state"],
        paid_yuan=order.get("paid_yuan", product["yuan"]),
        ordered_on=today + timedelta(days=order["ordered"]),
        paid_on=_day(order.get("paid"), today),
        ships_on=_day(order.get("ships"), today),
        due_on=_day(order.get("due"), today),
        signed_on=_day(order.get("signed"), today),
        installed_on=_day(order.get("installed"), today),
    )


def _parts(order: dict[str, Any], customer: dict[str, Any], faults: dict[str, Any], today: date) -> list[Any]:
    """What hangs on an order."""
    number = order["number"]
    parts: list[Any] = []
    if (shipment := order.get("shipment")) is not None:
        days = {name: _day(shipment[name], today) for name in ("last_update_on", "due_on")}
        parts.append(Shipment(order_number=number, **{**shipment, **days}))
    if (ticket := order.get("ticket")) is not None:
        days = {name: _day(ticket[name], today) for name in ("opened_on", "visit_on")}
        number_of_ticket = ticket_number(ticket["kind"], ticket["id"])
        row = {**ticket, **days, "number": number_of_ticket, "phone": customer["phone"]}
        parts.append(Ticket(order_number=number, address=customer["address"], **row))
    if (refund := order.get("refund")) is not None:
        parts.append(Refund(order_number=number, **{**refund, "due_on": _day(refund["due_on"], today)}))
    if (invoice := order.get("invoice")) is not None:
        parts.append(Invoice(order_number=number, **{**invoice, "made_on": _day(invoice["made_on"], today)}))
    if (device := order.get("device")) is not None:
        fault = faults[device["fault"]]
        parts.append(Device(order_number=number, fault_on=_day(device["fault_on"], today), **fault))
    return parts


def _day(offset: int | None, today: date) -> date | None:
    return None if offset is None else today + timedelta(days=offset)
