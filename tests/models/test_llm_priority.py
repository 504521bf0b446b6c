"""A caller who waits for an answer goes before a summary that nobody waits for."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.dummy import DummyChatModel
from models.llm import Message
from models.llm_priority import BackgroundChatModel, Gate, LiveChatModel

ASK: list[Message] = [{"role": "user", "content": "?"}]


class Interrupted(DummyChatModel):
    """While its first answer is being written, a caller begins to wait; the caller is served before the second try."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate
        self.started = 0
        self.finished = 0

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[str]:
        self.started += 1
        if self.started > 1:
            yield from ("whole", " answer")
            self.finished += 1
            return
        live = self._gate.live()
        live.__enter__()
        threading.Timer(0.05, lambda: live.__exit__(None, None, None)).start()
        yield "cut"
        yield " off"
        self.finished += 1


def test_a_background_answer_is_cut_off_for_a_caller_and_begun_again() -> None:
    gate = Gate()
    model = Interrupted(gate)
    assert BackgroundChatModel(model, gate).complete(ASK, max_tokens=8) == "whole answer"
    assert (model.started, model.finished) == (2, 1)
    assert not gate.is_busy


def test_a_caller_never_waits_for_the_background() -> None:
    gate = Gate()
    assert "".join(LiveChatModel(DummyChatModel(["a", "b"]), gate).stream(ASK, max_tokens=8)) == "ab"
    assert not gate.is_busy


def test_the_gate_opens_again_when_a_live_answer_is_abandoned() -> None:
    gate = Gate()
    stream = LiveChatModel(DummyChatModel(["a", "b"]), gate).stream(ASK, max_tokens=8)
    assert next(stream) == "a"
    assert gate.is_busy
    stream.close()  # type: ignore[attr-defined]
    assert gate.wait(0)
