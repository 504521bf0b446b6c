"""When something in a flow holds: every name has one of its values.

    when: {state: [shipped, signed], is_late: true, visit_on: null}

``null`` stands for what is not there. There is no "or", no "not" and no arithmetic: a flow that needs them needs
another outcome, which reads better, or a field that the back end computes.
"""

from collections.abc import Mapping
from typing import Any

Value = str | int | float | bool | None
Condition = Mapping[str, Value | tuple[Value, ...]]


def holds(condition: Condition, facts: Mapping[str, Any]) -> bool:
    return all(_is_one_of(facts.get(name), wanted) for name, wanted in condition.items())


def _is_one_of(value: Any, wanted: Value | tuple[Value, ...]) -> bool:
    choices = wanted if isinstance(wanted, tuple) else (wanted,)
    # In Python True == 1; in a flow `is_late: true` must not hold for the number 1.
    return any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in choices)
