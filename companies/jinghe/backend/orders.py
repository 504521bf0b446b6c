"""Orders: what is known of them, and what may become of them."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from companies.jinghe.backend.answers import (
    AddressChanged,
    Cancelled,
    Customer,
    DeviceFound,
    Identity,
    InvoiceRequest,
    InvoiceRequested,
    Logistics,
    OrderFound,
    OrderInList,
    RefundFound,
    ReturnReason,
    ReturnRegistered,
)
from companies.jinghe.backend.days import working_days_after
from companies.jinghe.backend.refusals import Missing, Refused, Unclear
from companies.jinghe.backend.tables import Device, Invoice, Order, Refund, Shipment, Ticket
from companies.jinghe.backend.tickets import new_ticket

REFUND_DAYS = (3, 5)
RETURN_DAYS = {"no_reason": 7, "faulty": 15, "wrong_item": 15}
PICKUP_YUAN = 15
PICKUP_BIG_YUAN = 60
INVOICE_HOURS = 24
GONE = frozenset({"shipped", "delivered", "signed"})
OVER = frozenset({"cancelled", "refunding"})
OPEN = ("open", "booked", "missed")


def get_customer(session: Session, phone: str) -> Customer:
    orders = _orders_of(session, phone)
    if not orders:
        raise Missing
    ticket = session.scalar(
        select(Ticket).where(Ticket.phone == phone, Ticket.state.in_(OPEN)).order_by(Ticket.id.desc()).limit(1)
    )
    last = orders[0]
    return Customer(
        name=last.name,
        title=last.title,
        order_count=len(orders),
        last_order=last.number,
        last_product=last.product_zh,
        open_ticket=ticket is not None,
        open_ticket_about=ticket.about if ticket is not None else None,
    )


def verify(session: Session, phone: str, order_tail: str) -> Identity:
    """Which of the two is wrong, and whether there is such a number at all, is not told."""
    for order in _orders_of(session, phone):
        if order.number.endswith(order_tail):
            return Identity(matches=True, order_number=order.number)
    return Identity(matches=False)


def find_orders(session: Session, phone: str) -> list[OrderInList]:
    """Newest first; an empty list for a phone without orders."""
    return [
        OrderInList(order_number=one.number, product_zh=one.product_zh, product_en=one.product_en, state=one.state)
        for one in _orders_of(session, phone)
    ]


def get_order(session: Session, order_number: str) -> OrderFound:
    order = order_or_missing(session, order_number)
    return OrderFound.model_validate(
        {name: getattr(order, name) for name in OrderFound.model_fields if name != "order_number"}
        | {"order_number": order.number}
    )


def get_logistics(session: Session, order_number: str, today: date) -> Logistics:
    shipment = session.get(Shipment, order_number)
    if shipment is None:
        raise Missing
    fields = {name: getattr(shipment, name) for name in Logistics.model_fields if name != "is_late"}
    return Logistics(**fields, is_late=shipment.due_on < today)


def cancel_order(session: Session, order_number: str, today: date) -> Cancelled:
    order = order_or_missing(session, order_number)
    if order.state in GONE:
        raise Refused("already_shipped")
    if order.state in OVER:
        raise Refused("already_cancelled")
    if order.state == "unpaid":
        raise Refused("unpaid")
    order.state = "refunding"
    due_on = working_days_after(today, REFUND_DAYS[1])
    session.add(Refund(order_number=order.number, state="approved", amount_yuan=order.paid_yuan, due_on=due_on))
    return Cancelled(
        order_number=order.number, refund_yuan=order.paid_yuan, days_min=REFUND_DAYS[0], days_max=REFUND_DAYS[1]
    )


def change_address(session: Session, order_number: str, address: str) -> AddressChanged:
    order = order_or_missing(session, order_number)
    if order.state in GONE:
        raise Refused("already_shipped")
    if order.state in OVER:
        raise Refused("already_cancelled")
    order.address = address
    return AddressChanged(order_number=order.number, address=address)


def request_return(session: Session, order_number: str, reason: ReturnReason, today: date) -> ReturnRegistered:
    order = order_or_missing(session, order_number)
    if order.state in OVER:
        raise Refused("already_cancelled")
    if order.state != "signed" or order.signed_on is None:
        raise Refused("not_signed")
    if (today - order.signed_on).days > RETURN_DAYS[reason]:
        raise Refused("too_late")
    if reason == "no_reason" and order.installed_on is not None:
        raise Refused("installed")
    fee = 0 if reason != "no_reason" else PICKUP_BIG_YUAN if order.big else PICKUP_YUAN
    # Asked for twice, it is still one return.
    ticket = session.scalar(
        select(Ticket).where(Ticket.order_number == order.number, Ticket.kind == "return", Ticket.state == "open")
    )
    if ticket is None:
        ticket = new_ticket(session, "return", today, phone=order.phone, about=reason, order_number=order.number)
        ticket.fee_yuan = fee
    return ReturnRegistered(
        ticket=ticket.number, pickup_fee_yuan=ticket.fee_yuan, pickup_from=today + timedelta(days=1)
    )


def get_refund(session: Session, order_number: str) -> RefundFound:
    refund = session.get(Refund, order_number)
    if refund is None:
        raise Missing
    return RefundFound(state=refund.state, amount_yuan=refund.amount_yuan, due_on=refund.due_on)


def request_invoice(session: Session, order_number: str, asked: InvoiceRequest, today: date) -> InvoiceRequested:
    order = order_or_missing(session, order_number)
    if order.state != "signed":
        raise Refused("not_signed")
    if session.get(Invoice, order_number) is not None:
        raise Refused("already_made")
    if asked.title_kind == "company" and not (asked.title and asked.tax_number):
        raise Unclear("an invoice for a company needs title and tax_number")
    email = asked.email or order.email
    if asked.send_to == "email" and email is None:
        raise Unclear("an invoice by e-mail needs email")
    session.add(
        Invoice(
            order_number=order.number,
            made_on=today,
            title_kind=asked.title_kind,
            title=asked.title or order.name,
            tax_number=asked.tax_number,
            send_to=asked.send_to,
            email=email if asked.send_to == "email" else None,
        )
    )
    return InvoiceRequested(order_number=order.number, amount_yuan=order.paid_yuan, within_hours=INVOICE_HOURS)


def get_device(session: Session, phone: str) -> DeviceFound:
    """The one that reported last, of the appliances bought with this phone."""
    found = session.execute(
        select(Order, Device)
        .join(Device, Device.order_number == Order.number)
        .where(Order.phone == phone)
        .order_by(Device.fault_on.desc())
    ).first()
    if found is None:
        raise Missing
    order, device = found
    names = ("fault_code", "fault_on", "advice_zh", "advice_en")
    return DeviceFound(
        product_zh=order.product_zh,
        product_en=order.product_en,
        model=order.model,
        **{name: getattr(device, name) for name in names},
    )


def order_or_missing(session: Session, order_number: str) -> Order:
    order = session.get(Order, order_number)
    if order is None:
        raise Missing
    return order


def _orders_of(session: Session, phone: str) -> list[Order]:
    """Newest first."""
    return list(session.scalars(select(Order).where(Order.phone == phone).order_by(Order.ordered_on.desc())))
