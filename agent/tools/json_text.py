"""JSON from outside."""

import json
from typing import Any

from agent.tools.answer import BadAnswer

MAX_BYTES = 64 * 1024
"""The longest answer of a tool, in bytes. A hundred orders are 20 KB."""


def read_json(body: bytes) -> Any:
    """Its value; None of an empty body. Raises BadAnswer."""
    if not body.strip():
        return None
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("not JSON") from error


def reason_in(answer: Any) -> str:
    """Of ``{"reason": "already_shipped"}``; empty where it gives none."""
    reason = answer.get("reason") if isinstance(answer, dict) else None
    return reason if isinstance(reason, str) else ""


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
