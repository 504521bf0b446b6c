"""Stand-ins for the engines that need weights: instant and always the same, to test logic fast and to find what is not
a model's time.

Their siblings stand beside the real ones: ``models.nlu.DummyClassifier``, ``models.tts.DummySynthesizer``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.asr import Language, Transcript
from models.errors import ModelError
from models.llm import Message


class DummyRecognizer:
    """Hears the given texts one after the other, then the last one again and again."""

    def __init__(self, texts: Sequence[str] = ("我想查一下订单",), language: Language = "zh") -> None:
        self._texts = list(texts)
        self._language = language

    def transcribe(self, audio: NDArray[np.float32], *, language: Language | None = None) -> Transcript:
        text = self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]
        return Transcript(text, language or self._language, 1.0, -0.2, 0.01, 1.0)


class DummyChatModel:
    """Gives the same answer in pieces, or fails as it is told to."""

    def __init__(self, pieces: Sequence[str] = ("麻烦您报一下", "订单号。"), error: ModelError | None = None) -> None:
        self._pieces = pieces
        self._error = error

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[str]:
        if self._error is not None:
            raise self._error
        yield from self._pieces

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
    ) -> str:
        if self._error is not None:
            raise self._error
        return "".join(self._pieces)

    def warm(self, messages: Sequence[Message], *, fresh: bool = False) -> None:
        if self._error is not None:
            raise self._error
