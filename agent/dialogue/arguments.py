"""What a step sends to its tool: the values that a flow names, in the types that the tool declares."""

import re
from collections.abc import Mapping
from typing import Any

from agent.dialogue.acts import Scalar
from agent.dialogue.flow import Step
from agent.tools.spec import Tool

_REFERENCE = re.compile(r"\{(\w+)\}")


def reference(value: Scalar) -> str | None:
    """The name in "{name}"; None where the value is meant as it stands."""
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return match.group(1) if match else None


def arguments_of(step: Step, tool: Tool, facts: Mapping[str, Any]) -> dict[str, Scalar]:
    """Of a call, filled in. What is not known is left out: the desk refuses a call that lacks something."""
    arguments: dict[str, Scalar] = {}
    for name, given in step.with_.items():
        referred = reference(given)
        value = given if referred is None else facts.get(referred)
        if value is not None and value != "":
            arguments[name] = _typed(value, tool.arguments[name].type)
    return arguments


def _typed(value: Any, type_: str) -> Scalar:
    """Slots hold text; a number goes out as one. What cannot be one goes out as it is, and the desk refuses it."""
    if isinstance(value, str):
        if type_ == "integer" and value.isdecimal():
            return int(value)
        if type_ == "number" and re.fullmatch(r"\d+(\.\d+)?", value):
            return float(value)
        if type_ == "boolean" and value in ("yes", "no"):
            return value == "yes"
    return value if isinstance(value, str | int | float | bool) else str(value)
