"""What 京和电器 keeps of its customers, and how it is stored."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, Engine, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import StaticPool


class Base(DeclarativeBase):
    pass


class Order(Base):
    """``state``: unpaid, paid, preparing, shipped, delivered, signed, cancelled, refunding."""

    __tablename__ = "orders"

    number: Mapped[str] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    title: Mapped[str]
    model: Mapped[str]
    kind: Mapped[str]
    product_zh: Mapped[str]
    product_en: Mapped[str]
    big: Mapped[bool]
    state: Mapped[str]
    paid_yuan: Mapped[float]
    ordered_on: Mapped[date]
    paid_on: Mapped[date | None]
    ships_on: Mapped[date | None]
    due_on: Mapped[date | None]
    signed_on: Mapped[date | None]
    installed_on: Mapped[date | None]
    address: Mapped[str]
    email: Mapped[str | None]


class Shipment(Base):
    __tablename__ = "shipments"

    order_number: Mapped[str] = mapped_column(primary_key=True)
    carrier: Mapped[str]
    tracking_number: Mapped[str]
    place_zh: Mapped[str]
    place_en: Mapped[str]
    last_update_on: Mapped[date]
    due_on: Mapped[date]


class Ticket(Base):
    """Something to be done for a customer. ``kind``: repair, installation, return, callback, complaint, delivery.
    ``state``: open, booked, missed, done, cancelled.
    """

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    state: Mapped[str]
    opened_on: Mapped[date]
    phone: Mapped[str]
    order_number: Mapped[str | None] = mapped_column(index=True)
    about: Mapped[str]
    visit_on: Mapped[date | None]
    slot: Mapped[str | None]
    address: Mapped[str | None]
    fee_yuan: Mapped[float] = mapped_column(default=0)


class Refund(Base):
    __tablename__ = "refunds"

    order_number: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    amount_yuan: Mapped[float]
    due_on: Mapped[date]


class Invoice(Base):
    __tablename__ = "invoices"

    order_number: Mapped[str] = mapped_column(primary_key=True)
    made_on: Mapped[date]
    title_kind: Mapped[str]
    title: Mapped[str | None]
    tax_number: Mapped[str | None]
    send_to: Mapped[str]
    email: Mapped[str | None]


class Device(Base):
    """An appliance that is connected to the network, and the last fault that it has reported."""

    __tablename__ = "devices"

    order_number: Mapped[str] = mapped_column(primary_key=True)
    fault_code: Mapped[str | None]
    fault_on: Mapped[date | None]
    advice_zh: Mapped[str | None]
    advice_en: Mapped[str | None]


class FullSlot(Base):
    """A time at which no technician is free."""

    __tablename__ = "full_slots"

    kind: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(primary_key=True)


class Done(Base):
    """A change that was made, by its idempotency key, with the answer that was given."""

    __tablename__ = "done"

    key: Mapped[str] = mapped_column(primary_key=True)
    operation: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)


def open_database(url: str) -> Engine:
    """A database without tables that are missing. ``sqlite://`` is one in memory, which all sessions share."""
    in_memory = url in ("sqlite://", "sqlite:///:memory:")
    more: dict[str, Any] = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}} if in_memory else {}
    engine = create_engine(url, **more)
    Base.metadata.create_all(engine)
    return engine
