"""A synthesizer that remembers: greetings and other fixed sentences are spoken from what was made before."""

from collections import OrderedDict
from threading import Lock

from models.tts import Language, Speech, Synthesizer


class CachingSynthesizer:
    """Keeps the most recently used speech of another synthesizer, up to ``max_bytes``. Safe to share among threads."""

    def __init__(self, inner: Synthesizer, max_bytes: int = 32_000_000) -> None:
        self._inner = inner
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, str, str | None, float], Speech] = OrderedDict()
        self._lock = Lock()

    @property
    def sample_rate_hz(self) -> int:
        return self._inner.sample_rate_hz

    def synthesize(
        self, text: str, *, language: Language, voice: str | None = None, speed: float = 1.0, keep: bool = False
    ) -> Speech:
        key = (text, language, voice, speed)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        speech = self._inner.synthesize(text, language=language, voice=voice, speed=speed, keep=keep)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = speech
                self._bytes += speech.samples.nbytes
            while self._bytes > self._max_bytes and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.samples.nbytes
        return speech
