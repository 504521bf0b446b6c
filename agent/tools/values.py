"""Whether arguments and results are what a tool declares. Pure.

What a back end gives is data from outside: an answer is read field by field, what is not declared is dropped, and a
text is taken only where it can be nothing but the text of its field. A required field that is none makes the whole
answer none: half an answer is worse than a call back.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from agent.tools.answer import BadAnswer
from agent.tools.spec import Argument, ResultField, Tool, ValueType

MAX_ITEMS = 100
MAX_ARGUMENT_CHARS = 2000
"""More than anybody says in one turn."""
MAX_DIGITS = 32
MAX_SIZE = 1e12
"""No count and no amount is larger; what is, is garbage, as is what is no number at all (nan)."""
_MARKUP = re.compile(r"<\s*[!/?a-zA-Z]|&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);|```|\]\(|://|[{}]")
_NAME = re.compile(r"[\w \-·.'’&()（）、/#+*×]+")
_DIGITS = re.compile(r"[0-9]+")


def wrong_arguments(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """What is wrong with them, without their values; empty where nothing is."""
    for name in arguments:
        if name not in tool.arguments:
            return f"there is no argument {name}"
    for name, argument in tool.arguments.items():
        if name not in arguments:
            if argument.required:
                return f"the argument {name} is missing"
        elif (problem := _wrong(arguments[name], argument, MAX_ARGUMENT_CHARS)) is not None:
            return f"the argument {name} is {problem}"
    return ""


def read_result(tool: Tool, answer: Any) -> dict[str, Any]:
    """The answer's declared fields; ``{"items": [...]}`` of a tool that gives many. Raises BadAnswer, whose text names
    the field and never what stood in it.
    """
    if not tool.many:
        return _fields(tool, answer)
    items = _items(answer)
    if len(items) > MAX_ITEMS:
        raise BadAnswer(f"{len(items)} items; at most {MAX_ITEMS}")
    return {"items": [_fields(tool, item) for item in items]}


def _items(answer: Any) -> Sequence[Any]:
    """MCP cannot give a bare list, so it comes as an object's only entry that matters."""
    if isinstance(answer, Mapping):
        answer = answer.get("items", answer.get("result"))
    if not isinstance(answer, list):
        raise BadAnswer("not a list")
    return answer


def _fields(tool: Tool, answer: Any) -> dict[str, Any]:
    if answer is None and not tool.result:
        return {}
    if not isinstance(answer, Mapping):
        raise BadAnswer("not an object")
    value = {}
    for name, field in tool.result.items():
        given = answer.get(name)
        problem = "missing" if given is None else _wrong(given, field, field.max_chars) or _markup_in(given)
        if problem is None:
            value[name] = _plain(given)
        elif field.required:
            raise BadAnswer(f"the field {name} is {problem}")
    return value


def _plain(value: Any) -> Any:
    """As it is spoken: no space around it, and 2399 rather than 2399.0."""
    if isinstance(value, str):
        return value.strip()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _wrong(value: Any, declared: Argument | ResultField, max_chars: int) -> str | None:
    if not _is(value, declared.type):
        return f"no {declared.type}"
    if isinstance(value, str):
        if len(value) > max_chars:
            return f"longer than {max_chars} characters"
        if declared.choices and value not in declared.choices:
            return "none of its choices"
    return None


def _markup_in(value: Any) -> str | None:
    """What is spoken is not written for a screen. What a caller said is sent as they said it."""
    return "markup" if isinstance(value, str) and _MARKUP.search(value) is not None else None


def _is(value: Any, type_: ValueType) -> bool:
    match type_:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            # In Python a bool is an int; in an answer it is a mistake.
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_SIZE
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_SIZE
        case "date":
            return isinstance(value, str) and _is_date(value)
        case "digits":
            return isinstance(value, str) and len(value) <= MAX_DIGITS and _DIGITS.fullmatch(value) is not None
        case "name":
            return isinstance(value, str) and _is_text(value) and _NAME.fullmatch(value.strip()) is not None
        case "string":
            return isinstance(value, str) and _is_text(value)


def _is_date(value: str) -> bool:
    try:
        return len(value) == 10 and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_text(value: str) -> bool:
    """One line of which everything can be seen."""
    return bool(value.strip()) and not any(_is_invisible(one) for one in value)


def _is_invisible(character: str) -> bool:
    """Control and format characters, line ends, surrogates and private ones: nothing that is said."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
