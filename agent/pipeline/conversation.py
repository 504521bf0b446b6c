"""What was said so far, as the language model is given it. Pure: read from the timeline."""

from collections.abc import Iterable

from agent.dialogue.cues import long_number
from agent.events import AsrFinal, Dtmf, Event, TtsEnded
from models.llm import Message

MAX_MESSAGES = 12
"""Older turns are left out: a small model loses the thread, and the prompt costs time."""


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


def names_number(events: Iterable[Event]) -> bool:
    """Whether the caller has named an order or phone number yet."""
    return long_number(caller_words(events))
