"""Who calls. An order is spoken of only once the back end has matched its last four digits with the phone it was made
from: the phone that calls, where the back end knows it, or one that the caller gives in full.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from agent.dialogue.acts import Scalar
from agent.dialogue.state import Identity
from agent.dialogue.values import Reading, SlotKind

TAIL_DIGITS = 4
Lack = Literal["tail", "phone", "both"]


def lacks(identity: Identity) -> Lack | None:
    """What must be asked before it can be checked."""
    if identity.phone and identity.tail:
        return None
    if identity.phone:
        return "tail"
    return "phone" if identity.tail else "both"


def noticed(identity: Identity, readings: Mapping[SlotKind, Reading]) -> Identity:
    """With what the caller has just said. Another phone is another person: nothing is proved for it."""
    phone, number, tail = (readings.get(kind) for kind in ("phone", "order_number", "order_tail"))
    if phone is not None:
        identity = with_phone(identity, phone.value)
    if number is not None:
        identity = with_order(identity, number.value)
    elif tail is not None:
        identity = with_order(identity, tail.value)
    return identity


def with_phone(identity: Identity, phone: str) -> Identity:
    return identity if phone == identity.phone else replace(identity, phone=phone, proven={})


def with_order(identity: Identity, digits: str) -> Identity:
    """With the order in question, named whole or by its last digits."""
    number = digits if len(digits) > TAIL_DIGITS else ""
    return replace(identity, tail=digits[-TAIL_DIGITS:], number=number)


def checked(identity: Identity, value: Mapping[str, Any]) -> Identity:
    """With what the back end says to phone and tail. Nothing is believed that does not fit what the caller said."""
    order = str(value.get("order_number") or "")
    fits = order.endswith(identity.tail) and identity.number in ("", order)
    if value.get("matches") is True and order and fits:
        return replace(identity, proven={**identity.proven, identity.tail: order}, failures=0)
    return replace(identity, tail="", number="", tried=identity.tail, failures=identity.failures + 1)


def allows(identity: Identity, arguments: Mapping[str, Scalar]) -> bool:
    """Whether a tool that gives or changes personal data may be called so: for a proved order and its phone only."""
    orders = set(identity.proven.values())
    order, phone = arguments.get("order_number"), arguments.get("phone")
    return bool(orders) and (order is None or order in orders) and (phone is None or phone == identity.phone)
