"""Whether two ways of writing a fact mean the same: for checking a summary against what is known of a call."""

import re
from collections.abc import Sequence

from agent.events import Fact
from agent.postcall.written import write

_RESOLVED = re.compile(r"\s\(\d{4}-\d\d-\d\d\)$")
_NOISE = re.compile(r"[\s,，、.。:：\-]+")
_SAME = (("号", "日"), ("块钱", "元"), ("块", "元"), ("点半", "点30分"))


def same_value(expected: str, found: str) -> bool:
    """Whether two values are the same fact: "明天下午三点" is "明天下午3点", "3月15号" is "3月15日"."""
    return _plain(expected) == _plain(found)


def has_fact(facts: Sequence[Fact], kind: str, value: str) -> bool:
    """Whether a fact of that kind and value is there. A time may carry its day: "下午三点" is "明天下午3点"."""
    values = [fact.value for fact in facts if fact.kind == kind]
    return any(
        same_value(value, found) or (kind == "time" and _plain(found).endswith(_plain(value))) for found in values
    )


def _plain(value: str) -> str:
    text = write(_RESOLVED.sub("", value)).text
    for said, written in _SAME:
        text = text.replace(said, written)
    return _NOISE.sub("", text).lower()
