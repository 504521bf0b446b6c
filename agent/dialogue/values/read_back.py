"""How a value is repeated to the caller: written so that speech synthesis groups and reads it as people do."""

import re
from datetime import date

from agent.dialogue.values.places import ON_FILE
from agent.dialogue.values.reading import SlotKind
from agent.dialogue.values.words import table
from agent.events import Language


def read_back(kind: SlotKind, value: str, language: Language) -> str:
    """The value as a part of a sentence. Reading it again gives the same value; what is no such value stays as it is.

    `models.reading` speaks order numbers in fours and mobile numbers 3-4-4 by itself. Four digits alone it would take
    for a count, so they are set apart.
    """
    if kind == "order_tail" and re.fullmatch(r"\d{1,6}", value):
        return " ".join(value)
    if kind == "phone" and (match := re.fullmatch(r"(010|02\d|0[3-9]\d\d)(\d{7,8})", value)):
        return f"{match[1]}-{match[2]}"
    if kind == "date":
        return _date(value, language)
    if kind == "address" and value == ON_FILE:
        return str(table("places", "on_file_read")[language])
    if kind == "slot":
        return str(table("times", "slots_read")[language].get(value, value))
    if kind == "yes_no":
        return {"zh": {"yes": "是的", "no": "不是"}, "en": {"yes": "yes", "no": "no"}}[language].get(value, value)
    if kind == "tax_number" and re.fullmatch(r"[0-9A-Z]{15,20}", value):
        groups = (" ".join(value[i : i + 4]) for i in range(0, len(value), 4))
        return ("，" if language == "zh" else ", ").join(groups)
    if kind == "email" and value.count("@") == 1:
        return _email(value, language)
    return value


def _date(value: str, language: Language) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    weekday = table("times", "weekdays_read")[language][day.weekday()]
    if language == "zh":
        return f"{day.month}月{day.day}日{weekday}"
    return f"{weekday}, {table('times', 'months_read')[day.month - 1]} {day.day}"


def _email(value: str, language: Language) -> str:
    """xinghe艾特1 6 3点com: figures one by one, words for the marks."""
    marks = {"@": "艾特", ".": "点", "_": "下划线", "-": "减号"}
    if language == "en":
        marks = {"@": " at ", ".": " dot ", "_": " underscore ", "-": " dash "}
    parts = re.findall(r"\d+|[A-Za-z]+|.", value)
    spoken = [marks.get(part, " ".join(part) if part.isdigit() else part) for part in parts]
    return re.sub(r" +", " ", "".join(spoken))
