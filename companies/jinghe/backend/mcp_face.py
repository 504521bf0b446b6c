"""The back end over MCP: what a partner's systems may use. The same work as over HTTP."""

import json
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from companies.jinghe.backend import answers as a
from companies.jinghe.backend import orders, tickets, visits
from companies.jinghe.backend.refusals import Missing, Refused, Unclear
from companies.jinghe.backend.service import Service

T = TypeVar("T")


def mcp_face(service: Service) -> MCPServer:
    """A server with the tools that it has. An error's text says why: ``{"reason": "slot_taken"}``."""
    server: MCPServer = MCPServer("jinghe", log_level="WARNING")

    async def get_device(phone: a.Phone) -> a.DeviceFound:
        """What a connected appliance of this customer has reported."""
        return _told(lambda: service.read(lambda session: orders.get_device(session, phone)))

    async def list_slots(kind: a.VisitKind, city: str | None = None) -> list[a.FreeSlot]:
        """When a technician can come."""
        return _told(lambda: service.read(lambda session: visits.list_slots(session, kind, service.today)))

    async def book_visit(
        kind: a.VisitKind,
        product: a.Line,
        date: date,
        slot: a.Slot,
        order_number: a.OrderNumber | None = None,
        phone: a.Phone | None = None,
        fault: a.Line | None = None,
        address: a.Line | None = None,
        idempotency_key: str | None = None,
    ) -> a.VisitBooked:
        """Book a technician. Refused: slot_taken."""
        asked = a.VisitRequest(
            kind=kind,
            product=product,
            date=date,
            slot=slot,
            order_number=order_number,
            phone=phone,
            fault=fault,
            address=address,
        )
        return _told(
            lambda: service.change(
                idempotency_key,
                "book_visit",
                asked.model_dump(mode="json"),
                a.VisitBooked,
                lambda session: visits.book_visit(session, asked, service.today),
            )
        )

    async def create_ticket(
        kind: a.TicketKind,
        about: a.Story,
        phone: a.Phone,
        order_number: a.OrderNumber | None = None,
        idempotency_key: str | None = None,
    ) -> a.TicketCreated:
        """Let somebody see to it and ring back."""
        asked = a.TicketRequest(kind=kind, about=about, phone=phone, order_number=order_number)
        return _told(
            lambda: service.change(
                idempotency_key,
                "create_ticket",
                asked.model_dump(mode="json"),
                a.TicketCreated,
                lambda session: tickets.create_ticket(session, asked, service.today),
            )
        )

    for tool in (get_device, list_slots, book_visit, create_ticket):
        server.add_tool(tool)
    return server


def _told(work: Callable[[], T]) -> T:
    try:
        return work()
    except Missing as missing:
        raise ToolError(json.dumps({"reason": "not_found"})) from missing
    except Refused as refused:
        raise ToolError(json.dumps({"reason": refused.reason})) from refused
    except Unclear as unclear:
        raise ToolError(str(unclear)) from unclear
