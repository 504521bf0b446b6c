"""What fills a flow's slots: the answer that was asked for, and what was volunteered."""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.dialogue.condition import holds
from agent.dialogue.cues import asks
from agent.dialogue.flow import Flow, Slot
from agent.dialogue.moments import Heard
from agent.dialogue.state import Errand, State
from agent.dialogue.values import ON_FILE, Reading, SlotKind, as_on_record, read

FREE: frozenset[SlotKind] = frozenset({"text", "address", "person_name"})
"""Kinds that nearly any words are a value of."""
LASTING: frozenset[SlotKind] = frozenset({"phone", "order_number", "order_tail", "email", "tax_number"})
"""What stays true for the next errand of the call; a date that was said about a repair does not."""
SPELLED: frozenset[SlotKind] = frozenset({"email", "tax_number", "phone"})
"""What is spoken letter by letter, or digit by digit."""
KEYED: frozenset[SlotKind] = frozenset({"phone", "order_number", "order_tail", "yes_no"})
"""What can be keyed in instead."""


def value_in(slot: Slot, heard: Heard, state: State) -> Reading | None:
    """The slot's value in what was said in answer to it. A question is no answer that stands for "something else"."""
    if slot.default and not heard.keys and as_on_record(heard.text):
        known = state.caller_number if slot.kind == "phone" else ON_FILE if slot.kind == "address" else ""
        if known:
            return Reading(known, heard.text)
    choices = slot.wordings()
    reading = read(slot.kind, heard.text, heard.language, today=state.today, keys=heard.keys, choices=choices)
    if reading is None and slot.otherwise and not heard.keys and not asks(heard.text):
        return Reading(slot.otherwise, heard.text)
    return reading


def volunteered_for(slot: Slot, volunteered: Mapping[SlotKind, str]) -> str | None:
    """What was said of that kind, though nobody had asked for it."""
    return None if slot.kind in FREE or slot.kind == "yes_no" else volunteered.get(slot.kind)


def choices_in(flow: Flow, heard: Heard, state: State) -> dict[str, Reading]:
    """The choices of the flow that are named in passing. "Whichever" names none."""
    named = {}
    for name, slot in flow.slots.items():
        if slot.choices and not heard.keys:
            wordings = slot.wordings()
            reading = read(slot.kind, heard.text, heard.language, today=state.today, choices=wordings)
            if reading is not None and not reading.doubtful:
                named[name] = reading
    return named


def missing(flow: Flow, names: Sequence[str], errand: Errand, facts: Mapping[str, Any]) -> list[str]:
    """Those of the slots that are still to be filled, in order."""
    return [name for name in names if name not in errand.slots and holds(flow.slots[name].when, facts)]


def open_items(flow: Flow, errand: Errand, *, apart_from: str = "") -> list[Mapping[str, Any]]:
    """Of the last list that the back end gave, what agrees with the slots that choose among it."""
    chosen = {
        slot.among: errand.slots[name]
        for name, slot in flow.slots.items()
        if slot.among and name in errand.slots and name != apart_from
    }
    items = errand.results.get("items", ())
    return [item for item in items if holds(chosen, item)]


def is_offered(flow: Flow, errand: Errand, name: str, value: str) -> bool:
    """Whether the back end's list has it. A slot that does not choose among one takes anything."""
    among = flow.slots[name].among
    return not among or any(item.get(among) == value for item in open_items(flow, errand, apart_from=name))


def filled(flow: Flow, errand: Errand, name: str, value: str) -> dict[str, str]:
    """The slots with this one filled. A later choice that does not go with it is asked for again."""
    slots = {**errand.slots, name: value}
    names = list(flow.slots)
    for later in names[names.index(name) + 1 :]:
        among = flow.slots[later].among
        if among and flow.slots[name].among and later in slots:
            wanted = {flow.slots[name].among: value, among: slots[later]}
            if not any(holds(wanted, item) for item in errand.results.get("items", ())):
                del slots[later]
    return slots


def step_of(flow: Flow, name: str) -> int:
    """The step that asks for the slot: what comes after it depends on its value."""
    return next((index for index, step in enumerate(flow.steps) if name in step.need), 0)
