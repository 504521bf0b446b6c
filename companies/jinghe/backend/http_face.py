"""The back end over HTTP. Each operation's id is the name of the tool that it serves."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Request

from companies.jinghe.backend import answers as a
from companies.jinghe.backend import orders, tickets, visits
from companies.jinghe.backend.service import Service


async def _service(request: Request) -> Service:
    """Not a plain function: that would be called in a thread, and a replay would no longer take the same course."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


Served = Annotated[Service, Depends(_service)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
Number = Annotated[a.OrderNumber, Path()]

_REFUSALS: dict[int | str, dict[str, Any]] = {404: {"model": a.Refusal}, 409: {"model": a.Refusal}}
router = APIRouter(responses=_REFUSALS)

# The database is on this machine and small: a query is done sooner than a thread would be found for it, and as there is
# no await in them, no two changes get in each other's way.


@router.get("/customers/{phone}", operation_id="get_customer")
async def get_customer(service: Served, phone: a.Phone) -> a.Customer:
    """Who rings, by the number that the line shows."""
    return service.read(lambda session: orders.get_customer(session, phone))


@router.post("/identity-checks", operation_id="verify")
async def verify(service: Served, asked: a.IdentityCheck) -> a.Identity:
    """Whether a phone number and the last four digits of an order belong together."""
    return service.read(lambda session: orders.verify(session, asked.phone, asked.order_tail))


@router.get("/orders", operation_id="find_orders")
async def find_orders(service: Served, phone: a.Phone) -> list[a.OrderInList]:
    """All orders of a phone number, newest first."""
    return service.read(lambda session: orders.find_orders(session, phone))


@router.get("/orders/{order_number}", operation_id="get_order")
async def get_order(service: Served, order_number: Number) -> a.OrderFound:
    """One order as it stands."""
    return service.read(lambda session: orders.get_order(session, order_number))


@router.get("/orders/{order_number}/logistics", operation_id="get_logistics")
async def get_logistics(service: Served, order_number: Number) -> a.Logistics:
    """Where the goods of an order are."""
    return service.read(lambda session: orders.get_logistics(session, order_number, service.today))


@router.post("/orders/{order_number}/cancellation", operation_id="cancel_order")
async def cancel_order(
    service: Served, order_number: Number, asked: a.Cancellation | None = None, key: Key = None
) -> a.Cancelled:
    """Cancel an order that is not on its way yet. Refused: already_shipped, unpaid, already_cancelled."""
    return service.change(
        key,
        "cancel_order",
        {"order_number": order_number},
        a.Cancelled,
        lambda session: orders.cancel_order(session, order_number, service.today),
    )


@router.put("/orders/{order_number}/address", operation_id="change_address")
async def change_address(
    service: Served, order_number: Number, asked: a.NewAddress, key: Key = None
) -> a.AddressChanged:
    """Change where an order goes. Refused: already_shipped, already_cancelled."""
    return service.change(
        key,
        "change_address",
        {"order_number": order_number, **asked.model_dump(mode="json")},
        a.AddressChanged,
        lambda session: orders.change_address(session, order_number, asked.address),
    )


@router.post("/orders/{order_number}/returns", operation_id="request_return")
async def request_return(
    service: Served, order_number: Number, asked: a.ReturnRequest, key: Key = None
) -> a.ReturnRegistered:
    """Have goods taken back. Refused: too_late, installed, not_signed, already_cancelled."""
    return service.change(
        key,
        "request_return",
        {"order_number": order_number, **asked.model_dump(mode="json")},
        a.ReturnRegistered,
        lambda session: orders.request_return(session, order_number, asked.reason, service.today),
    )


@router.get("/orders/{order_number}/refund", operation_id="get_refund")
async def get_refund(service: Served, order_number: Number) -> a.RefundFound:
    """How far a refund is."""
    return service.read(lambda session: orders.get_refund(session, order_number))


@router.get("/orders/{order_number}/repair", operation_id="get_repair")
async def get_repair(service: Served, order_number: Number) -> a.VisitFound:
    """The newest visit of a technician for an order."""
    return service.read(lambda session: visits.get_repair(session, order_number))


@router.post("/orders/{order_number}/invoices", operation_id="request_invoice")
async def request_invoice(
    service: Served, order_number: Number, asked: a.InvoiceRequest, key: Key = None
) -> a.InvoiceRequested:
    """Have an invoice made. Refused: not_signed, already_made."""
    return service.change(
        key,
        "request_invoice",
        {"order_number": order_number, **asked.model_dump(mode="json")},
        a.InvoiceRequested,
        lambda session: orders.request_invoice(session, order_number, asked, service.today),
    )


@router.get("/slots", operation_id="list_slots")
async def list_slots(
    service: Served, kind: Literal["repair", "installation"], city: str | None = None
) -> list[a.FreeSlot]:
    """When a technician can come, from tomorrow on, a week ahead. They are the same in every city of the demo."""
    return service.read(lambda session: visits.list_slots(session, kind, service.today))


@router.post("/visits", operation_id="book_visit")
async def book_visit(service: Served, asked: a.VisitRequest, key: Key = None) -> a.VisitBooked:
    """Book a technician. Refused: slot_taken."""
    return service.change(
        key,
        "book_visit",
        asked.model_dump(mode="json"),
        a.VisitBooked,
        lambda session: visits.book_visit(session, asked, service.today),
    )


@router.delete("/visits/{ticket}", operation_id="cancel_visit")
async def cancel_visit(service: Served, ticket: str, key: Key = None) -> a.VisitCancelled:
    """Cancel a technician's visit."""
    return service.change(
        key,
        "cancel_visit",
        {"ticket": ticket},
        a.VisitCancelled,
        lambda session: visits.cancel_visit(session, ticket),
    )


@router.get("/devices/{phone}", operation_id="get_device")
async def get_device(service: Served, phone: a.Phone) -> a.DeviceFound:
    """What a connected appliance of this customer has reported."""
    return service.read(lambda session: orders.get_device(session, phone))


@router.post("/tickets", operation_id="create_ticket")
async def create_ticket(service: Served, asked: a.TicketRequest, key: Key = None) -> a.TicketCreated:
    """Let somebody see to it and ring back."""
    return service.change(
        key,
        "create_ticket",
        asked.model_dump(mode="json"),
        a.TicketCreated,
        lambda session: tickets.create_ticket(session, asked, service.today),
    )
