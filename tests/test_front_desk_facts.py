"""What tools have told of appliance and order, as the rules see it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.clock import AudioClock
from agent.events import CallerKnown, ToolCalled, ToolReturned
from agent.front_desk.facts import Standing, facts_of
from agent.front_desk.memory import NOTHING
from agent.ingress.leg import CallInfo
from agent.routing.rules import Facts
from agent.timeline import Timeline
from tests.dummy_calls import jinghe

INFO = CallInfo(
    call_id="c1",
    caller_number="13812345678",
    called_number="4008001234",
    channel="media-stream",
    language="zh",
    started_at=datetime(2026, 3, 16, 10, tzinfo=UTC),
)
ORDER = {"order_number": "88472913"}


def told(tool: str, value: dict[str, Any], code: str = "ok", **arguments: str) -> list[Any]:
    """A tool was asked, and this came of it."""
    returned = ToolReturned.model_validate({"turn": 1, "tool": tool, "code": code, "value": value})
    return [ToolCalled(turn=1, tool=tool, arguments=dict(arguments)), returned]


def facts(*bodies: Any) -> Facts:
    (company,) = jinghe().companies
    timeline = Timeline("c1", AudioClock())
    for body in bodies:
        timeline.append(body)
    return facts_of(company, INFO, NOTHING, timeline, after_ms=0, language="zh", standing=Standing())


@pytest.mark.parametrize(
    ("events", "device", "order"),
    [
        ([], {}, {}),
        (told("get_device", {"model": "RQ-16", "fault_code": "E1"}), {"model": "RQ-16", "fault_code": "E1"}, {}),
        (told("get_device", {}, code="not_found"), {}, {}),
        (told("get_device", {}, code="down"), {}, {}),
        (told("get_order", {**ORDER, "state": "paid"}), {}, {**ORDER, "state": "paid"}),
        # What two tools tell of one order is known together, of two orders it is not.
        (
            told("get_order", {**ORDER, "state": "shipped"}) + told("get_logistics", {**ORDER, "is_late": True}),
            {},
            {**ORDER, "state": "shipped", "is_late": True},
        ),
        (
            told("get_order", {**ORDER, "state": "shipped"})
            + told("get_logistics", {"is_late": True}, order_number="65387249"),
            {},
            {"order_number": "65387249", "is_late": True},
        ),
        # An appliance is told anew as a whole: a fault that is gone is gone.
        (
            told("get_device", {"model": "RQ-16", "fault_code": "E1"}) + told("get_device", {"model": "RQ-16"}),
            {"model": "RQ-16"},
            {},
        ),
        # What is about neither, or a list of many, is no fact of either.
        (told("get_repair", {"state": "missed"}) + told("find_orders", {"items": [ORDER]}), {}, {}),
        (told("no_such_tool", {"state": "paid"}), {}, {}),
    ],
)
def test_what_was_told_is_known(events: list[Any], device: dict[str, Any], order: dict[str, Any]) -> None:
    known = facts(*events)
    assert (known.device, known.order) == (device, order)


def test_the_callers_record_is_a_side_of_its_own() -> None:
    known = facts(CallerKnown(fields={"order_count": 3}), *told("get_order", {**ORDER, "state": "paid"}))
    assert known.record == {"order_count": 3} and "order_count" not in known.order
