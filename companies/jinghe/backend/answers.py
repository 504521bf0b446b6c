"""What the back end is asked and what it answers: the schemas of its OpenAPI document."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

OrderNumber = Annotated[str, Field(pattern=r"^[0-9]{6,12}$")]
Phone = Annotated[str, Field(pattern=r"^[0-9]{5,15}$")]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Story = Annotated[str, Field(min_length=1, max_length=2000)]
State = Literal["unpaid", "paid", "preparing", "shipped", "delivered", "signed", "cancelled", "refunding"]
VisitKind = Literal["repair", "installation"]
Slot = Literal["morning", "afternoon", "evening"]
TicketKind = Literal["callback", "complaint", "delivery"]
ReturnReason = Literal["no_reason", "faulty", "wrong_item"]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IdentityCheck(Asked):
    phone: Phone
    order_tail: Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class Cancellation(Asked):
    reason: Line | None = None


class NewAddress(Asked):
    address: Line


class ReturnRequest(Asked):
    reason: ReturnReason


class VisitRequest(Asked):
    kind: VisitKind
    order_number: OrderNumber | None = None
    phone: Phone | None = None
    product: Line
    fault: Line | None = None
    date: date
    slot: Slot
    address: Line | None = None


class InvoiceRequest(Asked):
    title_kind: Literal["personal", "company"]
    title: Line | None = None
    tax_number: Annotated[str, Field(pattern=r"^[0-9A-Z]{15,20}$")] | None = None
    send_to: Literal["sms", "email"]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=100)] | None = None


class TicketRequest(Asked):
    kind: TicketKind
    about: Story
    phone: Phone
    order_number: OrderNumber | None = None


class Customer(BaseModel):
    name: str
    title: str
    order_count: int
    last_order: str
    last_product: str
    open_ticket: bool
    open_ticket_about: str | None


class Identity(BaseModel):
    matches: bool
    order_number: str | None = None


class OrderInList(BaseModel):
    order_number: str
    product_zh: str
    product_en: str
    state: State


class OrderFound(OrderInList):
    phone: str
    model: str
    paid_yuan: float
    paid_on: date | None
    ships_on: date | None
    due_on: date | None


class Logistics(BaseModel):
    order_number: str
    carrier: str
    tracking_number: str
    place_zh: str
    place_en: str
    last_update_on: date
    due_on: date
    is_late: bool


class Cancelled(BaseModel):
    order_number: str
    refund_yuan: float
    days_min: int
    days_max: int


class AddressChanged(BaseModel):
    order_number: str
    address: str


class ReturnRegistered(BaseModel):
    ticket: str
    pickup_fee_yuan: float
    pickup_from: date


class RefundFound(BaseModel):
    state: Literal["approved", "paid"]
    amount_yuan: float
    due_on: date


class VisitFound(BaseModel):
    ticket: str
    state: Literal["open", "booked", "missed", "done"]
    visit_on: date | None
    slot: Slot | None


class FreeSlot(BaseModel):
    date: date
    slot: Slot


class VisitBooked(FreeSlot):
    ticket: str
    visit_fee_yuan: float


class VisitCancelled(BaseModel):
    ticket: str


class InvoiceRequested(BaseModel):
    order_number: str
    amount_yuan: float
    within_hours: int


class DeviceFound(BaseModel):
    product_zh: str
    product_en: str
    model: str
    fault_code: str | None
    fault_on: date | None
    advice_zh: str | None
    advice_en: str | None


class TicketCreated(BaseModel):
    ticket: str
    callback_minutes: int


class Refusal(BaseModel):
    """Why something was not found, or not done."""

    reason: str
