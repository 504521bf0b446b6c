"""Tickets: something is to be done, and somebody sees to it."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from companies.jinghe.backend.answers import TicketCreated, TicketRequest
from companies.jinghe.backend.seed import ticket_number
from companies.jinghe.backend.tables import Ticket

CALLBACK_MINUTES = 30


def new_ticket(session: Session, kind: str, today: date, **fields: Any) -> Ticket:
    """An open ticket with the next number."""
    identity = (session.scalar(select(func.max(Ticket.id))) or 0) + 1
    row = {"kind": kind, "state": "open", "opened_on": today, "fee_yuan": 0.0, **fields}
    ticket = Ticket(id=identity, number=ticket_number(kind, identity), **row)
    session.add(ticket)
    session.flush()
    return ticket


def create_ticket(session: Session, asked: TicketRequest, today: date) -> TicketCreated:
    fields = asked.model_dump(exclude={"kind"})
    ticket = new_ticket(session, asked.kind, today, **fields)
    return TicketCreated(ticket=ticket.number, callback_minutes=CALLBACK_MINUTES)
