"""What the company's back end is asked about whoever calls, where a rule asks for it: who they are, what their
appliance has reported, how their order stands.

Nothing of it is spoken: it decides who takes the call. So an order may be looked at before the caller has shown who
they are.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from loguru import logger

from agent.company.company import Company
from agent.events import CallerKnown, Event, ToolCalled, ToolReturned
from agent.pipeline.call import Call
from agent.routing import can_call_back
from agent.routing.rules import Rules
from agent.tools import ToolResult
from agent.tools.spec import Tool, ToolSet

ABOUT = ("device", "order")
NUMBER, ORDER = "phone", "order_number"
"""What lookups are given, as tools name it: the number that calls, and an order of theirs."""
LAST_ORDER = "last_order"
"""What the caller's record calls their last order."""


class Enquiry:
    """One call's. What comes late is on the timeline all the same, for whatever is decided next."""

    def __init__(self, call: Call, company: Company) -> None:
        self._call, self._company = call, company
        self._asked: set[str] = set()
        self._asking: set[asyncio.Task[None]] = set()

    async def customer(self) -> CallerKnown | None:
        """Who calls; None where no rule asks for it: the dialogue looks it up by itself then."""
        call, number = self._call, self._number
        if call.briefing is None or not number or not asked_of(self._company.rules, "record"):
            return None
        result = await call.briefing.desk.call(call.briefing.book.conduct.lookup_tool, {NUMBER: number})
        return CallerKnown(fields=dict(result.value), took_ms=result.took_ms) if result.code == "ok" else None

    def begin(self) -> None:
        """Ask whatever the number alone is enough for."""
        if self._number:
            self._ask({NUMBER: self._number})

    def read(self, event: Event) -> None:
        """A reader of the timeline: who the caller is tells which order is meant."""
        if isinstance(event.body, CallerKnown) and (order := event.body.fields.get(LAST_ORDER)):
            self._ask({NUMBER: self._number, ORDER: str(order)} if self._number else {ORDER: str(order)})

    async def answered(self, within_s: float) -> None:
        """Returns once everything that was asked is answered, or after that time."""
        if self._asking and within_s > 0:
            await asyncio.wait(self._asking, timeout=within_s)

    def close(self) -> None:
        for task in tuple(self._asking):
            task.cancel()

    @property
    def _number(self) -> str:
        number = self._call.leg.info.caller_number
        return number if can_call_back(number) and number.isdecimal() else ""

    def _ask(self, known: Mapping[str, str]) -> None:
        if self._call.briefing is None or self._call.end is not None:
            return
        for name in lookups(self._company.tools, self._company.rules, known.keys()):
            if name in self._asked:
                continue
            self._asked.add(name)
            wanted = self._company.tools.tools[name].arguments
            task = asyncio.ensure_future(self._look_up(name, {key: known[key] for key in wanted if key in known}))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _look_up(self, tool: str, arguments: dict[str, Any]) -> None:
        call = self._call
        assert call.briefing is not None
        call.timeline.append(ToolCalled(turn=call.turn, tool=tool, arguments=arguments))
        try:
            result = await call.briefing.desk.call(tool, arguments)
        except Exception as error:
            logger.opt(exception=error).error("tool {} failed in call {}", tool, call.leg.info.call_id)
            result = ToolResult("down")
        if call.end is None:
            call.timeline.append(
                ToolReturned(
                    turn=call.turn,
                    tool=tool,
                    code=result.code,
                    value=dict(result.value),
                    reason=result.reason,
                    attempts=result.attempts,
                    took_ms=result.took_ms,
                )
            )


def asked_of(rules: Rules | None, side: str) -> frozenset[str]:
    """Which fields of the caller's record, appliance or order the rules ask for. Pure."""
    if rules is None:
        return frozenset()
    return frozenset(one.field for held in rules.conditions for one in held if one.name == side)


def lookups(tools: ToolSet, rules: Rules | None, known: Collection[str]) -> tuple[str, ...]:
    """The tools that tell what the rules ask for, and need nothing but what is known. Pure."""
    names = frozenset(known)

    def tells(tool: Tool) -> bool:
        needed = {name for name, argument in tool.arguments.items() if argument.required}
        wanted = asked_of(rules, tool.about or "")
        return needed <= names and not tool.changes and not tool.many and not wanted.isdisjoint(tool.result)

    return tuple(name for name, tool in tools.tools.items() if tool.about in ABOUT and tells(tool))
