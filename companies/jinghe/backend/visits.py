"""Technicians: when they are free, who has booked them, and for what."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from companies.jinghe.backend.answers import FreeSlot, Slot, VisitBooked, VisitCancelled, VisitFound, VisitRequest
from companies.jinghe.backend.refusals import Missing, Refused
from companies.jinghe.backend.tables import FullSlot, Order, Ticket
from companies.jinghe.backend.tickets import new_ticket

DAYS_AHEAD = 7
WARRANTY_DAYS = 365
VISIT_FEE_YUAN = 50
VISITS = ("repair", "installation")


def list_slots(session: Session, kind: str, today: date) -> list[FreeSlot]:
    """What is free from tomorrow on, a week ahead, in order."""
    full = session.execute(select(FullSlot.day, FullSlot.slot).where(FullSlot.kind == kind))
    booked = session.execute(select(Ticket.visit_on, Ticket.slot).where(Ticket.kind == kind, Ticket.state == "booked"))
    taken = {(day, slot) for rows in (full, booked) for day, slot in rows}
    return [free for free in _all_slots(today) if (free.date, free.slot) not in taken]


def _all_slots(today: date) -> Iterator[FreeSlot]:
    for ahead in range(1, DAYS_AHEAD + 1):
        for slot in get_args(Slot):
            yield FreeSlot(date=today + timedelta(days=ahead), slot=slot)


def book_visit(session: Session, asked: VisitRequest, today: date) -> VisitBooked:
    """For an order, or for an appliance that is known by its owner's phone, or by nothing."""
    if FreeSlot(date=asked.date, slot=asked.slot) not in list_slots(session, asked.kind, today):
        raise Refused("slot_taken")
    order = _order_of(session, asked)
    ticket = _waiting(session, asked.kind, order) or new_ticket(
        session,
        asked.kind,
        today,
        phone=asked.phone or (order.phone if order else ""),
        order_number=order.number if order else None,
        about=order.product_zh if order else asked.product,
    )
    ticket.state, ticket.visit_on, ticket.slot = "booked", asked.date, asked.slot
    ticket.phone = asked.phone or ticket.phone
    ticket.address = asked.address or ticket.address or (order.address if order else None)
    ticket.fee_yuan = 0 if asked.kind == "installation" or _in_warranty(order, today) else VISIT_FEE_YUAN
    return VisitBooked(ticket=ticket.number, date=asked.date, slot=asked.slot, visit_fee_yuan=ticket.fee_yuan)


def get_repair(session: Session, order_number: str) -> VisitFound:
    """The newest visit of an order, whatever it is for."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.order_number == order_number, Ticket.kind.in_(VISITS), Ticket.state != "cancelled")
        .order_by(Ticket.id.desc())
        .limit(1)
    )
    if ticket is None:
        raise Missing
    return VisitFound.model_validate(
        {"ticket": ticket.number, "state": ticket.state, "visit_on": ticket.visit_on, "slot": ticket.slot}
    )


def cancel_visit(session: Session, number: str) -> VisitCancelled:
    ticket = session.scalar(select(Ticket).where(Ticket.number == number, Ticket.kind.in_(VISITS)))
    if ticket is None or ticket.state in ("done", "cancelled"):
        raise Missing
    ticket.state = "cancelled"
    return VisitCancelled(ticket=ticket.number)


def _order_of(session: Session, asked: VisitRequest) -> Order | None:
    """By its number, or by phone and product, where that leaves but one."""
    if asked.order_number is not None:
        order = session.get(Order, asked.order_number)
        if order is None:
            raise Missing
        return order
    orders = session.scalars(select(Order).where(Order.phone == (asked.phone or "")))
    fitting = [order for order in orders if asked.product in (order.kind, order.product_zh, order.product_en)]
    return fitting[0] if len(fitting) == 1 else None


def _waiting(session: Session, kind: str, order: Order | None) -> Ticket | None:
    """A repair that was missed, or moves to another time, stays the same repair."""
    if order is None:
        return None
    states = ("open", "booked", "missed")
    return session.scalar(
        select(Ticket).where(Ticket.order_number == order.number, Ticket.kind == kind, Ticket.state.in_(states))
    )


def _in_warranty(order: Order | None, today: date) -> bool:
    """Of the whole machine. An appliance that nobody knows may be; its owner is told what it costs if it is not."""
    if order is None:
        return False
    return (today - (order.signed_on or today)).days <= WARRANTY_DAYS
