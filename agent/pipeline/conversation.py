"""What was said so far, as the language model is given it. Pure: read from the timeline."""

import re
from collections.abc import Iterable

from agent.events import AsrFinal, Dtmf, Event, TtsEnded
from models.llm import Message

MAX_MESSAGES = 12
"""Older turns are left out: a small model loses the thread, and the prompt costs time."""

MAX_WORDS_AROUND_NUMBER = 6
"""我的手机号是 has six characters, my order number is four words."""

_LONG_NUMBER = re.compile(r"[0-9零〇一幺二三四五六七八九]{6,}")


def messages(system: str, events: Iterable[Event], hint: str, opener: str | None = None) -> list[Message]:
    """The chat so far: the caller's words as heard, the bot's as far as the caller heard them, a reminder for the next
    answer, and its first words where they are being spoken already.
    """
    chat: list[Message] = []
    for event in events:
        if isinstance(event.body, AsrFinal):
            _say(chat, "user", event.body.text)
        elif isinstance(event.body, Dtmf):
            _say(chat, "user", event.body.digit)
        elif isinstance(event.body, TtsEnded):
            _say(chat, "assistant", event.body.heard)
    chat = chat[-MAX_MESSAGES:]
    if chat and chat[-1]["role"] == "user":
        chat[-1] = {"role": "user", "content": f"{chat[-1]['content']}\n{hint}".strip()}
    if opener is not None:
        chat.append({"role": "assistant", "content": opener})
    return [{"role": "system", "content": system}, *chat]


def _say(chat: list[Message], role: str, text: str) -> None:
    if not text:
        return
    if chat and chat[-1]["role"] == role:
        chat[-1] = {"role": role, "content": f"{chat[-1]['content']} {text}"}
    else:
        chat.append({"role": role, "content": text})


def caller_words(events: Iterable[Event]) -> str:
    """Everything the caller said or keyed, for checking what the bot claims."""
    return " ".join(
        event.body.text if isinstance(event.body, AsrFinal) else event.body.digit
        for event in events
        if isinstance(event.body, AsrFinal | Dtmf)
    )


def gives_number(text: str) -> bool:
    """Whether a turn does nothing but name a number: 订单号65387249, my phone number is 137…. It wants what the turns
    before it wanted.
    """
    digits = _LONG_NUMBER.search(re.sub(r"[\s,，-]", "", text))
    return digits is not None and len(re.findall(r"[\u4e00-\u9fff]|[A-Za-z]+", text)) <= MAX_WORDS_AROUND_NUMBER


def names_number(events: Iterable[Event]) -> bool:
    """Whether the caller has named an order or phone number yet."""
    return _LONG_NUMBER.search(re.sub(r"[\s,，-]", "", caller_words(events))) is not None
